"""The compact table of collectivités: its layout, written and read.

One gzip member of tab-separated lines (``zcat`` shows it), sorted within each kind of line, the first character
telling which:

- ``#package⇥version⇥year of the COG⇥year of the populations`` (once, first);
- ``R⇥code⇥name`` a région of the COG; ``D⇥code⇥name⇥région`` a département;
- ``U⇥siren⇥kind⇥code⇥name⇥département⇥région⇥départements covered, comma-separated⇥population⇥year`` a collectivité
  above the EPCI;
- ``E⇥siren⇥kind⇥name⇥département⇥population⇥year`` an EPCI or EPT;
- ``C⇥insee⇥siren⇥name⇥département⇥EPCI⇥EPT⇥population⇥year`` a commune, where EPCI and EPT are SIREN or empty and the
  year is empty when it is that of the first line;
- ``A⇥insee⇥name⇥insee of the commune`` a former commune, a commune déléguée or associée, a municipal arrondissement
  (the name is empty when the source has the code alone).
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).parent / "data" / "territory.tsv.gz"

#: number of fields of each kind of line, its letter apart
FIELDS: Mapping[str, int] = {"R": 2, "D": 3, "U": 9, "E": 6, "C": 8, "A": 3}


class Source(NamedTuple):
    """Where the table comes from: npm package, its version, the year of its COG, the year of the populations."""

    package: str
    version: str
    cog_year: int
    population_year: int


def packed(source: Source, lines: Iterable[Sequence[str]]) -> bytes:
    """The bytes of a table; the same lines (letter first) give the same bytes whatever their order.

    Raises ``ValueError`` for a line that the layout does not allow.
    """
    written: list[str] = []
    for line in lines:
        if len(line) != FIELDS[line[0]] + 1 or any("\t" in cell or "\n" in cell for cell in line):
            raise ValueError(f"not a line of the table: {line!r}")
        written.append("\t".join(line))
    order = "".join(FIELDS)
    written.sort(key=lambda line: (order.index(line[0]), line))
    head = "#" + "\t".join(map(str, source))
    out = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=9, mtime=0) as member:
        member.write(("\n".join([head, *written]) + "\n").encode())
    return out.getvalue()


def opened(data: bytes) -> tuple[Source, dict[str, list[str]]]:
    """The source of a table and its lines by letter, not split. Raises ``ValueError`` when it is damaged."""
    try:
        head, *lines = gzip.decompress(data).decode().rstrip("\n").split("\n")
        package, version, cog, population = head.removeprefix("#").split("\t")
        source = Source(package, version, int(cog), int(population))
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise ValueError("the table of collectivités is damaged") from error
    found: dict[str, list[str]] = {letter: [] for letter in FIELDS}
    for line in lines:
        found[line[0]].append(line)
    return source, found
