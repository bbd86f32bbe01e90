"""Is a file a table of budget lines? Told by its content, never by its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from ckanext.budget.tables import columns, csv_in

Table = Literal["scdl_csv", "sheet", "table_csv"]

#: names of the schema that make a CSV an SCDL one
_ENOUGH = 6
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_MEMBER = re.compile(rb"PK\x03\x04.{22}(..)..", re.DOTALL)


def recognise(head: bytes, kind: str) -> Table | None:
    """What table a file is, from its first mebibyte and its :func:`ckanext.budget.totem.sniff.sniff` kind.

    ``scdl_csv``: a CSV with enough of the schema's names; ``table_csv``: a CSV whose headings can be mapped;
    ``sheet``: a spreadsheet, whatever it holds (normalising one that holds no budget line refuses it with the code
    ``table_no_heading``); None: none of them.
    """
    if kind == "zip":
        return "sheet" if is_zipped_sheet(head) else None
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "sheet" if is_old_sheet(head) else None
    if kind != "other":
        return None
    written = csv_in.guess(head)
    if written is None:
        return None
    heading = csv_in.heading_of(head, written)
    return "scdl_csv" if columns.standard_score(heading) >= _ENOUGH else "table_csv"


def zip_members(head: bytes) -> Iterator[str]:
    """Names of the members of a zip whose headers are in its head."""
    for match in _MEMBER.finditer(head):
        length = int.from_bytes(match.group(1), "little")
        yield head[match.end() : match.end() + length].decode("utf-8", "replace")


def is_zipped_sheet(head: bytes) -> bool:
    """XLSX (or XLSM, XLSB) and ODS."""
    if head[30:38] == b"mimetype":
        return _ODS in head[:200]
    return any(name.lower().startswith("xl/") for name in zip_members(head))


def is_old_sheet(head: bytes) -> bool:
    """XLS, or a workbook that a password encrypts: streams «Workbook», «Book», «EncryptedPackage», or a BIFF record
    at the start of the first sector."""
    names = ("Workbook", "Book", "EncryptedPackage")
    return head[512:514] == b"\x09\x08" or any(f"{name}\0".encode("utf-16-le") in head for name in names)
