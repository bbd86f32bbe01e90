"""Headings: what is recognised, what is left out, what is refused."""

from __future__ import annotations

import pytest

from ckanext.budget.errors import Refusal
from ckanext.budget.scdl.model import COLUMNS
from ckanext.budget.tables import columns
from tests.tables.made import LINE, PLAIN, codes, csv_of, line, read, refusal, table


def test_no_heading_says_two_columns() -> None:
    seen: dict[str, str] = {}
    for column, headings in columns.HEADINGS.items():
        for heading in (column, column.removeprefix("BGT_"), *headings):
            (found,) = columns.read([heading], 1).pairs[:1]
            assert found[1] == column, heading
            seen[heading] = column
    assert set(seen.values()) == set(COLUMNS)


@pytest.mark.parametrize(
    ("written", "column"),
    [
        ("bgt_nature", "BGT_NATURE"), ("BGT NATURE", "BGT_NATURE"), ("CodRD", "BGT_CODRD"), ("IdEtab", "BGT_SIRET"),
        ("MtRAR3112", "BGT_MTRAR3112"), ("LIBELLÉ DE L’ARTICLE", "BGT_NATURE_LABEL"),
        ("Dépense / Recette", "BGT_CODRD"),
        ("Type d'opération", "BGT_OPBUDG"), ("Réalisé (en €)", "BGT_MTREAL"), ("Crédits ouverts", "BGT_CREDOUV"),
        ("RAR au 31/12", "BGT_MTRAR3112"), ("N° SIRET", "BGT_SIRET"), ("Montant", None), ("Budget", None),
        ("Nom de l'élu", None), ("", None),
    ],
)  # fmt: skip
def test_headings_are_recognised_without_case_accents_or_punctuation(written: str, column: str | None) -> None:
    assert columns.read([written], 1).pairs == ((written, column),)


def test_a_bare_label_goes_with_the_code_on_its_left() -> None:
    found = columns.read(["Chapitre", "Libellé", "Article", "Libellé", "Libellé"], 1)
    assert [column for _, column in found.pairs] == [
        "BGT_CONTNAT", "BGT_CONTNAT_LABEL", "BGT_NATURE", "BGT_NATURE_LABEL", None,
    ]  # fmt: skip


def test_two_columns_for_one_are_refused_with_both_names() -> None:
    with pytest.raises(Refusal) as caught:
        columns.read(["Compte", "Article"], 3)
    params = caught.value.finding.params
    assert (params["first"], params["second"], params["column"]) == ("Compte", "Article", "BGT_NATURE")


def test_the_schemas_own_name_wins() -> None:
    found = columns.read(["Compte", "BGT_NATURE", "Article"], 1)
    assert found.pairs == (("Compte", None), ("BGT_NATURE", "BGT_NATURE"), ("Article", None))
    with pytest.raises(Refusal):
        columns.read(["BGT_NATURE", "bgt_nature"], 1)


def test_plain_headings_give_the_same_rows_and_the_mapping_can_be_shown() -> None:
    told, rows = read(csv_of(table(line(), names=PLAIN), ";"))
    assert rows == read(csv_of(table(line())))[1]
    assert told.mapping == [(PLAIN[column], column) for column in LINE]
    assert "table_names" in codes(told)


def test_columns_that_are_not_of_the_standard_are_dropped_and_named() -> None:
    given = {**line(), "Service gestionnaire": "Mme Exemple", "Montant engagé": "12"}
    told, rows = read(csv_of(table(given)))
    assert list(rows[0]) == list(COLUMNS) and "Exemple" not in "".join(
        v for k, v in rows[0].items() if k != "BGT_NOM"
    )
    found = {f.code: (f.level, f.params["columns"]) for f in told.findings if "dropped" in f.code}
    assert found == {
        "table_columns_dropped": ("information", "Service gestionnaire"),
        "table_amounts_dropped": ("a_verifier", "Montant engagé"),
    }
    assert told.mapping[-2:] == [("Service gestionnaire", None), ("Montant engagé", None)]


def test_a_table_of_something_else_has_no_heading() -> None:
    subsidies = [["nomAttribuant", "idAttribuant", "dateConvention", "montant"], ["X", "1", "2022", "12"]]
    assert refusal(csv_of(subsidies)).finding.code == "table_no_heading"
