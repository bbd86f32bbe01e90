"""A table that people send → the standard CSV: SCDL exports of any make, spreadsheets with recognisable headings."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from ckanext.budget.annexes.persons import looks_like_person
from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.scdl import table
from ckanext.budget.scdl.model import COLUMNS
from ckanext.budget.tables import cells, columns, csv_in
from ckanext.budget.tables.budget_rows import BudgetRows
from ckanext.budget.tables.columns import Headings
from ckanext.budget.tables.model import DEFAULT_LIMITS, Changes, Kind, Limits, Normalised, Row
from ckanext.budget.tables.sheets import open_sheet
from ckanext.budget.totem import sniff
from ckanext.budget.totem.model import Header
from ckanext.budget.totem.occult_rules import HIDDEN

_OLE = b"\xd0\xcf\x11\xe0"
_STANDARD_SEPARATOR, _STANDARD_ENCODING = ",", "utf-8"
_SEPARATORS = {";": ";", "\t": "tabulation", "|": "|"}


def normalise(source: BinaryIO, out: BinaryIO, *, limits: Limits = DEFAULT_LIMITS) -> Normalised:
    """Write the table of ``source`` (seekable) to ``out`` as the standard CSV: 22 columns, UTF-8, comma, CRLF.

    A CSV passes as a stream. Values that are already valid stay as they are; each kind of change is a finding. Raises
    :class:`Refusal` for what is no table of budget lines (code ``table_no_heading``) or can't be read; what was written
    to ``out`` then counts for nothing.
    """
    changes = Changes()
    source.seek(0, 2)
    if source.tell() > limits.bytes:
        raise Refusal("limit_reached", limit="bytes", value=str(limits.bytes))
    head = sniff.read_head(source)
    kind: Kind = "sheet" if head.startswith(_OLE) or zipfile.is_zipfile(source) else "csv"
    rows, heading = _sheet(source, limits, changes) if kind == "sheet" else _csv(source, head, limits, changes)
    headings = _headings(rows, heading, changes)
    budget = BudgetRows(headings, changes)
    lines = table.write(budget.standard(rows), out)
    findings = [*changes, *_siret(budget.header)]
    return Normalised(kind, budget.header, lines, budget.left_out, findings, list(headings.pairs), budget.groups)


def _sheet(source: BinaryIO, limits: Limits, changes: Changes) -> tuple[Iterator[Row], int]:
    opened = open_sheet(source, limits, changes)
    return opened.rows, opened.heading


def _csv(source: BinaryIO, head: bytes, limits: Limits, changes: Changes) -> tuple[Iterator[Row], int]:
    written = csv_in.guess(head, csv_in.is_utf8(source))
    if written is None:
        raise Refusal("table_no_heading")
    if written.bom:
        changes.note("table_bom")
    if written.encoding != _STANDARD_ENCODING:
        changes.note("table_encoding", encoding=written.encoding)
    if written.separator != _STANDARD_SEPARATOR:
        changes.note("table_separator", separator=_SEPARATORS[written.separator])
    return csv_in.rows(source, written, limits), written.heading


def _headings(rows: Iterator[Row], heading: int, changes: Changes) -> Headings:
    """Rows up to the heading are taken from ``rows``; what differs from the standard's is told."""
    for row in rows:
        if row.number < heading:
            changes.note("table_titles", row.number)
            continue
        written = [_unnamed(cells.plain(cell).strip()) for cell in row.cells]
        while written and not written[-1]:
            written.pop()
        found = columns.read(written, row.number)
        _refuse_incomplete(found)
        _tell(found, changes)
        return found
    raise Refusal("table_no_heading")


def _unnamed(heading: str) -> str:
    """A heading as it may be shown: what looks like a person's name is hidden, here too."""
    return HIDDEN if looks_like_person(heading) else heading


def _refuse_incomplete(found: Headings) -> None:
    missing = [column for column in columns.REQUIRED if column not in found.places]
    if missing:
        raise Refusal("table_columns_required", columns=columns.named(missing))
    if not any(column in found.places for column in columns.AMOUNTS):
        raise Refusal("table_no_amount")


def _tell(found: Headings, changes: Changes) -> None:
    written = [column for _, column in found.pairs if column]
    if written != sorted(written, key=COLUMNS.index):
        changes.note("table_order")
    if renamed := [f"{heading} = {column}" for heading, column in found.pairs if column and heading != column]:
        changes.note("table_names", names=", ".join(renamed))
    if missing := [column for column in COLUMNS if column not in found.places]:
        changes.note("table_columns_missing", columns=columns.named(missing))
    dropped = [heading or "?" for heading, column in found.pairs if column is None]
    amounts = [heading for heading in dropped if columns.looks_like_amount(heading)]
    if amounts:
        changes.note("table_amounts_dropped", columns=", ".join(amounts))
    if others := [heading for heading in dropped if heading not in amounts]:
        changes.note("table_columns_dropped", columns=", ".join(others))


def _siret(header: Header) -> Iterator[Finding]:
    """The findings that a TotEM without a good SIRET has."""
    if header.siret is None:
        written = header.get("IdEtab")
        yield Finding("siret_faulty" if written else "siret_absent", "a_verifier", {"siret": written})
