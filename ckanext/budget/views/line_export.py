"""The line table as a file, exactly as it is shown: the same lines in the same order, subtotals and totals."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import ckan.plugins.toolkit as tk

from ckanext.budget.registry import line_table
from ckanext.budget.registry.budgets import etape_of
from ckanext.budget.registry.line_table import Sum
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.tables.escape import escape_for_sheet
from ckanext.budget.territory import names
from ckanext.budget.views import addresses, history, line_choice, line_page, state, wording
from ckanext.budget.views.citation import LASTING
from ckanext.budget.views.line_choice import Choice
from ckanext.budget.views.line_page import Shape

Cell = str | Decimal | None
#: columns of a line that are words, whatever the document; those of them that words are put for
WORDS = ("section", "sense", "kind", "chapter", "chapter_label", "nature", "nature_label")
_COLUMNS = {"section": "section", "sense": "code_rd", "kind": "ordre"}


class Row(NamedTuple):
    """A row of the file: ``rank`` is line, subtotal or total."""

    rank: str
    cells: Sequence[Cell]


class Sheet(NamedTuple):
    """A table to be written: what it is (lines of text), its headings, how many of them are words, its rows. Numbers
    are euros but in the columns ``plain``; ``name`` is that of the workbook's page."""

    about: Sequence[str]
    headings: Sequence[str]
    words: int
    rows: Iterable[Row]
    plain: frozenset[int] = frozenset()
    name: str = "Lignes"


def of_selection(document: BudgetDocument, choice: Choice) -> Sheet:
    """What is shown of a document."""
    made = line_page.shape(document)
    titles = {
        "section": tk._("Section"),
        "sense": tk._("Receipts or expenditure"),
        "kind": tk._("Kind of operation"),
        "chapter": tk._("Chapter"),
        "chapter_label": tk._("Name of the chapter"),
        "nature": tk._("Account (nature)"),
        "nature_label": tk._("Name of the account"),
        "fonction": tk._("Function"),
        "fonction_label": tk._("Name of the function"),
        "operation": tk._("Operation"),
    }
    there = {column.name for column in made.columns}
    fields = [*WORDS, *(n for n in ("fonction", "fonction_label", "operation") if n.split("_")[0] in there)]
    amounts = [column.title for column in made.columns if column.amount]
    headings = [tk._("Row"), *(titles[name] for name in fields), *amounts]
    return Sheet(_about(document, choice, made), headings, len(fields) + 1, _rows(document, choice, made, fields))


def _about(document: BudgetDocument, choice: Choice, made: Shape) -> list[str]:
    """Title, selection, source, date and address."""
    filters = line_choice.told(choice, made.chapters, made.sections)
    selection = ", ".join(filters) if filters else tk._("every line")
    today = wording.date(dt.datetime.now(dt.timezone.utc).date(), tk.h.lang())
    source = tk._("{portal}; file deposited by the collectivité, version of {date}").format(
        portal=tk.config["ckan.site_title"], date=history.day_of(document)
    )
    address = addresses.of_document(document, "lines", **choice.to_query(), **LASTING)
    return [
        f"{document.name} – {state.title(document)}",
        tk._("Selection: {selection}").format(selection=selection),
        tk._("Source: {source}").format(source=source),
        tk._("Made on {date}").format(date=today),
        tk._("Address: {address}").format(address=address),
    ]


def _rows(document: BudgetDocument, choice: Choice, made: Shape, fields: Sequence[str]) -> Iterator[Row]:
    chosen = choice.selection
    table, told = line_table.Table(document.id, chosen), _told(made)
    shown = [(name, _COLUMNS.get(name, "")) for name in fields]
    groups = {(g.code_rd, g.code): g for g in table.subtotals()} if chosen.group else {}

    def subtotal(key: tuple[str, str]) -> Row:
        title = line_page.group_title(groups[key], chosen.group)
        return Row("subtotal", [tk._("Subtotal"), *_summed(title, groups[key].sum, made, fields)])

    if chosen.subtotals_only:
        yield from map(subtotal, groups)
    else:
        last, rank = None, tk._("Line")
        for line in table.every_row():
            key = (line["code_rd"], line["group"])
            if groups and key != last:
                last = key
                yield subtotal(key)
            words = [told[name].get(line[column], "") if column else line[name] or "" for name, column in shown]
            yield Row("line", [rank, *words, *(line[name] for name in made.amounts)])
    for sense, total in sorted(table.totals().items()):
        yield Row("total", [tk._("Total"), *_summed(wording.sense_name(sense), total, made, fields)])


def _told(made: Shape) -> dict[str, Mapping[Any, str]]:
    """What is written for the values of :data:`_COLUMNS`, translated once for all the lines."""
    return {
        "section": made.sections,
        "sense": {sense: wording.sense_name(sense) for sense in "DR"},
        "kind": {True: tk._("internal entries (ordre)"), False: tk._("real operations")},
    }


def _summed(title: str, total: Sum, made: Shape, fields: Sequence[str]) -> list[Cell]:
    return [title, *[""] * (len(fields) - 1), *(total.amounts[name] for name in made.amounts)]


def file_name(document: BudgetDocument, choice: Choice, extension: str) -> str:
    """«lignes-commune-d-exemple-2022-ca-selection.csv»: it says what the file is."""
    name = "-".join(names.words(document.name))[:60].strip("-")
    parts = ["lignes", name, str(document.exercice), etape_of(document.stage, document.dm_number)]
    if choice.selection.filters:
        parts.append("selection")
    if choice.selection.group:
        parts.append("par-chapitre" if choice.selection.group == "chapter" else "par-fonction")
    return f"{'-'.join(part for part in parts if part)}.{extension}"


def to_csv(sheet: Sheet, *, french: bool, about: bool = False) -> bytes:
    """For a spreadsheet: UTF-8 with its mark; semicolons and decimal commas in French. Words that a spreadsheet would
    run are preceded by an apostrophe. ``about``: what the table is comes first, then a blank line."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if french else ",", lineterminator="\r\n")
    if about:
        writer.writerows([[escape_for_sheet(text)] for text in sheet.about] + [[]])
    writer.writerow(sheet.headings)
    for row in sheet.rows:
        writer.writerow([_plain(cell, french=french) for cell in row.cells])
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Cell, *, french: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return escape_for_sheet(cell)
    text = f"{cell:.2f}" if cell == cell.quantize(Decimal("0.01")) else f"{cell:f}"
    return text.replace(".", ",") if french else text
