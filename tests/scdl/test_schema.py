"""The check of a CSV: nothing to say of a good one; of each fault, its row, its column and a sentence in French."""

from __future__ import annotations

import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.budget.convert import convert
from ckanext.budget.messages import french, render
from ckanext.budget.scdl import schema, table
from ckanext.budget.scdl.model import COLUMNS
from ckanext.budget.scdl.schema import Fault, check
from dev import fixtures
from tests.conftest import CORPUS, needs_corpus
from tests.scdl.made import REQUIRED, row

GOOD = {
    "BGT_OPERATION": "12",
    "BGT_FONCTION": "01",
    "BGT_MTREAL": "-12.50",
    "BGT_CREDOUV": "0",
    "BGT_ARTSPE": "spécialisé",
}


def a_row(**cells: str) -> tuple[str, ...]:
    made = {**row({"Nature": "60611", "CodRD": "D", "OpBudg": "0"}), **GOOD, **cells}
    return tuple(made[name] for name in COLUMNS)


def written(*rows: tuple[str, ...]) -> bytes:
    out = io.BytesIO()
    table.write(rows, out)
    return out.getvalue()


def faults(content: bytes) -> list[Fault]:
    return list(check(io.BytesIO(content)))


def sentences(content: bytes) -> list[str]:
    return [sentence(fault) for fault in faults(content)]


def sentence(fault: Fault) -> str:
    """In French, its unbreakable spaces made plain."""
    return re.sub(r"\s", " ", render(fault.finding, french()).sentence)


@pytest.mark.parametrize("stage", ["BP", "DM", "BS", "CA", "CFU"])
def test_what_we_write_has_no_fault(stage: str) -> None:
    out = io.BytesIO()
    convert(io.BytesIO(fixtures.document(stage, 2021, cfu=stage == "CFU")), out)
    assert faults(out.getvalue()) == []


def test_the_columns_of_the_vendored_schema_are_ours() -> None:
    assert tuple(field["name"] for field in schema.fields()) == COLUMNS
    assert len(COLUMNS) == 22
    assert tuple(f["name"] for f in schema.fields() if f["constraints"].get("required")) == REQUIRED
    assert json.loads(schema.SCHEMA.read_text(encoding="utf-8"))["version"] == schema.SCHEMA_VERSION


@needs_corpus
def test_the_vendored_schema_is_the_published_one() -> None:
    assert schema.SCHEMA.read_bytes() == (CORPUS / "scdl_schema/budget/latest/schema.json").read_bytes()


def test_quotes_commas_and_line_breaks_in_a_label_are_no_fault() -> None:
    assert faults(written(a_row(BGT_CONTNAT_LABEL='Eau, gaz\n«énergie» "verte"'))) == []


def test_lines_ending_with_lf_alone_are_no_fault() -> None:
    assert faults(written(a_row(), a_row()).replace(b"\r\n", b"\n")) == []


def test_a_byte_order_mark_is_told_and_the_rows_are_still_checked() -> None:
    found = faults(b"\xef\xbb\xbf" + written(a_row(BGT_ANNEE="21")))
    assert [(f.row, f.column, f.finding.code) for f in found] == [(0, "", "csv_bom"), (1, "BGT_ANNEE", "cell_year")]


def test_semicolons_make_other_columns() -> None:
    content = written(a_row()).replace(b",", b";")
    (said,) = sentences(content)
    assert "22 du schéma SCDL" in said and "BGT_NATDEC" in said and "virgules" in said


@pytest.mark.parametrize("name", COLUMNS)
def test_a_missing_column_is_named(name: str) -> None:
    index = COLUMNS.index(name)
    content = "\r\n".join(
        ",".join(c for i, c in enumerate(cells) if i != index) for cells in (COLUMNS, a_row(BGT_CONTNAT_LABEL="x"))
    )
    (fault,) = faults(content.encode())
    assert (fault.row, fault.finding.code, fault.finding.params["missing"]) == (0, "csv_columns", name)
    assert name in sentences(content.encode())[0]


def test_columns_in_another_order_are_a_fault() -> None:
    swapped = written(a_row()).replace(b"BGT_NATDEC,BGT_ANNEE", b"BGT_ANNEE,BGT_NATDEC")
    assert [f.finding.code for f in faults(swapped)] == ["csv_columns"]


@pytest.mark.parametrize(
    ("column", "value", "code", "words"),
    [
        ("BGT_NATDEC", "Budget primitif", "cell_enum", "n’est pas une valeur du schéma"),
        ("BGT_NATDEC", "compte financier unique", "cell_enum", "n’est pas une valeur du schéma"),
        ("BGT_SECTION", "F", "cell_enum", "n’est pas une valeur du schéma"),
        ("BGT_OPBUDG", "reel", "cell_enum", "n’est pas une valeur du schéma"),
        ("BGT_CODRD", "D", "cell_enum", "n’est pas une valeur du schéma"),
        ("BGT_ARTSPE", "true", "cell_enum", "n’est pas une valeur du schéma"),
        ("BGT_MTREAL", "12,50", "cell_number", "n’est pas un nombre"),
        ("BGT_MTREAL", "1 250", "cell_number", "n’est pas un nombre"),
        ("BGT_CREDOUV", "12 €", "cell_number", "n’est pas un nombre"),
        ("BGT_MTPREV", "١٢", "cell_number", "n’est pas un nombre"),
        ("BGT_ANNEE", "21", "cell_year", "n’est pas une année"),
        ("BGT_ANNEE", "２０２１", "cell_year", "n’est pas une année"),
        ("BGT_NATURE", "4581000001", "cell_length", "est trop long ou trop court"),
        ("BGT_CONTNAT", "4581000001", "cell_length", "est trop long ou trop court"),
        ("BGT_FONCTION", "0123456789", "cell_length", "est trop long ou trop court"),
        ("BGT_SIRET", fixtures.SIRET[:-1] + "0", "cell_siret", "n’est pas un SIRET valide"),
        ("BGT_SIRET", fixtures.SIREN, "cell_siret", "n’est pas un SIRET valide"),
        ("BGT_SIRET", f"{fixtures.SIRET[:9]} {fixtures.SIRET[9:]}", "cell_siret", "n’est pas un SIRET valide"),
    ],
)
def test_a_faulty_cell_is_told_with_its_row_column_and_value(column: str, value: str, code: str, words: str) -> None:
    content = written(a_row(), a_row(**{column: value}))
    (fault,) = faults(content)
    assert (fault.row, fault.column, fault.finding.code, fault.finding.level) == (2, column, code, "bloquant")
    (said,) = sentences(content)
    assert said.startswith(f"Ligne 2, {column} : « {value} » {words}")
    assert said.count(".") >= 2  # what, then what to do


@pytest.mark.parametrize("column", REQUIRED)
def test_an_empty_required_cell_is_told(column: str) -> None:
    content = written(a_row(**{column: ""}))
    assert [(f.row, f.column, f.finding.code) for f in faults(content)] == [(1, column, "cell_required")]
    assert sentences(content)[0].startswith(f"Ligne 1, {column} : la cellule est vide alors qu’elle est obligatoire.")


@pytest.mark.parametrize("column", [name for name in COLUMNS if name not in REQUIRED])
def test_an_empty_optional_cell_is_no_fault(column: str) -> None:
    assert faults(written(a_row(**{column: ""}))) == []


def test_every_fault_of_a_file_is_told_in_order() -> None:
    content = written(a_row(BGT_ANNEE="x", BGT_NOM=""), a_row(), a_row(BGT_CODRD=""))
    assert [(f.row, f.column) for f in faults(content)] == [(1, "BGT_ANNEE"), (1, "BGT_NOM"), (3, "BGT_CODRD")]


@pytest.mark.parametrize("cells", [21, 23])
def test_a_row_of_another_length_is_told_and_the_next_are_checked(cells: int) -> None:
    content = written((*a_row(), "x")[:cells], a_row(BGT_ANNEE=""))
    assert [(f.row, f.finding.code) for f in faults(content)] == [(1, "csv_row_length"), (2, "cell_required")]
    assert sentences(content)[0].startswith(f"La ligne 1 a {cells} cellules au lieu de 22.")


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "csv_columns", "Les colonnes ne sont pas les 22"),
        (written(), "csv_empty", "Le fichier n’a aucune ligne"),
        (written(a_row()) + b"\xe9\r\n", "csv_not_utf8", "n’est pas écrit en UTF-8"),
        (written(a_row()).decode().encode("utf-16"), "csv_not_utf8", "n’est pas écrit en UTF-8"),
        (written(a_row()) + b'"open', "csv_unreadable", "n’est pas un CSV lisible"),
    ],
)
def test_a_file_that_is_no_such_csv_is_told_as_a_whole(content: bytes, code: str, words: str) -> None:
    found = faults(content)
    assert [(f.row, f.column, f.finding.code) for f in found][-1] == (0, "", code)
    assert words in sentences(content)[-1]


def test_the_stream_is_left_open_for_its_owner() -> None:
    stream = io.BytesIO(written(a_row()))
    assert list(check(stream)) == []
    assert not stream.closed


@given(st.sampled_from(COLUMNS), st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=15))
def test_any_text_in_any_cell_is_accepted_or_told_for_that_cell(column: str, value: str) -> None:
    for fault in faults(written(a_row(**{column: value}))):
        assert (fault.row, fault.column) == (1, column)
        assert sentence(fault).startswith(f"Ligne 1, {column} : ")
