"""Spreadsheets: values as they are shown to be, and nothing run, followed or unpacked beyond bounds."""

from __future__ import annotations

import datetime as dt
import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence

import pytest

from ckanext.budget.tables.model import Limits
from tests.conftest import ROOT
from tests.tables.made import (
    PLAIN,
    codes,
    line,
    ods,
    ods_cell,
    ods_of,
    ole,
    read,
    refusal,
    repacked,
    table,
    xls,
    xls_cell,
    xlsx,
)

WORKBOOKS = {"xlsx": xlsx, "ods": ods, "xls": xls}
Workbook = Callable[[Sequence[Sequence[object]]], bytes]
SHEET = "xl/worksheets/sheet1.xml"


def sheet_of(content: bytes, *changes: tuple[str, str]) -> bytes:
    """An XLSX whose first sheet's XML is edited."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read(SHEET).decode()
    for old, new in changes:
        assert old in xml
        xml = xml.replace(old, new)
    return repacked(content, {SHEET: xml.encode()})


@pytest.mark.parametrize("kind", WORKBOOKS)
def test_numbers_become_the_digits_that_they_show(kind: str) -> None:
    given = line(ANNEE=2021, NATURE=60611, CODRD="Dépense", MTREAL=1234.5, CREDOUV=2000, MTPREV=1234.560000000001)
    told, (row,) = read(WORKBOOKS[kind](table(given)))
    assert [row[f"BGT_{c}"] for c in ("ANNEE", "NATURE", "CODRD", "MTREAL", "CREDOUV", "MTPREV")] == [
        "2021", "60611", "dépense", "1234.5", "2000", "1234.56",
    ]  # fmt: skip
    assert told.kind == "sheet"
    assert {"table_code_number", "table_amount_noise", "table_year", "table_word"} <= set(codes(told))


@pytest.mark.parametrize("kind", WORKBOOKS)
def test_titles_blank_rows_totals_and_a_table_away_from_the_corner(kind: str) -> None:
    heading, *lines = table(line(MTREAL=1.5), line(MTREAL=2), names=PLAIN)
    total = ["Total", *[""] * (len(heading) - 3), 3.5, 4000]
    rows = [[], ["", "", "Commune d'Exemple"], [], *(["", "", *row] for row in (heading, *lines, total))]
    told, written = read(WORKBOOKS[kind](rows))
    assert [row["BGT_MTREAL"] for row in written] == ["1.5", "2"]
    places = {f.code: f.line for f in told.findings}
    assert (places["table_titles"], places["table_totals"]) == (2, 7)


def test_a_siret_that_is_a_number_is_read_whole() -> None:
    told, (row,) = read(xlsx(table(line(SIRET=float(str(line()["BGT_SIRET"]))))))
    assert row["BGT_SIRET"] == told.header.siret == line()["BGT_SIRET"]


def test_dates_stand_for_years_but_never_for_codes() -> None:
    assert read(xlsx(table(line(ANNEE=dt.date(2021, 12, 31)))))[1][0]["BGT_ANNEE"] == "2021"
    found = refusal(xlsx(table(line(NATURE=dt.date(2021, 1, 2))))).finding
    assert (found.code, found.line, found.params["column"]) == ("table_code_date", 2, "BGT_NATURE")


def test_an_amount_that_is_no_number_is_refused_with_its_place() -> None:
    found = refusal(xlsx(table(line(), line(MTREAL="à voir"), names=PLAIN))).finding
    assert (found.code, found.line, found.params["column"]) == ("table_amount", 3, "Réalisé")


def test_the_sheet_of_the_lines_is_found_among_others() -> None:
    told, rows = read(xlsx([["Lisez-moi"]], table(line())))
    assert len(rows) == 1
    assert next(f for f in told.findings if f.code == "table_sheets_ignored").params["sheet"] == "Feuille2"


def test_two_sheets_of_lines_are_refused_and_named() -> None:
    found = refusal(xlsx(table(line()), table(line()))).finding
    assert (found.code, found.params["sheets"]) == ("table_several_sheets", "Feuille1, Feuille2")


@pytest.mark.parametrize("kind", WORKBOOKS)
def test_a_workbook_of_something_else_has_no_heading(kind: str) -> None:
    assert refusal(WORKBOOKS[kind]([["Nom", "Prénom"], ["Exemple", "Claude"]])).finding.code == "table_no_heading"


# -- formulas and errors


def test_a_formula_gives_the_value_that_was_saved() -> None:
    content = sheet_of(xlsx(table(line(MTREAL=1234.5))), ("<v>1234.5</v>", "<f>SUM(A1:A9)</f><v>77.25</v>"))
    assert read(content)[1][0]["BGT_MTREAL"] == "77.25"


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (xlsx(table(line(MTREAL="=1+1"))), "table_formula", "L2"),
        (sheet_of(xlsx(table(line(MTREAL=1234.5))), ('t="n"><v>1234.5', 't="e"><v>#REF!')), "table_error_cell", "L2"),
        (xls(table(line(MTREAL="")), struct.pack("<HHHHHBB", 0x205, 8, 1, 11, 0, 23, 1)), "table_error_cell", "L2"),
        (ods_of("".join(
            f"<table:table-row>{''.join(cells)}</table:table-row>" for cells in (
                [ods_cell(c) for c in table(line())[0]],
                [*(ods_cell(c) for c in table(line())[1][:11]),
                 '<table:table-cell table:formula="of:=1+1"/>', ods_cell(1)],
            ))), "table_formula", "L2"),
        (ods_of("".join(
            f"<table:table-row>{''.join(cells)}</table:table-row>" for cells in (
                [ods_cell(c) for c in table(line())[0]],
                [*(ods_cell(c) for c in table(line())[1][:11]),
                 '<table:table-cell office:value-type="string" calcext:value-type="error"><text:p>#REF!</text:p>'
                 "</table:table-cell>", ods_cell(1)],
            ))), "table_error_cell", "L2"),
    ],
    ids=["xlsx formula", "xlsx error", "xls error", "ods formula", "ods error"],
)  # fmt: skip
def test_a_cell_without_value_is_refused_with_its_place_and_never_read_as_empty(
    content: bytes, code: str, place: str
) -> None:
    found = refusal(content).finding
    assert (found.code, found.params["value"], found.line) == (code, place, 2)


def test_a_formula_without_value_outside_the_budget_does_not_matter() -> None:
    rows = [[*row, "Contrôle" if n == 0 else "=1+1"] for n, row in enumerate(table(line()))]
    rows.append(["Total", *[""] * 10, "=SUM(L2:L2)", "", ""])
    told, written = read(xlsx(rows))
    assert len(written) == 1
    assert "table_totals" in codes(told)


# -- macros, links, passwords


def test_macros_and_links_are_neither_run_nor_followed_and_are_told() -> None:
    content = repacked(
        xlsx(table(line())),
        {
            "xl/vbaProject.bin": b"MZ",
            "xl/externalLinks/externalLink1.xml": b"<!DOCTYPE x SYSTEM 'http://x.invalid/'><x/>",
        },
    )
    told, rows = read(content)
    assert len(rows) == 1
    assert {"table_macros_ignored", "table_links_ignored"} <= set(codes(told))


ENCRYPTED_ODS = ods_of("<table:table-row/>", "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>")


@pytest.mark.parametrize(
    "content",
    [ole(b"", "EncryptedPackage"), xls(table(line()), protected=True), ENCRYPTED_ODS],
    ids=["xlsx", "xls", "ods"],
)
def test_a_workbook_with_a_password_is_refused_as_such(content: bytes) -> None:
    assert refusal(content).finding.code == "table_workbook_encrypted"


# -- made to harm

FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
DEEP = "<a>" * 100 + "</a>" * 100
PLAIN_BOOK = xlsx(table(line()))


def bomb(megabytes: int) -> bytes:
    """A shared strings table of many megabytes of blanks in a few kilobytes."""
    return repacked(
        PLAIN_BOOK, {"xl/sharedStrings.xml": b"<sst><si><t>" + b" " * (megabytes << 20) + b"</t></si></sst>"}
    )


def lying(content: bytes, name: str, size: int) -> bytes:
    """A zip whose directory claims another size for a member."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo(name)
    true, false = struct.pack("<I", info.file_size), struct.pack("<I", size)
    start = content.rindex(b"PK\x01\x02", 0, content.rindex(name.encode()))
    return content[:start] + content[start:].replace(true, false, 1)


BLANKS = '<text:p><text:s text:c="999999999"/></text:p>'
ROW_OF_ONE = "<table:table-row>" + ods_cell(1) + "</table:table-row>"
HOSTILE = {
    "a cell in the far corner": (sheet_of(PLAIN_BOOK, ("</sheetData>", FAR)), "table_sheet_wide"),
    "a row far below": (
        sheet_of(PLAIN_BOOK, ("</sheetData>", FAR.replace("XFD", "B"))), "table_sheet_big",
    ),
    "a DOCTYPE": (
        sheet_of(PLAIN_BOOK, ("<worksheet", '<!DOCTYPE x [<!ENTITY a "aaa">]><worksheet')), "table_workbook_unreadable",
    ),
    "depth": (sheet_of(PLAIN_BOOK, ("</sheetData>", f"</sheetData>{DEEP}")), "limit_reached"),
    "130 MB of blanks": (bomb(130), "table_workbook_bomb"),
    "a size that lies": (lying(bomb(20), "xl/sharedStrings.xml", 100), "table_workbook_unreadable"),
    "many members": (repacked(PLAIN_BOOK, {f"xl/x{n}.xml": b"" for n in range(2001)}), "limit_reached"),
    "a cut file": (PLAIN_BOOK[:-200], "table_no_heading"),
    "a damaged sheet": (repacked(PLAIN_BOOK, {SHEET: b"<worksheet><sheetData>"}), "table_workbook_unreadable"),
    "no sheet": (repacked(PLAIN_BOOK, {"xl/workbook.xml": None}), "table_workbook_unreadable"),
    "a binary workbook": (repacked(PLAIN_BOOK, {"xl/workbook.bin": b"x"}), "table_xlsb"),
    "an ODS row a million times": (
        ods_of(ROW_OF_ONE.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="9000000">')),
        "table_sheet_big",
    ),
    "an ODS cell 16,384 times": (
        ods_of(ROW_OF_ONE.replace("office:value=", 'table:number-columns-repeated="16384" office:value=')),
        "table_sheet_wide",
    ),
    "an ODS of blanks": (
        ods_of(ROW_OF_ONE.replace("/></table:", f">{BLANKS}</table:table-cell></table:")),
        "limit_reached",
    ),
    "an ODS with a number that is none": (
        ods_of('<table:table-row table:number-rows-repeated="x"/>'), "table_workbook_unreadable",
    ),
    "an XLS cell in the far corner": (xls(table(line()), xls_cell(65535, 255, 1.0)), "table_sheet_big"),
    "an XLS that is something else": (ole(b"x" * 5000), "table_workbook_unreadable"),
    "a compound file of noise": (b"\xd0\xcf\x11\xe0" + bytes(range(256)) * 20, "table_workbook_unreadable"),
}  # fmt: skip


@pytest.mark.parametrize("attack", HOSTILE)
def test_an_attack_is_refused_with_its_own_message(attack: str) -> None:
    content, code = HOSTILE[attack]
    assert refusal(content).finding.code == code


def test_blank_cells_as_calc_writes_them_cost_nothing() -> None:
    tail = '<table:table-cell table:number-columns-repeated="16371"/>'
    rows = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}{tail}</table:table-row>" for row in table(line()))
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    end = f'<table:table-row table:number-rows-repeated="1048574">{blank}</table:table-row>'
    assert len(read(ods_of(rows + end))[1]) == 1


def test_a_sheet_is_bounded_by_its_rectangle() -> None:
    content = xlsx(table(*[line()] * 30))
    assert refusal(content, Limits(cells=13 * 30)).finding.code == "table_sheet_big"
    assert len(read(content)[1]) == 30


def test_no_attack_takes_much_memory() -> None:
    """Peak memory of one process that meets every attack, over that of the same with a good workbook."""
    program = """
import resource, sys
from tests.tables.made import refusal, normalised
from tests.tables.test_sheets import HOSTILE, PLAIN_BOOK
normalised(PLAIN_BOOK)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for content, _ in HOSTILE.values():
    refusal(content)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 32 << 10  # KiB
