"""What the table of lines shows: a page of a selection, its subtotals and totals, and the addresses around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import ckan.plugins.toolkit as tk

from ckanext.budget.registry import line_table
from ckanext.budget.registry.line_table import Subtotal, Sum
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses, line_choice, reading, state, wording
from ckanext.budget.views.line_choice import SIZES, Choice

Page = dict[str, Any]
#: amount columns by what the étape states, that one first (domain §5b: the others describe another year)
ACCOUNT = ("mtreal", "credouv", "mtrar3112")
DRAFT = ("mtpropnouv", "mtrarprec", "mtbudgprec")
BUDGET = ("mtprev", "mtrarprec", "mtbudgprec")
#: stands for the code in the address of an account, which is made once for all the rows
ACCOUNT_CODE = "CODE"
_TOTEM = {name.lower(): name for name in wording.AMOUNT_COLUMNS}


class Column(NamedTuple):
    """A column of the table: its field, its title, whether it holds amounts."""

    name: str
    title: str
    amount: bool = False


class Shape(NamedTuple):
    """What the table of a document is made of."""

    columns: Sequence[Column]
    amounts: Sequence[str]
    functions: bool
    chapters: Mapping[str, str]
    sections: Mapping[str, str]


def shape(document: BudgetDocument) -> Shape:
    """Columns of the table, chapters of its filter."""
    used, functions, operations = line_table.columns_used(document.id)
    stated = ACCOUNT if document.stage in ("CA", "CFU") else DRAFT if document.is_draft else BUDGET
    amounts = [name for name in stated if name in used or name == stated[0]]
    columns = [Column("nature", tk._("Account (nature)")), Column("chapter", tk._("Chapter"))]
    if functions:
        columns.append(Column("fonction", tk._("Function")))
    columns.append(Column("section", tk._("Section and sense")))
    if operations:
        columns.append(Column("operation", tk._("Operation")))
    columns += [Column(name, wording.amount_column(_TOTEM[name]), amount=True) for name in amounts]
    sections = {code: wording.section_name(code, document.nomenclature) for code in ("F", "I")}
    return Shape(columns, amounts, functions, dict(line_table.chapters(document.id)), sections)


def build(document: BudgetDocument, choice: Choice) -> Page:
    """What the template ``budget/pages/lines.html`` shows."""
    package = reading.dataset(document.package_id)
    made, chosen = shape(document), choice.selection
    table = line_table.Table(document.id, chosen)
    totals = table.totals()
    n = sum(total.lines for total in totals.values())
    pages = max(1, -(-n // choice.size))
    page = 1 if chosen.subtotals_only else min(choice.page, pages)
    return {
        "title": state.title(document),
        "name": document.name,
        "document_url": addresses.of_document(document),
        "budget_url": addresses.of_budget(document.siret) if document.siret else None,
        "dataset_url": tk.h.url_for(f"{package['type']}.read", id=package["name"]),
        "replaced": document.status == "superseded",
        "package": package,
        "shape": made,
        "head": [_head(column, document, choice) for column in made.columns],
        "blocks": _blocks(table, choice, page),
        "totals": [{"name": wording.sense_name(sense), "sum": totals[sense]} for sense in "DR" if sense in totals],
        "count": n,
        "pager": None if chosen.subtotals_only else _pager(document, choice, page, pages, n),
        "said": _said(n, totals, made),
        "chosen": chosen,
        "query": choice.to_query(),
        "filters": line_choice.told(choice, made.chapters, made.sections),
        "ignored": choice.ignored,
        "sizes": SIZES,
        "size": choice.size,
        "urls": {
            "here": addresses.of_document(document, "lines", **choice.to_query(page=page)),
            "form": addresses.of_document(document, "lines"),
            "account": tk.h.url_for("budget_pages.account", code=ACCOUNT_CODE),
            "csv": addresses.of_document(document, "lines_csv", **choice.to_query()),
            "xlsx": addresses.of_document(document, "lines_xlsx", **choice.to_query()),
        },
        "variation": document.stage in ("DM", "BS"),
    }


def _head(column: Column, document: BudgetDocument, choice: Choice) -> Page:
    """A heading: its title, the address that sorts by it (amounts from the largest), ``aria-sort``."""
    if column.name == "operation":
        return {"column": column, "url": None, "sort": None}
    chosen = choice.selection
    current = chosen.sort == column.name
    descending = not chosen.descending if current else column.amount
    query = choice.to_query(sort=column.name, descending=descending)
    sort = ("descending" if chosen.descending else "ascending") if current else None
    return {"column": column, "url": addresses.of_document(document, "lines", **query), "sort": sort}


def _blocks(table: line_table.Table, choice: Choice, page: int) -> list[Page]:
    """Lines of the page by group (one block without group when nothing groups them)."""
    chosen = choice.selection
    if not chosen.group:
        return [{"group": None, "rows": _rows(table, choice, page)}]
    groups = table.subtotals()
    if chosen.subtotals_only:
        return [{"group": _group(g, chosen.group), "rows": []} for g in groups]
    blocks: list[Page] = []
    named = {(g.code_rd, g.code): g for g in groups}
    key: tuple[str, str] | None = None
    for row in _rows(table, choice, page):
        if (row["code_rd"], row["group"]) != key:
            key = (row["code_rd"], row["group"])
            blocks.append({"group": _group(named[key], chosen.group), "rows": []})
        blocks[-1]["rows"].append(row)
    return blocks


def _rows(table: line_table.Table, choice: Choice, page: int) -> Sequence[Mapping[str, Any]]:
    return table.rows(limit=choice.size, offset=(page - 1) * choice.size)


def _group(found: Subtotal, by: str) -> Page:
    return {"title": group_title(found, by), "sum": found.sum}


def group_title(found: Subtotal, by: str) -> str:
    """«Dépenses, chapitre 011 Charges à caractère général»."""
    if not found.code:
        none = tk._("without function") if by == "fonction" else tk._("without chapter")
        return f"{wording.sense_name(found.code_rd)}, {none}"
    kind = tk._("function") if by == "fonction" else tk._("chapter")
    return f"{wording.sense_name(found.code_rd)}, {kind} {found.code} {found.label}".rstrip()


def _pager(document: BudgetDocument, choice: Choice, page: int, pages: int, n: int) -> Page:
    def url(number: int) -> str | None:
        query = choice.to_query(page=number)
        return addresses.of_document(document, "lines", **query) if 1 <= number <= pages and number != page else None

    lang = tk.h.lang()
    first = (page - 1) * choice.size + 1
    return {
        "page": page,
        "pages": pages,
        "first": wording.count(min(first, n), lang),
        "last": wording.count(min(first + choice.size - 1, n), lang),
        "n": wording.count(n, lang),
        "links": {"first": url(1), "previous": url(page - 1), "next": url(page + 1), "last": url(pages)},
    }


def _said(n: int, totals: Mapping[str, Sum], made: Shape) -> str:
    """The selection in one sentence (read aloud when it changes)."""
    lang = tk.h.lang()
    said = [tk.ungettext("{n} line", "{n} lines", n).format(n=wording.count(n, lang))]
    for sense in "DR":
        value = totals[sense].amounts[made.amounts[0]] if sense in totals else None
        if value is not None:
            said.append(f"{wording.sense_name(sense).lower()} {wording.amount(value, lang)}")
    return ", ".join(said)
