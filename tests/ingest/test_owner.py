"""Whose file is it: the SIREN of an organisation, in its form and at the door."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.exceptions import CkanConfigurationException
from ckan.tests import factories, helpers
from stdnum import luhn

from ckanext.budget import config
from ckanext.budget.territory import obligations
from dev import fixtures
from tests.ingest.conftest import Portal, upload

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

#: two more communes that do not exist (no commune of the Meuse has these ranks), and a CCAS
NEIGHBOUR = "21550901" + luhn.calc_check_digit("21550901")
CCAS = "26550900" + luhn.calc_check_digit("26550900")
OCCITANIE = "200053791"


def of(siren: str) -> bytes:
    """A budget of another body."""
    establishment = f"{siren}0001"
    return fixtures.document(
        stage="CA",
        exercice=2021,
        siret=establishment + luhn.calc_check_digit(establishment),
        name="Voisine-sur-Meuse",
    )


def by_region(action: str, **data: Any) -> Any:
    """What the administrators of the portal do."""
    user = helpers.call_action("get_site_user")["name"]
    return helpers.call_action(action, {"user": user}, **data)


def numbered(portal: Portal, **fields: str) -> None:
    """The region gives the organisation its numbers."""
    by_region("organization_patch", id=portal.org["id"], **fields)


def extras(portal: Portal) -> dict[str, str]:
    shown = helpers.call_action("organization_show", id=portal.org["id"])
    return {extra["key"]: extra["value"] for extra in shown["extras"]}


# -- at the door


def test_the_files_of_the_organisation_pass(portal: Portal) -> None:
    numbered(portal, siren=fixtures.SIREN)
    dataset, annexe = portal.dataset(), portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2021))
    portal.deposit(annexe, fixtures.document(stage="CA", exercice=2021, annexe=True))
    assert portal.documents(dataset) == portal.documents(annexe) == [("CA", 2021, "converted")]


def test_another_siren_is_refused_with_both_names_and_what_to_do(portal: Portal, refused: Callable[..., str]) -> None:
    numbered(portal, siren=fixtures.SIREN, title="Commune d’Exemple-sur-Meuse")
    dataset = portal.dataset()
    said = refused(lambda: portal.deposit(dataset, of(NEIGHBOUR)))
    for expected in ("Voisine-sur-Meuse", NEIGHBOUR, "Commune d’Exemple-sur-Meuse", fixtures.SIREN):
        assert expected in said
    assert "administrators of the portal" in said or "administrateurs du portail" in said
    assert portal.resources(dataset) == []
    assert portal.documents(dataset) == []


def test_the_refusal_names_the_organisation_of_the_file(portal: Portal, refused: Callable[..., str]) -> None:
    numbered(portal, siren=fixtures.SIREN)
    other = factories.Organization(title="Commune de Voisine")
    by_region("organization_patch", id=other["id"], siren=NEIGHBOUR)
    assert "“Commune de Voisine”" in refused(lambda: portal.deposit(portal.dataset(), of(NEIGHBOUR))).replace(
        "« ", "“"
    ).replace(" »", "”")
    by_region("organization_delete", id=other["id"])
    assert "Commune de Voisine" not in refused(lambda: portal.deposit(portal.dataset(), of(NEIGHBOUR)))


def test_the_refusal_leads_to_the_dataset_of_the_file_if_the_reader_may_see_it(
    portal: Portal, refused: Callable[..., str]
) -> None:
    open_one = portal.dataset()  # before the organisation has a number
    portal.deposit(open_one, of(NEIGHBOUR))
    numbered(portal, siren=fixtures.SIREN)
    other = fixtures.document(stage="BP", exercice=2021, siret=of_siret(NEIGHBOUR), name="Voisine-sur-Meuse")
    assert f"/budget/{open_one['name']}" in refused(lambda: portal.deposit(portal.dataset(), other))


def of_siret(siren: str) -> str:
    return f"{siren}0001" + luhn.calc_check_digit(f"{siren}0001")


def test_a_dataset_that_already_has_its_budget_goes_on(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, of(NEIGHBOUR))
    numbered(portal, siren=fixtures.SIREN)
    portal.deposit(
        dataset, fixtures.document(stage="BP", exercice=2021, siret=of_siret(NEIGHBOUR), name="Voisine-sur-Meuse")
    )
    assert len(portal.documents(dataset)) == 2


def test_an_attached_body_passes(portal: Portal, refused: Callable[..., str]) -> None:
    numbered(portal, siren=fixtures.SIREN)
    refused(lambda: portal.deposit(portal.dataset(), of(CCAS)))
    numbered(portal, sirens_rattaches=f" {CCAS}, {NEIGHBOUR}")
    dataset = portal.dataset()
    portal.deposit(dataset, of(CCAS))
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


def test_a_region_and_a_named_organisation_deposit_for_others(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str]
) -> None:
    numbered(portal, siren=OCCITANIE)
    dataset = portal.dataset()
    portal.deposit(dataset, of(NEIGHBOUR))
    assert portal.documents(dataset) == [("CA", 2021, "converted")]

    numbered(portal, siren="223400011")  # a département
    refused(lambda: portal.deposit(portal.dataset(), of(CCAS)))
    monkeypatch.setitem(tk.config, "ckanext.budget.organizations_for_others", [portal.org["name"]])
    portal.deposit(portal.dataset(), of(CCAS))


def test_a_file_without_siren_and_an_organisation_with_an_unreadable_one_pass(portal: Portal) -> None:
    numbered(portal, siren=fixtures.SIREN)
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2021, siret=None))
    assert len(portal.documents(dataset)) == 1


@pytest.mark.parametrize("action", ["package_revise", "package_update"])
def test_files_that_come_with_their_dataset_are_judged_too(portal: Portal, action: str) -> None:
    numbered(portal, siren=fixtures.SIREN)
    dataset = portal.dataset()
    file = {"url": "", "upload": upload(of(NEIGHBOUR))}
    data: dict[str, Any] = {"match": {"id": dataset["id"]}, "update__resources__extend": [file]}
    if action == "package_update":
        data = {**portal.show(dataset), "resources": [file]}
        del data["owner_org"]  # as a client that does not send it all
    with pytest.raises(tk.ValidationError) as caught:
        portal.act(action, **data)
    assert NEIGHBOUR in str(caught.value.error_dict)
    assert portal.resources(dataset) == []


# -- the numbers of an organisation


def test_a_siret_gives_the_siren(portal: Portal) -> None:
    numbered(portal, siren=f" {fixtures.SIRET[:9]} {fixtures.SIRET[9:]} ")
    assert extras(portal) == {"siren": fixtures.SIREN, "siret": fixtures.SIRET}
    numbered(portal, siren=NEIGHBOUR)
    assert extras(portal) == {"siren": NEIGHBOUR}


@pytest.mark.parametrize(
    "fields",
    [
        {"siren": "123456789"},
        {"siren": "12"},
        {"siren": fixtures.SIRET[:-1] + "9"},
        {"sirens_rattaches": "123456789"},
        {"extras": [{"key": "siren", "value": "nope"}]},
    ],
)
def test_what_is_no_siren_is_refused(portal: Portal, fields: dict[str, Any]) -> None:
    with pytest.raises(tk.ValidationError) as caught:
        by_region("organization_patch", id=portal.org["id"], **fields)
    assert set(caught.value.error_dict) <= {"siren", "sirens_rattaches"}
    assert extras(portal) == {}


def test_numbers_and_other_extras_stay_through_updates(portal: Portal) -> None:
    numbered(portal, siren=fixtures.SIREN)
    by_region(
        "organization_patch",
        id=portal.org["id"],
        extras=[{"key": "site", "value": "exemple.fr"}],
    )
    assert extras(portal) == {"siren": fixtures.SIREN, "site": "exemple.fr"}
    numbered(portal, siren="")
    assert extras(portal) == {"site": "exemple.fr"}


def test_only_a_sysadmin_changes_a_number_that_is_there(portal: Portal) -> None:
    admin = factories.User()
    helpers.call_action(
        "member_create", id=portal.org["id"], object=admin["name"], object_type="user", capacity="admin"
    )

    def patch(**fields: Any) -> Any:
        return helpers.call_action(
            "organization_patch", {"user": admin["name"], "ignore_auth": False}, id=portal.org["id"], **fields
        )

    patch(siren=fixtures.SIREN)
    for fields in ({"siren": NEIGHBOUR}, {"siren": ""}, {"sirens_rattaches": NEIGHBOUR}):
        with pytest.raises(tk.ValidationError):
            patch(**fields)
    patch(description="Une commune")
    assert extras(portal) == {"siren": fixtures.SIREN}
    with pytest.raises(tk.NotAuthorized):
        helpers.call_action(
            "organization_patch",
            {"user": portal.user["name"], "ignore_auth": False},
            id=portal.org["id"],
            siren=fixtures.SIREN,
        )


# -- the form


def token() -> dict[str, str]:
    sysadmin = factories.Sysadmin()
    made = helpers.call_action("api_token_create", {"user": sysadmin["name"]}, user=sysadmin["name"], name="form")
    return {"Authorization": made["token"]}


def value(body: str, name: str) -> str:
    (tag,) = re.findall(rf'<input[^>]*name="{name}"[^>]*>', body)
    return re.findall(r'value="([^"]*)"', tag)[0]


def test_the_form_proposes_the_number_of_the_one_collectivite_that_the_title_names(portal: Portal, app: Any) -> None:
    headers = token()
    url = f"/organization/edit/{portal.org['name']}"
    for title, expected in (
        ("Commune de Metz", "215704636"),
        ("Saint-Denis", ""),
        ("Région Occitanie", ""),
        ("Collectivité de Corse", ""),
    ):
        by_region("organization_patch", id=portal.org["id"], title=title)
        assert value(app.get(url, headers=headers).body, "siren") == expected
    assert extras(portal) == {}  # proposed, not written


def test_the_form_keeps_the_number_and_shows_it_once(portal: Portal, app: Any) -> None:
    headers = token()
    numbered(portal, siren=fixtures.SIREN, sirens_rattaches=CCAS)
    url = f"/organization/edit/{portal.org['name']}"
    body = app.get(url, headers=headers).body
    assert (value(body, "siren"), value(body, "sirens_rattaches")) == (fixtures.SIREN, CCAS)
    assert 'value="sirens_rattaches"' not in body  # not among the free fields
    data = {"title": "Exemple", "name": portal.org["name"], "siren": NEIGHBOUR, "sirens_rattaches": "", "save": ""}
    app.post(url, headers=headers, data=data, follow_redirects=False)
    assert extras(portal) == {"siren": NEIGHBOUR}


def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(portal: Portal, app: Any) -> None:
    headers = token()
    url = f"/organization/edit/{portal.org['name']}"
    data = {"title": "Exemple", "name": portal.org["name"], "siren": "123456789", "save": ""}
    body = app.post(url, headers=headers, data=data).body
    assert value(body, "siren") == "123456789"
    assert "SIREN" in re.sub(r"<[^>]*>", " ", body)
    assert extras(portal) == {}


def test_an_organisation_is_created_with_its_number(portal: Portal, app: Any) -> None:
    headers = token()
    assert value(app.get("/organization/new", headers=headers).body, "siren") == ""
    name = factories.Organization.stub().name
    data = {"title": "Exemple", "name": name, "siren": fixtures.SIREN, "save": ""}
    app.post("/organization/new", headers=headers, data=data, follow_redirects=False)
    shown = helpers.call_action("organization_show", id=name)
    assert {extra["key"]: extra["value"] for extra in shown["extras"]} == {"siren": fixtures.SIREN}


# -- the directory by API


def test_anyone_searches_the_directory(portal: Portal, app: Any) -> None:
    found = app.get("/api/3/action/budget_territory_search?q=montpel&limit=2").json["result"]
    assert [t["name"] for t in found] == ["Montpellier Méditerranée Métropole", "Montpellier"]
    shown = app.get("/api/3/action/budget_territory_show?siren=21340172200019").json["result"]
    assert shown["name"] == "Montpellier"
    assert shown["epci"] == {"code": "243400017", "name": "Montpellier Méditerranée Métropole"}
    assert app.get("/api/3/action/budget_territory_show?siren=215509000", status=404)
    assert app.get("/api/3/action/budget_territory_search?q=a&limit=x", status=409)


# -- what the law expects, by the portal's own file


def test_a_portal_may_have_its_own_obligations(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert config.obligations().checked
    path = tmp_path / "obligations.json"
    monkeypatch.setitem(tk.config, "ckanext.budget.obligations_path", str(path))
    with pytest.raises(CkanConfigurationException, match="obligations_path"):
        config.check_obligations()
    path.write_text(obligations.FILE.read_text(encoding="utf-8").replace('"04-15"', '"03-31"'), encoding="utf-8")
    config.check_obligations()
    found = config.obligations().due("BP", 2022)
    assert found is not None and found.vote.isoformat() == "2022-03-31"
