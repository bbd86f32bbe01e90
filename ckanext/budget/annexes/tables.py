"""Annexes as open tables: one CSV each (UTF-8, comma, CRLF, one header line), each under its privacy rule.

Made from the occulted copy (or from the source: same bytes), in one pass, memory flat. Same input, same bytes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import BinaryIO, Protocol

from ckanext.budget.annexes import rules
from ckanext.budget.annexes.cells import Column, cell, masked
from ckanext.budget.annexes.model import LeftOut, Reason, Spec, Table
from ckanext.budget.annexes.reader import Record, records
from ckanext.budget.annexes.specs import SPECS, STAFF
from ckanext.budget.annexes.staff import K, Staff
from ckanext.budget.totem.feed import DEFAULT_LIMITS, Limits
from ckanext.budget.totem.model import Header, Stage

_STAGES: dict[Stage, str] = {
    "BP": "budget primitif",
    "BS": "budget supplémentaire",
    "DM": "décision modificative",
    "CA": "compte administratif",
    "CFU": "compte financier unique",
}
_STAFF_COLUMNS = ("statut", "categorie", "filiere", "etp_pourvus", "postes_budgetes")


class Writer(Protocol):
    """What csv.writer returns."""

    def writerow(self, row: Iterable[str], /) -> object:
        """Write a row."""
        ...


def build(
    stream: BinaryIO,
    names: Collection[str],
    out_of: Callable[[str], BinaryIO],
    header: Header,
    limits: Limits = DEFAULT_LIMITS,
) -> dict[str, Table]:
    """Write the tables ``names`` (keys of :data:`SPECS`) of a budget and say what each holds.

    ``out_of(name)`` gives the binary file of a table; it is called at its first row, so a table without rows has no
    file. The caller closes the files. Raises :class:`Refusal` like the reader (what was written then counts for
    nothing) and ``KeyError`` on an unknown name.
    """
    if unknown := set(names).difference(SPECS):
        raise KeyError(sorted(unknown)[0])
    making = [_Making(spec, out_of, header) for name, spec in SPECS.items() if name in names]
    by_kind: dict[str, list[_Making]] = {}
    for one in making:
        by_kind.setdefault(one.spec.kind, []).append(one)
    for record in records(stream, by_kind, limits):
        for one in by_kind[record.kind]:
            one.take(record)
    return {one.spec.name: one.finish() for one in making}


class _Making:
    """A table being written."""

    def __init__(self, spec: Spec, out_of: Callable[[str], BinaryIO], header: Header) -> None:
        self.spec = spec
        self.table = Table(spec.name, spec.title, spec.rule, spec.columns)
        self._out_of = out_of
        stage = _STAGES[header.stage] if header.stage else ""
        self._known = {
            "exercice": str(header.exercice or ""),
            "etape": stage,
            "siret": header.siret or "",
            "budget": header.name,
            "nomAttribuant": header.name,
            "idAttribuant": header.siret or "",
        }
        self._text: io.TextIOWrapper | None = None
        self._staff = Staff()

    def take(self, record: Record) -> None:
        """A record: a row, a count, or a part of an aggregate."""
        if self.spec is STAFF:
            if not self._staff.add(record.fields):
                self._leave("unreadable", record.fields)
        elif reason := self.spec.decide(record.fields):
            self._leave(reason, record.fields)
        else:
            self._row(record.fields, {})

    def finish(self) -> Table:
        """The table, written to its end."""
        if self.spec is STAFF:
            self._finish_staff()
        if self._text:
            self._text.flush()
            self._text.detach()
        if self.spec.few_hidden:
            for left in self.table.left_out.values():
                left.amount = left.amount if left.count >= K else None
        return self.table

    def _finish_staff(self) -> None:
        for group in self._staff.published():
            budgeted = group.budgeted
            shown = budgeted is not None and budgeted >= K
            figures = (f"{group.posts:f}", f"{budgeted:f}" if shown else "")
            self._row({}, dict(zip(_STAFF_COLUMNS, (*group.key, *figures), strict=True)))
        if self._staff.records and not self.table.rows:
            self.table.left_out["too_few"] = LeftOut(self._staff.records)

    def _row(self, fields: Mapping[str, str], computed: Mapping[str, str]) -> None:
        compute = self.spec.compute
        row: list[str] = []
        for column in self.spec.columns:
            name = column.name
            if column.field in fields:
                row.append(self._cell(column, fields))
            elif name in compute:
                row.append(compute[name](fields))
            else:
                row.append(computed.get(name) or self._known.get(name, ""))
        self._writer().writerow(row)
        self.table.rows += 1

    def _cell(self, column: Column, fields: Mapping[str, str]) -> str:
        value, given = cell(column, fields), fields.get(column.field, "")
        if given and not value:
            if column.check in ("label", "code") and masked(given):
                self.table.masked += 1
            else:
                self.table.unreadable += 1
        return value

    def _writer(self) -> Writer:
        if self._text is None:
            out = self._out_of(self.spec.name)
            self._text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
            self._csv = csv.writer(self._text, lineterminator="\r\n")
            self._csv.writerow([column.name for column in self.spec.columns])
        return self._csv

    def _leave(self, reason: Reason, fields: Mapping[str, str]) -> None:
        left = self.table.left_out.setdefault(reason, LeftOut())
        left.count += 1
        amount = fields.get(self.spec.amount, "")
        if rules.readable(amount):
            left.amount = (left.amount or Decimal(0)) + Decimal(amount)
