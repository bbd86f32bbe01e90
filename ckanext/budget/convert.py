"""The pipeline of the pure rooms: a budget file in; the standard CSV, an occulted copy and a report out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO

from ckanext.budget.digest import sha256
from ckanext.budget.errors import Finding
from ckanext.budget.figures.groups import AMOUNTS, Group
from ckanext.budget.quality import facts, labels
from ckanext.budget.quality.controls import check, debt_of
from ckanext.budget.quality.controls_debt import FIELDS as DEBT_FIELDS
from ckanext.budget.quality.proof import compare, prove
from ckanext.budget.quality.report import Report
from ckanext.budget.quality.second_reading import records_as_written
from ckanext.budget.quality.subtotals import Subtotals
from ckanext.budget.scdl import table
from ckanext.budget.scdl.model import ConvertedLine
from ckanext.budget.scdl.rows import Standardiser
from ckanext.budget.scdl.schema import departures
from ckanext.budget.totem.feed import DEFAULT_LIMITS, Limits
from ckanext.budget.totem.model import Header
from ckanext.budget.totem.reader import RawLine, Reader, checked

OnLine = Callable[[ConvertedLine], None]


def convert(
    source: BinaryIO,
    csv_out: BinaryIO,
    *,
    occulted_out: BinaryIO | None = None,
    on_line: OnLine | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Report:
    """Convert a TotEM or CFU file, prove that nothing was lost and say what was found.

    ``source`` and ``csv_out`` are seekable binary streams; ``on_line`` receives each converted line. Raises
    :class:`~ckanext.budget.errors.Refusal` when the file can't be read or is no budget; what was written to the
    outputs then counts for nothing. A report that is not ``conserved`` tells a fault of ours: its CSV is not to be
    published.
    """
    work = standardise(source, csv_out, on_line=on_line, limits=limits)
    header = work.reader.header
    rows, sums = table.read_back(csv_out)
    groups = _groups(sums, work.standardiser.chapters)
    debt = debt_of(records_as_written(source, "EMPRUNT", DEBT_FIELDS))
    report = Report(header, sha256(source), calculated=work.reader.calculated)
    report.conservation = prove(source, rows, sums, took_bytes=work.reader.took_bytes)
    report.csv_sha256 = sha256(csv_out)
    report.findings = [*work.reader.findings, *work.findings, *departures(csv_out)]
    report.labels = labels.coverage(work.standardiser, rows)
    report.controls = [*check(header, groups, debt=debt), *work.subtotals.controls()]
    report.facts = facts.of(header, groups, debt)
    if occulted_out is not None:
        from ckanext.budget.totem.occult import occult  # noqa: PLC0415  (only those who ask for a copy pay for it)
        from ckanext.budget.totem.reread import verify  # noqa: PLC0415  (likewise)

        report.occultation = occult(source, occulted_out, limits).counts
        verify(occulted_out)
    return report


def take_over(
    source: BinaryIO,
    csv_out: BinaryIO,
    header: Header,
    *,
    on_line: OnLine | None = None,
    mapping: Sequence[tuple[str, str | None]] = (),
) -> Report:
    """The same for a table that was put in the standard's order when it came (:mod:`ckanext.budget.tables`).

    ``source`` is that CSV: it is copied as it is. Its ``header`` says whose it is.
    """
    from ckanext.budget.tables.lines import lines_of  # noqa: PLC0415  (only tables pay for it)

    source.seek(0)
    shutil.copyfileobj(source, csv_out)
    lines, sums = table.read_back(source)
    unlabelled = 0
    for line in lines_of(source):
        unlabelled += not line.nature_label
        if on_line:
            on_line(line)
    report = Report(header, sha256(source), mapping=mapping)
    report.conservation = compare(lines, sums, *table.read_back(csv_out))
    report.csv_sha256 = sha256(csv_out)
    report.findings = departures(csv_out)
    report.labels = labels.Coverage(lines, absent=unlabelled)
    report.controls = check(header, _groups(sums, {}))
    report.facts = facts.of(header, _groups(sums, {}))
    return report


def standardise(
    source: BinaryIO, csv_out: BinaryIO, *, on_line: OnLine | None = None, limits: Limits = DEFAULT_LIMITS
) -> Conversion:
    """Conversion alone: write the CSV, and tell what was met on the way."""
    work = Conversion(Reader(source, limits), on_line)
    table.write_rows(work.batches(), csv_out)
    return work


class Conversion:
    """One run: rows as they are made. ``standardiser`` and ``subtotals`` are there once it is over."""

    standardiser: Standardiser
    subtotals: Subtotals

    def __init__(self, reader: Reader, on_line: OnLine | None) -> None:
        self.reader, self._on_line = reader, on_line
        self._begun = False

    @property
    def findings(self) -> list[Finding]:
        """What had to be inferred."""
        return self.standardiser.findings

    def batches(self) -> Iterator[list[bytes]]:
        """Rows of the data lines, some at a time."""
        for batch in self.reader.batches():
            if not self._begun:
                self._begun = True
                self.standardiser, self.subtotals = Standardiser(self.reader.header), Subtotals(self.reader.header)
            if isinstance(batch, list):
                batch = self._without_subtotals(batch)  # noqa: PLW2901
            yield self.standardiser.rows_of(batch, self._on_line)

    def _without_subtotals(self, lines: list[RawLine]) -> list[RawLine]:
        if self.reader.header.kind == "cfu":
            for line in lines:
                self.subtotals.add(checked(line))
        return [line for line in lines if "calculated" not in line] if self.reader.calculated else lines


def _groups(sums: table.Groups, chapters: Mapping[tuple[str, str, bool, str], str]) -> list[Group]:
    """Groups for the controls, from what was read back of the CSV (which has neither labels nor the plan's chapter);
    the registry names its columns as the source does, in the same order."""
    return [
        Group(
            section,
            sense,
            ordre,
            nature,
            "",
            chapters.get((section, sense, ordre, nature), ""),
            "",
            dict(zip(AMOUNTS, amounts, strict=True)),
        )
        for (section, sense, ordre, nature), amounts in sums.items()
    ]
