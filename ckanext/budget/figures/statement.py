"""What one document says: its four blocks by chapter, what stands beside them, its results and rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ckanext.budget.figures import definitions
from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.definitions import Formulas
from ckanext.budget.figures.expressions import sums_of
from ckanext.budget.figures.groups import ZERO, Group

#: the four blocks, in reading order: (section, sense)
BLOCKS = (("F", "R"), ("F", "D"), ("I", "R"), ("I", "D"))


@dataclass(frozen=True)
class Chapter:
    """A chapter of a block, in euros. ``opened`` and ``remaining`` (restes à réaliser) only in an account."""

    code: str
    label: str
    amount: Decimal
    opened: Decimal
    executed: Decimal  # the part of ``amount`` that credits were opened for
    remaining: Decimal

    @property
    def rate(self) -> Decimal | None:
        """Execution rate, as a fraction; None when no credits were opened."""
        return self.executed / self.opened if self.opened > 0 else None


@dataclass(frozen=True)
class Block:
    """Opérations réelles of a section (F/I) and sense (R/D), by chapter, largest first; 1068 apart.

    ``reserve``: of an account's receipts of investissement, the 1068 that the total leaves out; the execution rate
    counts it (credits were opened for it): it is that of :attr:`with_reserve`.
    """

    section: str
    sense: str
    chapters: Sequence[Chapter]
    reserve: Chapter | None = None

    @property
    def total(self) -> Decimal:
        """The figure of the block."""
        return sum((c.amount for c in self.chapters), ZERO)

    @property
    def whole(self) -> Chapter:
        """The block as one row: its totals."""
        return _sum(self.chapters)

    @property
    def with_reserve(self) -> Chapter:
        """The same with the 1068."""
        return _sum([*self.chapters, self.reserve] if self.reserve else self.chapters)

    def share(self, chapter: Chapter) -> Decimal | None:
        """Part of a chapter in the block; None when it means nothing (a variation, a negative amount)."""
        if self.total <= 0 or any(c.amount < 0 for c in self.chapters):
            return None
        return chapter.amount / self.total


@dataclass(frozen=True)
class Statement:
    """Figures of a document, in euros, all of the amount ``amount`` that its stage shows.

    ``account``: a CA or CFU (else voted amounts); ``variation``: a DM or BS, whose amounts are changes.
    Savings are None where they mean nothing (annexe budgets, variations). ``prior_remaining`` are the restes à
    réaliser of the year before, which the voted totals include (zero in an account).
    """

    amount: str
    account: bool
    variation: bool
    blocks: Sequence[Block]
    expenditure: Decimal
    receipts: Decimal
    reserve: Decimal
    carried_operating: Decimal
    carried_investment: Decimal
    ordre_expenditure: Decimal
    ordre_receipts: Decimal
    savings: Decimal | None
    capital: Decimal
    closing_operating: Decimal
    closing_investment: Decimal
    remaining_expenditure: Decimal
    remaining_receipts: Decimal
    voted_expenditure: Decimal
    voted_receipts: Decimal
    prior_remaining_expenditure: Decimal
    prior_remaining_receipts: Decimal

    @property
    def closing(self) -> Decimal:
        """Résultat de clôture of both sections."""
        return self.closing_operating + self.closing_investment

    @property
    def carried(self) -> Decimal:
        """Reports des années précédentes: 001, 002 and 1068, signed."""
        return self.carried_operating + self.carried_investment + self.reserve

    def block(self, section: str, sense: str) -> Block:
        """One of the four blocks."""
        return next(b for b in self.blocks if (b.section, b.sense) == (section, sense))


def of_groups(
    groups: Sequence[Group],
    stage: str,
    *,
    draft: bool = False,
    annexe: bool = False,
    formulas: Formulas | None = None,
) -> Statement:
    """The statement of a document from its groups of lines (see :mod:`ckanext.budget.figures.groups`)."""
    amount = f.amount_shown(stage, draft=draft)
    made = (formulas or definitions.shipped()).evaluator(sums_of(groups, amount))
    account, variation = stage in ("CA", "CFU"), stage in ("DM", "BS")
    return Statement(
        amount=amount,
        account=account,
        variation=variation,
        blocks=[_block(groups, amount, section, sense, account=account) for section, sense in BLOCKS],
        expenditure=f.headline(groups, amount, "D"),
        receipts=f.headline(groups, amount, "R"),
        reserve=f.reserve(groups, amount),
        carried_operating=f.carried(groups, amount, "002"),
        carried_investment=f.carried(groups, amount, "001"),
        ordre_expenditure=f.ordre(groups, amount, "F", "D") + f.ordre(groups, amount, "I", "D"),
        ordre_receipts=f.ordre(groups, amount, "F", "R") + f.ordre(groups, amount, "I", "R"),
        savings=None if annexe or variation else made.figure("gross_savings"),
        capital=made.figure("capital") or ZERO,
        closing_operating=f.closing(groups, amount, "F"),
        closing_investment=f.closing(groups, amount, "I"),
        remaining_expenditure=f.still_to_do(groups, "D") if account else ZERO,
        remaining_receipts=f.still_to_do(groups, "R") if account else ZERO,
        voted_expenditure=ZERO if account else f.voted(groups, "D", draft=draft),
        voted_receipts=ZERO if account else f.voted(groups, "R", draft=draft),
        prior_remaining_expenditure=ZERO if account else f.prior_remaining(groups, "D"),
        prior_remaining_receipts=ZERO if account else f.prior_remaining(groups, "R"),
    )


def _block(groups: Sequence[Group], amount: str, section: str, sense: str, *, account: bool) -> Block:
    mine = [g for g in groups if f.in_block(g, section, sense)]
    labels: dict[str, str] = {}
    for group in mine:
        labels.setdefault(group.chapter, group.chapter_label)
    chapters = [_chapter(mine, code, label, amount, account=account) for code, label in labels.items()]
    kept = [c for c in chapters if c.amount or c.opened or c.remaining]
    ranked = sorted(kept, key=lambda c: (-c.amount, c.code))
    return Block(section, sense, ranked, _reserve(groups, amount, section, sense) if account else None)


def _sum(chapters: Sequence[Chapter]) -> Chapter:
    names = ("amount", "opened", "executed", "remaining")
    return Chapter("", "", *(sum((getattr(c, name) for c in chapters), ZERO) for name in names))


def _reserve(groups: Sequence[Group], amount: str, section: str, sense: str) -> Chapter | None:
    """The 1068 of a block, as a chapter of its own."""
    mine = [g for g in groups if g.reserve and (g.section, g.code_rd) == (section, sense)]
    if not mine:
        return None
    found = [_chapter([g], g.chapter, g.nature_label, amount, account=True) for g in mine]
    said = _sum(found)
    return Chapter("1068", found[0].label, said.amount, said.opened, said.executed, said.remaining)


def _chapter(groups: Sequence[Group], code: str, label: str, amount: str, *, account: bool) -> Chapter:
    mine = [g for g in groups if g.chapter == code]
    opened = executed = remaining = ZERO
    if account:
        executable = [g for g in mine if f.executable(g)]
        opened = f.total(executable, "credouv", lambda _: True)
        executed = f.total(executable, amount, lambda _: True)
        remaining = f.total(mine, "mtrar3112", lambda _: True)
    return Chapter(code, label, f.total(mine, amount, lambda _: True), opened, executed, remaining)
