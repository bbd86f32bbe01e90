"""Views taken away: the files hold the rows of the page and say what they are, whose, of when and from where."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from ckan import model
from sqlalchemy import update

from ckanext.budget.figures import flows, formulas, tree
from ckanext.budget.figures.values import Inhabitants
from ckanext.budget.registry.models import BudgetLine
from ckanext.budget.views import compare_bars, compare_page
from dev import fixtures
from dev.fixtures import SIREN, SIRET
from tests.figures import made
from tests.ingest.conftest import Portal
from tests.views.test_compare import SIRETS
from tests.views.test_document_figures import plain, section

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]
CA = f"/budgets/{SIRET}/2022/ca"


def number(cell: str) -> Decimal:
    return Decimal(cell.replace(",", "."))


def read(app: Any, path: str) -> tuple[list[str], list[list[str]]]:
    """What the CSV says of itself, and its rows; those of the XLSX are the same."""
    name, _, query = path.partition("?")
    sheet = list(csv.reader(io.StringIO(app.get(f"{name}.csv?{query}").data.decode("utf-8-sig")), delimiter=";"))
    at = sheet.index([])
    about, rows = [line[0] for line in sheet[:at]], sheet[at + 1 :]
    book = openpyxl.load_workbook(io.BytesIO(app.get(f"{name}.xlsx?{query}").data))
    there = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    assert [row[0] for row in there[: len(about)]] == about
    for ours, theirs in zip(rows[1:], there[len(about) + 2 :], strict=True):
        for mine, its in zip(ours, theirs, strict=True):
            assert mine == (its or "") if isinstance(its, str) or its is None else number(mine) == Decimal(str(its))
    return about, rows


def amounts(rows: list[list[str]], column: int) -> list[Decimal]:
    return [number(row[column]) for row in rows]


def test_the_views_of_a_document_are_files_that_say_what_they_are(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2022))
    document, groups = made.fictitious("CA", 2022)
    found = flows.of_document(groups, document, categories=None)
    assert found

    about, rows = read(app, f"{CA}/vues/depenses?vue=service&chemin=education")
    root = tree.by_category(groups, document)
    education = root.find("education")
    assert education and amounts(rows[1:], 1) == [*(n.amount for n in education.children), education.amount]
    title, source, day, address = about
    assert "À quoi servent les dépenses" in title and "Enseignement" in title and "Exemple-sur-Meuse" in title
    assert "Compte administratif 2022" in title and "Source" in source and "déposé par la collectivité" in source
    assert "Fait le" in day and address.endswith(f"{CA}?vue=service&chemin=education#b-purposes")
    saved = app.get(f"{CA}/vues/depenses.csv?vue=service&chemin=education").headers["Content-Disposition"]
    assert f'filename="{SIRET}-2022-ca-depenses-service-education.csv"' in saved

    _, rows = read(app, f"{CA}/vues/depenses?vue=cent")
    assert sum(amounts(rows[1:-1], 1)) == number(rows[-1][1]) == 100

    about, rows = read(app, f"{CA}/vues/flux?flux=nature")
    assert "flux=nature" in about[3]
    sides = {name: [row for row in rows[1:] if row[0] == name] for name in ("D’où vient l’argent", "Où va l’argent")}
    for side in sides.values():
        assert sum(amounts(side[:-1], 2)) == number(side[-1][2]) == found.total

    _, rows = read(app, f"{CA}/vues/chapitres")
    spent = [row for row in rows[1:] if row[2] == "Total" and row[0].endswith("dépenses")]
    assert sum(amounts(spent, 3)) == formulas.headline(groups, "mtreal", "D")
    page = section(app, CA, "flows")
    assert 'class="budget-negative"' not in page and f"{CA}/vues/flux.csv" in page
    assert app.get(f"{CA}/vues/flux.json").status_code == 404
    portal.deposit(dataset, fixtures.document(stage="DM", exercice=2021))
    assert app.get(f"/budgets/{SIRET}/2021/dm-1/vues/flux.csv").status_code == 404


def test_no_text_of_a_view_runs_in_a_spreadsheet(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2022))
    bad = '=HYPERLINK("http://example.org")'
    model.Session.execute(update(BudgetLine).values(chapter_label=bad))
    model.Session.commit()
    assert "'=HYPERLINK" in app.get(f"{CA}/vues/chapitres.csv").body
    book = openpyxl.load_workbook(io.BytesIO(app.get(f"{CA}/vues/chapitres.xlsx").data))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == bad]
    assert cells and all(cell.data_type == "s" and cell.quotePrefix for cell in cells)
    assert bad not in app.get(CA).body and "=HYPERLINK" in plain(section(app, CA, "chapters"))


def test_years_and_comparisons_are_files_too(portal: Portal, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = portal.dataset()
    for year in (2021, 2022):
        portal.deposit(dataset, fixtures.document(stage="CA", exercice=year))
    _, groups = made.fictitious("CA", 2022)
    about, rows = read(app, f"/budgets/{SIRET}/vues/evolution?euros=constants")
    assert about[3].endswith(f"/budgets/{SIRET}?euros=constants#b-evolution") and "2021–2022" in about[0]
    _, rows = read(app, f"/budgets/{SIRET}/vues/evolution")
    assert [row[0] for row in rows] == ["Exercice", "2021", "2022"]
    assert number(rows[2][7]) == formulas.headline(groups, "mtreal", "D")
    about, rows = read(app, f"/budgets/{SIRET}/vues/detail?bloc=di&par=chapitre")
    assert "Dépenses d’investissement" in about[0] and rows[0][-1] == "2022"

    for room in (compare_page, compare_bars):
        monkeypatch.setattr(room, "inhabitants", lambda siren: Inhabitants(1000, 2022, "fictive"))
    portal.deposit(portal.dataset(), fixtures.document("CA", 2022, siret=SIRETS[0], name="Modèle"))
    about, rows = read(app, f"/budgets/comparer?siren={SIREN}&siren={SIRETS[0][:9]}&exercice=2022")
    assert "Exemple-sur-Meuse" in about[0] and "etape=compte" in about[3] and f"siren={SIREN}" in about[3]
    assert rows[0][2:] == ["Exemple-sur-Meuse", "Modèle"] and len(rows) > 10
    assert app.get("/budgets/comparer.csv").status_code == 404

    portal.act("package_patch", id=dataset["id"], private=True)
    assert app.get(f"/budgets/{SIRET}/vues/evolution.csv").status_code == 404
