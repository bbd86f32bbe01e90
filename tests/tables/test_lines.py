"""Lines for the registry, read again from a normalised CSV."""

from __future__ import annotations

import io

from ckanext.budget.convert import convert
from ckanext.budget.scdl.model import ConvertedLine
from ckanext.budget.tables.lines import lines_of
from dev import fixtures
from tests.tables.made import csv_of, line, normalised, table


def test_lines_are_those_of_the_conversion_but_for_the_chapter_that_a_table_does_not_tell() -> None:
    out, lines = io.BytesIO(), list[ConvertedLine]()
    convert(io.BytesIO(fixtures.document("CA", 2022)), out, on_line=lines.append)
    found = list(lines_of(out))
    assert len(found) == len(lines) > 20
    for own, converted in zip(found, lines, strict=True):
        assert own == converted._replace(
            chapter=converted.contnat, chapter_label=converted.contnat_label, artspe=own.artspe
        )
        assert (own.artspe or "") == own.cells[-1]


def test_absent_amounts_are_none_and_an_absent_account_is_its_chapter() -> None:
    _, written = normalised(csv_of(table(line(MTREAL="", NATURE="", OPBUDG="1", CODRD="R"))))
    (found,) = lines_of(io.BytesIO(written))
    assert (found.mtreal, found.credouv, found.nature, found.ordre, found.code_rd) == (None, "2000", "011", True, "R")
