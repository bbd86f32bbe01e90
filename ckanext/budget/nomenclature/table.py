"""The compact table of charts of accounts: its layout, written and read.

A table is a series of gzip members (``zcat`` shows it whole). The first is the index: one line a declination,
``@norm⇥declination⇥years⇥offset⇥length`` (of its member, counted from the end of the index), then, in a table that an
administrator's import made, one line a plan, ``%norm⇥declination⇥year⇥file⇥sha256`` (the XML it came from). Each other
member is one declination: a line ``#norm⇥declination⇥years``, then one line an entry and span of years, sorted: kind,
code, first year, last year, label, section (chapters) or six chapters (accounts), parent code, equipment flags (D, R).
So that the one declination a document needs is the only one unpacked.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ckanext.budget.errors import Refusal

#: name of the table in the folder of an administrator
NAME = "plans.tsv.gz"

_GZIP = 31  # zlib's own number for a gzip member


class Fact(NamedTuple):
    """One entry of one plan, years aside."""

    kind: str  # C chapter, A account (nature); F chapter, G article, R reference (function)
    code: str
    label: str
    places: str  # section of a chapter; six chapters of an account, comma-separated
    parent: str
    flags: str


#: one plan: its facts by kind and code
Facts = dict[tuple[str, str], Fact]
#: norm and declination
Key = tuple[str, str]
#: the plans of a table by declination and year
Plans = dict[Key, dict[int, Facts]]


class Source(NamedTuple):
    """The XML a plan came from."""

    file: str
    sha256: str


class Section(NamedTuple):
    """Where a declination is in the table, and the years of its plans."""

    years: tuple[int, ...]
    start: int
    length: int


@dataclass(frozen=True)
class Table:
    """A table in memory, still packed. ``sources`` is empty for the table that ships."""

    path: Path
    data: bytes
    sections: Mapping[Key, Section]
    sources: Mapping[tuple[str, str, int], Source]

    @property
    def digest(self) -> bytes:
        """SHA-256 of the table."""
        return hashlib.sha256(self.data).digest()

    def lines(self, key: Key) -> list[str]:
        """The entries of a declination; none when the table does not hold it. Raises :class:`Refusal`."""
        section = self.sections.get(key)
        if section is None:
            return []
        try:
            text = zlib.decompress(self.data[section.start : section.start + section.length], _GZIP).decode()
        except (zlib.error, UnicodeDecodeError) as error:
            raise Refusal("plans_table_damaged", file=str(self.path)) from error
        return text.rstrip("\n").split("\n")[1:]

    def plans(self) -> Plans:
        """Every plan of the table, year by year."""
        return {
            key: {year: facts_of(self.lines(key), year) for year in section.years}
            for key, section in self.sections.items()
        }


def facts_of(lines: Iterable[str], year: int) -> Facts:
    """The facts that hold in a year."""
    facts: Facts = {}
    for line in lines:
        kind, code, first, last, label, places, parent, flags = line.split("\t")
        if int(first) <= year <= int(last):
            facts[kind, code] = Fact(kind, code, label, places, parent, flags)
    return facts


def read(path: Path) -> Table:
    """Open a table: its index only. Raises :class:`Refusal` (damaged, unreadable)."""
    try:
        return opened(path, path.read_bytes())
    except OSError as error:
        raise Refusal("plans_table_unreadable", file=str(path), reason=error.strerror or str(error)) from error


def opened(path: Path, data: bytes) -> Table:
    """The table that ``data`` is, said to be at ``path``. Raises :class:`Refusal` (damaged)."""
    try:
        unpack = zlib.decompressobj(_GZIP)
        index = unpack.decompress(data).decode()
        base = len(data) - len(unpack.unused_data)
        sections: dict[Key, Section] = {}
        sources: dict[tuple[str, str, int], Source] = {}
        for line in index.rstrip("\n").split("\n"):
            norm, name, years, one, two = line[1:].split("\t")
            if line[0] == "%":
                sources[norm, name, int(years)] = Source(one, two)
            else:
                stored = tuple(int(year) for year in years.split(","))
                sections[norm, name] = Section(stored, base + int(one), int(two))
    except (zlib.error, ValueError) as error:
        raise Refusal("plans_table_damaged", file=str(path)) from error
    if not unpack.eof or not sections:
        raise Refusal("plans_table_damaged", file=str(path))
    return Table(path, data, sections, sources)


def packed(plans: Plans, sources: Mapping[tuple[str, str, int], Source] | None = None) -> bytes:
    """The bytes of a table: the same plans and sources give the same bytes."""
    index: list[str] = []
    members: list[bytes] = []
    offset = 0
    for (norm, name), by_year in sorted(plans.items()):
        years = ",".join(map(str, sorted(by_year)))
        member = _member([f"#{norm}\t{name}\t{years}", *_lines(by_year)])
        index.append(f"@{norm}\t{name}\t{years}\t{offset}\t{len(member)}")
        members.append(member)
        offset += len(member)
    index.extend("%" + "\t".join(map(str, (*key, *source))) for key, source in sorted((sources or {}).items()))
    return b"".join((_member(index), *members))


def _member(lines: Sequence[str]) -> bytes:
    pack = zlib.compressobj(9, wbits=_GZIP)  # no date inside
    return pack.compress(("\n".join(lines) + "\n").encode()) + pack.flush()


def _lines(by_year: dict[int, Facts]) -> Iterator[str]:
    years = sorted(by_year)
    for key in sorted({key for facts in by_year.values() for key in facts}):
        stated = {year: facts[key] for year, facts in by_year.items() if key in facts}
        for first, last, f in _spans(years, stated):
            yield "\t".join((f.kind, f.code, str(first), str(last), f.label, f.places, f.parent, f.flags))


def _spans(years: list[int], stated: dict[int, Fact]) -> Iterator[tuple[int, int, Fact]]:
    """Runs of consecutive years whose plans state the same fact: a span holds no year without a plan."""
    run: tuple[int, int, Fact] | None = None
    for year in years:
        fact = stated.get(year)
        if run and fact == run[2] and year == run[1] + 1:
            run = (run[0], year, run[2])
            continue
        if run:
            yield run
        run = (year, year, fact) if fact else None
    if run:
        yield run


def without(lines: Iterable[str], replaced: Container[int]) -> Iterator[str]:
    """The entries of a declination, their spans cut at the ``replaced`` years: those that another table states."""
    for line in lines:
        kind, code, first, last, rest = line.split("\t", 4)
        run: list[int] = []
        for year in (*range(int(first), int(last) + 1), None):
            if year is not None and year not in replaced:
                run.append(year)
            elif run:
                yield f"{kind}\t{code}\t{run[0]}\t{run[-1]}\t{rest}"
                run = []
