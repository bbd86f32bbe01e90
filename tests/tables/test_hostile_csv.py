"""CSV made to harm, or broken: refused, each with its own message, in bounded memory."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ckanext.budget.errors import Refusal
from ckanext.budget.tables.model import Limits
from ckanext.budget.tables.normalise import normalise
from tests.conftest import ROOT
from tests.tables.made import COLUMNS, csv_of, line, normalised, refusal, standard, table

GOOD = csv_of(table(line()))
HEADING = GOOD.partition(b"\r\n")[0] + b"\r\n"
ROW = GOOD.partition(b"\r\n")[2]


def wide(cells: int) -> bytes:
    return GOOD + ROW.rstrip() + b"," * cells + b"\r\n"


HOSTILE = {
    "a field of 100 MB": (GOOD + b"x" * (100 << 20), "table_row_long", 3),
    "a quoted field of 100 MB": (GOOD + b'"' + b"x" * (100 << 20) + b'"', "table_row_long", 3),
    "10,000 columns": (wide(10_000), "table_too_wide", 3),
    "10,000 headings": (HEADING.rstrip() + b",x" * 10_000 + b"\r\n" + ROW, "table_too_wide", 1),
    "an open quotation mark that swallows the file": (GOOD + b'"' + ROW * 20_000, "table_quote_open", 3),
    "quoted fields without end of record": (GOOD + b'"a\n",' * 30_000, "table_quote_open", 3),
    "an open quotation mark near the end": (GOOD + ROW.replace(b"Charges", b'"Charges', 1), "table_quote_open", 3),
    "NUL bytes": (GOOD + ROW * 1000 + b"\0" * 1000, "table_unreadable", 1003),
    "text after a quotation mark": (GOOD + b'"a"b' + ROW, "table_quotes", 3),
    "a row with a cell too many": (GOOD + ROW.rstrip() + b",x\r\n", "table_row_length", 3),
}  # fmt: skip


@pytest.mark.parametrize("attack", HOSTILE)
def test_an_attack_is_refused_with_its_own_message_and_row(attack: str) -> None:
    content, code, row = HOSTILE[attack]
    found = refusal(content).finding
    assert (found.code, found.line) == (code, row)


def test_a_quotation_mark_closed_by_that_of_another_row_is_seen() -> None:
    rows = [ROW.replace(b"Eau", b'"Eau', 1), ROW, ROW.replace(b"assainissement", b'assainissement"', 1)]
    found = refusal(HEADING + b"".join(rows)).finding
    assert (found.code, found.line) == ("table_quote_open", 2)


def test_rows_and_bytes_are_bounded() -> None:
    content = csv_of(table(*[line()] * 20))
    assert refusal(content, Limits(rows=10)).finding.code == "table_too_long"
    assert refusal(content, Limits(bytes=100)).finding.code == "limit_reached"


def test_bytes_that_are_no_known_encoding_are_refused() -> None:
    assert refusal(GOOD + b"\x81\x8d\xff\r\n").finding.code == "table_encoding_unknown"


@pytest.mark.parametrize(
    "content", [b"", b"\r\n\r\n", b"x", b"\xff\xfe", b"a;b\n1;2\n", b"%PDF-1.4", b"{}", bytes(3000)]
)
def test_what_is_no_table_of_budget_lines_is_said_to_be_so(content: bytes) -> None:
    assert refusal(content).finding.code == "table_no_heading"


def test_a_last_row_that_stops_short_is_that_of_a_cut_file() -> None:
    cut = GOOD + ROW[: ROW.index(b"1234.50") + 4]
    assert (refusal(cut).finding.code, refusal(cut).finding.line) == ("xml_cut", 3)
    assert normalised(GOOD.rstrip())[0].lines == 1


def test_a_cut_file_is_normalised_as_far_as_whole_rows_or_refused_never_changed() -> None:
    content = standard("BP", 2021)
    for end in range(len(HEADING), len(content), 797):
        with contextlib.suppress(Refusal):
            told, written = normalised(content[:end])
            assert written.count(b"\r\n") == told.lines + 1
            assert content.startswith(written[: written.rindex(b"\r\n", 0, -2)])


@pytest.mark.parametrize("attack", ["field", "rows"])
def test_memory_is_bounded_whatever_the_size(attack: str) -> None:
    """Peak memory of a process that reads 150 MB, against one that reads a kilobyte."""
    program = """
import io, resource, sys
from ckanext.budget.errors import Refusal
from ckanext.budget.tables.normalise import normalise
from tests.tables.test_hostile_csv import Repeated, GOOD, ROW
times = int(sys.argv[2])
source = Repeated(GOOD, b"x" * len(ROW) if sys.argv[1] == "field" else ROW, times)
try:
    with open("/dev/null", "wb") as out:
        normalise(source, out)
except Refusal as found:
    print(found.finding.code, file=sys.stderr)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

    def peak(times: int) -> int:
        done = subprocess.run(
            [sys.executable, "-c", program, attack, str(times)], cwd=ROOT, capture_output=True, text=True, check=True
        )
        return int(done.stdout)

    small = peak(1)
    assert peak(150 << 20 if attack == "field" else 40_000) - small < 8 << 10  # KiB


class Repeated(io.RawIOBase):
    """A file that is never held: a start, then a block over and over (a byte of it, for a long field)."""

    def __init__(self, start: bytes, block: bytes, times: int) -> None:
        self._start = start
        self._block = block if times < 1 << 20 else block[:1] * (1 << 16)
        self._size = len(start) + (times * len(block) if times < 1 << 20 else times)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def _pieces(self, size: int) -> Iterator[bytes]:
        while size > 0 and self._at < self._size:
            if self._at < len(self._start):
                piece = self._start[self._at : self._at + size]
            else:
                offset = (self._at - len(self._start)) % len(self._block)
                piece = self._block[offset : offset + min(size, self._size - self._at)]
            self._at += len(piece)
            size -= len(piece)
            yield piece

    def read(self, size: int = -1) -> bytes:
        return b"".join(self._pieces(self._size if size is None or size < 0 else size))

    def read1(self, size: int = -1) -> bytes:
        return self.read(1 << 16 if size < 0 else size)

    def readinto(self, buffer: memoryview) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def test_normalising_reads_the_whole_of_what_it_writes() -> None:
    out = io.BytesIO()
    told = normalise(io.BufferedReader(Repeated(GOOD, ROW, 500)), out)  # pyright: ignore[reportArgumentType]
    assert told.lines == 501 and out.getvalue().count(b"\r\n") == 502 and len(COLUMNS) == 22
