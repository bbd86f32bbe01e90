"""Charts of accounts: what a code is called and where it belongs, for a norm, a declination and a year.

The compact table of :mod:`ckanext.budget.nomenclature.compile` is read once per process; a declination is parsed when
first asked for. A code missing from its year is taken from the nearest year that has it, then from its nearest parent
code; which of the two was needed is told to the caller, never hidden.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

#: year span of the shipped table, and its revision
PLANS_VERSION = "2013-2024.1"
TABLE = Path(__file__).parent / "data" / "plans.tsv.gz"

Kind = Literal["C", "A", "F", "G", "R"]
Place = Literal["DR", "DOES", "DOIS", "RR", "ROES", "ROIS"]
PLACES: tuple[Place, ...] = ("DR", "DOES", "DOIS", "RR", "ROES", "ROIS")


class Entry(NamedTuple):
    """One code over a span of years. ``places`` is the section (F/I) of a chapter, or the six chapters of an account
    in the order of :data:`PLACES`, comma-separated."""

    code: str
    first: int
    last: int
    label: str
    places: str
    parent: str
    flags: str

    def chapter(self, place: Place) -> str:
        """Chapter of the account for a sense and kind of operation; empty when the plan has none."""
        return self.places.split(",")[PLACES.index(place)] if self.places else ""

    def distance(self, year: int) -> int:
        """Years between ``year`` and the span (0 inside)."""
        return max(self.first - year, year - self.last, 0)


class Found(NamedTuple):
    """An entry, and how it was found: ``year`` of the plan used, ``code`` asked for when a parent answered."""

    entry: Entry
    year: int
    asked: str

    @property
    def by_parent(self) -> bool:
        """Whether a parent code answered."""
        return self.entry.code != self.asked


class Declination:
    """The entries of one declination, by kind and code."""

    def __init__(self, norm: str, name: str, years: tuple[int, ...], text: str) -> None:
        self.norm, self.name, self.years = norm, name, years
        self._entries: dict[tuple[str, str], list[Entry]] = {}
        for line in text.split("\n"):
            if not line:
                continue
            kind, code, first, last, label, places, parent, flags = line.split("\t")
            entry = Entry(code, int(first), int(last), label, places, parent, flags)
            self._entries.setdefault((kind, code), []).append(entry)

    def entry(self, kind: Kind, code: str, year: int) -> Found | None:
        """The code in the plan of ``year``, else in the nearest year's (the earlier of two)."""
        entries = self._entries.get((kind, code))
        if not entries:
            return None
        best = min(entries, key=lambda e: (e.distance(year), e.first))
        return Found(best, min(max(year, best.first), best.last), code)

    def size(self, year: int) -> int:
        """How many accounts the declination has that year (0 when it has no plan)."""
        return sum(
            1 for (kind, _), es in self._entries.items() if kind == "A" and any(e.distance(year) == 0 for e in es)
        )


class Plan:
    """A declination as of one year. ``year_known``: its plan is in the table; ``substituted``: another declination of
    the norm stands in for an unknown one."""

    def __init__(self, declination: Declination, year: int, *, substituted: bool) -> None:
        self.declination, self.year, self.substituted = declination, year, substituted
        self.year_known = year in declination.years

    @property
    def nearest_year(self) -> int:
        """The year of the plan that stands for this one."""
        return min(self.declination.years, key=lambda y: (abs(y - self.year), y))

    def find(self, kind: Kind, code: str) -> Found | None:
        """The code itself, in this year or the nearest."""
        return self.declination.entry(kind, code, self.year)

    def find_or_parent(self, kind: Kind, code: str) -> Found | None:
        """The code, else its nearest parent code (the longest prefix of at least two digits that exists)."""
        for length in range(len(code), 1, -1):
            found = self.find(kind, code[:length])
            if found is not None:
                return Found(found.entry, found.year, code)
        return None


@lru_cache(maxsize=1)
def _sections() -> dict[tuple[str, str], tuple[tuple[int, ...], str]]:
    text = gzip.decompress(TABLE.read_bytes()).decode()
    sections: dict[tuple[str, str], tuple[tuple[int, ...], str]] = {}
    for section in text.split("\n#"):
        head, _, body = section.removeprefix("#").partition("\n")
        norm, name, years = head.split("\t")
        sections[norm, name] = tuple(int(year) for year in years.split(",")), body
    return sections


@lru_cache(maxsize=64)
def _declination(norm: str, name: str) -> Declination:
    years, body = _sections()[norm, name]
    return Declination(norm, name, years, body)


def declinations() -> list[tuple[str, str, tuple[int, ...]]]:
    """(norm, declination, years) of everything the table holds."""
    return [(norm, name, years) for (norm, name), (years, _) in sorted(_sections().items())]


@lru_cache(maxsize=64)
def plan(norm: str, declination: str, year: int) -> Plan | None:
    """The plan for a document. An unknown declination takes the largest of its norm for that year (else for the
    nearest year stored); an unknown norm has none."""
    known = _sections()
    if (norm, declination) in known:
        return Plan(_declination(norm, declination), year, substituted=False)
    for other_norm, name in known:  # «M49-M49_D» for «M4-M49_D»
        if name == declination:
            return Plan(_declination(other_norm, name), year, substituted=False)
    siblings = [_declination(n, name) for n, name in known if n == norm]
    if not siblings:
        return None
    nearest = {d: min(d.years, key=lambda y: (abs(y - year), y)) for d in siblings}
    best = max(siblings, key=lambda d: (-abs(nearest[d] - year), d.size(nearest[d])))
    return Plan(best, year, substituted=True)
