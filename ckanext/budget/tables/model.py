"""What a table is while it is read, and what is told of it once it is normalised."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from ckanext.budget.errors import Finding, Level
from ckanext.budget.scdl.table import Groups
from ckanext.budget.totem.model import Header

Kind = Literal["csv", "sheet"]


class BadCell(NamedTuple):
    """A cell of a spreadsheet without value to give: ``reason`` is «error» (#REF!…) or «formula» (not computed)."""

    place: str
    reason: str


#: what a cell may hold; in a CSV, text only
Cell: TypeAlias = "str | float | bool | dt.date | dt.time | dt.timedelta | BadCell"


class Row(NamedTuple):
    """A row and its number as a spreadsheet shows it (titles and heading counted, from 1)."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Limits:
    """Bounds on what is read; going over one is a refusal that names it.

    ``bytes``: the file; ``unpacked``: the XML of a workbook (or a whole .xls); ``members``: files in a workbook;
    ``rows``: of a table; ``columns``: of a table; ``record``: characters of one row of a CSV; ``cells``: of a sheet,
    empty ones among them (a sheet is held in memory); ``depth``: of a workbook's XML.
    """

    bytes: int = 512 << 20
    unpacked: int = 128 << 20
    members: int = 2000
    rows: int = 5_000_000
    columns: int = 256
    record: int = 1 << 16
    cells: int = 4_000_000
    depth: int = 64


DEFAULT_LIMITS = Limits()


@dataclass
class Normalised:
    """A table written as the standard CSV.

    ``header``: whose document (SIRET, name, exercice, étape; a SCDL table tells neither nomenclature nor annexe).
    ``lines``: rows written; ``left_out``: rows that are no budget line (totals, notes, headings said again).
    ``mapping``: each column as written, and the column of the standard it became (None: left out).
    ``groups``: sums of the amounts as they were read, in euros, to be compared with what
    :func:`ckanext.budget.scdl.table.read_back` finds in the CSV.
    """

    kind: Kind
    header: Header
    lines: int
    left_out: int
    findings: list[Finding]
    mapping: list[tuple[str, str | None]]
    groups: Groups


@dataclass
class _Seen:
    row: int | None
    params: Mapping[str, str]
    count: int = 0


#: changes that need a look; the others are information
TO_CHECK = {
    "table_totals", "table_notes", "table_zeros_lost", "table_siret_lost", "siret_absent", "siret_faulty",
    "table_amount_fraction", "table_amount_dash", "table_amounts_dropped", "table_short_rows",
    "table_no_nature",
    "table_section_guessed", "table_label_hidden",
}  # fmt: skip


@dataclass
class Changes:
    """The changes made, one finding for each kind and column: how often, and first where and on what."""

    _seen: dict[tuple[str, str], _Seen] = field(default_factory=dict[tuple[str, str], _Seen])

    def note(self, code: str, row: int | None = None, column: str = "", /, **example: str) -> None:
        """Count a change; the first one's row and ``example`` are kept."""
        key = (code, column)
        seen = self._seen.get(key)
        if seen is None:
            params = {"column": column, **example} if column else example
            seen = self._seen[key] = _Seen(row, params)
        seen.count += 1

    def __iter__(self) -> Iterator[Finding]:
        for (code, _), seen in self._seen.items():
            level: Level = "a_verifier" if code in TO_CHECK else "information"
            yield Finding(code, level, {**seen.params, "count": str(seen.count)}, seen.row)
