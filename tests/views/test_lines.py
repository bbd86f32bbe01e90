"""The table of lines: what it shows is what the file says, in every order; its files hold exactly that."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from ckan import model
from sqlalchemy import func, select, update

from ckanext.budget.registry import core, line_table
from ckanext.budget.registry.line_table import Selection
from ckanext.budget.registry.models import BudgetCodeTotal, BudgetLine
from dev import fixtures
from dev.fixtures import SIRET
from tests.ingest.conftest import Portal
from tests.views.test_pages import text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]
PATH = f"/budgets/{SIRET}/2022/ca/lignes"


@pytest.fixture
def document(portal: Portal) -> str:
    """Id of an account whose lines have functions."""
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2022))
    return core.documents_of(dataset["id"])[0].id


def lines(document_id: str) -> list[Any]:
    query = select(BudgetLine).where(BudgetLine.document_id == document_id).order_by(BudgetLine.number)
    return list(model.Session.scalars(query))


def shown(document_id: str, **chosen: Any) -> list[int]:
    return [row["number"] for row in line_table.Table(document_id, Selection(**chosen)).rows()]


def test_filters_keep_the_lines_that_a_reader_would_keep(document: str) -> None:
    every = lines(document)
    assert shown(document) == [line.number for line in every]
    wanted = {
        "section": lambda line: line.section == "I",
        "code_rd": lambda line: line.code_rd == "R",
        "ordre": lambda line: line.ordre,
        "nature": lambda line: line.nature.startswith(("60", "61")),
        "fonction": lambda line: (line.fonction or "").startswith("2"),
        "text": lambda line: "personnel" in line.nature_label.lower() or "personnel" in line.chapter_label.lower(),
    }
    values: dict[str, Any] = {"section": "I", "code_rd": "R", "ordre": True, "nature": "60 61", "fonction": "2"}
    for name, keep in wanted.items():
        found = shown(document, **{name: values.get(name, "PERSONNEL")})
        assert found and found == [line.number for line in every if keep(line)], name
    assert shown(document, text="%") == [] and shown(document, nature="_") == []
    accented = next(line for line in every if "é" in line.nature_label)
    word = next(word for word in accented.nature_label.split() if "é" in word)
    assert shown(document, text=word.replace("é", "E")) == shown(document, text=word) != []


def test_totals_and_subtotals_are_the_sums_of_the_lines(document: str) -> None:
    every = lines(document)
    chosen = Selection(group="chapter", section="F")
    table = line_table.Table(document, chosen)
    totals = table.totals()
    for sense in "DR":
        mine = [line.mtreal or Decimal(0) for line in every if (line.section, line.code_rd) == ("F", sense)]
        assert totals[sense].amounts["mtreal"] == sum(mine) and totals[sense].lines == len(mine)
    groups = table.subtotals()
    assert len(groups) > 4 and [(g.code_rd, g.code) for g in groups] == sorted({(g.code_rd, g.code) for g in groups})
    for sense in "DR":
        assert (
            sum(g.sum.amounts["mtreal"] or 0 for g in groups if g.code_rd == sense) == totals[sense].amounts["mtreal"]
        )


def test_lines_are_sorted_and_cut_in_pages_without_losing_one(document: str, app: Any) -> None:
    by_amount = line_table.Table(document, Selection(sort="mtreal", descending=True)).rows()
    amounts = [row["mtreal"] for row in by_amount if row["mtreal"] is not None]
    assert amounts == sorted(amounts, reverse=True)
    n = len(lines(document))
    copies = BudgetLine.__table__
    columns = [c for c in copies.columns if c.name != "number"]
    model.Session.execute(
        copies.insert().from_select(
            ["number", *(c.name for c in columns)],
            select(copies.c.number + n, *columns).where(copies.c.document_id == document),
        )
    )
    model.Session.commit()
    seen: list[str] = []
    for page in (1, 2, 3):
        body = app.get(f"{PATH}?page={page}&tri=-mtreal").body
        table = body[body.index("<tbody>") : body.index("<tfoot>")]
        seen += re.findall(r'<th scope="row"><a href="/budgets/comptes/([^"]*)"', table)
    assert n > 100 and len(seen) == min(300, 2 * n)
    said = text(app.get(f"{PATH}?page=99").body)
    assert f"Page {-(-2 * n // 100)} sur {-(-2 * n // 100)}" in said


def test_the_state_is_in_the_address_and_what_means_nothing_is_told(document: str, app: Any) -> None:
    body = app.get(f"{PATH}?section=F&sens=D&grouper=chapitre&tri=-mtreal&texte=personnel").body
    assert '<option value="F" selected>' in body and 'value="personnel"' in body
    assert 'aria-sort="descending"' in body and "section=F" in body
    said = text(body)
    assert "Sélection : Fonctionnement, dépenses, contenant « personnel »" in said
    assert "Dépenses, chapitre 012" in said
    assert "tri=rien" in app.get(f"{PATH}?tri=rien&grouper=tout&page=-1").body
    nothing = app.get(f"{PATH}?texte=zzzz")
    assert nothing.status_code == 200 and "Aucune ligne ne correspond" in text(nothing.body)
    alone = app.get(f"{PATH}?sens=R", headers={"HX-Request": "true"})
    assert alone.body.lstrip().startswith("<div id=") and "<html" not in alone.body
    assert "HX-Request" in alone.headers["Vary"] and alone.headers["HX-Replace-Url"].endswith("?sens=R")


@pytest.mark.parametrize("query", ["", "sens=D&tri=-mtreal", "grouper=chapitre", "grouper=fonction&detail=non"])
def test_the_files_hold_exactly_what_is_shown(document: str, app: Any, query: str) -> None:
    page = app.get(f"{PATH}?{query}&lignes=500").body
    body = page[page.index("<table class=") : page.index("</table>")]
    amounts = re.findall(r"<td>(?:<strong>)?\s*(-?[\d\s\u202f\u2212,]+)\u202f€", body)
    on_page = [Decimal(re.sub(r"\s", "", a).replace("\u2212", "-").replace(",", ".")) for a in amounts]
    sheet = list(csv.reader(io.StringIO(app.get(f"{PATH}.csv?{query}").data.decode("utf-8-sig")), delimiter=";"))
    head = sheet[0]
    first = head.index("Réalisé")
    in_csv = [Decimal(cell.replace(",", ".")) for row in sheet[1:] for cell in row[first:] if cell]
    assert in_csv == on_page and len(in_csv) > 10
    book = openpyxl.load_workbook(io.BytesIO(app.get(f"{PATH}.xlsx?{query}").data))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    at = next(rank for rank, row in enumerate(rows) if row[0] == "Rang")
    in_xlsx = [Decimal(str(cell)) for row in rows[at + 1 :] for cell in row[first:] if cell is not None]
    assert in_xlsx == on_page
    assert book.worksheets[0].freeze_panes == f"A{at + 2}"
    about = " ".join(str(row[0]) for row in rows[:at] if row[0])
    assert "Compte administratif 2022" in about and PATH in about and "Source" in about


def test_no_text_of_a_workbook_runs(document: str, app: Any) -> None:
    bad = '=HYPERLINK("http://example.org")'
    model.Session.execute(update(BudgetLine).where(BudgetLine.number == 1).values(nature_label=bad, chapter="-2+3"))
    model.Session.commit()
    book = openpyxl.load_workbook(io.BytesIO(app.get(f"{PATH}.xlsx").data))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value in (bad, "-2+3")]
    assert len(cells) == 2 and all(cell.data_type == "s" and cell.quotePrefix for cell in cells)
    assert all(
        cell.data_type == "s" for row in book.worksheets[0].iter_rows() for cell in row[:8] if cell.value is not None
    )
    sheet = app.get(f"{PATH}.csv").data.decode("utf-8-sig")
    assert "'=HYPERLINK" in sheet and ";=HYPERLINK" not in sheet and '"=HYPERLINK' not in sheet


def test_the_name_of_a_download_says_what_it_is(document: str, app: Any) -> None:
    for query, name in (
        ("", "lignes-exemple-sur-meuse-2022-ca.csv"),
        ("?sens=D&grouper=chapitre", "lignes-exemple-sur-meuse-2022-ca-selection-par-chapitre.csv"),
    ):
        assert f'filename="{name}"' in app.get(f"{PATH}.csv{query}").headers["Content-Disposition"]


def test_the_totals_of_codes_follow_the_lines(portal: Portal, document: str) -> None:
    def sums(kind: str) -> tuple[Any, ...]:
        row = select(func.sum(BudgetCodeTotal.amount), func.sum(BudgetCodeTotal.lines))
        return tuple(model.Session.execute(row.where(BudgetCodeTotal.kind == kind)).one())

    every = lines(document)
    assert sums("nature") == (sum(line.mtreal or 0 for line in every), len(every))
    assert sums("fonction")[1] == sum(1 for line in every if line.fonction)
    portal.act("budget_document_withdraw", id=document, reason="Erreur")
    assert sums("nature") == (None, None)
