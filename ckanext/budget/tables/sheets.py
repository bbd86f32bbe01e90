"""Reading a spreadsheet: the one sheet that holds budget lines, as values."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple, cast

from ckanext.budget.errors import Refusal
from ckanext.budget.tables import cells, columns
from ckanext.budget.tables.csv_in import HEADING_WITHIN
from ckanext.budget.tables.model import BadCell, Cell, Changes, Limits, Row
from ckanext.budget.tables.old_workbook import guard_old
from ckanext.budget.tables.sheet_scan import Faults
from ckanext.budget.tables.workbook_guard import guard


class SheetTable(NamedTuple):
    """The sheet that holds the lines: its rows, and the rank (from 1) of the heading."""

    rows: Iterator[Row]
    heading: int


def open_sheet(source: BinaryIO, limits: Limits, changes: Changes) -> SheetTable:
    """The only sheet with the headings of budget lines. Raises :class:`Refusal`: none or several, unreadable…"""
    import python_calamine  # noqa: PLC0415  (only spreadsheets need it)

    source.seek(0)
    if zipfile.is_zipfile(source):
        guarded = guard(source, limits)
        for aside in guarded.aside:
            changes.note(f"table_{aside}_ignored")
        workbook = _opened(python_calamine, guarded.copy)
        names = list[str](workbook.sheet_names)
        faults = {rank: guarded.faults[name] for rank, name in enumerate(names) if name in guarded.faults}
    else:
        faults = dict(enumerate(guard_old(source, limits)))
        source.seek(0)
        workbook = _opened(python_calamine, source)
        names = list[str](workbook.sheet_names)
    found = [
        (rank, heading) for rank in range(len(names)) if rank in faults and (heading := _heading(workbook, rank))
    ]
    if not found:
        raise Refusal("table_no_heading")
    if len(found) > 1:
        raise Refusal("table_several_sheets", sheets=", ".join(names[rank] for rank, _ in found))
    (rank, heading), *_ = found
    if len(names) > 1:
        changes.note("table_sheets_ignored", None, "", sheet=names[rank])
    return SheetTable(_rows(workbook, rank, faults[rank]), heading)


def _opened(calamine: Any, file: Any) -> Any:
    try:
        return calamine.CalamineWorkbook.from_filelike(file)
    except calamine.PasswordError as error:
        raise Refusal("table_workbook_encrypted") from error
    except calamine.CalamineError as error:
        raise Refusal("table_workbook_unreadable") from error
    except BaseException as error:
        _refuse_panic(error)
        raise


def _refuse_panic(error: BaseException) -> None:
    """calamine's own faults are no :class:`Exception`, and the file is what brings them about."""
    if type(error).__name__ == "PanicException":
        raise Refusal("table_workbook_unreadable") from error


def _sheet(workbook: Any, rank: int) -> Any:
    import python_calamine  # noqa: PLC0415

    try:
        return workbook.get_sheet_by_index(rank)
    except python_calamine.CalamineError as error:
        raise Refusal("table_workbook_unreadable") from error
    except BaseException as error:
        _refuse_panic(error)
        raise


def _heading(workbook: Any, rank: int) -> int:
    """Rank of the heading of a sheet, from 1; 0 when it has none."""
    best, found = 0, 0
    for number, row in enumerate(_sheet(workbook, rank).iter_rows(), 1):
        if number > HEADING_WITHIN:
            break
        if (score := columns.score([cells.plain(cell) for cell in row])) > best:
            best, found = score, number
    return found


def _rows(workbook: Any, rank: int, faults: Faults) -> Iterator[Row]:
    """Rows that hold something; those before the first filled one count."""
    sheet = _sheet(workbook, rank)
    left = cast("tuple[int, int]", sheet.start)[1] if sheet.start else 0
    at = dict[int, list[tuple[int, BadCell]]]()
    for (row, column), cell in faults.items():
        at.setdefault(row, []).append((column - left, cell))
    for index, row in enumerate(cast("Iterator[list[Cell]]", sheet.iter_rows())):
        for column, cell in at.get(index, ()):
            if 0 <= column < len(row):
                row[column] = cell
        if any(cell != "" for cell in row):
            yield Row(index + 1, cast("Sequence[Cell]", row))
