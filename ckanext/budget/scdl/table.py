"""Writing and re-reading the standard CSV: UTF-8 without BOM, comma, CRLF, RFC 4180 quoting."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Context, Decimal, localcontext
from typing import BinaryIO

from ckanext.budget.scdl.model import COLUMNS
from ckanext.budget.totem.model import AMOUNTS

_SENSE = {"recette": "R", "dépense": "D"}
_SECTION = {"fonctionnement": "F", "investissement": "I"}
_CODRD, _SECTIONS, _OPBUDG, _NATURE = (
    COLUMNS.index(name) for name in ("BGT_CODRD", "BGT_SECTION", "BGT_OPBUDG", "BGT_NATURE")
)
_AMOUNTS = [COLUMNS.index(f"BGT_{name.upper()}") for name in AMOUNTS]
_ZERO = ("0", "0.0", "0.00")
#: in which sums are exact, however long an amount is
EXACT = Context(prec=1_000_000)


def write(rows: Iterable[tuple[str, ...]], out: BinaryIO) -> int:
    """Write the header and the rows; returns how many rows."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    count = 0
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow(row)
            count += 1
    finally:
        text.flush()
        text.detach()
    return count


def text(cells: Iterable[str]) -> str:
    """A row as text, without its end of line."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


def cells(row: str) -> list[str]:
    """What :func:`text` wrote."""
    return next(csv.reader([row]), list[str]())


def write_rows(batches: Iterable[list[bytes]], out: BinaryIO) -> None:
    """Write the header, then rows that are made already."""
    out.write((text(COLUMNS) + "\r\n").encode())
    for rows in batches:
        out.write(b"".join(rows))


#: rows of a CSV that share section (F/I), sense (R/D), ordre and account: their sums, in the order of ``AMOUNTS``
Groups = dict[tuple[str, str, bool, str], list[Decimal]]


def read_back(stream: BinaryIO) -> tuple[int, Groups]:
    """Rows of a standard CSV and their sums, read again from its bytes; the stream is rewound."""
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    groups: Groups = {}
    count = 0
    first, last = _AMOUNTS[0], _AMOUNTS[-1] + 1
    try:
        rows = csv.reader(text)
        next(rows)
        with localcontext(EXACT):
            for row in rows:
                count += 1
                key = _SECTION[row[_SECTIONS]], _SENSE[row[_CODRD]], row[_OPBUDG] == "ordre", row[_NATURE]
                sums = groups.get(key)
                if sums is None:
                    sums = groups[key] = [Decimal(0)] * len(AMOUNTS)
                for index, amount in enumerate(row[first:last]):
                    if amount and amount not in _ZERO:
                        sums[index] += Decimal(amount)
    finally:
        text.detach()
    stream.seek(0)
    return count, groups
