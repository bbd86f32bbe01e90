"""From all the lines of a document to the headline figures, so that anyone can do the sum again (domain §5c)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ckanext.budget.figures.formulas import total
from ckanext.budget.figures.groups import Group


@dataclass(frozen=True)
class Bridge:
    """Of a sense (R/D), in euros: every line; those that are not in the headline figure, by reason: ``internal``
    (opérations d'ordre), ``carried`` (001, 002), ``reserve`` (1068)."""

    sense: str
    lines: Decimal
    internal: Decimal
    carried: Decimal
    reserve: Decimal

    @property
    def headline(self) -> Decimal:
        """The headline figure: opérations réelles, hors reports."""
        return self.lines - self.internal - self.carried - self.reserve


def of_groups(groups: Sequence[Group], amount: str) -> list[Bridge]:
    """Receipts and expenditure of a document, for the amount that its étape states."""

    def bridge(sense: str) -> Bridge:
        mine = [g for g in groups if g.code_rd == sense]
        return Bridge(
            sense,
            total(mine, amount, lambda _: True),
            total(mine, amount, lambda g: g.ordre),
            total(mine, amount, lambda g: g.carried and not g.ordre),
            total(mine, amount, lambda g: g.reserve),
        )

    return [bridge("D"), bridge("R")]
