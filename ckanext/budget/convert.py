"""The pipeline of the pure rooms: a budget file in; the standard CSV, an occulted copy and a report out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import BinaryIO

from ckanext.budget.digest import sha256
from ckanext.budget.errors import Finding
from ckanext.budget.quality.report import Report
from ckanext.budget.scdl import table
from ckanext.budget.scdl.model import ConvertedLine
from ckanext.budget.scdl.rows import Standardiser
from ckanext.budget.scdl.schema import departures
from ckanext.budget.totem.feed import DEFAULT_LIMITS, Limits
from ckanext.budget.totem.model import AMOUNTS
from ckanext.budget.totem.reader import Reader


def convert(
    source: BinaryIO,
    csv_out: BinaryIO,
    *,
    occulted_out: BinaryIO | None = None,
    on_line: Callable[[ConvertedLine], None] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Report:
    """Convert a TotEM or CFU file.

    ``source`` and ``csv_out`` are seekable binary streams; ``on_line`` receives each converted line. Raises
    :class:`~ckanext.budget.errors.Refusal` when the file can't be read or is no budget; what was written to the
    outputs then counts for nothing.
    """
    work = _Conversion(Reader(source, limits), on_line)
    table.write(work.rows(), csv_out)
    header = work.reader.header
    report = Report(header, sha256(source), lines=work.lines, calculated=work.reader.calculated)
    report.source_sums = work.sums
    report.rows, report.csv_sums = table.read_sums(csv_out)
    report.csv_sha256 = sha256(csv_out)
    report.findings = [*work.reader.findings, *work.findings, *departures(csv_out)]
    if occulted_out is not None:
        from ckanext.budget.totem.occult import occult  # noqa: PLC0415  (only those who ask for a copy pay for it)

        report.occultation = occult(source, occulted_out, limits).counts
    return report


class _Conversion:
    """One run: rows as they are made, sums of the source as they are read."""

    def __init__(self, reader: Reader, on_line: Callable[[ConvertedLine], None] | None) -> None:
        self.reader, self._on_line = reader, on_line
        self.lines = 0
        self.sums = table.empty_sums()
        self._standardiser: Standardiser | None = None

    @property
    def findings(self) -> list[Finding]:
        return list(self._standardiser.findings) if self._standardiser else []

    def rows(self) -> Iterator[tuple[str, ...]]:
        for line in self.reader:
            if "calculated" in line:
                continue
            if self._standardiser is None:
                self._standardiser = Standardiser(self.reader.header)
            self.lines += 1
            sense = line["CodRD"]
            for name in AMOUNTS:
                value = line.get(name)
                if value:
                    self.sums[name, sense] += Decimal(value)
            converted = self._standardiser.convert(line)
            if self._on_line:
                self._on_line(converted)
            yield converted.cells
