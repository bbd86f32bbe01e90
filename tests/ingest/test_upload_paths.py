"""Every upload path of CKAN: what is stored is the occulted copy, converted once, in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ckan.lib.helpers import url_for
from ckan.tests import helpers

from ckanext.budget.ingest import process
from dev import fixtures
from tests.ingest.conftest import Portal, upload

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

MARKER = "Zéphyrine-Marqueur"


def by_create(portal: Portal, dataset: dict[str, Any], content: bytes) -> None:
    portal.deposit(dataset, content)


def by_update(portal: Portal, dataset: dict[str, Any], content: bytes) -> None:
    first = portal.deposit(dataset, b"%PDF-1.4 not a budget", "note.pdf")
    portal.act("resource_update", id=first["id"], url="", upload=upload(content))


def by_patch(portal: Portal, dataset: dict[str, Any], content: bytes) -> None:
    first = portal.deposit(dataset, b"%PDF-1.4 not a budget", "note.pdf")
    portal.act("resource_patch", id=first["id"], upload=upload(content))


def by_revise_extend(portal: Portal, dataset: dict[str, Any], content: bytes) -> None:
    portal.act(
        "package_revise",
        match={"id": dataset["id"]},
        update__resources__extend=[{"url": "", "upload": upload(content)}],
    )


def by_revise_update(portal: Portal, dataset: dict[str, Any], content: bytes) -> None:
    first = portal.deposit(dataset, b"%PDF-1.4 not a budget", "note.pdf")
    portal.act(
        "package_revise",
        **{"match": {"id": dataset["id"]}, f"update__resources__{first['id']}__upload": upload(content)},
    )


def by_package_update(portal: Portal, dataset: dict[str, Any], content: bytes) -> None:
    whole = portal.show(dataset)
    whole["resources"].append({"url": "", "upload": upload(content)})
    portal.act("package_update", **whole)


PATHS = [by_create, by_update, by_patch, by_revise_extend, by_revise_update, by_package_update]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_each_path_stores_the_occulted_copy_and_converts_it_once(
    portal: Portal, path: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    conversions: list[str] = []
    really = process._convert_into

    def counting(document: Any, out: Any) -> None:
        conversions.append(document.id)
        really(document, out)

    monkeypatch.setattr(process, "_convert_into", counting)
    dataset = portal.dataset()
    path(portal, dataset, fixtures.document(stage="CA", exercice=2021, marker=MARKER))

    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert len(conversions) == 1
    source = portal.resources(dataset, "source")[0]
    assert MARKER.encode("latin-1") not in portal.stored(source)
    assert b"Occult&#233;" in portal.stored(source)
    (csv,) = portal.resources(dataset, "csv")
    assert portal.stored(csv).startswith(b"BGT_NATDEC,BGT_ANNEE,BGT_SIRET")
    assert portal.stored(portal.resources(dataset, "consolidated")[0]) == portal.stored(csv)


def test_the_web_form_stores_the_occulted_copy_and_converts_it(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    token = helpers.call_action("api_token_create", user=portal.user["name"], name="form")["token"]
    content = fixtures.document(stage="CA", exercice=2021, marker=MARKER)
    response = app.post(
        url_for("budget_resource.new", id=dataset["id"]),
        headers={"Authorization": token},
        data={"id": "", "url": "", "save": "go-metadata", "upload": (upload(content).stream, "ca-2021.xml")},
        follow_redirects=False,
    )
    assert response.status_code == 302, response.text
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    assert MARKER.encode("latin-1") not in portal.stored(portal.resources(dataset, "source")[0])


def test_a_description_alone_triggers_no_conversion(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, fixtures.document(stage="CA", exercice=2021))
    before = portal.show(dataset)
    monkeypatch.setattr(process, "_convert_into", lambda *_: pytest.fail("converted again"))
    portal.act("resource_patch", id=source["id"], description="Voté le 12 avril")
    after = portal.show(dataset)
    assert [r["id"] for r in after["resources"]] == [r["id"] for r in before["resources"]]
    assert portal.resources(dataset, "source")[0]["description"] == "Voté le 12 avril"
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


def test_the_csv_gets_its_page(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2021))
    (csv,) = portal.resources(dataset, "csv")
    views = helpers.call_action("resource_view_list", id=csv["id"])
    assert [view["view_type"] for view in views].count("budget") == 1


def test_a_budget_is_occulted_in_any_dataset_but_converted_in_budget_datasets_only(portal: Portal) -> None:
    dataset = portal.act(
        "package_create", type="dataset", name="autre-" + portal.org["name"], owner_org=portal.org["id"]
    )
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2021, marker=MARKER))
    (resource,) = portal.resources(dataset)
    assert MARKER.encode("latin-1") not in portal.stored(resource)
    assert portal.documents(dataset) == []


def test_two_budgets_in_one_call_are_both_converted(portal: Portal) -> None:
    dataset = portal.dataset()
    files = [{"url": "", "upload": upload(fixtures.document(stage=s, exercice=2021))} for s in ("BP", "CA")]
    portal.act("package_revise", match={"id": dataset["id"]}, update__resources__extend=files)
    assert portal.roles(dataset) == ["consolidated", "csv", "source", "csv", "source"]
    assert sorted(portal.documents(dataset)) == [("BP", 2021, "converted"), ("CA", 2021, "converted")]


def test_the_dataset_is_described_from_its_files_and_corrections_are_kept(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="BP", exercice=2021))
    filled = portal.show(dataset)
    assert filled["siret"] and filled["collectivite"] and filled["notes"]
    assert (filled["exercices"], filled["etapes"], filled["budget_type"]) == (
        ["2021"],
        ["Budget primitif"],
        "principal",
    )
    assert filled["license_id"] == "etalab-2.0"

    portal.act("package_patch", id=dataset["id"], collectivite="Ville d’Exemple-sur-Meuse")
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2020))
    again = portal.show(dataset)
    assert again["collectivite"] == "Ville d’Exemple-sur-Meuse"
    assert again["exercices"] == ["2020", "2021"]
    assert again["etapes"] == ["Budget primitif", "Compte administratif"]
