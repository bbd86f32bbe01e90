"""Tables made for the tests: CSV as people export them, workbooks built on the spot, never stored."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

from ckanext.budget.convert import convert
from ckanext.budget.errors import Refusal
from ckanext.budget.scdl.model import COLUMNS
from ckanext.budget.tables.model import DEFAULT_LIMITS, Limits, Normalised
from ckanext.budget.tables.normalise import normalise
from dev import fixtures

#: one budget line, by column
LINE = {
    "BGT_NATDEC": "compte administratif", "BGT_ANNEE": "2021", "BGT_SIRET": fixtures.SIRET, "BGT_NOM": fixtures.NAME,
    "BGT_CONTNAT": "011", "BGT_CONTNAT_LABEL": "Charges à caractère général", "BGT_NATURE": "60611",
    "BGT_NATURE_LABEL": "Eau et assainissement", "BGT_SECTION": "fonctionnement", "BGT_OPBUDG": "réel",
    "BGT_CODRD": "dépense", "BGT_MTREAL": "1234.50", "BGT_CREDOUV": "2000",
}  # fmt: skip
#: the same columns, named as people do
PLAIN = {
    "BGT_NATDEC": "Étape", "BGT_ANNEE": "Exercice", "BGT_SIRET": "N° SIRET", "BGT_NOM": "Collectivité",
    "BGT_CONTNAT": "Chapitre", "BGT_CONTNAT_LABEL": "Libellé du chapitre", "BGT_NATURE": "Article",
    "BGT_NATURE_LABEL": "Libellé", "BGT_SECTION": "Section", "BGT_OPBUDG": "Réel/Ordre", "BGT_CODRD": "D/R",
    "BGT_MTREAL": "Réalisé", "BGT_CREDOUV": "Crédits ouverts",
}  # fmt: skip


def line(**changes: object) -> dict[str, object]:
    """A line but for what is given, by column without its prefix."""
    return {**LINE, **{f"BGT_{name}": value for name, value in changes.items()}}


def table(*lines: Mapping[str, object], names: Mapping[str, str] | None = None) -> list[list[object]]:
    """Heading and rows of some lines."""
    columns = list(lines[0])
    return [[(names or {}).get(c, c) for c in columns], *([one.get(c, "") for c in columns] for one in lines)]


def csv_of(rows: Iterable[Sequence[object]], separator: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)


def standard(stage: str = "CA", exercice: int = 2021, **options: object) -> bytes:
    """The standard CSV of a fictitious document."""
    out = io.BytesIO()
    convert(io.BytesIO(fixtures.document(stage, exercice, **options)), out)
    return out.getvalue()


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def normalised(content: bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[Normalised, bytes]:
    out = io.BytesIO()
    return normalise(io.BytesIO(content), out, limits=limits), out.getvalue()


def read(content: bytes) -> tuple[Normalised, list[dict[str, str]]]:
    """What is told of a table, and its rows by column."""
    told, written = normalised(content)
    return told, [dict(zip(COLUMNS, row, strict=True)) for row in rows_of(written)[1:]]


def refusal(content: bytes, limits: Limits = DEFAULT_LIMITS) -> Refusal:
    """The refusal of a table; the test fails when it is taken."""
    try:
        normalised(content, limits)
    except Refusal as found:
        return found
    raise AssertionError("this table should be refused")


def codes(told: Normalised) -> list[str]:
    return [finding.code for finding in told.findings]


# -- workbooks


def xlsx(*sheets: Sequence[Sequence[object]]) -> bytes:
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for number, rows in enumerate(sheets, 1):
        sheet = workbook.create_sheet(f"Feuille{number}")
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def repacked(content: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """A zip with some members replaced, added, or (None) removed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in changes:
                target.writestr(name, source.read(name))
        for name, data in changes.items():
            if data is not None:
                target.writestr(name, data)
    return out.getvalue()


_NS = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def ods_cell(value: object) -> str:
    if isinstance(value, float | int):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    if value == "":
        return "<table:table-cell/>"
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'


def ods_of(rows: str, manifest: str = "") -> bytes:
    """An ODS whose rows are given as XML."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("mimetype", kind, zipfile.ZIP_STORED)
        target.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>{manifest}</manifest:manifest>',
        )
        target.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NS}><office:body><office:spreadsheet>'
            f'<table:table table:name="Budget">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def ods(rows: Sequence[Sequence[object]]) -> bytes:
    made = ("".join(ods_cell(value) for value in row) for row in rows)
    return ods_of("".join(f"<table:table-row>{cells}</table:table-row>" for cells in made))


def ole(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file with one stream: header, one FAT sector, one directory sector, the stream's sectors."""
    stream = stream.ljust(4096, b"\0")
    stream += bytes(-len(stream) % 512)
    sectors = len(stream) // 512
    assert sectors <= 126
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    fat = struct.pack("<128I", *(chain + [0xFFFFFFFF] * (128 - len(chain))))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)

    def entry(label: str, kind: int, child: int, start: int, size: int) -> bytes:
        wide = label.encode("utf-16-le")
        free = 0xFFFFFFFF
        return (
            wide.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(wide) + 2, kind, 1, free, free, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    empty = bytes(64) + struct.pack("<HBBIII", 0, 0, 0, *[0xFFFFFFFF] * 3) + bytes(48)
    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(name, 2, 0xFFFFFFFF, 2, len(stream)) + empty * 2
    return header + fat + directory + stream


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def xls_cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, float | int):
        return _record(0x203, place + struct.pack("<d", value))
    text = str(value).encode("utf-16-le")
    return _record(0x204, place + struct.pack("<HB", len(text) // 2, 1) + text)


def xls(rows: Sequence[Sequence[object]], more: bytes = b"", protected: bool = False) -> bytes:
    """An XLS (BIFF8) of one sheet; ``more`` are records added to it."""
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    start += _record(0x2F, bytes(54)) if protected else b""
    position = len(start) + 4 + 14 + 4
    start += _record(0x85, struct.pack("<IHBB", position, 0, 6, 0) + b"Budget") + _record(0x0A, b"")
    cells = b"".join(
        xls_cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value != ""
    )
    return ole(
        start + _record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0)) + cells + more + _record(0x0A, b"")
    )
