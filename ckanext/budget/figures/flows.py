"""Where the money comes from and where it goes, as flows that balance: receipts by their nature → the budget → what
it is spent on.

Opérations réelles without the results carried over nor 1068, as the headline figures: what they differ by is a flow
of its own, so that both sides are equal to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.categories import Categories
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.groups import ZERO, Group
from ckanext.budget.figures.tree import NONE

#: source, capital, interest, other: the keys of this module; category and chapter: those of a breakdown; the others
#: make both sides equal
Kind = Literal["source", "capital", "interest", "category", "chapter", "balance", "correction", "others"]

#: section → beginning of an account → source of a receipt (the longest beginning wins)
SOURCES = {
    "F": {"73": "taxes", "74": "grants", "70": "services", "75": "property", "775": "sales", "": "other_operating"},
    "I": {"16": "loans", "13": "investment_grants", "10": "funds", "024": "sales", "": "other_investment"},
}
#: accounts of 16 that are no loan (deposits, refinancing…), as in the figures «capital» and «loans»
NOT_LOANS = ("165", "166", "16449", "1645", "1688", "169")
#: flows of less than this part of the whole are drawn together, and so is what is beyond the largest
LEAST, MOST = Decimal("0.01"), 10


@dataclass(frozen=True)
class Flow:
    """A row of a side: its key, its label when the data give it (a category, a chapter), euros. ``rank`` keeps a
    category's colour; ``count`` is how many flows «others» holds."""

    kind: Kind
    key: str
    amount: Decimal
    label: str = ""
    rank: int | None = None
    count: int = 1


@dataclass(frozen=True)
class Flows:
    """Both sides of a document, in euros, the largest first; amounts may be negative.

    ``surplus`` is what receipts exceed expenditure by. Otherwise ``reserves`` is the part of what is missing that the
    results of the years before (001, 002, 1068) cover, and ``need`` what nothing here covers.
    """

    receipts: Sequence[Flow]
    expenditure: Sequence[Flow]
    surplus: Decimal
    reserves: Decimal
    need: Decimal

    @property
    def sources(self) -> list[Flow]:
        """The left side, whole."""
        return [*self.receipts, *_balance(reserves=self.reserves, need=self.need)]

    @property
    def uses(self) -> list[Flow]:
        """The right side, whole."""
        return [*self.expenditure, *_balance(surplus=self.surplus)]

    @property
    def total(self) -> Decimal:
        """What each side adds up to."""
        return total(self.sources)

    @property
    def negative(self) -> list[Flow]:
        """What no drawing can show as a flow."""
        return [flow for flow in (*self.sources, *self.uses) if flow.amount < 0]

    def drawn(self) -> tuple[list[Flow], list[Flow]]:
        """Both sides as they can be drawn: positive, at most a dozen a side, and still equal. What a negative amount
        takes back from one side is a correction on the other."""
        left, right = self.sources, self.uses
        return (
            [*_named(left), *_correction(right)],
            [*_named(right), *_correction(left)],
        )


def of_document(
    groups: Sequence[Group],
    document: Document,
    *,
    categories: Categories | None = None,
    lang: str = "fr",
) -> Flows | None:
    """The flows of a budget or an account, from its groups by function. Expenditure is by plain category, the debt
    apart, or by chapter without ``categories``. None when there is no flow: a variation (BS, DM), no amount."""
    if document.stage in ("BS", "DM"):
        return None
    kept = [g for g in groups if g.real and not g.reserve and g.amounts[document.amount]]
    receipts = _receipts([g for g in kept if g.code_rd == "R"], document.amount)
    spent = [g for g in kept if g.code_rd == "D"]
    expenditure = (
        _by_category(spent, document, categories, lang) if categories else _by_chapter(spent, document.amount)
    )
    if total(receipts) <= 0 and total(expenditure) <= 0:
        return None
    difference = total(receipts) - total(expenditure)
    missing = max(-difference, ZERO)
    before = f.reserve(groups, document.amount) + sum(
        (f.carried(groups, document.amount, nature) for nature in ("001", "002")), ZERO
    )
    covered = min(missing, max(before, ZERO))
    return Flows(receipts, expenditure, max(difference, ZERO), covered, missing - covered)


def total(flows: Iterable[Flow]) -> Decimal:
    """What flows add up to."""
    return sum((flow.amount for flow in flows), ZERO)


def source(group: Group) -> str:
    """The source of a receipt, by its account."""
    rules = SOURCES[group.section]
    if group.section == "I" and group.nature.startswith(NOT_LOANS):
        return rules[""]
    lengths = range(len(group.nature), -1, -1)
    return next(rules[group.nature[:n]] for n in lengths if group.nature[:n] in rules)


def _receipts(groups: Iterable[Group], amount: str) -> list[Flow]:
    sums: dict[str, Decimal] = {}
    for g in groups:
        key = source(g)
        sums[key] = sums.get(key, ZERO) + g.amounts[amount]
    return _sorted(Flow("source", key, value) for key, value in sums.items())


def _by_category(spent: Sequence[Group], document: Document, categories: Categories, lang: str) -> list[Flow]:
    debt: dict[Kind, Decimal] = {"capital": ZERO, "interest": ZERO}
    others: list[Group] = []
    for g in spent:
        kind = _debt(g)
        if kind:
            debt[kind] += g.amounts[document.amount]
        else:
            others.append(g)
    named = [
        Flow("category", key, value, categories[key].label(lang), categories[key].rank)
        if key in categories
        else Flow("category", key, value)
        for key, value in by_category(others, document, categories).items()
    ]
    return _sorted([*named, *(Flow(kind, kind, value) for kind, value in debt.items())])


def by_category(groups: Iterable[Group], document: Document, categories: Categories) -> dict[str, Decimal]:
    """Euros by key of category, :data:`~.tree.NONE` for what has none."""
    functions: dict[str, Decimal] = {}
    for g in groups:
        functions[g.fonction] = functions.get(g.fonction, ZERO) + g.amounts[document.amount]
    sums: dict[str, Decimal] = {}
    for code, amount in functions.items():
        found = categories.of(document.nomenclature, code, by_function=document.by_function)
        key = found.key if found else NONE
        sums[key] = sums.get(key, ZERO) + amount
    return sums


def _debt(group: Group) -> Literal["capital", "interest"] | None:
    if group.section == "I" and group.nature.startswith("16") and not group.nature.startswith(NOT_LOANS):
        return "capital"
    return "interest" if group.section == "F" and group.nature.startswith("66") else None


def _by_chapter(spent: Iterable[Group], amount: str) -> list[Flow]:
    sums: dict[str, Decimal] = {}
    labels: dict[str, str] = {}
    for g in spent:
        sums[g.chapter] = sums.get(g.chapter, ZERO) + g.amounts[amount]
        labels.setdefault(g.chapter, g.chapter_label)
    return _sorted(Flow("chapter", code, value, labels[code]) for code, value in sums.items())


def _sorted(flows: Iterable[Flow]) -> list[Flow]:
    return sorted((flow for flow in flows if flow.amount), key=lambda flow: (-flow.amount, flow.key))


def _balance(**amounts: Decimal) -> list[Flow]:
    return [Flow("balance", key, amount) for key, amount in amounts.items() if amount]


def _named(flows: Sequence[Flow]) -> list[Flow]:
    """Positive flows; the smallest as one, when there are several of them."""
    positive = [flow for flow in flows if flow.amount > 0]
    free = [flow for flow in positive if flow.kind != "balance"]
    least = LEAST * total(positive)
    small = [flow for n, flow in enumerate(free) if n >= MOST or flow.amount < least]
    if len(small) < 2:
        return positive
    others = Flow("others", "others", total(small), count=len(small))
    ends = [flow for flow in positive if flow.kind == "balance"]
    return [*(flow for flow in free if flow not in small), others, *ends]


def _correction(flows: Sequence[Flow]) -> list[Flow]:
    """What the negative amounts of the other side take back."""
    taken = -total(flow for flow in flows if flow.amount < 0)
    return [Flow("correction", "correction", taken)] if taken else []
