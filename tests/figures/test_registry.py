"""Figures in PostgreSQL: the same to the cent; who may see them by API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import helpers

from ckanext.budget.figures import aggregates, categories, documents, queries, tree
from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.document import described
from ckanext.budget.figures.groups import KEYS_BY_FUNCTION
from ckanext.budget.registry import core
from dev import fixtures
from tests.figures.made import fictitious
from tests.ingest.conftest import Portal, empty_portal, portal  # noqa: F401  (a fixture: pytest finds it here)

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]
D = Decimal


DOCUMENTS = (("CA", 2021), ("CA", 2022), ("BP", 2022))


@pytest.fixture
def published(with_plugins: None, non_clean_db: None) -> dict[str, Any]:
    """Three documents in force, deposited once for all the tests that only read them."""
    found = documents.find(model.Session(), sirets=[fixtures.SIRET])
    if sorted((d.stage, d.exercice) for d in found) != sorted(DOCUMENTS):
        portal = empty_portal()
        dataset = portal.dataset()
        for stage, year in DOCUMENTS:
            portal.deposit(dataset, fixtures.document(stage, year), f"{stage}{year}.xml")
        found = documents.find(model.Session(), sirets=[fixtures.SIRET])
    return helpers.call_action("package_show", id=found[0].package_id)


def anonymous(action: str, **data: Any) -> Any:
    return helpers.call_action(action, {"user": "", "ignore_auth": False}, **data)


def test_the_figures_of_the_registry_are_those_of_the_file(published: dict[str, Any]) -> None:
    found = documents.find(model.Session(), sirets=[fixtures.SIRET])
    assert [(d.exercice, d.stage) for d in found] == [(2021, "CA"), (2022, "BP"), (2022, "CA")]
    rows = {d.id: d for d in core.documents_of(published["id"])}
    assert [described(rows[d.id]) for d in found] == found
    groups = queries.of_documents(model.Session(), [d.id for d in found], KEYS_BY_FUNCTION)
    by_function = queries.blocks_of(model.Session(), [d.id for d in found], ["fonction"], ["mtreal", "mtprev"])
    for document in found:
        source, theirs = fictitious(document.stage, document.exercice)
        assert groups[document.id] == theirs
        assert document.fact("debt") == source.fact("debt") and document.information == source.information
        spent = tree.by_category(theirs, source)
        known = tree.by_category(by_function[document.id], document)
        assert {n.code: n.amount for n in known.children} == {n.code: n.amount for n in spent.children}


def test_sums_along_each_dimension_make_up_the_headline(published: dict[str, Any]) -> None:
    found = documents.find(model.Session(), sirens=[fixtures.SIREN])
    for dimension in aggregates.DIMENSIONS:
        rows = aggregates.of_documents(model.Session(), found, dimension, sense="D", categories=categories.shipped())
        for document in found:
            whole = sum((r.amount for r in rows if r.document_id == document.id), D(0))
            assert whole == f.headline(fictitious(document.stage, document.exercice)[1], document.amount, "D")


def test_budget_show_explains_a_document(published: dict[str, Any]) -> None:
    said = anonymous("budget_show", siren=fixtures.SIREN, exercice="2022")
    document, groups = fictitious("CA", 2022)
    assert said["document"]["etape"] == "ca" and said["document"]["nomenclature"] == document.nomenclature
    figures = {figure["id"]: figure for figure in said["figures"]}
    spent = figures["expenditure"]
    assert D(spent["value"]) == f.headline(groups, "mtreal", "D")
    assert D(spent["before"]) == f.headline(fictitious("CA", 2021)[1], "mtreal", "D")
    assert spent["formula"] and spent["source"] and "closing" in figures and "transfer" not in figures
    assert [(b["section"], b["sense"]) for b in said["blocks"]] == [("F", "R"), ("F", "D"), ("I", "R"), ("I", "D")]
    assert said["population"] is None and spent["per_inhabitant"] is None  # a fictitious commune is in no directory
    assert D(said["affectation"]["closing_operating"]) == f.closing(groups, "mtreal", "F")
    assert said["links"]["page"].endswith(f"/budgets/{fixtures.SIRET}/2022/ca")
    assert published["name"] in said["links"]["dataset"] or published["id"] in said["links"]["dataset"]
    assert anonymous("budget_show", siret=fixtures.SIRET, exercice=2022, etape="bp")["affectation"] is None


@pytest.mark.parametrize(
    ("action", "asked", "field"),
    [
        ("budget_show", {"siret": "12", "exercice": 2022}, "siret"),
        ("budget_show", {"exercice": 2022}, "siret"),
        ("budget_show", {"siren": fixtures.SIREN}, "exercice"),
        ("budget_show", {"siren": fixtures.SIREN, "exercice": 2022, "etape": "xx"}, "etape"),
        ("budget_aggregate", {"siren": fixtures.SIREN}, "dimension"),
        ("budget_aggregate", {"siren": fixtures.SIREN, "dimension": "nature", "sense": "X"}, "sense"),
        ("budget_aggregate", {"dimension": "nature"}, "siret"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    published: dict[str, Any], action: str, asked: dict[str, Any], field: str
) -> None:
    with pytest.raises(tk.ValidationError) as refused:
        anonymous(action, **asked)
    assert list(refused.value.error_dict) == [field]


def test_an_unknown_document_is_not_found(published: dict[str, Any]) -> None:
    with pytest.raises(tk.ObjectNotFound):
        anonymous("budget_show", siren=fixtures.SIREN, exercice=1999)


def test_budget_aggregate_counts_by_document(published: dict[str, Any], app: Any) -> None:
    url = f"/api/3/action/budget_aggregate?siren={fixtures.SIREN}&dimension=category&sense=D&exercice=2021,2022"
    said = app.get(url).json["result"]
    assert [(d["exercice"], d["etape"]) for d in said["documents"]] == [(2021, "ca"), (2022, "ca")]
    sums: dict[str, Decimal] = {}
    for row in said["rows"]:
        sums[row["document_id"]] = sums.get(row["document_id"], D(0)) + D(row["amount"])
    assert list(sums.values()) == [f.headline(fictitious("CA", year)[1], "mtreal", "D") for year in (2021, 2022)]
    assert {row["code"] for row in said["rows"]} >= {"education", "none"}
    voted = anonymous("budget_aggregate", siret=[fixtures.SIRET], etape="bp", dimension="nature", section="F")
    assert [d["etape"] for d in voted["documents"]] == ["bp"] and {r["section"] for r in voted["rows"]} == {"F"}


@pytest.mark.parametrize("setting", ["categories", "formulas", "prices", "strata", "synonyms"])
def test_a_bad_file_of_rules_stops_the_start(setting: str, tmp_path: Any, ckan_config: Any, monkeypatch: Any) -> None:
    from ckan.exceptions import CkanConfigurationException

    from ckanext.budget import rules

    path = tmp_path / "rules.json"
    path.write_text("{}", encoding="utf-8")
    monkeypatch.setitem(ckan_config, f"ckanext.budget.{setting}_path", str(path))
    with pytest.raises(
        CkanConfigurationException, match=rf"ckanext.budget.{setting}_path can't be used: .*rules.json"
    ):
        rules.check()
    monkeypatch.setitem(ckan_config, f"ckanext.budget.{setting}_path", "")
    rules.check()


def test_a_private_dataset_is_shown_to_its_organisation(portal: Portal) -> None:  # noqa: F811
    dataset = portal.dataset(private=True)
    portal.deposit(dataset, fixtures.document("CA", 2021))
    asked = {"siret": fixtures.SIRET, "exercice": 2021}
    with pytest.raises(tk.NotAuthorized):
        anonymous("budget_show", **asked)
    assert anonymous("budget_aggregate", dimension="chapter", **asked)["rows"] == []
    assert portal.act("budget_show", **asked)["document"]["stage"] == "CA"
    assert portal.act("budget_aggregate", dimension="chapter", **asked)["rows"]
