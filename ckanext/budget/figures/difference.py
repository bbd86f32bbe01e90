"""What a document changes in the one it replaces: euros by section and sense, of the amount that its étape states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.groups import ZERO, Group
from ckanext.budget.figures.statement import BLOCKS


@dataclass(frozen=True)
class Change:
    """Opérations réelles of a section (F/I) and sense (R/D) in both versions, in euros, as the page shows them."""

    section: str
    sense: str
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        """What the newer version adds (or takes away, negative)."""
        return self.after - self.before


@dataclass(frozen=True)
class Difference:
    """The four blocks, and ``beside``: by sense, what they leave out (ordre, results carried over, 1068).

    ``accounts`` is the number of accounts (section, sense, ordre, chapter and nature) whose amount differs: two
    versions may have the same totals and not say the same.
    """

    blocks: Sequence[Change]
    beside: Sequence[Change]
    accounts: int

    @property
    def expenditure(self) -> Decimal:
        """Change of the document's expenditure (headline figure)."""
        return self._total("D")

    @property
    def receipts(self) -> Decimal:
        """Change of the document's receipts (headline figure)."""
        return self._total("R")

    def _total(self, sense: str) -> Decimal:
        return sum((c.change for c in self.blocks if c.sense == sense), ZERO)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, amounts as text: ``expenditure``, ``receipts``, ``accounts``, ``blocks`` and ``beside``
        (lists of ``section`` (empty beside), ``sense``, ``before``, ``after``, ``change``)."""
        return {
            "expenditure": str(self.expenditure),
            "receipts": str(self.receipts),
            "accounts": self.accounts,
            "blocks": [_plain(change) for change in self.blocks],
            "beside": [_plain(change) for change in self.beside],
        }


def between(before: Sequence[Group], before_amount: str, after: Sequence[Group], after_amount: str) -> Difference:
    """The difference of two versions from their groups of lines (:mod:`ckanext.budget.figures.groups`).

    ``before_amount`` and ``after_amount`` are the columns that they state (:func:`formulas.amount_shown`): a draft and
    the budget voted afterwards do not state the same.
    """
    blocks = [
        Change(
            section,
            sense,
            f.block(before, before_amount, section, sense),
            f.block(after, after_amount, section, sense),
        )
        for section, sense in BLOCKS
    ]
    beside = [
        Change("", sense, _outside(before, before_amount, sense), _outside(after, after_amount, sense))
        for sense in ("R", "D")
    ]
    old, new = _by_account(before, before_amount), _by_account(after, after_amount)
    accounts = sum(old.get(key, ZERO) != new.get(key, ZERO) for key in old.keys() | new.keys())
    return Difference(blocks, beside, accounts)


def _outside(groups: Sequence[Group], amount: str, sense: str) -> Decimal:
    return f.total(groups, amount, lambda g: g.code_rd == sense and not f.in_block(g, g.section, sense))


def _by_account(groups: Sequence[Group], amount: str) -> dict[tuple[str | bool, ...], Decimal]:
    """Sums by account: the words of a label are no amount."""
    sums: dict[tuple[str | bool, ...], Decimal] = {}
    for g in groups:
        key = (g.section, g.code_rd, g.ordre, g.chapter, g.nature)
        sums[key] = sums.get(key, ZERO) + g.amounts[amount]
    return sums


def _plain(change: Change) -> dict[str, str]:
    return {
        "section": change.section,
        "sense": change.sense,
        "before": str(change.before),
        "after": str(change.after),
        "change": str(change.change),
    }
