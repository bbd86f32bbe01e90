"""A budget over the years: gaps are gaps, each change of norm is told, the CFU prevails over the CA.

Two series never mix: what was executed (CA, CFU) and what was voted (BP).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from ckanext.budget.figures import categories as plain
from ckanext.budget.figures import definitions
from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.categories import Categories, norm_of
from ckanext.budget.figures.definitions import Formulas
from ckanext.budget.figures.document import Document, order
from ckanext.budget.figures.groups import ZERO, Group
from ckanext.budget.figures.prices import Prices
from ckanext.budget.figures.tree import NONE
from ckanext.budget.figures.values import Inhabitants, of_document

#: executed: the CA or CFU of each year; voted: its BP
Line = Literal["executed", "voted"]


class NormChange(NamedTuple):
    """The first year of a budget under another norm: amounts by account do not follow on exactly."""

    exercice: int
    before: str
    after: str


@dataclass(frozen=True)
class Timeline:
    """The documents of one budget, year by year: ``accounts`` (CA, or the CFU that prevails) and ``budgets`` (BP).

    ``two_accounts``: years that have both a CA and a CFU (to be checked). ``years`` has no hole: a year without any
    document is a gap.
    """

    years: Sequence[int]
    accounts: Mapping[int, Document]
    budgets: Mapping[int, Document]
    changes: Sequence[NormChange]
    two_accounts: Sequence[int]

    def line(self, line: Line) -> Mapping[int, Document]:
        """The documents of a series, by year."""
        return self.accounts if line == "executed" else self.budgets

    @property
    def gaps(self) -> list[int]:
        """Years without account nor budget."""
        return [year for year in self.years if year not in self.accounts and year not in self.budgets]

    @property
    def ids(self) -> list[str]:
        """Ids of the documents, for the queries."""
        return [d.id for line in (self.accounts, self.budgets) for d in line.values()]


def timeline(documents: Iterable[Document]) -> Timeline:
    """The timeline of the documents of **one** budget (SIRET). Raises ``ValueError`` for those of several: a principal
    budget and its annexes are never added up."""
    found = sorted(documents, key=order)
    if len({d.siret or d.package_id for d in found}) > 1:
        raise ValueError("documents of several budgets are not one series")
    accounts = {d.exercice: d for d in found if d.account}  # in order: a CFU replaces the CA
    budgets = {d.exercice: d for d in found if d.stage == "BP"}
    known = [*accounts, *budgets]
    years = range(min(known), max(known) + 1) if known else range(0)
    stages = {(d.exercice, d.stage) for d in found}
    both = sorted({year for year, stage in stages if stage == "CFU" and (year, "CA") in stages})
    return Timeline(list(years), accounts, budgets, _changes(years, accounts, budgets), both)


def _changes(
    years: Iterable[int], accounts: Mapping[int, Document], budgets: Mapping[int, Document]
) -> list[NormChange]:
    changes: list[NormChange] = []
    before = ""
    for year in years:
        document = accounts.get(year) or budgets.get(year)
        norm = norm_of(document.nomenclature) if document else ""
        if norm and before and norm != before:
            changes.append(NormChange(year, before, norm))
        before = norm or before
    return changes


@dataclass(frozen=True)
class Point:
    """A year of a series, in euros (or the unit of the figure). ``value`` None: no document, or the figure is not
    there. ``constant``: euros of the reference year; None without index."""

    exercice: int
    value: Decimal | None
    constant: Decimal | None = None
    per_inhabitant: Decimal | None = None
    document: Document | None = None


@dataclass(frozen=True)
class Series:
    """One line of a chart: ``code`` (id of a figure, code of a chapter or of a join, key of a category), its label,
    its points, one for each year of the timeline."""

    code: str
    label: str
    points: Sequence[Point]

    @property
    def change(self) -> Decimal | None:
        """From the first to the last year that has a value, as a fraction; None when there is nothing to compare."""
        told = [p.value for p in self.points if p.value is not None]
        return (told[-1] - told[0]) / abs(told[0]) if len(told) > 1 and told[0] else None


@dataclass(frozen=True)
class Euros:
    """How amounts are told: ``prices`` and the year of the constant euros, the inhabitants (one source for all)."""

    prices: Prices | None = None
    reference: int | None = None
    inhabitants: Inhabitants | None = None

    def point(self, year: int, value: Decimal | None, document: Document | None, *, euros: bool = True) -> Point:
        """A point; only euros have constant ones."""
        if value is None or not euros:
            return Point(year, value, document=document)
        reference = self.reference if self.reference is not None else year
        constant = self.prices.constant(value, year, reference) if self.prices else None
        per = self.inhabitants.per(value) if self.inhabitants else None
        return Point(year, value, constant, per, document)


def of_figures(
    time: Timeline,
    groups: Mapping[str, Sequence[Group]],
    wanted: Sequence[str],
    *,
    line: Line = "executed",
    formulas: Formulas | None = None,
    euros: Euros | None = None,
    lang: str = "fr",
) -> list[Series]:
    """Figures over the years. ``groups``: by id of document, with :data:`~.groups.KEYS_OF_FORMULAS` at least."""
    formulas, euros = formulas or definitions.shipped(), euros or Euros()
    values = {
        d.id: of_document(d, groups.get(d.id, ()), formulas=formulas, inhabitants=euros.inhabitants, wanted=wanted)
        for d in time.line(line).values()
        if groups.get(d.id)
    }
    told = {id_: {name: value.value for name, value in found.items()} for id_, found in values.items()}
    return of_values(time, told, wanted, line=line, formulas=formulas, euros=euros, lang=lang)


def of_values(
    time: Timeline,
    values: Mapping[str, Mapping[str, Decimal | None]],
    wanted: Sequence[str],
    *,
    line: Line = "executed",
    formulas: Formulas | None = None,
    euros: Euros | None = None,
    lang: str = "fr",
) -> list[Series]:
    """Figures over the years, from those of each document by id (:func:`ckanext.budget.figures.sums.of_documents`)."""
    formulas, euros = formulas or definitions.shipped(), euros or Euros()
    documents = time.line(line)

    def series(name: str) -> Series:
        figure, points = formulas[name], list[Point]()
        for year in time.years:
            document = documents.get(year)
            value = values.get(document.id, {}).get(name) if document else None
            points.append(euros.point(year, value, document, euros=figure.unit == "euros"))
        return Series(name, figure.label(lang), points)

    return [series(name) for name in wanted]


def of_chapters(
    time: Timeline,
    groups: Mapping[str, Sequence[Group]],
    section: str,
    sense: str,
    *,
    line: Line = "executed",
    formulas: Formulas | None = None,
    euros: Euros | None = None,
    labels: Mapping[str, str] | None = None,
    lang: str = "fr",
) -> list[Series]:
    """The chapters of a block over the years, largest total first. Chapters between which a norm moved accounts are
    joined when both are there in the timeline, or its norm changes (73 + 731, 65 + 67, 75 + 77). ``labels``: words by
    chapter, when the groups have none."""
    formulas = formulas or definitions.shipped()
    words = dict(labels or {})
    for g in (g for found in groups.values() for g in found if g.chapter_label):
        words[g.chapter] = g.chapter_label
    chapters = {g.chapter for found in groups.values() for g in found if f.in_block(g, section, sense)}

    def code(g: Group) -> str:
        join = formulas.join(g.chapter)
        if join is None or not (time.changes or chapters.issuperset(join.chapters)):
            return g.chapter
        words[join.code] = join.label(lang)
        return join.code

    return _summed(_Block(time, line, section, sense, euros or Euros()), groups, code, words)


def of_categories(
    time: Timeline,
    groups: Mapping[str, Sequence[Group]],
    section: str,
    sense: str,
    *,
    line: Line = "executed",
    categories: Categories | None = None,
    euros: Euros | None = None,
    lang: str = "fr",
) -> list[Series]:
    """The categories of a block (``section`` empty: both sections) over the years, in the order of the pages; what has
    none last (:data:`~.tree.NONE`). ``groups`` are by function (:func:`~.queries.blocks_of`)."""
    categories = categories or plain.shipped()
    words = {c.key: c.label(lang) for c in categories}
    keys = {
        id(g): _category(categories, document, g)
        for document in time.line(line).values()
        for g in groups.get(document.id, ())
    }
    block = _Block(time, line, section, sense, euros or Euros())
    told = _summed(block, groups, lambda g: keys.get(id(g), NONE), words)
    ranks = {c.key: c.rank for c in categories}
    return sorted(told, key=lambda s: ranks.get(s.code, len(ranks)))


def _category(categories: Categories, document: Document, group: Group) -> str:
    found = categories.of(document.nomenclature, group.fonction, by_function=document.by_function)
    return found.key if found else NONE


class _Block(NamedTuple):
    time: Timeline
    line: Line
    section: str
    sense: str
    euros: Euros

    def holds(self, group: Group) -> bool:
        sections = (self.section,) if self.section else ("F", "I")
        return any(f.in_block(group, section, self.sense) for section in sections)


def _summed(
    block: _Block,
    groups: Mapping[str, Sequence[Group]],
    code_of: Callable[[Group], str],
    words: Mapping[str, str],
) -> list[Series]:
    documents = block.time.line(block.line)
    sums: dict[str, dict[int, Decimal]] = {}
    for year, document in documents.items():
        for g in filter(block.holds, groups.get(document.id, ())):
            by_year = sums.setdefault(code_of(g), {})
            by_year[year] = by_year.get(year, ZERO) + g.amounts[document.amount]

    def point(year: int, by_year: Mapping[int, Decimal]) -> Point:
        document = documents.get(year)
        there = document is not None and bool(groups.get(document.id))
        return block.euros.point(year, by_year.get(year, ZERO) if there else None, document)

    told = [
        Series(code, words.get(code, ""), [point(year, by_year) for year in block.time.years])
        for code, by_year in sums.items()
        if any(by_year.values())
    ]
    return sorted(told, key=lambda s: (-sum((p.value or ZERO for p in s.points), ZERO), s.code))
