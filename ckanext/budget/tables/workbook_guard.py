"""What calamine may open: a copy of an XLSX or ODS that holds what is needed and nothing else, its XML bounded.

calamine holds the rectangle of a sheet in memory, blank cells among it (two cells in opposite corners are 17 billion),
inflates whatever a zip claims to be small, and gives nothing for an error or a formula without value: all this is
looked at before. Macros, links to other workbooks, pictures and comments are not copied: a workbook is read as values,
nothing in it runs and nothing outside it is opened.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from ckanext.budget.errors import Refusal
from ckanext.budget.tables import sheet_scan
from ckanext.budget.tables.model import Limits
from ckanext.budget.tables.sheet_scan import Faults

_BLOCK = 1 << 16
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_RELATIONS = "xl/_rels/workbook.xml.rels"
_PARTS = {
    "[content_types].xml", "_rels/.rels", "xl/workbook.xml", "xl/sharedstrings.xml", "xl/styles.xml", _RELATIONS,
    "mimetype", "meta-inf/manifest.xml", "content.xml",
}  # fmt: skip
_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError, RuntimeError)


@dataclass
class Guarded:
    """A workbook that may be opened: ``faults`` by name of sheet, ``aside`` what was left out («macros», «links»)."""

    copy: io.BytesIO
    faults: Mapping[str, Faults] = field(default_factory=dict[str, Faults])
    aside: tuple[str, ...] = ()


def guard(source: BinaryIO, limits: Limits) -> Guarded:
    """A copy fit to be opened. Raises :class:`Refusal`: encrypted, damaged, over a limit, or an XLSB."""
    copy = io.BytesIO()
    try:
        with zipfile.ZipFile(source) as archive:
            parts = _parts(archive.infolist(), limits)
            with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
                scans = dict(_copied(archive, target, parts, limits))
            names = [info.filename.lower() for info in archive.infolist()]
    except _ERRORS as error:
        raise Refusal("table_workbook_unreadable") from error
    marks = {"macros": "vbaproject", "links": "externallinks/"}
    copy.seek(0)
    aside = tuple(what for what, mark in marks.items() if any(mark in name for name in names))
    return Guarded(copy, _faults(scans), aside)


def _path(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/").lower().removeprefix("/")


def _parts(members: list[zipfile.ZipInfo], limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """The members to copy, by path in lower case."""
    if len(members) > limits.members:
        raise Refusal("limit_reached", limit="members", value=str(limits.members))
    if any(_path(info) == "xl/workbook.bin" for info in members):
        raise Refusal("table_xlsb")
    parts: dict[str, zipfile.ZipInfo] = {}
    for info in members:
        path = _path(info)
        if path not in _PARTS and not _WORKSHEET.fullmatch(path):
            continue
        if info.flag_bits & 1:
            raise Refusal("table_workbook_encrypted")
        if path in parts:  # two members of one name: which one is read is anyone's guess
            raise Refusal("table_workbook_unreadable")
        parts[path] = info
    if sum(info.file_size for info in parts.values()) > limits.unpacked:
        raise Refusal("table_workbook_bomb", limit=str(limits.unpacked >> 20))
    return parts


def _copied(
    archive: zipfile.ZipFile, target: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo], limits: Limits
) -> Iterator[tuple[str, sheet_scan.Scan]]:
    """Each part copied, with what was seen in it. :mod:`zipfile` gives no more bytes than a member claims."""
    for path, info in parts.items():
        if path == "mimetype":
            target.writestr(info.filename, archive.read(info), zipfile.ZIP_STORED)
            continue
        scan = _scan(path, limits)
        with archive.open(info) as member, target.open(info.filename, "w") as out:
            for block in iter(lambda: member.read(_BLOCK), b""):  # noqa: B023  (used at once)
                scan.feed(block)
                out.write(block)
        scan.feed(b"", final=True)
        if isinstance(scan, sheet_scan.Manifest) and scan.encrypted:
            raise Refusal("table_workbook_encrypted")
        yield path, scan


def _scan(path: str, limits: Limits) -> sheet_scan.Scan:
    if _WORKSHEET.fullmatch(path):
        return sheet_scan.XlsxSheet(limits)
    special = {
        "content.xml": sheet_scan.OdsContent,
        "meta-inf/manifest.xml": sheet_scan.Manifest,
        "xl/workbook.xml": sheet_scan.Workbook,
        _RELATIONS: sheet_scan.Workbook,
    }
    return special.get(path, sheet_scan.Scan)(limits)


def _faults(scans: Mapping[str, sheet_scan.Scan]) -> dict[str, Faults]:
    """Faults by name of sheet."""
    content = scans.get("content.xml")
    if isinstance(content, sheet_scan.OdsContent):
        return {name: sheet.faults for name, sheet in content.sheets.items()}
    workbook, relations = scans.get("xl/workbook.xml"), scans.get(_RELATIONS)
    if not (isinstance(workbook, sheet_scan.Workbook) and isinstance(relations, sheet_scan.Workbook)):
        raise Refusal("table_workbook_unreadable")
    found: dict[str, Faults] = {}
    for name, relation in workbook.sheets:
        path = posixpath.normpath(posixpath.join("/xl", relations.targets.get(relation, ""))).lower().lstrip("/")
        scan = scans.get(path)
        if isinstance(scan, sheet_scan.XlsxSheet):
            found[name] = scan.faults
    return found
