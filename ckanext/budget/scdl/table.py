"""Writing and re-reading the standard CSV: UTF-8 without BOM, comma, CRLF, RFC 4180 quoting."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import BinaryIO

from ckanext.budget.scdl.model import COLUMNS
from ckanext.budget.totem.model import AMOUNTS

#: sums of a document: (amount column of the source, R or D) → euros
Sums = dict[tuple[str, str], Decimal]

_SENSE = {"recette": "R", "dépense": "D"}
_CODRD = COLUMNS.index("BGT_CODRD")
_AMOUNTS = [(name, COLUMNS.index(f"BGT_{name.upper()}")) for name in AMOUNTS]


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


def empty_sums() -> Sums:
    """Zero for each amount column and sense."""
    return {(name, sense): Decimal(0) for name in AMOUNTS for sense in "RD"}


def read_sums(stream: BinaryIO) -> tuple[int, Sums]:
    """Rows of a CSV just written and its sums, read again from its bytes; the stream is rewound."""
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    sums, count = empty_sums(), 0
    try:
        rows = csv.reader(text)
        next(rows)
        for row in rows:
            count += 1
            sense = _SENSE[row[_CODRD]]
            for name, index in _AMOUNTS:
                if row[index]:
                    sums[name, sense] += Decimal(row[index])
    finally:
        text.detach()
    stream.seek(0)
    return count, sums
