"""Formulas as data: terms that select lines, and what is made of their sums.

An expression is a list of pieces that add up: terms (sums of lines), other figures, and facts that no line gives
(debt, population…). The same terms select groups of lines here and rows of the registry in :mod:`~.queries`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from ckanext.budget.figures.groups import ZERO, Group

#: real: opérations réelles or mixtes of the year; ordre; carried: 001 and 002
Operation = Literal["real", "ordre", "carried"]
#: the amount that the document's étape states (:func:`ckanext.budget.figures.formulas.amount_shown`)
SHOWN = "shown"


@dataclass(frozen=True)
class Term:
    """Lines whose ``amount`` is summed. What is empty selects nothing away; codes are beginnings, ``is`` whole codes.

    ``equipment``: accounts that the plan marks as équipement (DEquip), told by the caller.
    """

    sign: int = 1
    amount: str = SHOWN
    section: str = ""
    sense: str = ""
    operation: Operation | None = None
    nature: tuple[str, ...] = ()
    nature_not: tuple[str, ...] = ()
    nature_is: tuple[str, ...] = ()
    nature_is_not: tuple[str, ...] = ()
    chapter_is: tuple[str, ...] = ()
    equipment: bool = False

    def keeps(self, group: Group, equipment: Callable[[str], bool] | None = None) -> bool:
        """Whether lines count in the term."""
        if self.section and group.section != self.section or self.sense and group.code_rd != self.sense:
            return False
        if self.operation and not getattr(group, self.operation):
            return False
        code = group.nature
        if self.nature and not code.startswith(self.nature) or self.nature_not and code.startswith(self.nature_not):
            return False
        if self.nature_is and code not in self.nature_is or code in self.nature_is_not:
            return False
        if self.chapter_is and group.chapter not in self.chapter_is:
            return False
        return not self.equipment or (equipment is not None and equipment(code))


@dataclass(frozen=True)
class Reference:
    """Another figure, added or taken away."""

    figure: str
    sign: int = 1


@dataclass(frozen=True)
class Given:
    """A fact that no line tells, by name (:data:`FACTS`)."""

    fact: str
    sign: int = 1


Piece = Term | Reference | Given
Expression = tuple[Piece, ...]
#: debt and guaranteed: capital still due at 31 December, of the budget's own loans and of those it guarantees;
#: population: inhabitants
FACTS = ("debt", "guaranteed", "population")
#: the sum of a term; None when no line is in it
Sum = Callable[[Term], Decimal | None]


def piece(said: Mapping[str, Any]) -> Piece:
    """A piece of an expression, as the JSON Schema of formulas describes it."""
    sign = -1 if said.get("sign") == "-" else 1
    if "figure" in said:
        return Reference(said["figure"], sign)
    if "fact" in said:
        return Given(said["fact"], sign)
    codes = {
        name: tuple(said.get(name, ()))
        for name in ("nature", "nature_not", "nature_is", "nature_is_not", "chapter_is")
    }
    return Term(
        sign=sign,
        amount=said.get("amount", SHOWN),
        section=said.get("section", ""),
        sense=said.get("sense", ""),
        operation=said.get("operation"),
        equipment=said.get("equipment", False),
        **codes,
    )


def sums_of(groups: Collection[Group], amount: str, equipment: Callable[[str], bool] | None = None) -> Sum:
    """Sums of terms over groups of lines; ``amount`` is the column that the étape states. Each is made once."""
    known: dict[Term, Decimal | None] = {}
    sides: dict[tuple[str, str], list[Group]] = {}  # most terms look at one section and one sense
    for group in groups:
        sides.setdefault((group.section, group.code_rd), []).append(group)

    def of(term: Term) -> Decimal | None:
        if term not in known:
            column = amount if term.amount == SHOWN else term.amount
            looked_at = sides.get((term.section, term.sense), ()) if term.section and term.sense else groups
            kept = [g.amounts.get(column, ZERO) for g in looked_at if term.keeps(g, equipment)]
            known[term] = sum(kept, ZERO) if kept else None
        return known[term]

    return of


@dataclass(frozen=True)
class Evaluator:
    """Works out figures: ``expressions`` by id (numerator, denominator or nothing), over the sums of terms."""

    expressions: Mapping[str, tuple[Expression, Expression]]
    sums: Sum
    facts: Mapping[str, Decimal | None]

    def figure(self, name: str) -> Decimal | None:
        """A figure; None when a fact is missing, or when it would be divided by zero or less."""
        above, below = self.expressions[name]
        value = self.total(above)
        if not below or value is None:
            return value
        divisor = self.total(below)
        return value / divisor if divisor is not None and divisor > 0 else None

    def total(self, expression: Sequence[Piece]) -> Decimal | None:
        """What the pieces add up to; None when a fact or a figure among them is."""
        total = ZERO
        for one in expression:
            if isinstance(one, Term):
                value = self.sums(one) or ZERO
            else:
                known = self.figure(one.figure) if isinstance(one, Reference) else self.facts.get(one.fact)
                if known is None:
                    return None
                value = known
            total += one.sign * value
        return total

    def has_lines(self, name: str) -> bool:
        """Whether lines are there for each term of a figure's own numerator."""
        return all(self.sums(one) is not None for one in self.expressions[name][0] if isinstance(one, Term))
