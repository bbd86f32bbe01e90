"""The figures of one document: value, last year's, per inhabitant, and what the file declares of the same.

Amounts are euros, shares fractions (``Decimal``); None says that a figure is not there, never that it is zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from ckanext.budget.figures import definitions
from ckanext.budget.figures.categories import norm_of
from ckanext.budget.figures.declared import declared
from ckanext.budget.figures.definitions import Figure, Formulas
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.expressions import Term, sums_of
from ckanext.budget.figures.groups import Group
from ckanext.budget.nomenclature.plans import plan


@dataclass(frozen=True)
class Inhabitants:
    """A population, its year (None: the source does not say), and where it comes from. One source for all amounts."""

    number: int
    year: int | None = None
    source: str = ""

    def per(self, amount: Decimal | None) -> Decimal | None:
        """Euros per inhabitant; None when the population can't divide."""
        return amount / self.number if amount is not None and self.number > 0 else None


@dataclass(frozen=True)
class Value:
    """A figure of a document. ``before`` is the same a year earlier, ``declared`` what the file states of it (in the
    unit of the figure), ``checked`` the figure worked out with the file's own population, to be set beside it."""

    figure: Figure
    value: Decimal | None
    before: Decimal | None = None
    per_inhabitant: Decimal | None = None
    declared: Decimal | None = None
    checked: Decimal | None = None

    @property
    def id(self) -> str:
        """Id of the figure."""
        return self.figure.id

    @property
    def change(self) -> Decimal | None:
        """Change since the year before, as a fraction of it; None when there is none to compare with, or it was 0."""
        if self.value is None or not self.before:
            return None
        return (self.value - self.before) / abs(self.before)


def applies(figure: Figure, document: Document, formulas: Formulas) -> bool:
    """Whether a figure means something for a document: its étape, principal or annexe, in scope for a ratio."""
    if document.stage not in figure.stages or (figure.principal_only and document.is_annexe):
        return False
    if figure.family != "ratio":
        return True
    return formulas.in_scope(document.nomenclature, document.name, annexe=document.is_annexe)


def of_document(
    document: Document,
    groups: Sequence[Group],
    *,
    formulas: Formulas | None = None,
    inhabitants: Inhabitants | None = None,
    wanted: Iterable[str] | None = None,
) -> dict[str, Value]:
    """Every figure (or those ``wanted``) of a document, by id and in the order of the formulas."""
    formulas = formulas or definitions.shipped()
    names = list(formulas.figures) if wanted is None else list(wanted)
    sums = sums_of(groups, document.amount, equipment(document))
    known = {"debt": document.fact("debt"), "guaranteed": document.fact("guaranteed")}
    population = declared(document.information.get("PopTot", ""))
    ours = formulas.evaluator(sums, {**known, "population": Decimal(inhabitants.number) if inhabitants else None})
    theirs = formulas.evaluator(sums, {**known, "population": population})
    values: dict[str, Value] = {}
    for figure in map(formulas.__getitem__, names):
        there = applies(figure, document, formulas) and not (figure.needs_lines and not ours.has_lines(figure.id))
        if there and _of_equipment(figure) and equipment(document) is None:
            there = False
        value = ours.figure(figure.id) if there else None
        said = _stated(figure, document) if there else None
        per = inhabitants.per(value) if inhabitants and figure.unit == "euros" and _divides(document) else None
        checked = theirs.figure(figure.id) if said is not None else None
        values[figure.id] = Value(figure, value, None, per, said, checked)
    return values


def with_before(values: Mapping[str, Value], before: Mapping[str, Value] | None) -> dict[str, Value]:
    """The same figures, each with its value a year earlier (``before``: those of the comparable document)."""
    if before is None:
        return dict(values)
    return {name: replace(v, before=before[name].value if name in before else None) for name, v in values.items()}


def headlines(values: Mapping[str, Value]) -> list[Value]:
    """The first figures of a page, those that are there."""
    return [v for v in values.values() if v.figure.headline and v.value is not None]


def comparable_before(document: Document, documents: Iterable[Document]) -> Document | None:
    """The document of the same budget that a year's change is told from: an account's is the account of the year
    before (its CFU rather than its CA), a budget primitif's the budget primitif; a BS or DM has none."""
    if document.stage in ("BS", "DM"):
        return None
    stages = ("CFU", "CA") if document.account else (document.stage,)
    budget = document.siret or document.package_id
    found = [
        d
        for d in documents
        if d.exercice == document.exercice - 1 and d.stage in stages and (d.siret or d.package_id) == budget
    ]
    return min(found, key=lambda d: stages.index(d.stage), default=None)


def equipment(document: Document) -> Callable[[str], bool] | None:
    """Whether an account is one of équipement, by the plan of the document; None when no plan tells."""
    return _equipment(document.nomenclature, document.exercice)


@lru_cache(maxsize=64)
def _equipment(nomenclature: str, exercice: int) -> Callable[[str], bool] | None:
    chart = plan(norm_of(nomenclature), nomenclature, exercice)
    if chart is None:
        return None

    @lru_cache(maxsize=4096)
    def counted(nature: str) -> bool:
        found = chart.find_or_parent("A", nature)
        return found is not None and "D" in found.entry.flags

    return counted


def _of_equipment(figure: Figure) -> bool:
    return any(isinstance(one, Term) and one.equipment for one in (*figure.of, *figure.over))


def _divides(document: Document) -> bool:
    """Changes (BS, DM) are not told per inhabitant."""
    return document.stage not in ("BS", "DM")


def _stated(figure: Figure, document: Document) -> Decimal | None:
    value = declared(document.information.get(figure.declared, "")) if figure.declared else None
    return value / 100 if value is not None and figure.unit == "share" else value
