"""Who has published what: groups, states, who sees what, how many queries."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.exceptions import CkanConfigurationException
from ckan.tests import factories, helpers

from ckanext.budget import config
from ckanext.budget.coverage import recent
from tests.coverage.conftest import Herault
from tests.coverage.made import EPCI, MONTPELLIER, NOBODY, SMALL, dataset, document, refusal, states

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]


def test_what_is_there_is_published_and_the_rest_is_missing(herault: Herault) -> None:
    package = dataset()
    document(package, MONTPELLIER, 2021, "BP")
    document(package, MONTPELLIER, 2021, "CFU")
    document(package, MONTPELLIER, 2022, "BP", status="superseded")
    row = herault.row(MONTPELLIER)
    assert states(row) == {
        (2021, "BP"): "published",
        (2021, "compte"): "published",
        (2022, "BP"): "missing",
        (2022, "compte"): "missing",
    }
    assert (row["published"], row["missing"], row["concern"]) == (2, 2, "likely")
    assert [c["stage"] for c in row["cells"]] == ["BP", "CFU", None, None]
    assert [d["package_id"] for c in row["cells"] for d in c["documents"]] == [package, package]
    everything = states(herault.row(MONTPELLIER, etapes=["DM", "BS"], first=2022))
    assert everything == {(2022, "BS"): "none", (2022, "DM"): "none"}


def test_groups_are_apart(herault: Herault) -> None:
    document(dataset(), SMALL, 2021, "BP")
    document(dataset(), NOBODY, 2021, "BP", name="CCAS d’Exemple-sur-Meuse")
    found = herault.coverage(group="volunteers")
    assert [row["siren"] for row in found["rows"]] == [SMALL]
    assert states(found["rows"][0])[2021, "compte"] == "none"  # nobody asks it of them
    assert [row["name"] for row in herault.coverage(group="outside")["rows"]] == ["CCAS d’Exemple-sur-Meuse"]
    groups = found["groups"]
    assert (groups["volunteers"], groups["outside"]) == (1, 1)
    assert herault.coverage(group="others", q=SMALL)["count"] == 0
    kinds = {row["kind"] for row in herault.coverage(limit=1000)["rows"]}
    assert {"commune", "cc", "metropole", "departement"} <= kinds


def test_an_annexe_does_not_make_up_for_the_principal_budget(herault: Herault) -> None:
    document(dataset(), MONTPELLIER, 2021, "BP", siret=f"{MONTPELLIER}00099", is_annexe=True)
    assert set(states(herault.row(MONTPELLIER)).values()) == {"missing"}
    grid = herault.coverage(siren=MONTPELLIER)
    annexe = next(b for b in grid["budgets"] if b["annexe"])
    told = {(c["exercice"], c["etape"]): c["status"] for c in annexe["cells"]}
    assert (told[2021, "BP"], told[2021, "compte"], told[2022, "BP"]) == ("published", "missing", "none")


def test_private_documents_and_refusals_are_for_those_who_may_know(herault: Herault) -> None:
    member, other, admin = factories.User(), factories.User(), factories.Sysadmin()
    org = factories.Organization(users=[{"name": member["name"], "capacity": "member"}])
    factories.Organization(users=[{"name": other["name"], "capacity": "admin"}])
    document(dataset(owner_org=org["id"], private=True), MONTPELLIER, 2021, "BP")
    row_id = refusal(factories.User()["id"], org["id"], MONTPELLIER, 2022, "CA")
    for user, seen in (("", "missing"), (other["name"], "missing"), (member["name"], None), (admin["name"], None)):
        told = states(herault.row(MONTPELLIER, user))
        assert told[2021, "BP"] == (seen or "private"), user
        assert told[2022, "compte"] == (seen or "refused"), user
        grid = herault.coverage(user, siren=MONTPELLIER)
        assert {c["status"] for b in grid["budgets"] for c in b["cells"]} >= {seen or "private", seen or "refused"}
    context = {"user": member["name"], "ignore_auth": False}
    told = helpers.call_action("budget_refusal_show", context, id=row_id)
    assert (told["filename"], told["message"]["code"]) == ("compte.xml", "xml_cut")
    for user in ("", other["name"]):
        with pytest.raises(tk.NotAuthorized):
            helpers.call_action("budget_refusal_show", {"user": user, "ignore_auth": False}, id=row_id)


def test_agents_of_a_region_see_the_whole_territory(herault: Herault) -> None:
    agent, reader = factories.User(), factories.User()
    users = [{"name": agent["name"], "capacity": "editor"}, {"name": reader["name"], "capacity": "member"}]
    extras = [{"key": "siren", "value": "200053791"}]  # Occitanie
    factories.Organization(users=users, extras=extras)
    refusal(factories.User()["id"], None, MONTPELLIER, 2022, "CA")
    assert states(herault.row(MONTPELLIER, agent["name"]))[2022, "compte"] == "refused"
    assert states(herault.row(MONTPELLIER, reader["name"]))[2022, "compte"] == "missing"


def test_an_answer_is_given_again_for_some_seconds_to_the_same_person(
    herault: Herault, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, seconds = factories.Sysadmin(), [3600]
    monkeypatch.setattr(config, "coverage_seconds", lambda: seconds[0])
    monkeypatch.setattr(recent, "_answers", {})
    herault.row(MONTPELLIER)
    document(dataset(), MONTPELLIER, 2021, "BP")
    assert states(herault.row(MONTPELLIER))[2021, "BP"] == "missing"
    assert states(herault.row(MONTPELLIER, agent["name"]))[2021, "BP"] == "published"
    assert states(herault.row(MONTPELLIER, etapes=["BP"]))[2021, "BP"] == "published"  # another question
    seconds[0] = 0
    assert states(herault.row(MONTPELLIER))[2021, "BP"] == "published"


def test_agents_are_told_what_went_wrong_and_what_waits(herault: Herault) -> None:
    user = factories.User()
    extras = [{"key": "siren", "value": MONTPELLIER}]
    org = factories.Organization(users=[{"name": user["name"], "capacity": "editor"}], extras=extras)
    package = dataset(owner_org=org["id"])
    document(package, MONTPELLIER, 2021, "BP", status="received")
    refusal(user["id"], org["id"], None, None, None)  # a file that could not be read says whose it is to nobody
    trouble = herault.row(MONTPELLIER, user["name"])["trouble"]
    assert trouble["converting"] == 1
    assert trouble["error"]["filename"] == "compte.xml"
    assert trouble["error"]["message"]["what"]
    assert herault.row(MONTPELLIER)["trouble"] is None


def test_filters_order_and_pages(herault: Herault) -> None:
    document(dataset(), MONTPELLIER, 2021, "BP")
    by_published = herault.coverage(sort="published", order="desc", limit=2)["rows"]
    assert by_published[0]["siren"] == MONTPELLIER
    assert [row["siren"] for row in herault.coverage(state="published")["rows"]] == [MONTPELLIER]
    inside = herault.coverage(epci=EPCI, limit=1000)
    assert {MONTPELLIER, EPCI} <= {row["siren"] for row in inside["rows"]}
    whole = herault.coverage(limit=1000)
    assert 2 < inside["count"] < whole["count"] == len(whole["rows"])
    pages = [herault.coverage(limit=10, offset=start)["rows"] for start in (0, 10)]
    assert [r["siren"] for page in pages for r in page] == [r["siren"] for r in whole["rows"][:20]]
    assert herault.coverage(kind="departement")["count"] == 1
    assert herault.coverage(region="R76")["count"] == whole["count"]
    elsewhere = herault.coverage(region="44")
    assert elsewhere["count"] == elsewhere["rates"][0]["number"] == 0


def test_rates_are_of_the_concerned_by_kind_and_exercice(herault: Herault) -> None:
    document(dataset(), MONTPELLIER, 2021, "BP")
    document(dataset(), SMALL, 2021, "BP")
    whole, *kinds = herault.coverage()["rates"]
    assert whole["number"] == herault.coverage()["groups"]["concerned"] == sum(kind["number"] for kind in kinds)
    first = whole["cells"][0]
    assert (first["exercice"], first["etape"], first["published"], first["due"]) == (2021, "BP", 1, whole["number"])


def test_the_territory_is_by_default_that_of_those_who_publish(
    herault: Herault, ckan_config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ckan_config, "ckanext.budget.coverage_territory", "")
    assert herault.coverage()["count"] == 0
    document(dataset(), MONTPELLIER, 2021, "BP")
    assert {row["departement"]["code"] for row in herault.coverage(limit=1000)["rows"]} == {"34"}


def test_a_page_of_many_rows_asks_no_more_than_one_of_few(herault: Herault) -> None:
    document(dataset(), MONTPELLIER, 2021, "BP")
    admin = factories.Sysadmin()["name"]
    asked: list[str] = []

    def count(*arguments: Any) -> None:
        asked.append(arguments[2])

    numbers: list[int] = []
    for limit in (1, 1, 100):  # the first call may read what is then kept
        asked.clear()
        sa.event.listen(model.meta.engine, "before_cursor_execute", count)
        try:
            herault.coverage(admin, limit=limit)
        finally:
            sa.event.remove(model.meta.engine, "before_cursor_execute", count)
        numbers.append(len(asked))
    assert numbers[1] == numbers[2] < 20


@pytest.mark.parametrize(
    "asked",
    [
        {"group": "x"},
        {"first": "1990"},
        {"etapes": "BP XX"},
        {"limit": "-1"},
        {"first": 2022, "last": 2021},
        {"siren": "12"},
    ],
)
def test_nonsense_is_told(herault: Herault, asked: dict[str, Any]) -> None:
    with pytest.raises(tk.ValidationError):
        herault.coverage(**asked)


@pytest.mark.parametrize(("name", "value"), [("territory", "34 R99"), ("first", 1900), ("last", 2014)])
def test_a_configuration_that_means_nothing_stops_the_portal(
    herault: Herault, ckan_config: Any, monkeypatch: pytest.MonkeyPatch, name: str, value: Any
) -> None:
    monkeypatch.setitem(ckan_config, f"ckanext.budget.coverage_{name}", value)
    with pytest.raises(CkanConfigurationException, match="coverage_"):
        config.check_coverage()
