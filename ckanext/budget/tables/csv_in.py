"""Reading a CSV as people send it: any usual encoding and separator, within bounds, a row at a time.

Blocks and lines are bounded before :mod:`csv` sees them: it would hold a line, or all that follows an open quotation
mark, in memory.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from ckanext.budget.errors import Refusal
from ckanext.budget.tables import columns
from ckanext.budget.tables.model import Limits, Row

#: rows among which the heading is looked for: titles may stand above it
HEADING_WITHIN = 40
SEPARATORS = (",", ";", "\t", "|")

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BLOCK = 1 << 16


class Format(NamedTuple):
    """How a CSV is written; ``heading`` is the rank (from 1) of its heading among its rows."""

    encoding: str
    bom: bool
    separator: str
    heading: int


def guess(head: bytes, utf8: bool | None = None) -> Format | None:
    """How a CSV is written, from its head; None when no row of it is the heading of budget lines. ``utf8`` says
    whether the whole file is valid UTF-8, when known."""
    bom, encoding = _encoding(head, utf8)
    text = _text(head, encoding)
    if "\0" in text:
        return None
    best, found = 0, None
    for separator in SEPARATORS:
        for rank, row in enumerate(_first_rows(text, separator), 1):
            if (score := columns.score(row)) > best:
                best, found = score, Format(encoding, bom, separator, rank)
    return found


def heading_of(head: bytes, written: Format) -> list[str]:
    """The heading row that :func:`guess` found."""
    rows_ = _first_rows(_text(head, written.encoding), written.separator)
    return next(row for rank, row in enumerate(rows_, 1) if rank == written.heading)


def _text(head: bytes, encoding: str) -> str:
    return head[: 4 * _BLOCK].decode(encoding, "ignore").removeprefix("\ufeff")[:_BLOCK]


def _encoding(head: bytes, utf8: bool | None) -> tuple[bool, str]:
    for mark, name in _BOMS:
        if head.startswith(mark):
            return True, name
    start = head[:400]
    if start.count(0) > len(start) // 3:
        return False, "utf-16-le" if start[1::2].count(0) >= start[::2].count(0) else "utf-16-be"
    return False, "utf-8" if (_valid_utf8(iter([head])) if utf8 is None else utf8) else "windows-1252"


def _valid_utf8(blocks: Iterator[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in blocks:
            decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def is_utf8(stream: BinaryIO) -> bool:
    """Whether a whole stream, which is rewound, is valid UTF-8 (but for a last character cut in two)."""
    stream.seek(0)
    valid = _valid_utf8(iter(lambda: stream.read(_BLOCK), b""))
    stream.seek(0)
    return valid


def _first_rows(text: str, separator: str) -> Iterator[list[str]]:
    lines = io.StringIO(text, newline="")
    try:
        for rank, row in enumerate(csv.reader(lines, delimiter=separator)):
            if rank >= HEADING_WITHIN:
                return
            yield row
    except csv.Error:  # a field too long, or what is no CSV with this separator
        return


class _Lines:
    """Lines for :mod:`csv`, bounded: one record's (``restart`` begins the next)."""

    def __init__(self, text: io.TextIOWrapper, limits: Limits) -> None:
        self._text, self._limits = text, limits
        self._held = self._lines = 0
        self.record = 1
        self.ended = True

    def restart(self) -> None:
        self.record += 1
        self._held = self._lines = 0

    def __iter__(self) -> Iterator[str]:
        limit = self._limits.record
        while line := self._text.readline(limit + 1):
            self._held += len(line)
            self.ended = line.endswith(("\n", "\r"))
            self._lines += 1
            if self._held > limit:
                code = "table_quote_open" if self._lines > 1 else "table_row_long"
                raise Refusal(code, line=self.record, limit=str(limit))
            if "\0" in line:
                raise Refusal("table_unreadable", line=self.record)
            yield line


def rows(stream: BinaryIO, written: Format, limits: Limits) -> Iterator[Row]:
    """The rows of a CSV, its titles and heading too; blank lines count but don't come.

    A last row shorter than the heading, and without end of line, is that of a file that was cut."""
    stream.seek(len(next((mark for mark, name in _BOMS if name == written.encoding), b"")) if written.bom else 0)
    text = io.TextIOWrapper(stream, encoding=written.encoding, newline="")
    lines = _Lines(text, limits)
    width = 0
    try:
        for cells in csv.reader(lines, delimiter=written.separator, strict=True):
            if len(cells) > limits.columns:
                raise Refusal("table_too_wide", line=lines.record, limit=str(limits.columns))
            if lines.record > limits.rows:
                raise Refusal("table_too_long", limit=str(limits.rows))
            width = len(cells) if lines.record == written.heading else width
            if 1 < len(cells) < width and not lines.ended:
                raise Refusal("xml_cut", line=lines.record)
            if cells:
                _refuse_swallowed(cells, written.separator, lines.record)
                yield Row(lines.record, cells)
            lines.restart()
    except UnicodeDecodeError as error:
        code = "xml_cut" if written.encoding == "utf-8" else "table_encoding_unknown"  # its last character is cut
        raise Refusal(code, line=lines.record) from error
    except csv.Error as error:
        code = "table_quote_open" if "unexpected end" in str(error) else "table_quotes"
        raise Refusal(code, line=lines.record, limit=str(limits.record)) from error
    finally:
        text.detach()


def _refuse_swallowed(cells: list[str], separator: str, record: int) -> None:
    """A cell that holds whole rows: a quotation mark was opened and closed by that of another row."""
    for cell in cells:
        if "\n" in cell and cell.count(separator) >= 8:
            raise Refusal("table_quote_open", line=record, limit="")
