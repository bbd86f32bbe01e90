"""Real SCDL files made by others: taken whole, and valid but for what their makers left blank."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from ckanext.budget.scdl.model import COLUMNS
from ckanext.budget.scdl.schema import check
from ckanext.budget.tables.lines import lines_of
from ckanext.budget.tables.recognise import recognise
from tests.conftest import CORPUS, needs_corpus
from tests.tables.made import csv_of, normalised, rows_of, xlsx

FILES = sorted([*CORPUS.glob("scdl_csv_examples/*.csv"), *CORPUS.glob("xml/*/expected.csv")])
#: cells that the normalisation writes otherwise: NATDEC is capitalised there, a blank section follows from the account
CHANGED = {"BGT_NATDEC", "BGT_SECTION"}

pytestmark = needs_corpus


def source_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.reader(text))


def test_there_are_real_files() -> None:
    assert len(FILES) >= 7


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_a_real_file_is_taken_whole_and_valid_but_for_its_blanks(path: Path) -> None:
    assert recognise(path.read_bytes()[: 1 << 20], "other") == "scdl_csv"
    told, written = normalised(path.read_bytes())
    source, made = source_rows(path), rows_of(written)
    assert (told.lines, told.left_out) == (len(source) - 1, 0)
    for before, after in zip(source[1:], made[1:], strict=True):
        for column, old, new in zip(COLUMNS, before, after, strict=True):
            assert new == (old.lower() if column == "BGT_NATDEC" else old) or (column in CHANGED and not old)
    faults = list(check(io.BytesIO(written)))
    assert {fault.finding.code for fault in faults} <= {"cell_required"}
    assert all(source[fault.row][COLUMNS.index(fault.column)] == "" for fault in faults)
    assert not any(fault.column == "BGT_SECTION" for fault in faults)
    assert len(list(lines_of(io.BytesIO(written)))) == told.lines


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_a_real_file_that_went_through_a_spreadsheet_comes_back_the_same(path: Path) -> None:
    rows = source_rows(path)
    _, straight = normalised(path.read_bytes())
    assert normalised(csv_of(rows, ";", "utf-16"))[1] == straight
    assert normalised(xlsx(rows))[1] == straight
