"""What a mandate allows, by its terms alone. Pure: no CKAN, no database.

- ``depot``: a person of the collectivité deposits in its name, and does nothing else;
- ``subsidiarite``: a helper prepares, the collectivité publishes;
- ``suppleance``: another organisation (région, EPCI, syndicat) publishes on its behalf, visibly.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

KINDS = ("depot", "subsidiarite", "suppleance")
STAGES = ("BP", "BS", "DM", "CA", "CFU")
#: exercices that can be written
FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class Terms:
    """``starts`` and ``ends`` are days, both included (no end: until it is ended); ``exercice_from`` and
    ``exercice_to`` are years, both included (None: no bound); no ``stages``: all; ``ended``: a person ended it."""

    kind: str
    starts: dt.date
    ends: dt.date | None = None
    exercice_from: int | None = None
    exercice_to: int | None = None
    stages: tuple[str, ...] = ()
    ended: bool = False


def state(terms: Terms, today: dt.date) -> str:
    """``active``; ``future``: not yet valid; ``expired``: its last day is past; ``ended``: by a person."""
    if terms.ended:
        return "ended"
    if today < terms.starts:
        return "future"
    return "expired" if terms.ends is not None and today > terms.ends else "active"


def in_scope(terms: Terms, exercice: int, stage: str) -> bool:
    """Whether a document of that exercice and étape is among those that the mandate is about."""
    early = terms.exercice_from is not None and exercice < terms.exercice_from
    late = terms.exercice_to is not None and exercice > terms.exercice_to
    return not early and not late and (not terms.stages or stage in terms.stages)


def why_not(terms: Terms, exercice: int, stage: str, today: dt.date) -> str | None:
    """None when the mandate allows that document on that day; else the code of the message that says why not."""
    found = state(terms, today)
    if found != "active":
        return {"future": "mandate_future", "expired": "mandate_expired", "ended": "mandate_ended"}[found]
    return None if in_scope(terms, exercice, stage) else "mandate_scope"


#: the reason that is told when several mandates do not apply: the one nearest to a remedy
_NEAREST = ("mandate_scope", "mandate_future", "mandate_expired", "mandate_ended")


def nearest(reasons: Iterable[str]) -> str:
    """Of several reasons, the one to tell."""
    return min(reasons, key=_NEAREST.index)


def faults(terms: Terms) -> dict[str, str]:
    """Field → code of what is wrong with it (``kind``, ``dates``, ``years``, ``stages``); empty when nothing is."""
    found: dict[str, str] = {}
    if terms.kind not in KINDS:
        found["kind"] = "kind"
    if terms.ends is not None and terms.ends < terms.starts:
        found["ends"] = "dates"
    for name in ("exercice_from", "exercice_to"):
        year = getattr(terms, name)
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            found[name] = "year"
    if not found.keys() & {"exercice_from", "exercice_to"} and _reversed(terms.exercice_from, terms.exercice_to):
        found["exercice_to"] = "years"
    if set(terms.stages) - set(STAGES):
        found["stages"] = "stages"
    return found


def _reversed(first: int | None, last: int | None) -> bool:
    return first is not None and last is not None and last < first


def overlap(one: Terms, other: Terms) -> bool:
    """Whether some document, on some day, would fall under both (a mandate that was ended overlaps nothing)."""
    if one.ended or other.ended:
        return False
    days = _meet((one.starts, one.ends), (other.starts, other.ends))
    years = _meet((one.exercice_from, one.exercice_to), (other.exercice_from, other.exercice_to))
    stages = not one.stages or not other.stages or bool(set(one.stages) & set(other.stages))
    return days and years and stages


def _meet(one: Sequence[dt.date | int | None], other: Sequence[dt.date | int | None]) -> bool:
    """Whether two intervals, their bounds included, have something in common (None: no bound)."""
    return not any(
        last is not None and first is not None and last < first  # type: ignore[operator]
        for last, first in ((one[1], other[0]), (other[1], one[0]))
    )


def expires_within(terms: Terms, days: int, today: dt.date) -> bool:
    """Whether it is in force, or will be, and its last day is at most so many days away."""
    return (
        terms.ends is not None
        and state(terms, today) in ("active", "future")
        and terms.ends <= today + dt.timedelta(days=days)
    )
