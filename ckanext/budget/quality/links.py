"""Controls between documents of one budget: years and stages, when both are there.

A control belongs to the document that takes over a number (the later one): recompute it when either changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ckanext.budget.quality.controls_debt import TOLERANCE
from ckanext.budget.quality.controls_model import Control, Outcome, compared
from ckanext.budget.quality.facts import Facts

ZERO = Decimal(0)


def compare(mine: Facts, others: Sequence[Facts]) -> list[Control]:
    """Controls of a document against the documents in force of the same budget (in any order)."""
    before = _account(others, mine.exercice - 1)
    controls: list[Control] = []
    if before is not None and mine.stage != "DM":
        controls += [*_results(mine, before), *_remaining(mine, before)]
    if before is not None and mine.account:
        controls += _debt(mine, before)
    if before is not None and mine.stage == "BP":
        controls += _against("opened_next", mine, before, mine.previous, before.opened)
    if mine.stage == "DM":
        controls += _amended(mine, others)
    if mine.account:
        controls += [*_opened(mine, others), *_duplicate(mine, others)]
    return controls


def _account(others: Sequence[Facts], year: int) -> Facts | None:
    """The account of a year: a CFU prevails over a CA."""
    found = sorted((o for o in others if o.account and o.exercice == year), key=lambda o: o.stage == "CA")
    return found[0] if found else None


def _against(code: str, mine: Facts, other: Facts, left: Decimal | None, right: Decimal | None) -> Iterator[Control]:
    """``left`` of mine against ``right`` of the other; nothing when one is not told (MtBudgPrec is often empty)."""
    if left and right:
        yield compared(code, left, right, "information", params=_named(mine, other))


def _named(mine: Facts, other: Facts) -> dict[str, str]:
    return {
        "exercice": str(mine.exercice),
        "other_stage": other.stage,
        "other_exercice": str(other.exercice),
        "other_dm": str(other.dm_number),
    }


def _results(mine: Facts, before: Facts) -> Iterator[Control]:
    """001 = closing result of investissement; 002 + 1068 = closing result of fonctionnement (exact, or nearly: towns
    also take up results of budgets they dissolve). A BP may be voted before the results are known."""
    investment, operating, reserve = mine.carried_investment, mine.carried_operating, mine.reserve
    if investment is None or operating is None or reserve is None:
        return
    if not mine.account and not (investment or operating or reserve):
        return
    off: Outcome = "a_verifier" if mine.takes_results else "information"
    if before.closing_investment is not None:
        yield compared("carried_investment", investment, before.closing_investment, off, params=_named(mine, before))
    if before.closing_operating is not None:
        right, params = before.closing_operating, _named(mine, before)
        yield compared("carried_operating", operating + reserve, right, "information", params=params)


def _remaining(mine: Facts, before: Facts) -> Iterator[Control]:
    """Restes à réaliser at 31 December = those the next year takes up."""
    pairs = (
        ("remaining_expenditure", mine.prior_expenditure, before.remaining_expenditure),
        ("remaining_receipts", mine.prior_receipts, before.remaining_receipts),
    )
    told = bool(mine.prior_expenditure or mine.prior_receipts)
    if not told and not mine.account:
        return  # taken up later, by a BS
    for code, taken, left in pairs:
        if taken is not None and left is not None and (taken or left):
            yield compared(code, taken, left, "a_verifier" if told else "information", params=_named(mine, before))


def _debt(mine: Facts, before: Facts) -> Iterator[Control]:
    """Encours of a year − capital repaid + loans received = encours of the next."""
    if mine.debt is None or before.debt is None or mine.capital is None or mine.loans is None:
        return
    expected = before.debt - mine.capital + mine.loans
    yield compared("debt_years", mine.debt, expected, "a_verifier", tolerance=TOLERANCE, params=_named(mine, before))


def _amended(mine: Facts, others: Sequence[Facts]) -> Iterator[Control]:
    """A DM starts from the total of what was voted before it. Transfers or a BS between them change it."""
    earlier = [o for o in others if o.stage == "DM" and o.exercice == mine.exercice and o.dm_number < mine.dm_number]
    if earlier:
        last = max(earlier, key=lambda o: o.dm_number)
        total = last.previous + (last.voted or ZERO) if last.previous else None
        yield from _against("amended", mine, last, mine.previous, total)
        return
    for budget in (o for o in others if o.stage == "BP" and o.exercice == mine.exercice):
        yield from _against("amended", mine, budget, mine.previous, budget.voted)


def _opened(mine: Facts, others: Sequence[Facts]) -> Iterator[Control]:
    """Credits opened of an account = total after the last DM of its year."""
    amendments = [o for o in others if o.stage == "DM" and o.exercice == mine.exercice]
    if amendments:
        last = max(amendments, key=lambda o: o.dm_number)
        total = last.previous + (last.voted or ZERO) if last.previous else None
        yield from _against("opened_amended", mine, last, mine.opened, total)


def _duplicate(mine: Facts, others: Sequence[Facts]) -> Iterator[Control]:
    """A CA and a CFU of one year: the CFU prevails, and somebody should look."""
    for other in others:
        if other.account and other.exercice == mine.exercice and other.stage != mine.stage:
            yield Control("duplicate_account", "a_verifier", mine.executed, other.executed, _named(mine, other))
