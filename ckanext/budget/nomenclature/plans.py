"""Charts of accounts: what a code is called and where it belongs, for a norm, a declination and a year.

The table that ships (:mod:`ckanext.budget.nomenclature.table`) and those that an administrator adds are read as one,
once per process: a declination is unpacked when first asked for, and an additional table that changes on disk is seen
by the next :func:`plan`. A code missing from its year is taken from the nearest year that has it, then from its
nearest parent code; which of the two was needed is told to the caller, never hidden.
"""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from ckanext.budget.errors import Refusal
from ckanext.budget.nomenclature import table
from ckanext.budget.nomenclature.table import Facts, Key, Source, Table

#: year span of the shipped table, and its revision (additional tables apart: see :func:`plans_version`)
PLANS_VERSION = "2013-2024.1"
TABLE = Path(__file__).parent / "data" / table.NAME
#: environment variable naming additional tables (or their folders), for use without CKAN
VARIABLE = "BUDGET_PLANS"

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
    """The entries of one declination. ``text``: lines of a table, in any order."""

    def __init__(self, norm: str, name: str, years: tuple[int, ...], text: str) -> None:
        self.norm, self.name, self.years = norm, name, years
        self._lines = sorted(line for line in text.split("\n") if line)
        self._entries: dict[tuple[str, str], list[Entry]] = {}

    def entries(self, kind: str, code: str) -> list[Entry]:
        """The spans of a code, by year; none when no year has it."""
        entries = self._entries.get((kind, code))
        if entries is None:
            entries = list(self._read(f"{kind}\t{code}\t", code))
            if entries:  # what a file invents is not kept
                self._entries[kind, code] = entries
        return entries

    def _read(self, prefix: str, code: str) -> Iterator[Entry]:
        lines = self._lines
        for rank in range(bisect_left(lines, prefix), len(lines)):
            line = lines[rank]
            if not line.startswith(prefix):
                return
            _, own, first, last, label, places, parent, flags = line.split("\t")
            if own == code:  # a code may hold a tab
                yield Entry(own, int(first), int(last), label, places, parent, flags)

    def entry(self, kind: Kind, code: str, year: int) -> Found | None:
        """The code in the plan of ``year``, else in the nearest year's (the earlier of two)."""
        entries = self.entries(kind, code)
        if not entries:
            return None
        best = entries[0] if len(entries) == 1 else min(entries, key=lambda e: (e.distance(year), e.first))
        return Found(best, min(max(year, best.first), best.last), code)

    def facts(self, year: int) -> Facts:
        """Everything that the plan of a year states."""
        return table.facts_of(self._lines, year)

    def size(self, year: int) -> int:
        """How many accounts the declination has that year (0 when it has no plan)."""
        return sum(1 for kind, _ in self.facts(year) if kind == "A")


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

    def chapter_below(self, code: str, place: Place) -> str:
        """Chapter that all the accounts below a heading have for a sense and kind of operation; empty when they differ
        or have none."""
        facts = self.declination.facts(self.year if self.year_known else self.nearest_year)
        index = PLACES.index(place)
        below = (fact.places for (kind, other), fact in facts.items() if kind == "A" and other.startswith(code))
        chapters = {places.split(",")[index] for places in below if places} - {""}
        return chapters.pop() if len(chapters) == 1 else ""

    def find_here_or_parent(self, kind: Kind, code: str) -> Found | None:
        """The code in this year or the nearest; else its nearest parent code in this very year, down to one digit; else
        as :meth:`find_or_parent`."""
        found = self.find(kind, code)
        if found is not None or not self.year_known:
            return found or self.find_or_parent(kind, code)
        for length in range(len(code) - 1, 0, -1):
            parent = self.find(kind, code[:length])
            if parent is not None and parent.year == self.year:
                return Found(parent.entry, parent.year, code)
        return self.find_or_parent(kind, code)

    def find_or_parent(self, kind: Kind, code: str) -> Found | None:
        """The code, else its nearest parent code (the longest prefix of at least two digits that exists)."""
        for length in range(len(code), 1, -1):
            found = self.find(kind, code[:length])
            if found is not None:
                return Found(found.entry, found.year, code)
        return None


class Library:
    """Several tables read as one: a later one overrides the plans of the earlier."""

    def __init__(self, tables: tuple[Table, ...]) -> None:
        self.tables = tables
        self._declinations: dict[Key, Declination] = {}
        years: dict[Key, set[int]] = {}
        for each in tables:
            for key, section in each.sections.items():
                years.setdefault(key, set()).update(section.years)
        self.years: dict[Key, tuple[int, ...]] = {key: tuple(sorted(its)) for key, its in sorted(years.items())}
        self.plan = lru_cache(maxsize=64)(self._plan)

    @property
    def version(self) -> str:
        """That of the shipped table, and a fingerprint of the others."""
        if len(self.tables) == 1:
            return PLANS_VERSION
        digest = hashlib.sha256(b"".join(each.digest for each in self.tables[1:]))
        return f"{PLANS_VERSION}+{digest.hexdigest()[:8]}"

    def declination(self, key: Key) -> Declination:
        """A declination that some table holds (:class:`KeyError` otherwise)."""
        known = self._declinations.get(key)
        if known is None:
            known = self._declinations[key] = Declination(*key, self.years[key], "\n".join(self._merged(key)))
        return known

    def _merged(self, key: Key) -> list[str]:
        lines: list[str] = []
        years: set[int] = set()
        for each in self.tables:
            if key in each.sections:
                added = each.sections[key].years
                kept = table.without(lines, added) if years.intersection(added) else lines
                lines = [*kept, *each.lines(key)]
                years.update(added)
        return lines

    def origin(self, key: Key, year: int) -> Table:
        """The table whose plan of that declination and year answers."""
        return next(t for t in reversed(self.tables) if key in t.sections and year in t.sections[key].years)

    def source(self, key: Key, year: int) -> Source | None:
        """The XML of an imported plan; None for one that ships."""
        return self.origin(key, year).sources.get((*key, year))

    def _plan(self, norm: str, declination: str, year: int) -> Plan | None:
        known = self.years
        if (norm, declination) in known:
            return Plan(self.declination((norm, declination)), year, substituted=False)
        for other in known:  # «M49-M49_D» for «M4-M49_D»
            if other[1] == declination:
                return Plan(self.declination(other), year, substituted=False)
        siblings = [self.declination(key) for key in known if key[0] == norm]
        if not siblings:
            return None
        nearest = {d: min(d.years, key=lambda y: (abs(y - year), y)) for d in siblings}
        best = max(siblings, key=lambda d: (-abs(nearest[d] - year), d.size(nearest[d])))
        return Plan(best, year, substituted=True)


#: path, then modification time, size and inode (None: the file is not there)
_Seen = tuple[Path, tuple[int, int, int] | None]


class _Current:
    """What this process reads: the additional tables chosen (None: those of the environment), and what was read."""

    chosen: tuple[Path, ...] | None = None
    seen: tuple[_Seen, ...] = ()
    library: Library | None = None


def use_tables(*paths: Path) -> None:
    """Read these additional tables beside the shipped one, the later overriding; without any, the shipped one alone.

    A table may be missing for now, and may change later: each :func:`plan` looks at its date and size. Until this is
    called, the tables are those of the environment variable ``BUDGET_PLANS`` (which must exist).
    """
    _Current.chosen = paths


def library() -> Library:
    """The tables as they are now. Raises :class:`Refusal` (damaged table; a table of ``BUDGET_PLANS`` missing)."""
    seen = tuple((path, _stamp(path)) for path in (TABLE, *_additional()))
    if _Current.library is None or seen != _Current.seen:
        read = tuple(table.read(path) for path, stamp in seen if stamp)
        _Current.library, _Current.seen = Library(read), seen
    return _Current.library


def _additional() -> tuple[Path, ...]:
    if _Current.chosen is not None:
        return _Current.chosen
    named = tuple(Path(name) for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name)
    paths = tuple(path / table.NAME if path.is_dir() else path for path in named)
    for path in paths:
        if not path.is_file():
            raise Refusal("plans_table_missing", file=str(path), variable=VARIABLE)
    return paths


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refusal("plans_table_unreadable", file=str(path), reason=error.strerror or str(error)) from error
    return found.st_mtime_ns, found.st_size, found.st_ino


def plans_version() -> str:
    """What labels depend on: :data:`PLANS_VERSION`, then ``+`` and a fingerprint of the additional tables if any."""
    return library().version


def declinations() -> list[tuple[str, str, tuple[int, ...]]]:
    """(norm, declination, years) of everything the tables hold."""
    return [(norm, name, years) for (norm, name), years in library().years.items()]


def plan(norm: str, declination: str, year: int) -> Plan | None:
    """The plan for a document (call it once a document). An unknown declination takes the largest of its norm for that
    year (else for the nearest year stored); an unknown norm has none. Raises :class:`Refusal` (damaged table)."""
    return library().plan(norm, declination, year)
