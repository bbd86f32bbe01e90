"""Tables of budget lines: the standard CSV is all that is kept of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.budget.registry import core
from ckanext.budget.registry.models import AMOUNT_COLUMNS, BudgetLine
from dev import fixtures
from tests.ingest.conftest import Portal, upload
from tests.ingest.made import MARKER, ca, csv, lines_of, rows, workbook
from tests.ingest.test_upload_paths import PATHS
from tests.tables import made

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

Refused = Callable[[Callable[[], Any]], str]
STANDARD = made.standard("CA", 2021)
CODES = ("number", "nature", "fonction", "contnat", "section", "ordre", "code_rd")
TABLES = {"csv": (csv, "CA 2021.csv"), "workbook": (workbook, "CA 2021.xlsx")}


def findings(dataset: dict[str, Any]) -> dict[str, dict[str, str]]:
    *_, row = core.documents_of(dataset["id"])
    return {finding["code"]: finding["params"] for finding in row.report["findings"]}


@pytest.mark.parametrize("kind", TABLES)
def test_the_standard_csv_is_all_that_is_kept(portal: Portal, kind: str) -> None:
    content, filename = TABLES[kind]
    dataset = portal.dataset()
    portal.deposit(dataset, content(), filename)
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    for resource in portal.resources(dataset):
        assert portal.stored(resource) == STANDARD
    (source,) = portal.resources(dataset, "source")
    assert (source["format"], source["mimetype"]) == ("CSV", "text/csv")
    assert source["url"].endswith("/ca-2021.csv")
    assert "remis en ordre" in source["name"] and "n’est pas gardé" in source["description"]


def test_what_was_changed_is_told(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, csv(), "ca.csv")
    told = findings(dataset)
    assert told["table_columns_dropped"]["columns"] == "Tiers"
    assert told["table_separator"]["separator"] == ";"
    assert told["table_encoding"]["encoding"] == "windows-1252"
    assert {"table_order", "table_amount_comma"} <= set(told)
    (row,) = core.documents_of(dataset["id"])
    assert ["Tiers", None] in row.report["mapping"] and ["BGT_NATURE", "BGT_NATURE"] in row.report["mapping"]
    assert row.report["conservation"]


def test_the_registry_holds_the_lines_that_the_xml_would_give(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, csv(), "ca.csv")
    (row,) = core.documents_of(dataset["id"])
    query = sa.select(BudgetLine).where(BudgetLine.document_id == row.id).order_by(BudgetLine.number)
    kept = list(model.Session.scalars(query))
    expected = lines_of(fixtures.document(stage="CA", exercice=2021))
    assert len(kept) == len(expected) > 20
    for mine, theirs in zip(kept, expected, strict=True):
        assert [getattr(mine, name) for name in CODES] == [getattr(theirs, name) for name in CODES]
        amounts = [None if a is None else Decimal(a) for a in (getattr(theirs, name) for name in AMOUNT_COLUMNS)]
        assert [getattr(mine, name) for name in AMOUNT_COLUMNS] == amounts


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_each_path_puts_a_table_in_order(portal: Portal, path: Callable[..., None]) -> None:
    dataset = portal.dataset()
    path(portal, dataset, csv())
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert portal.stored(portal.resources(dataset, "source")[0]) == STANDARD


def test_a_table_of_another_collectivite_is_refused(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    other = csv(2020, siret="21990000800018", name="Autreville")
    sentence = refused(lambda: portal.deposit(dataset, other, "ca.csv"))
    assert "Autreville" in sentence and "Exemple-sur-Meuse" in sentence
    assert len(portal.resources(dataset)) == 3


def test_the_same_table_twice_is_already_published_in_whatever_form(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, csv(), "ca.csv")
    for content, name in ((csv(), "ca.csv"), (STANDARD, "scdl.csv"), (workbook(), "ca.xlsx")):
        assert "already published" in refused(lambda c=content, n=name: portal.deposit(dataset, c, n))
    portal.act("resource_patch", id=source["id"], upload=upload(csv(), "ca.csv"), description="La même")
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert portal.resources(dataset, "source")[0]["description"] == "La même"


def test_the_csv_that_the_portal_made_is_no_new_document(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    downloaded = portal.stored(portal.resources(dataset, "csv")[0])
    assert "already published" in refused(lambda: portal.deposit(dataset, downloaded, "telecharge.csv"))
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert b"DocumentBudgetaire" in portal.stored(portal.resources(dataset, "source")[0])


def test_the_later_of_a_table_and_an_xml_is_in_force(portal: Portal) -> None:
    """A table states no date: with no evidence in common, the later reception supersedes."""
    dataset = portal.dataset()
    portal.deposit(dataset, csv(), "ca.csv")
    portal.deposit(dataset, ca(change=100))
    assert portal.documents(dataset) == [("CA", 2021, "superseded"), ("CA", 2021, "converted")]
    assert portal.roles(dataset) == ["consolidated", "csv", "source", "csv", "source"]
    csv_in_force = next(r for r in portal.resources(dataset, "csv") if r["budget_state"] == "converted")
    assert portal.stored(portal.resources(dataset)[0]) == portal.stored(csv_in_force) != STANDARD


def test_an_xml_takes_the_place_of_the_table_in_its_own_resource(portal: Portal) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, csv(), "ca.csv")
    portal.act("resource_patch", id=source["id"], upload=upload(ca(change=100), "ca.xml"))
    assert portal.documents(dataset) == [("CA", 2021, "superseded"), ("CA", 2021, "converted")]
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    (now,) = portal.resources(dataset, "source")
    assert (now["id"], now["format"]) == (source["id"], "XML")
    assert "XML occulté" in now["name"] and "tableau" not in now["description"]
    assert portal.stored(portal.resources(dataset, "csv")[0]) != STANDARD


def test_behind_a_table_an_older_xml_is_still_refused(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca("2022-06-01T10:00:00", change=100))
    portal.deposit(dataset, csv(), "ca.csv")
    sentence = refused(lambda: portal.deposit(dataset, ca("2022-05-03T10:00:00", change=200)))
    assert "01/06/2022" in sentence
    assert portal.documents(dataset)[-1] == ("CA", 2021, "converted")


def test_a_table_says_nothing_of_what_it_does_not_know(portal: Portal) -> None:
    """Neither nomenclature, nor type of collectivité, nor principal or annexe."""
    alone = portal.dataset()
    portal.deposit(alone, csv(), "ca.csv")
    shown = portal.show(alone)
    assert not any(shown.get(name) for name in ("budget_type", "collectivite_type", "nomenclatures"))
    assert "principal" not in shown["notes"] and "annexe" not in shown["notes"]
    assert (shown["siret"], shown["exercices"]) == (fixtures.SIRET, ["2021"])


def test_a_table_of_a_later_year_takes_nothing_away_from_what_the_xml_told(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2020, annexe=True))
    before = portal.show(dataset)
    assert before["budget_type"] == "annexe" and before["collectivite_type"]
    portal.deposit(dataset, csv(2021, annexe=True), "ca.csv")
    after = portal.show(dataset)
    for name in ("budget_type", "collectivite_type", "collectivite", "notes", "nomenclatures"):
        assert after[name] == before[name], name
    assert after["exercices"] == ["2020", "2021"]


def test_elsewhere_a_table_is_left_alone(portal: Portal) -> None:
    dataset = portal.dataset(type="dataset")
    content = csv(tiers="Divers")  # the tests of leaks look for the marker in the same storage
    portal.deposit(dataset, content, "ca.csv")
    (resource,) = portal.resources(dataset)
    assert portal.stored(resource) == content
    assert portal.documents(dataset) == []


def with_macros() -> bytes:
    kinds = b"ms-excel.sheet.macroEnabled.main+xml"
    plain = made.xlsx(rows())
    with zipfile.ZipFile(io.BytesIO(plain)) as book:
        types = book.read("[Content_Types].xml").replace(
            b"openxmlformats-officedocument.spreadsheetml.sheet.main+xml", kinds
        )
    return made.repacked(plain, {"xl/vbaProject.bin": b"Attribute VB_Name", "[Content_Types].xml": types})


def test_the_macros_of_a_workbook_are_not_kept(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, with_macros(), "ca.xlsm")
    assert "table_macros_ignored" in findings(dataset)
    assert portal.stored(portal.resources(dataset, "source")[0]) == STANDARD


LOCKED = {
    "an xls with a password": lambda: made.xls(rows(), protected=True),
    "an xlsx with a password": lambda: made.ole(b"", "EncryptedPackage"),
    "a damaged xlsx": lambda: made.repacked(made.xlsx(rows()), {"xl/worksheets/sheet1.xml": b"<worksheet"}),
    "two budgets": lambda: made.csv_of([*rows(2020), *rows(2021)[1:]]),
    "an amount that is none": lambda: csv().replace(b",00;", b",zz;", 1),
}


@pytest.mark.parametrize("case", LOCKED)
def test_a_table_that_cannot_be_read_is_refused_and_nothing_is_stored(
    portal: Portal, refused: Refused, case: str
) -> None:
    dataset = portal.dataset()
    sentence = refused(lambda: portal.deposit(dataset, LOCKED[case](), "ca.xlsx"))
    assert sentence.endswith(".") and len(sentence) > 40
    assert MARKER not in sentence
    assert portal.resources(dataset) == [] and portal.documents(dataset) == []
