"""Which rows are budget lines, whose they are, and what is told of the others."""

from __future__ import annotations

import pytest

from ckanext.budget.scdl.model import COLUMNS
from dev import fixtures
from tests.tables.made import LINE, PLAIN, codes, csv_of, line, read, refusal, table


def finding(content: bytes, code: str):
    told, _ = read(content)
    return next(found for found in told.findings if found.code == code)


def test_absent_optional_columns_stay_empty_and_are_named() -> None:
    told, (row,) = read(csv_of(table(line())))
    assert list(row) == list(COLUMNS)
    assert row["BGT_FONCTION"] == row["BGT_MTPREV"] == row["BGT_ARTSPE"] == ""
    (found,) = told.findings
    assert found.code == "table_columns_missing"
    assert "BGT_FONCTION (fonction)" in found.params["columns"]


@pytest.mark.parametrize(
    "column", ["BGT_NATDEC", "BGT_ANNEE", "BGT_NOM", "BGT_NATURE_LABEL", "BGT_OPBUDG", "BGT_CODRD"]
)
def test_an_absent_required_column_is_a_refusal_that_names_it(column: str) -> None:
    found = refusal(csv_of(table({k: v for k, v in LINE.items() if k != column}))).finding
    assert found.code == "table_columns_required"
    assert column in found.params["columns"]


def test_a_table_without_amounts_is_refused() -> None:
    kept = {k: v for k, v in LINE.items() if k not in ("BGT_MTREAL", "BGT_CREDOUV")}
    assert refusal(csv_of(table(kept))).finding.code == "table_no_amount"


def test_headings_without_a_line_are_refused() -> None:
    assert refusal(csv_of(table(line())[:1])).finding.code == "table_no_line"


def test_without_siret_the_column_stays_empty_and_it_is_told() -> None:
    told, (row,) = read(csv_of(table({k: v for k, v in LINE.items() if k != "BGT_SIRET"})))
    assert row["BGT_SIRET"] == ""
    assert "siret_absent" in codes(told)
    assert told.header.siret is None


def test_a_faulty_siret_is_not_published_but_still_tells_the_siren() -> None:
    faulty = fixtures.SIREN + "99999"
    told, (row,) = read(csv_of(table(line(SIRET=faulty))))
    assert (row["BGT_SIRET"], told.header.siret, told.header.siren) == ("", None, fixtures.SIREN)
    assert next(f for f in told.findings if f.code == "siret_faulty").params["siret"] == faulty


def test_a_siret_shortened_by_a_spreadsheet_is_left_empty_for_every_row_and_told() -> None:
    told, rows = read(csv_of(table(*[line(SIRET="2,155E+13")] * 3), ";"))
    assert {row["BGT_SIRET"] for row in rows} == {""}
    found = next(f for f in told.findings if f.code == "table_siret_lost")
    assert (found.level, found.params["count"], found.line) == ("a_verifier", "3", 2)


def test_the_identity_is_that_of_the_rows() -> None:
    header = read(csv_of(table(line(NATDEC="DM n°2"))))[0].header
    assert (header.siret, header.name, header.exercice) == (fixtures.SIRET, fixtures.NAME, 2021)
    assert (header.stage, header.dm_number) == ("DM", 2)


def test_a_compte_financier_unique_is_written_as_a_compte_administratif_and_known_as_what_it_is() -> None:
    told, (row,) = read(csv_of(table(line(NATDEC="Compte financier unique"))))
    assert (row["BGT_NATDEC"], told.header.stage) == ("compte administratif", "CFU")


@pytest.mark.parametrize(
    ("other", "named"),
    [({"ANNEE": "2022"}, "2022"), ({"NATDEC": "budget primitif"}, "budget primitif"),
     ({"SIRET": fixtures.SIRET_ANNEXE, "NOM": "Assainissement"}, "Assainissement")],
)  # fmt: skip
def test_several_documents_in_one_table_are_refused_and_named(other: dict[str, str], named: str) -> None:
    found = refusal(csv_of(table(line(), line(), line(**other)))).finding
    assert found.code == "table_several"
    assert fixtures.SIRET in found.params["documents"] and named in found.params["documents"]


def test_thousands_of_documents_are_not_all_remembered() -> None:
    many = [line(NOM=f"Commune {n}", SIRET="") for n in range(2000)]
    assert refusal(csv_of(table(*many))).finding.params["documents"].count(";") == 9


def test_cells_given_once_for_all_rows_are_filled_and_told() -> None:
    again = line(NATDEC="", ANNEE="", SIRET="", NOM="")
    told, rows = read(csv_of(table(line(), again, again)))
    assert [[row[c] for c in COLUMNS[:4]] for row in rows] == [[str(LINE[c]) for c in COLUMNS[:4]]] * 3
    filled = [f for f in told.findings if f.code == "table_filled"]
    assert {(f.params["column"], f.params["count"], f.line) for f in filled} == {(c, "2", 3) for c in COLUMNS[:4]}


@pytest.mark.parametrize(
    "total",
    [
        {"NATURE": "Total", "MTREAL": "1234.50"},
        {"CONTNAT": "Total chapitre 011", "CODRD": "dépense", "OPBUDG": "réel", "MTREAL": "1234.50"},
        {"NATURE_LABEL": "TOTAL GÉNÉRAL", "MTREAL": "1 234,50"},
        {"NATDEC": "Sous-total", "MTREAL": "1234.50"},
        {"MTREAL": "1234.50"},
    ],
)
def test_totals_are_left_out_and_never_in_silence(total: dict[str, str]) -> None:
    last = {column: total.get(column.removeprefix("BGT_"), "") for column in LINE}
    told, rows = read(csv_of(table(line(), line(MTREAL="3"), last)))
    assert [row["BGT_MTREAL"] for row in rows] == ["1234.50", "3"]
    found = next(f for f in told.findings if f.code == "table_totals")
    assert (found.level, found.line, found.params["count"], told.left_out) == ("a_verifier", 4, "1", 1)


def test_a_line_whose_label_says_total_stays_a_line() -> None:
    told, rows = read(csv_of(table(line(NATURE_LABEL="Totaux divers"), line(NATURE_LABEL="Résultat reporté"))))
    assert len(rows) == 2 and told.left_out == 0


def test_a_line_without_account_is_kept_and_told() -> None:
    told, rows = read(csv_of(table(line(), line(NATURE="", NATURE_LABEL=""))))
    assert len(rows) == 2
    assert next(f for f in told.findings if f.code == "table_no_nature").line == 3


def test_notes_blank_rows_and_headings_said_again_are_left_out_and_told() -> None:
    heading, one = table(line())
    note = ["Source : service des finances", *[""] * (len(heading) - 1)]
    told, rows = read(csv_of([heading, one, [""] * len(heading), heading, one, note]))
    assert len(rows) == 2
    places = {f.code: f.line for f in told.findings}
    assert (places["table_blank_rows"], places["table_heading_again"], places["table_notes"]) == (3, 4, 6)


def test_titles_above_the_heading_are_left_out_and_told() -> None:
    content = csv_of([["Commune"], ["Compte administratif"], [], *table(line(), names=PLAIN)], ";")
    told, rows = read(content)
    assert len(rows) == 1
    assert next(f for f in told.findings if f.code == "table_titles").params["count"] == "2"


def test_a_missing_section_follows_from_the_account_and_is_told() -> None:
    told, rows = read(
        csv_of(table(line(SECTION=""), line(SECTION="", NATURE="2188", CONTNAT="21"), line(NATURE="9", SECTION="")))
    )
    assert [row["BGT_SECTION"] for row in rows] == ["fonctionnement", "investissement", "fonctionnement"]
    found = {f.code: (f.level, f.params["count"]) for f in told.findings if "section" in f.code}
    assert found == {"table_section_inferred": ("information", "2"), "table_section_guessed": ("a_verifier", "1")}


@pytest.mark.parametrize(
    ("change", "code"),
    [({"CODRD": ""}, "bad_line_direction"), ({"OPBUDG": ""}, "bad_line_order"), ({"CODRD": "truc"}, "table_value"),
     ({"NATDEC": "budget de rêve"}, "table_value"), ({"ANNEE": "an deux"}, "table_value"),
     ({"MTREAL": "douze"}, "table_amount"), ({"MTREAL": "1,234"}, "table_amount_ambiguous")],
)  # fmt: skip
def test_a_cell_that_can_not_be_read_is_a_refusal_with_its_row_column_and_value(
    change: dict[str, str], code: str
) -> None:
    found = refusal(csv_of(table(line(), line(**change)), ";")).finding
    assert (found.code, found.line, found.level) == (code, 3, "bloquant")
    ((column, value),) = change.items()
    if code.startswith("table"):
        assert (found.params["column"], found.params["value"]) == (f"BGT_{column}", value)


@pytest.mark.parametrize("change", [{"NATDEC": ""}, {"ANNEE": ""}])
def test_a_table_must_say_its_stage_and_year(change: dict[str, str]) -> None:
    assert refusal(csv_of(table(line(**change)))).finding.code in ("unknown_stage", "bad_year")


def test_changes_are_counted_by_column_with_the_first_row_and_an_example() -> None:
    lines = [line(), line(MTREAL="12,5", CODRD="Dépense"), line(MTREAL="3,5", CREDOUV="1,0", CODRD="Dépense")]
    told, _ = read(csv_of(table(*lines), ";"))
    found = {(f.code, f.params["column"]): f for f in told.findings if "column" in f.params}
    comma = found["table_amount_comma", "BGT_MTREAL"]
    assert (comma.line, dict(comma.params)) == (
        3,
        {"column": "BGT_MTREAL", "written": "12,5", "read": "12.5", "count": "2"},
    )
    assert found["table_amount_comma", "BGT_CREDOUV"].line == 4
    assert found["table_word", "BGT_CODRD"].params["count"] == "2"


def test_labels_are_not_touched() -> None:
    label = ' =HYPERLINK("x")  ; « éà »\nligne 2 '
    assert read(csv_of(table(line(NATURE_LABEL=label))))[1][0]["BGT_NATURE_LABEL"] == label


def test_codes_without_their_leading_zeros_are_told_and_kept() -> None:
    found = finding(csv_of(table(line(), line(CONTNAT="11"))), "table_zeros_lost")
    assert (found.level, found.line, found.params["chapter"]) == ("a_verifier", 3, "11")
