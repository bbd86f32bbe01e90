"""Check of a CSV against the vendored SCDL budget Table Schema (0.8.3)."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from stdnum.fr import siret as stdnum_siret

from ckanext.budget.errors import Finding
from ckanext.budget.scdl.model import COLUMNS

SCHEMA = Path(__file__).parent / "schema" / "budget-0.8.3.json"
SCHEMA_VERSION = "0.8.3"
#: values of a column known to be right, kept to be checked once
_KNOWN = 2000
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_YEAR = re.compile(r"[0-9]{4}")
_SIRET = re.compile(r"[0-9]{14}")


class Fault(NamedTuple):
    """A fault of one cell (``row`` from 1, header apart; 0 = the file), as a finding of level «bloquant»."""

    row: int
    column: str
    finding: Finding


@lru_cache(maxsize=1)
def fields() -> list[dict[str, Any]]:
    """The fields of the schema, in order."""
    return json.loads(SCHEMA.read_text(encoding="utf-8"))["fields"]


def check(stream: BinaryIO) -> Iterator[Fault]:
    """Every fault of a CSV (UTF-8, comma, header first), in order. Reads as a stream."""
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    try:
        yield from _check_rows(csv.reader(text, strict=True))
    except UnicodeDecodeError:
        yield _fault(0, "", "csv_not_utf8")
    except csv.Error:
        yield _fault(0, "", "csv_unreadable")
    finally:
        text.detach()


def departures(stream: BinaryIO) -> list[Finding]:
    """Where a CSV just made departs from the schema: the first fault of each kind in each column, «à vérifier».

    The file is published all the same. A missing SIRET, the one accepted excuse, has a finding of its own. The stream
    is rewound.
    """
    stream.seek(0)
    found: dict[tuple[str, str], Finding] = {}
    for fault in check(stream):
        if (fault.column, fault.finding.code) != ("BGT_SIRET", "cell_required"):
            found.setdefault((fault.column, fault.finding.code), replace(fault.finding, level="a_verifier"))
    stream.seek(0)
    return list(found.values())


def _check_rows(rows: Iterator[list[str]]) -> Iterator[Fault]:
    header = next(rows, list[str]())
    if header[:1] and header[0].startswith("\ufeff"):
        yield _fault(0, "", "csv_bom")
        header[0] = header[0].removeprefix("\ufeff")
    if tuple(header) != COLUMNS:
        missing = [name for name in COLUMNS if name not in header]
        yield _fault(0, "", "csv_columns", missing=", ".join(missing) or "-")
        return
    known: list[set[str]] = [set() for _ in fields()]
    empty = True
    for number, row in enumerate(rows, 1):
        empty = False
        if len(row) != len(COLUMNS):
            yield _fault(number, "", "csv_row_length", cells=str(len(row)))
            continue
        for field, good, value in zip(fields(), known, row, strict=True):
            if value in good:
                continue
            fault = _check_cell(field, value)
            if fault:
                yield _fault(number, field["name"], fault, value=value[:40])
            elif len(good) < _KNOWN:
                good.add(value)
    if empty:
        yield _fault(0, "", "csv_empty")


def _check_cell(field: dict[str, Any], value: str) -> str | None:
    limits = field.get("constraints", {})
    if value == "":
        return "cell_required" if limits.get("required") else None
    faults = {
        "cell_enum": "enum" in limits and value not in limits["enum"],
        "cell_number": field["type"] == "number" and not _NUMBER.fullmatch(value),
        "cell_year": field["type"] == "year" and not _YEAR.fullmatch(value),
        "cell_length": not limits.get("minLength", 0) <= len(value) <= limits.get("maxLength", len(value)),
        "cell_siret": field["name"] == "BGT_SIRET" and not (_SIRET.fullmatch(value) and stdnum_siret.is_valid(value)),
    }
    return next((code for code, wrong in faults.items() if wrong), None)


def _fault(row: int, column: str, code: str, **params: str) -> Fault:
    return Fault(row, column, Finding(code, "bloquant", {**params, "row": str(row), "column": column}))
