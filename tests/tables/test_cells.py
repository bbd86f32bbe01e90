"""One cell: what is read in it, what is told of it, what is refused."""

from __future__ import annotations

import datetime as dt

import pytest

from ckanext.budget.tables import cells
from ckanext.budget.tables.cells import UnreadableCell
from ckanext.budget.tables.escape import escape_for_sheet
from ckanext.budget.tables.model import BadCell


@pytest.mark.parametrize("digits", ["12279.97", "20535", "0", "-1595.00", "0.0", "007.10", "123456789012345.67", ""])
def test_a_valid_amount_stays_as_it_is(digits: str) -> None:
    assert cells.amount(digits) == (digits, ())


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12279,97", "12279.97"),
        ("12 279,97", "12279.97"),
        ("12\u202f279,97\u00a0€", "12279.97"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1 234 567", "1234567"),
        ("1.234.567", "1234567"),
        ("(1 234,50)", "-1234.50"),
        ("12,00-", "-12.00"),
        ("\u221215,5", "-15.5"),
        ("- 12", "-12"),
        ("+15.20", "15.20"),
        ("1234.50 EUR", "1234.50"),
        ("12,5 euros", "12.5"),
        (" -   € ", "0"),
        (",5", "0.5"),
        ("5.", "5"),
        ("0,234", "0.234"),
        ("   ", ""),
    ],
)
def test_an_amount_written_otherwise_is_read_and_told(written: str, read: str) -> None:
    found = cells.amount(written)
    assert found.text == read
    assert found.changes


@pytest.mark.parametrize(
    "written", ["abc", "1,2,3", "1.2.3", "--5", "#REF!", "1,2E+06", "12 34", "1234 5", "NaN", "1/2"]
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(UnreadableCell) as caught:
        cells.amount(written)
    assert caught.value.code == "table_amount"


@pytest.mark.parametrize("written", ["1,234", "-12,345", "999,999"])
def test_an_amount_that_reads_in_two_ways_is_refused_rather_than_guessed(written: str) -> None:
    with pytest.raises(UnreadableCell) as caught:
        cells.amount(written)
    assert caught.value.code == "table_amount_ambiguous"


@pytest.mark.parametrize(
    ("number", "read", "changes"),
    [
        (12279.97, "12279.97", ()),
        (20535.0, "20535", ()),
        (20535, "20535", ()),
        (-0.0, "0", ()),
        (1e15, "1000000000000000", ()),
        (0.1 + 0.2, "0.30", ("table_amount_noise",)),
        (1234.5600000000002, "1234.56", ("table_amount_noise",)),
        (1234.567, "1234.567", ("table_amount_fraction",)),
    ],
)
def test_a_number_of_a_spreadsheet_is_the_shortest_decimal_exact_to_the_cent(
    number: float, read: str, changes: tuple[str, ...]
) -> None:
    assert cells.amount(number) == (read, changes)


@pytest.mark.parametrize("cell", [True, dt.date(2022, 1, 1), float("nan"), float("inf")])
def test_what_is_no_number_of_a_spreadsheet_is_no_amount(cell: object) -> None:
    with pytest.raises(UnreadableCell):
        cells.amount(cell)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("reader", [cells.amount, cells.code, cells.year, cells.siret, cells.label, cells.stage])
@pytest.mark.parametrize(("reason", "code"), [("formula", "table_formula"), ("error", "table_error_cell")])
def test_a_cell_without_value_is_never_read_as_empty(reader: object, reason: str, code: str) -> None:
    with pytest.raises(UnreadableCell) as caught:
        reader(BadCell("B2", reason))  # pyright: ignore[reportCallIssue]
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("6411", "6411"),
        ("0164A", "0164A"),
        ("6411.0", "6411"),
        ("6411,00", "6411"),
        (6411.0, "6411"),
        (" 011 ", "011"),
    ],
)
def test_codes_stay_text(written: str | float, read: str) -> None:
    found = cells.code(written)
    assert found.text == read
    assert bool(found.changes) == (written != read)


def test_a_date_is_not_taken_for_a_code() -> None:
    with pytest.raises(UnreadableCell) as caught:
        cells.code(dt.date(2022, 1, 2))
    assert caught.value.code == "table_code_date"


@pytest.mark.parametrize(
    ("chapter", "nature", "lost"),
    [("11", "60611", True), ("42", "6811", True), ("1", "1", True), ("011", "60611", False), ("21", "2188", False),
     ("10", "1068", False), ("2031", "2031", False), ("001", "001", False), ("", "60611", False)],
)  # fmt: skip
def test_lost_leading_zeros_are_seen_where_no_plan_has_such_a_code(chapter: str, nature: str, lost: bool) -> None:
    assert cells.lost_zeros(chapter, nature) is lost


@pytest.mark.parametrize(
    ("written", "read"),
    [("2022", "2022"), ("2022.0", "2022"), (2022.0, "2022"), (dt.date(2022, 12, 31), "2022"), ("31/12/2022", "2022"),
     ("2022-01-01", "2022"), ("Exercice 2022", "2022"), ("", "")],
)  # fmt: skip
def test_a_year_is_read_in_its_usual_forms(written: object, read: str) -> None:
    assert cells.year(written).text == read  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("written", ["22", "2022 en erreur", "2021-2022", "20222", "1850"])
def test_what_is_no_year_is_refused(written: str) -> None:
    with pytest.raises(UnreadableCell):
        cells.year(written)


@pytest.mark.parametrize(
    ("written", "read", "changes"),
    [
        ("21550001600016", "21550001600016", ()),
        ("215 500 016 00016", "21550001600016", ("table_siret_spaces",)),
        (21550001600016.0, "21550001600016", ("table_siret_number",)),
        ("2,155E+13", "", ("table_siret_lost",)),
        ("2.1550001600016E+13", "21550001600016", ("table_siret_number",)),
    ],
)
def test_a_siret_is_never_guessed(written: str | float, read: str, changes: tuple[str, ...]) -> None:
    assert cells.siret(written) == (read, changes)


@pytest.mark.parametrize(
    ("column", "written", "read"),
    [
        ("BGT_CODRD", "Dépense", "dépense"), ("BGT_CODRD", "DEPENSE", "dépense"), ("BGT_CODRD", "D", "dépense"),
        ("BGT_CODRD", "Recettes", "recette"), ("BGT_CODRD", "R", "recette"), ("BGT_OPBUDG", "Réel", "réel"),
        ("BGT_OPBUDG", "R", "réel"), ("BGT_OPBUDG", "0", "réel"), ("BGT_OPBUDG", 1.0, "ordre"),
        ("BGT_OPBUDG", "Opération d’ordre", "ordre"), ("BGT_SECTION", "INVESTISSEMENT", "investissement"),
        ("BGT_SECTION", "F", "fonctionnement"), ("BGT_SECTION", "Exploitation", "fonctionnement"),
        ("BGT_ARTSPE", "non specialise", "non spécialisé"), ("BGT_ARTSPE", "1", "spécialisé"),
        ("BGT_ARTSPE", False, "non spécialisé"),
    ],
)  # fmt: skip
def test_words_are_written_as_the_schema_has_them(column: str, written: str, read: str) -> None:
    assert cells.word(column, written) == (read, ("table_word",))


@pytest.mark.parametrize(("column", "written"), [("BGT_CODRD", "crédit"), ("BGT_SECTION", "3"), ("BGT_OPBUDG", "x")])
def test_other_words_are_refused(column: str, written: str) -> None:
    with pytest.raises(UnreadableCell):
        cells.word(column, written)


@pytest.mark.parametrize(
    ("written", "stage"),
    [
        ("Budget Primitif", ("budget primitif", "01", "")), ("BP", ("budget primitif", "01", "")),
        ("DM n°2", ("décision modificative", "02", "2")), ("dm", ("décision modificative", "02", "")),
        ("Décision modificative n° 03", ("décision modificative", "02", "3")),
        ("BUDGET SUPPLEMENTAIRE", ("budget supplémentaire", "03", "")), ("9", ("compte administratif", "09", "")),
        ("Compte administratif 2022", ("compte administratif", "09", "")),
        ("Compte financier unique", ("compte administratif", "10", "")), ("CFU", ("compte administratif", "10", "")),
    ],
)  # fmt: skip
def test_a_stage_is_read_in_words_initials_or_code(written: str, stage: tuple[str, str, str]) -> None:
    assert cells.stage(written) == stage


@pytest.mark.parametrize(
    ("text", "escaped"),
    [("=1+1", "'=1+1"), ("+33 1", "'+33 1"), ("-cmd", "'-cmd"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"),
     ("\rx", "'\rx"), ("-1595.00", "-1595.00"), ("+12,5", "+12,5"), ("Eau = vie", "Eau = vie"), ("", ""),
     ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0")],
)  # fmt: skip
def test_texts_of_spreadsheets_that_we_make_are_no_formulas_and_numbers_are_left_alone(
    text: str, escaped: str
) -> None:
    assert escape_for_sheet(text) == escaped
