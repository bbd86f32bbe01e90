"""A budget over its years, for its page: receipts and expenditure, savings, debt, what for; state in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.budget import rules
from ckanext.budget.figures import documents, series, sums
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.series import Euros, Line, Point, Series, Timeline
from ckanext.budget.logic.figures import inhabitants
from ckanext.budget.views import addresses, evolution_parts, view_export, year_chart
from ckanext.budget.views.citation import LASTING
from ckanext.budget.views.kept import Kept
from ckanext.budget.views.view_export import Export
from ckanext.budget.views.year_chart import Chart, Stack

if TYPE_CHECKING:
    from ckanext.budget.views.budget_page import Held

Page = dict[str, Any]
#: how euros are told: value of ``euros`` in the address
CURRENT, CONSTANT, PER_INHABITANT = "courants", "constants", "habitant"
FIGURES = (
    "operating_receipts",
    "investment_receipts",
    "receipts",
    "operating_expenditure",
    "investment_expenditure",
    "expenditure",
    "gross_savings",
    "debt",
)


_KEPT = Kept[sums.Figures](4096)


class Shown(NamedTuple):
    """What the section is made of: the years, how euros are told, the series that leads and the other one."""

    number: str
    annexe: bool
    time: Timeline
    euros: Euros
    told: str
    line: Line
    held: Held

    @property
    def other(self) -> Line:
        """The series that marks what the columns are compared with."""
        return "voted" if self.line == "executed" else "executed"

    def amount(self, point: Point) -> Decimal | None:
        """A point, as euros are told."""
        if self.told == CONSTANT:
            return point.constant
        return point.per_inhabitant if self.told == PER_INHABITANT else point.value


def build(held: Held) -> Page | None:
    """What the section shows; None with fewer than two years (the grid says so)."""
    if held.budget is None:
        return None
    ids = [d.id for d in held.budget.in_force]
    found = documents.find(model.Session(), ids=ids, public=False) if ids else []
    time = series.timeline(found)
    if len({*time.accounts, *time.budgets}) < 2:
        return None
    shown = _shown(held, time)
    values = _values([*time.accounts.values(), *time.budgets.values()])
    figures: dict[Line, Mapping[str, Series]] = {
        line: _figures(shown, values, line) for line in (shown.line, shown.other)
    }
    parts = evolution_parts.build(shown, figures[shown.line])
    return {
        "executed": shown.line == "executed",
        "told": shown.told,
        "unit": _unit(shown),
        "choices": _choices(shown),
        "source": _source(shown),
        "years": time.years,
        "gaps": time.gaps,
        "changes": time.changes,
        "two_accounts": time.two_accounts,
        "said": _said(shown, figures[shown.line]),
        **_charts(shown, figures),
        "parts": parts,
        "exports": {
            "evolution": _export(held, shown, "evolution", [tk._("How it moved over the years")], "b-evolution"),
            "detail": _export(held, shown, "detail", evolution_parts.titles(parts), "b-parts"),
        },
    }


def _export(held: Held, shown: Shown, view: str, titles: Sequence[str], anchor: str) -> Export:
    """The files of a view, in the state that the reader chose."""
    years = f"{shown.time.years[0]}–{shown.time.years[-1]}"
    state = state_of_address()
    source = tk._("files deposited by the collectivité, {years}").format(years=years)
    return view_export.of_portal(
        f"{', '.join(titles)} ({_unit(shown)}) – {held.name}, {years}",
        source,
        f"{addresses.of_budget(shown.number, **state, **LASTING)}#{anchor}",
        view_export.file_name(shown.number, years, view, *state.values()),
        {
            e: tk.h.url_for("budget_pages.view_of_budget", number=shown.number, name=view, extension=e, **state)
            for e in view_export.EXTENSIONS
        },
    )


def _shown(held: Held, time: Timeline) -> Shown:
    prices, asked = rules.prices(), tk.request.args.get("euros", "")
    annexe = bool(held.budget and held.budget.is_annexe)
    people = None if annexe else inhabitants(held.number[:9])
    indexed = [year for year in time.years if year in prices.indexes]
    reference = indexed[-1] if indexed else None
    possible = {CONSTANT: len(indexed) > 1, PER_INHABITANT: people is not None}
    told = asked if possible.get(asked) else CURRENT
    line: Line = "executed" if time.accounts else "voted"
    euros = Euros(prices if indexed else None, reference, people)
    return Shown(held.budget.siret if held.budget else held.number, annexe, time, euros, told, line, held)


def _values(found: Sequence[Document]) -> dict[str, sums.Figures]:
    formulas = rules.formulas()

    def make(missing: Sequence[Document]) -> Mapping[str, sums.Figures]:
        return sums.of_documents(model.Session(), missing, FIGURES, formulas=formulas)

    return _KEPT.of(found, formulas, make)


def _figures(shown: Shown, values: Mapping[str, sums.Figures], line: Line) -> dict[str, Series]:
    found = series.of_values(
        shown.time, values, FIGURES, line=line, formulas=rules.formulas(), euros=shown.euros, lang=tk.h.lang()
    )
    return {one.code: one for one in found}


# -- words


def address(shown: Shown, anchor: str, **changed: str) -> str:
    """The page in another state."""
    return shown.held.here(anchor, state_of_address(**changed))


def state_of_address(**changed: str) -> dict[str, str]:
    """The parameters that the address states, with others."""
    given = {name: tk.request.args.get(name, "") for name in ("euros", "par", "bloc")}
    return {name: value for name, value in {**given, **changed}.items() if value and value != CURRENT}


def _choices(shown: Shown) -> list[Page]:
    reference, people = shown.euros.reference, shown.euros.inhabitants
    words = {CURRENT: tk._("Euros of each year")}
    if shown.euros.prices and reference:
        words[CONSTANT] = tk._("Constant euros of {year}").format(year=reference)
    if people:
        words[PER_INHABITANT] = tk._("Euros per inhabitant")
    return [
        {"name": name, "url": address(shown, "b-evolution", euros=told), "current": told == shown.told}
        for told, name in words.items()
    ]


def _unit(shown: Shown) -> str:
    if shown.told == CONSTANT:
        return tk._("constant euros of {year}").format(year=shown.euros.reference)
    return tk._("euros per inhabitant") if shown.told == PER_INHABITANT else tk._("euros of each year")


def _source(shown: Shown) -> Page | None:
    """Where the index, or the population, comes from."""
    prices, people, lang = shown.euros.prices, shown.euros.inhabitants, tk.h.lang()[:2]
    if shown.told == CONSTANT and prices:
        label = prices.labels.get(lang, prices.labels["en"])
        missing = [str(year) for year in shown.time.years if year not in prices.indexes]
        return {"text": f"{label} ({prices.source})", "url": prices.url, "missing": ", ".join(missing)}
    if shown.told == PER_INHABITANT and people:
        text = (
            tk._("{n} inhabitants in {year}, the same number for every year").format(
                n=tk.h.budget_count(people.number), year=people.year
            )
            if people.year
            else tk._("{n} inhabitants, the same number for every year").format(n=tk.h.budget_count(people.number))
        )
        return {"text": f"{text} ({people.source})", "url": None, "missing": ""}
    return None


def _said(shown: Shown, figures: Mapping[str, Series]) -> list[str]:
    """The charts in sentences: from the first to the last year."""
    sentences = {
        "expenditure": tk._("From {first} to {last}, expenditure went from {before} to {after}{change}."),
        "receipts": tk._("Receipts went from {before} in {first} to {after} in {last}{change}."),
        "investment_expenditure": tk._(
            "Investment expenditure (the repaid debt included) went from {before} in {first} to {after} in "
            "{last}{change}."
        ),
        "gross_savings": tk._("Gross savings went from {before} in {first} to {after} in {last}{change}."),
        "debt": tk._("Outstanding debt went from {before} in {first} to {after} in {last}{change}."),
    }
    said: list[str] = []
    for code, sentence in sentences.items():
        there = [(p.exercice, v) for p in figures[code].points if (v := shown.amount(p)) is not None]
        if len(there) < 2:
            continue
        (first, before), (last, after) = there[0], there[-1]
        change = tk._(" ({change})").format(change=percent_change(before, after)) if before > 0 and after > 0 else ""
        values = {"before": tk.h.budget_headline(before), "after": tk.h.budget_headline(after), "change": change}
        said.append(sentence.format(first=first, last=last, **values))
    return said + _prices_said(shown, figures)


def _prices_said(shown: Shown, figures: Mapping[str, Series]) -> list[str]:
    years = [p.exercice for p in figures["expenditure"].points if p.value is not None]
    prices = shown.euros.prices
    rise = prices.change(years[0], years[-1]) if prices and len(years) > 1 else None
    if rise is None or shown.told == CONSTANT:
        return []
    return [tk._("Over the same years, prices moved by {change}.").format(change=signed(rise))]


def percent_change(before: Decimal, after: Decimal) -> str:
    """«+12,3 %», from one amount to another."""
    return signed((after - before) / abs(before))


def signed(fraction: Decimal) -> str:
    """A fraction as a percentage with its sign."""
    return f"{'+' if fraction > 0 else ''}{tk.h.budget_percent(fraction)}"


# -- charts and tables


def _charts(shown: Shown, figures: Mapping[Line, Mapping[str, Series]]) -> Page:
    main, other, years = shown.line, shown.other, shown.time.years
    table = {
        f"{line}_{code}": [shown.amount(point) for point in figures[line][code].points]
        for line in figures
        for code in FIGURES
    }
    sums: dict[int, list[Stack]] = {}
    savings: dict[int, list[Stack]] = {}
    debt: dict[int, list[Stack]] = {}
    for n, year in enumerate(years):
        sums[year] = [
            _stack(
                sense,
                [(False, table[f"{main}_operating_{name}"][n]), (True, table[f"{main}_investment_{name}"][n])],
                table[f"{other}_{name}"][n],
            )
            for sense, name in (("r", "receipts"), ("d", "expenditure"))
        ]
        savings[year] = [
            _stack("r", [(False, table[f"{main}_gross_savings"][n])], table[f"{other}_gross_savings"][n])
        ]
        debt[year] = [_stack("d", [(False, table[f"{main}_debt"][n])])]
    rows = [_row(shown, n, table) for n in range(len(years))]
    return {
        "sums": year_chart.draw(years, sums),
        "savings": _drawn(years, savings),
        "debt": _drawn(years, debt),
        "rows": rows,
        "marked": any(stack.mark is not None for of_year in sums.values() for stack in of_year),
        "kept": any(value is not None for row in rows for value in row["savings"]),
    }


def _drawn(years: Sequence[int], stacks: Mapping[int, Sequence[Stack]]) -> Chart | None:
    """A smaller chart; None when fewer than two years have an amount."""
    there = sum(any(stack.pieces for stack in of_year) for of_year in stacks.values())
    return year_chart.draw(years, stacks, height=130) if there > 1 else None


def _stack(sense: str, pieces: Sequence[tuple[bool, Decimal | None]], mark: Decimal | None = None) -> Stack:
    words = {False: tk._("operations"), True: tk._("investment")} if len(pieces) > 1 else {False: ""}
    kept = [(words[hatched], hatched, amount) for hatched, amount in pieces if amount is not None]
    return Stack(sense, kept, mark)


def _row(shown: Shown, n: int, table: Mapping[str, Sequence[Decimal | None]]) -> Page:
    year, line = shown.time.years[n], shown.line

    def cell(code: str, of: Line = line) -> Decimal | None:
        return table[f"{of}_{code}"][n]

    senses = [
        [cell(f"operating_{name}"), cell(f"investment_{name}"), cell(name), cell(name, shown.other)]
        for name in ("receipts", "expenditure")
    ]
    document = shown.time.accounts.get(year) or shown.time.budgets.get(year)
    url = (
        tk.h.url_for("budget_pages.document", number=shown.number, exercice=f"{year:04d}", etape=document.slug)
        if document
        else None
    )
    return {
        "year": year,
        "url": url,
        "amounts": [*senses[0], *senses[1]],
        "savings": [cell("gross_savings"), cell("gross_savings", shown.other), cell("debt")],
    }
