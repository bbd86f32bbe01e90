"""When a reminder makes sense: before the last day of the vote, and after that of the transmission."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from ckanext.budget.territory.expected import EXPECTED, due
from ckanext.budget.territory.model import Kind
from ckanext.budget.territory.obligations import Due, Obligations

#: from so long before the last day of the vote, until that day
BEFORE = dt.timedelta(days=21)
#: from the day after the last day of the transmission, for so long
AFTER = dt.timedelta(days=45)


@dataclass(frozen=True)
class Moment:
    """A document of which it is time to be reminded: ``when`` its day is near (before), or has passed (after)."""

    exercice: int
    slot: str
    when: Literal["before", "after"]
    due: Due

    @property
    def key(self) -> str:
        """What is remembered once it was sent: the document, the moment and the day (the law may move it)."""
        day = self.due.vote if self.when == "before" else self.due.transmission
        return f"{self.exercice} {self.slot} {self.when} {day.isoformat()}"


def moments(rules: Obligations, kind: Kind, today: dt.date) -> list[Moment]:
    """The documents of which it is time, this day, to remind a collectivité that lacks them."""
    found: list[Moment] = []
    for exercice in range(today.year - 2, today.year + 1):
        for slot in EXPECTED:
            day = due(rules, slot, exercice, kind)
            if day is None:
                continue
            if day.vote - BEFORE <= today <= day.vote:
                found.append(Moment(exercice, slot, "before", day))
            elif day.transmission < today <= day.transmission + AFTER:
                found.append(Moment(exercice, slot, "after", day))
    return found
