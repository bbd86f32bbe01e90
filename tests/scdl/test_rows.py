"""From a budget line to its row: every required cell filled, the digits of the source, what is inferred told."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from ckanext.budget.convert import convert
from ckanext.budget.totem.model import AMOUNTS
from dev import fixtures
from tests.scdl.made import M52, M57, M57_A, REQUIRED, Result, converted, line, row

COLUMN = {name: f"BGT_{name.upper()}" for name in AMOUNTS}
DOCUMENTS = {
    "BP": {"stage": "BP", "exercice": 2021},
    "DM": {"stage": "DM", "exercice": 2021},
    "BS": {"stage": "BS", "exercice": 2021},
    "CA": {"stage": "CA", "exercice": 2022},
    "CFU": {"exercice": 2023, "cfu": True},
    "annexe": {"stage": "CA", "exercice": 2021, "annexe": True},
}


def rows_of(content: bytes) -> list[dict[str, str]]:
    out = io.BytesIO()
    convert(io.BytesIO(content), out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8"), newline="")))


@pytest.mark.parametrize("case", DOCUMENTS)
def test_every_required_cell_of_every_row_is_filled(case: str) -> None:
    found = rows_of(fixtures.document(**DOCUMENTS[case]))
    assert len(found) > 5
    assert [(n, c) for n, r in enumerate(found) for c in REQUIRED if not r[c]] == []


@pytest.mark.parametrize(
    ("natdec", "written"),
    [
        ("01", "budget primitif"),
        ("02", "décision modificative"),
        ("03", "budget supplémentaire"),
        ("09", "compte administratif"),
        ("10", "compte administratif"),
    ],
)
def test_the_stage_is_written_in_lower_case(natdec: str, written: str) -> None:
    assert row(line(), NatDec=natdec)["BGT_NATDEC"] == written


def test_a_compte_financier_unique_is_written_as_a_compte_administratif() -> None:
    assert converted(line(), kind="cfu", NatDec="09").rows[0]["BGT_NATDEC"] == "compte administratif"
    assert {r["BGT_NATDEC"] for r in rows_of(fixtures.document(**DOCUMENTS["CFU"]))} == {"compte administratif"}


def test_subtotals_of_a_compte_financier_unique_are_no_rows() -> None:
    content = fixtures.document(**DOCUMENTS["CFU"])
    assert content.count(b'calculated="true"') > 5
    assert len(rows_of(content)) == content.count(b"<LigneBudget ") - content.count(b'calculated="true"')


@pytest.mark.parametrize("digits", ["12279.97", "20535", "0", "-1595.00", "0.0", "007.10", "123456789012345.67"])
@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_keeps_its_own_digits(amount: str, digits: str) -> None:
    result = converted(line(**{amount: digits}))
    assert result.rows[0][COLUMN[amount]] == digits
    assert getattr(result.lines[0], amount.lower()) == digits
    assert [result.rows[0][COLUMN[name]] for name in AMOUNTS if name != amount] == [""] * 6


def test_an_absent_or_empty_amount_stays_empty_and_is_not_zero() -> None:
    result = converted(line(), line(MtReal=""), line(MtReal="0"))
    assert [r["BGT_MTREAL"] for r in result.rows] == ["", "", "0"]
    assert [one.mtreal for one in result.lines] == [None, None, "0"]


def test_a_plus_sign_is_left_out() -> None:
    assert row(line(MtReal="+15.20"))["BGT_MTREAL"] == "15.20"


def test_no_line_is_dropped_summed_or_moved() -> None:
    given = [
        {"Nature": nature, "CodRD": rd, "MtReal": amount, "OpBudg": "0"}
        for nature, rd, amount in [("60611", "D", "10.50"), ("1641", "R", "0"), ("60611", "D", "10.50")] * 3
    ]
    found = rows_of(fixtures.document("CA", 2021, lines=given))
    assert [(r["BGT_NATURE"], r["BGT_MTREAL"]) for r in found] == [(g["Nature"], g["MtReal"]) for g in given]


def test_lines_of_the_same_key_all_stay() -> None:
    twice = line("2313", ContNat="23", MtReal="100.00")
    assert [r["BGT_MTREAL"] for r in converted(twice, {**twice, "MtReal": "-40.00"}, twice).rows] == [
        "100.00",
        "-40.00",
        "100.00",
    ]


def test_a_vote_by_nature_takes_the_chapter_of_the_file_and_keeps_the_plans_beside_it() -> None:
    result = converted(line("2188", ContNat="2188"), line("60611", ContNat="65"))
    assert [(r["BGT_CONTNAT"], r["BGT_CONTNAT_LABEL"]) for r in result.rows] == [
        ("2188", "Autres immobilisations corporelles"),
        ("65", "Autres charges de gestion courante"),
    ]
    assert [one.chapter for one in result.lines] == ["21", "011"]
    assert result.findings == []


def test_without_contnat_the_chapter_is_that_of_the_account_for_its_sense_and_kind() -> None:
    ordre = {"OpBudg": "1", "TypOpBudg": "2"}
    inside = {"OpBudg": "1", "TypOpBudg": "1"}
    result = converted(
        line("2313"),
        line("2313", **ordre),
        line("2313", **inside),
        line("777", CodRD="R", **ordre),
        line("2031", CodRD="R", **inside),
        line("2031", CodRD="R", OpBudg="1"),
    )
    assert [r["BGT_CONTNAT"] for r in result.rows] == ["23", "040", "041", "042", "041", "041"]
    assert [one.chapter for one in result.lines] == ["23", "040", "041", "042", "041", "041"]
    assert result.rows[1]["BGT_CONTNAT_LABEL"] == "Opérations d'ordre de transfert entre sections"


def test_a_vote_by_function_takes_the_functional_chapter_and_functional_labels() -> None:
    result = converted(
        line("60611", ContFon="930", Fonction="93020"),
        line("1641", ContFon="923", Fonction="923"),
        line("002", CodRD="R", ContFon="002"),
        NatFonc="2",
        **M57,
    )
    cells = [(r["BGT_CONTNAT"], r["BGT_CONTNAT_LABEL"], r["BGT_FONCTION_LABEL"]) for r in result.rows]
    assert cells == [
        ("930", "Services généraux", "Administration générale de la collectivité"),
        ("923", "Dettes et autres opérations financières", "Dettes et autres opérations financières"),
        ("002", "Résultat de fonctionnement reporté", ""),
    ]
    assert [one.chapter for one in result.lines] == ["011", "16", "002"]
    assert [r["BGT_SECTION"] for r in result.rows] == ["fonctionnement", "investissement", "fonctionnement"]


@pytest.mark.parametrize("contfon", ["13", "020", "511"])
def test_a_contfon_that_is_no_functional_chapter_gives_way_to_the_account(contfon: str) -> None:
    found = row(line("45411", ContFon=contfon), NatFonc="2", **M57)
    assert (found["BGT_CONTNAT"], found["BGT_CONTNAT_LABEL"]) == ("45411", "Travaux effectués d'office")


def test_a_mixed_vote_labels_functions_by_reference() -> None:
    found = row(line("60611", ContNat="011", Fonction="211"), NatFonc="3", **M57)
    assert (found["BGT_CONTNAT"], found["BGT_FONCTION"], found["BGT_FONCTION_LABEL"]) == (
        "011",
        "211",
        "Ecoles maternelles",
    )


@pytest.mark.parametrize(("vote", "label"), [("2", "Opérations d'équipement"), ("3", "Interventions économiques")])
def test_a_code_that_is_an_article_and_a_reference_is_read_as_the_vote_says(vote: str, label: str) -> None:
    found = row(line(Fonction="90"), NatFonc=vote, Nomenclature="M14-M14_COM_SUP3500")
    assert found["BGT_FONCTION_LABEL"] == label


def test_without_function_its_two_cells_stay_empty() -> None:
    assert [row(line())[c] for c in ("BGT_FONCTION", "BGT_FONCTION_LABEL", "BGT_OPERATION")] == ["", "", ""]


OFFICE_M14 = "Travaux effectués d'office pour le compte de tiers"
MANDATE = ("Dépenses (à subdiviser par mandat)", "Opérations sous mandat")


@pytest.mark.parametrize(
    ("nomenclature", "code", "number", "nature", "vote", "chapter"),
    [
        ({}, "4581001", "001", *MANDATE, "4581"),
        (M57, "4581001", "001", *MANDATE, "4581"),
        (M57_A, "4581001", "001", *MANDATE, "4581"),
        ({}, "45411", "1", "Dépenses", OFFICE_M14, "4541"),
        (M57_A, "45411", "1", "Dépenses", "Travaux effectués d'office", "4541"),
        (M57, "45411", "1", "Dépenses", "Travaux effectués d'office", "45411"),
        (M52, "45411", "1", "Dépenses", "Travaux effectués d'office", "45411"),
    ],
)
def test_a_third_party_account_is_found_without_its_number(
    nomenclature: dict[str, str], code: str, number: str, nature: str, vote: str, chapter: str
) -> None:
    result = converted(line(code, ContNat=code, OpeCpteTiers=number), **nomenclature)
    (found,) = result.rows
    assert (found["BGT_NATURE"], found["BGT_NATURE_LABEL"]) == (code, nature)
    assert (found["BGT_CONTNAT"], found["BGT_CONTNAT_LABEL"]) == (code, vote)
    assert (found["BGT_SECTION"], result.lines[0].chapter) == ("investissement", chapter)
    assert result.findings == []


def test_a_third_party_account_whose_number_is_absent_takes_its_parent_and_says_so() -> None:
    result = converted(line("4581001", ContNat="4581001"))
    assert result.rows[0]["BGT_NATURE_LABEL"] == "Dépenses (à subdiviser par mandat)"
    (finding,) = result.findings
    assert (finding.code, finding.params["parent"], finding.params["count"]) == ("label_from_parent", "4581", "1")


def test_4541_in_recettes_has_its_section_and_chapter() -> None:
    result = converted(line("4541", CodRD="R"))
    assert (result.rows[0]["BGT_SECTION"], result.lines[0].chapter) == ("investissement", "4541")


@pytest.mark.parametrize("code", ["0000", "9999"])
def test_an_account_absent_from_every_plan_is_said_absent_and_told(code: str) -> None:
    result = converted(line(code, section="I", MtReal="7.00"), line("60611"), line(code, section="F"), **M52)
    first, last = result.rows[0], result.rows[2]
    assert first["BGT_NATURE_LABEL"] == f"Compte {code}, absent du plan M52 2019"
    assert (first["BGT_CONTNAT"], first["BGT_CONTNAT_LABEL"]) == (code, f"Chapitre {code}, absent du plan M52 2019")
    assert (first["BGT_SECTION"], last["BGT_SECTION"]) == ("investissement", "fonctionnement")
    (finding,) = result.findings
    assert (finding.code, finding.level, finding.line) == ("label_absent", "a_verifier", 12)
    assert dict(finding.params) == {"code": code, "plan": "M52 2019", "count": "2"}


def test_the_chapter_of_the_file_stands_beside_an_account_absent_from_the_plan() -> None:
    result = converted(line("9999", ContNat="011"), **M52)
    assert result.rows[0]["BGT_CONTNAT_LABEL"] == "Charges à caractère général"
    assert result.lines[0].chapter == "011"
    assert result.codes == ["label_absent"]


def test_sums_of_the_rows_are_those_of_the_lines_given() -> None:
    amounts = ["0.10", "0.20", "-0.30", "1234567890123.45"]
    result: Result = converted(*(line(MtReal=amount) for amount in amounts))
    assert sum(Decimal(r["BGT_MTREAL"]) for r in result.rows) == sum(map(Decimal, amounts))
