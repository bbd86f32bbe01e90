"""Looking through an XLS before it is opened, as :mod:`workbook_guard` does for newer workbooks."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from ckanext.budget.errors import Refusal
from ckanext.budget.tables.model import Limits
from ckanext.budget.tables.sheet_scan import Faults, Sheet

_BOF, _FILEPASS, _BOUNDSHEET = 0x0809, 0x002F, 0x0085
_FORMULA, _BOOLERR = 0x0006, 0x0205
#: records of one cell that has a value: NUMBER, LABELSST, LABEL, RK, RSTRING
_VALUED = {0x0203, 0x00FD, 0x0204, 0x027E, 0x00D6, _FORMULA, _BOOLERR}
_MULRK = 0x00BD


def guard_old(source: BinaryIO, limits: Limits) -> list[Faults]:
    """Faults of each sheet, in order. Raises :class:`Refusal`: encrypted, damaged, over a limit."""
    source.seek(0, 2)
    if source.tell() > limits.unpacked:
        raise Refusal("table_workbook_bomb", limit=str(limits.unpacked >> 20))
    stream = _workbook_stream(source)
    places = dict[int, int]()  # position of a sheet's BOF → its rank
    sheets = list[Sheet]()
    current: Sheet | None = None
    for position, kind, data in _records(stream):
        if kind == _FILEPASS:
            raise Refusal("table_workbook_encrypted")
        if kind == _BOUNDSHEET and len(data) >= 4:
            places[int.from_bytes(data[:4], "little")] = len(sheets)
            sheets.append(Sheet(limits))
        elif kind == _BOF and position in places:
            current = sheets[places[position]]
        elif current is not None and len(data) >= 6:
            _cell(current, kind, data)
    return [sheet.faults for sheet in sheets]


def _workbook_stream(source: BinaryIO) -> bytes:
    import olefile  # noqa: PLC0415  (only an XLS needs it)

    source.seek(0)
    try:
        ole = cast("Any", olefile.OleFileIO(source))
        if ole.exists("EncryptedPackage"):
            raise Refusal("table_workbook_encrypted")
        name = next((name for name in ("Workbook", "Book") if ole.exists(name)), None)
        if name is None:
            raise Refusal("table_workbook_unreadable")
        return ole.openstream(name).read()
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise Refusal("table_workbook_unreadable") from error


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    position = 0
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        yield position, kind, stream[position + 4 : position + 4 + length]
        position += 4 + length


def _cell(sheet: Sheet, kind: int, data: bytes) -> None:
    row, column = struct.unpack_from("<HH", data)
    if kind == _MULRK:
        sheet.valued(row, int.from_bytes(data[-2:], "little"))
    elif (
        kind == _BOOLERR
        and len(data) >= 8
        and data[7]
        or kind == _FORMULA
        and data[12:14] == b"\xff\xff"
        and data[6] == 2
    ):
        sheet.fault(row, column, "error")
    elif kind in _VALUED:
        sheet.valued(row, column)
