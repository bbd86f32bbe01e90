"""A CSV of ours, rewritten as software and people rewrite such files, comes back byte for byte."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from ckanext.budget.scdl.model import COLUMNS
from ckanext.budget.scdl.table import read_back
from tests.tables.made import codes, csv_of, normalised, ods, rows_of, standard, xlsx

DOCUMENTS = {
    "BP": {"stage": "BP", "exercice": 2021},
    "DM": {"stage": "DM", "exercice": 2021, "dm_number": 2},
    "BS": {"stage": "BS", "exercice": 2021},
    "CA": {"stage": "CA", "exercice": 2022},
    "CFU": {"exercice": 2023, "cfu": True},
    "annexe": {"stage": "CA", "exercice": 2021, "annexe": True},
}
AMOUNTS = range(COLUMNS.index("BGT_MTREAL"), COLUMNS.index("BGT_ARTSPE"))
ENUMS = [COLUMNS.index(name) for name in ("BGT_NATDEC", "BGT_SECTION", "BGT_OPBUDG", "BGT_CODRD", "BGT_ARTSPE")]

Rows = list[list[str]]


def shuffled(rows: Rows) -> Rows:
    order = list(range(len(COLUMNS)))
    random.Random(4).shuffle(order)
    return [[row[i] for i in order] for row in rows]


def each(rows: Rows, places: object, change: Callable[[str], str]) -> Rows:
    kept = set(places)  # pyright: ignore[reportArgumentType]
    return [rows[0], *([change(c) if i in kept else c for i, c in enumerate(row)] for row in rows[1:])]


def commas(rows: Rows) -> Rows:
    return each(rows, AMOUNTS, lambda cell: cell.replace(".", ","))


def french(rows: Rows) -> Rows:
    def grouped(cell: str) -> str:
        whole, _, cents = cell.partition(".")
        sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
        spaced = f"{int(digits):,}".replace(",", "\u202f") if digits else ""
        return f"{sign}{spaced}{',' if cents else ''}{cents} €" if digits else cell

    return each(rows, AMOUNTS, grouped)


def capitals(rows: Rows) -> Rows:
    return each(rows, ENUMS, str.upper)


REWRITTEN: dict[str, tuple[Callable[[Rows], bytes], set[str]]] = {
    "columns shuffled": (lambda rows: csv_of(shuffled(rows)), {"table_order"}),
    "semicolons": (lambda rows: csv_of(rows, ";"), {"table_separator"}),
    "tabs": (lambda rows: csv_of(rows, "\t"), {"table_separator"}),
    "decimal commas": (lambda rows: csv_of(commas(rows), ";"), {"table_separator", "table_amount_comma"}),
    "French amounts": (
        lambda rows: csv_of(french(rows), ";"),
        {"table_separator", "table_amount_comma", "table_amount_spaces", "table_amount_currency"},
    ),
    "BOM": (lambda rows: csv_of(rows, encoding="utf-8-sig"), {"table_bom"}),
    "UTF-16": (lambda rows: csv_of(rows, ";", "utf-16"), {"table_bom", "table_encoding", "table_separator"}),
    "windows-1252": (lambda rows: csv_of(rows, encoding="cp1252"), {"table_encoding"}),
    "capitals": (lambda rows: csv_of(capitals(rows)), {"table_word"}),
    "LF": (lambda rows: csv_of(rows).replace(b"\r\n", b"\n"), set()),
    "all at once": (
        lambda rows: csv_of(shuffled(capitals(commas(rows))), ";", "cp1252"),
        {"table_order", "table_word", "table_amount_comma", "table_separator", "table_encoding"},
    ),
}


@pytest.mark.parametrize("case", DOCUMENTS)
def test_the_standard_itself_is_not_changed(case: str) -> None:
    content = standard(**DOCUMENTS[case])
    told, written = normalised(content)
    assert written == content
    assert told.findings == []


@pytest.mark.parametrize("way", REWRITTEN)
@pytest.mark.parametrize("case", DOCUMENTS)
def test_what_was_rewritten_comes_back_byte_for_byte_and_each_change_is_told(case: str, way: str) -> None:
    content = standard(**DOCUMENTS[case])
    rewrite, changes = REWRITTEN[way]
    told, written = normalised(rewrite(rows_of(content)))
    assert written == content
    assert set(codes(told)) == changes


def test_normalising_twice_changes_nothing_more() -> None:
    _, once = normalised(csv_of(shuffled(capitals(rows_of(standard()))), ";"))
    told, twice = normalised(once)
    assert (twice, told.findings) == (once, [])


@pytest.mark.parametrize("workbook", [xlsx, ods])
def test_a_workbook_of_texts_comes_back_byte_for_byte(workbook: Callable[[Rows], bytes]) -> None:
    content = standard("CA", 2022)
    told, written = normalised(workbook(rows_of(content)))
    assert (told.kind, written) == ("sheet", content)


def test_the_sums_that_were_read_are_those_of_the_csv() -> None:
    import io

    told, written = normalised(csv_of(commas(rows_of(standard())), ";"))
    rows, groups = read_back(io.BytesIO(written))
    assert rows == told.lines
    assert groups == told.groups
    assert any(any(sums) for sums in groups.values())
