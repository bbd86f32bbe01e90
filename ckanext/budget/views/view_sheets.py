"""The tables of a view as files: the same rows as the page, in the same order, with what they are and come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.figures.statement import Chapter
from ckanext.budget.views.line_export import Cell, Row, Sheet
from ckanext.budget.views.view_export import Export

Page = Mapping[str, Any]
_CENT = Decimal("0.01")


def of_purposes(page: Page, export: Export) -> Sheet:
    """«What is the money spent on?»: what is open, or of 100 €."""
    if page["hundred"]:
        rows = [Row("line", [row["label"], row["euros"]]) for row in page["hundred"]]
        rows.append(Row("total", [tk._("Total"), Decimal(100)]))
        return _sheet(export, [page["column"], tk._("Of 100 €")], 1, rows)
    here, people = page["here"], page["people"]
    headings = [page["column"], tk._("Amount (euros)"), _share()]

    def row(rank: str, label: str, amount: Decimal, share: Decimal | None, each: Decimal | None) -> Row:
        return Row(rank, [label, amount, _percent(share), *([_rounded(each)] if people else [])])

    rows = [
        row("line", one["label"], one["node"].amount, one["node"].share, one["node"].per_inhabitant)
        for one in page["rows"]
    ]
    whole = Decimal(1) if here.positive else None
    rows.append(row("total", tk._("Total"), here.amount, whole, here.per_inhabitant))
    return _sheet(export, headings + ([tk._("Per inhabitant (euros)")] if people else []), 1, rows, {2})


def of_flows(page: Page, export: Export) -> Sheet:
    """Both sides of the flows."""
    rows: list[Row] = []
    for side, title in (("sources", tk._("Where the money comes from")), ("uses", tk._("Where the money goes"))):
        rows += [Row("line", [title, one["label"], one["amount"], _percent(one["share"])]) for one in page[side]]
        whole = Decimal(1) if page["shares"][side] else None
        rows.append(Row("total", [title, tk._("Total"), page["total"], _percent(whole)]))
    return _sheet(export, [tk._("Side"), tk._("What"), tk._("Amount (euros)"), _share()], 2, rows, {3})


def of_chapters(tables: Sequence[Page], said: Any, export: Export) -> Sheet:
    """The four blocks by chapter: in an account, what was opened and what was done."""
    done = (
        tk._("Carried out")
        if said.account
        else tk._("Variation of the budget")
        if said.variation
        else tk._("Amount voted")
    )
    headings = [tk._("Section"), tk._("Chapter"), tk._("Name of the chapter"), done, _share()]
    if said.account:
        headings += [tk._("Credits opened"), tk._("Execution rate (%)"), tk._("Outstanding commitments")]

    def row(rank: str, title: str, chapter: Chapter, name: str, share: Decimal | None) -> Row:
        more = [chapter.opened, _percent(chapter.rate), chapter.remaining] if said.account else []
        return Row(rank, [title, chapter.code, name, chapter.amount, _percent(share), *more])

    rows: list[Row] = []
    for table in tables:
        rows += [row("line", table["title"], r["chapter"], r["chapter"].label, r["share"]) for r in table["rows"]]
        whole = Decimal(1) if table["shares"] else None
        rows.append(row("total", table["title"], table["whole"], tk._("Total"), whole))
    return _sheet(export, headings, 3, rows, {4, 6})


def of_evolution(page: Page, export: Export) -> Sheet:
    """Receipts, expenditure, savings and debt, year by year."""
    voted = tk._("planned (initial budget)")
    mark = voted if page["executed"] else tk._("carried out")
    operating, investment, total = tk._("Operations"), tk._("Investment"), tk._("Total")
    sums = [
        f"{s}: {c}" for s in (tk._("Receipts"), tk._("Expenditure")) for c in (operating, investment, total, mark)
    ]
    savings = tk._("Gross savings")
    headings = [tk._("Year"), *sums, savings, f"{savings}: {mark}", tk._("Outstanding debt")]
    rows = [
        Row("line", [str(row["year"]), *(_rounded(value) for value in (*row["amounts"], *row["savings"]))])
        for row in page["rows"]
    ]
    return _sheet(export, headings, 1, rows)


def of_parts(page: Page, export: Export) -> Sheet:
    """What a budget is made of, year after year."""
    parts = page["parts"]
    kind = tk._("Chapter") if parts["by"] == "chapitre" else tk._("Function")
    headings = [kind, tk._("Name"), f"{tk._('Change overall')} (%)", *(str(year) for year in page["years"])]
    rows = [
        Row("line", [row["code"], row["name"], _change(row["amounts"]), *map(_rounded, row["amounts"])])
        for row in parts["rows"]
    ]
    total = parts["total"]["amounts"]
    rows.append(Row("total", ["", tk._("Total"), _change(total), *map(_rounded, total)]))
    return _sheet(export, headings, 2, rows, {2})


def of_comparison(page: Page, export: Export) -> Sheet:
    """Each figure, then what expenditure is for, in euros per inhabitant."""
    compared = page["compared"]
    bars = compared["figures"][0]["bars"] if compared["figures"] else []
    names = [bar["name"] for bar in bars] or compared["names"]
    rows = [
        Row("line", [tk._("Figures"), figure["name"], *(_rounded(bar["value"]) for bar in figure["bars"])])
        for figure in compared["figures"]
    ]
    short: list[Cell] = [None] * (len(names) - len(compared["names"]))
    for part in (compared["parts"] or {}).get("rows", []):
        values = [_rounded(value) for value in part["values"]]
        rows.append(Row("line", [tk._("What expenditure is for"), part["name"], *values, *short]))
    headings = [tk._("What"), tk._("Euros per inhabitant"), *names]
    return _sheet(export, headings, 2, rows)


def _sheet(
    export: Export, headings: Sequence[str], words: int, rows: Sequence[Row], plain: Sequence[int] | set[int] = ()
) -> Sheet:
    return Sheet(export.about, headings, words, rows, frozenset(plain), tk._("Data"))


def _share() -> str:
    return tk._("Share (%)")


def _percent(fraction: Decimal | None) -> Decimal | None:
    return None if fraction is None else (fraction * 100).quantize(_CENT)


def _change(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """From the first to the last year that is told, as the page says it."""
    told = [value for value in amounts if value is not None]
    return _percent((told[-1] - told[0]) / told[0]) if len(told) > 1 and told[0] > 0 else None


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_CENT)
