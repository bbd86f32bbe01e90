"""Which documents are expected of a collectivité, and what is to be said of those that are not there.

A grid has one place per exercice for each of :data:`SLOTS`. BP and account are expected; BS and DM are voted only where
they are needed.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from ckanext.budget.territory.model import Kind
from ckanext.budget.territory.obligations import Due, Obligations
from ckanext.budget.totem.model import Stage

#: the account of an exercice: a CA or a CFU
ACCOUNT = "compte"
#: places of an exercice in a grid
SLOTS = ("BP", "BS", "DM", ACCOUNT)
#: those that every budget has
EXPECTED = ("BP", ACCOUNT)
#: how long a document that is not there is «late»: afterwards it is «missing»
LATE_FOR = dt.timedelta(days=365)

#: expected: its day has not come; late: it came less than a year ago; missing: earlier; none: nobody has to make it
Absence = Literal["expected", "late", "missing", "none"]


def slot_of(stage: str) -> str:
    """The place of a document in the grid."""
    return ACCOUNT if stage in ("CA", "CFU") else stage


def due(rules: Obligations, slot: str, exercice: int, kind: Kind = "commune") -> Due | None:
    """Last days of vote and transmission of what a place holds; None for what has no legal day."""
    stages: tuple[Stage, ...] = (
        rules.accounts(exercice) if slot == ACCOUNT else tuple(s for s in _BUDGETS if s == slot)
    )
    return rules.due(stages[0], exercice, kind) if stages else None


_BUDGETS: tuple[Stage, ...] = ("BP", "BS", "DM")


def absence(rules: Obligations, slot: str, exercice: int, kind: Kind, today: dt.date) -> Absence:
    """What is to be said of a place where there is no document, for a collectivité of whom it is expected."""
    found = due(rules, slot, exercice, kind) if slot in EXPECTED else None
    if found is None:
        return "none"
    if today <= found.transmission:
        return "expected"
    return "late" if today <= found.transmission + LATE_FOR else "missing"
