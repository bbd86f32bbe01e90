"""The debt annexe against the budget's lines (annexe EMPRUNT of the XSD, loans of type 01)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.groups import Group
from ckanext.budget.quality.controls_model import Control, compared

#: CodTypEmpr of the budget's own loans, and of those it guarantees for others (10: a line of ratios; none: totals of a
#: CFU)
OWN, GUARANTEED = "01", "09"
#: the annexe rounds loan by loan: a few cents are seen on real files
TOLERANCE = Decimal(1)

_AMOUNT = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True)
class Debt:
    """Own loans of the annexe, in euros: how many, capital still due at 1 January and at 31 December, capital repaid
    in the year; ``guaranteed`` is the capital still due at 31 December of others' loans that the budget guarantees. A
    sum is None when no loan states it, or when one states something that is not a number."""

    loans: int
    opening: Decimal | None
    capital: Decimal | None
    closing: Decimal | None
    guaranteed: Decimal | None = None


#: fields of EMPRUNT that :func:`debt_of` reads
FIELDS = ("CodTypEmpr", "MtCapitalRestDu_01_01", "MtCapitalExer", "MtCapitalRestDu_31_12")


def debt_of(records: Iterable[Mapping[str, str]]) -> Debt | None:
    """The debt that the EMPRUNT records state (XSD name → text); None when the budget has no loan there, neither of
    its own nor guaranteed."""
    counts: dict[str, int] = {}
    sums: dict[tuple[str, str], Decimal | None] = {}
    for record in records:
        kind = record.get("CodTypEmpr", "").strip()
        if kind not in (OWN, GUARANTEED):
            continue
        counts[kind] = counts.get(kind, 0) + 1
        for name in FIELDS[1:]:
            value = record.get(name, "").strip()
            if value:
                before = sums.get((kind, name), Decimal(0))
                number = Decimal(value) if _AMOUNT.fullmatch(value) else None
                sums[kind, name] = None if before is None or number is None else before + number
    if not counts:
        return None
    own = [sums.get((OWN, name)) for name in FIELDS[1:]]
    return Debt(counts.get(OWN, 0), *own, guaranteed=sums.get((GUARANTEED, FIELDS[3])))


def debt_controls(groups: Sequence[Group], debt: Debt) -> Iterator[Control]:
    """Controls of an account (CA, CFU) against its debt annexe; a voted budget's annexe is of another date."""
    capital = f.capital_repaid(groups, "mtreal")
    if debt.capital is not None and (capital or debt.capital):
        yield compared("debt_capital", debt.capital, capital, "a_verifier", tolerance=TOLERANCE)
    if debt.capital and debt.opening is not None and debt.opening == debt.closing:
        yield Control("debt_columns", "a_verifier", debt.opening, debt.closing)
    elif debt.opening is not None and debt.closing is not None:
        expected = debt.opening - capital + f.new_loans(groups, "mtreal")
        yield compared("debt_equation", debt.closing, expected, "a_verifier", tolerance=TOLERANCE)
