"""Controls within one document: green, amber, information, or not applicable; and their words."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from ckanext.budget.messages import french
from ckanext.budget.messages.controls import MESSAGES, WORDS
from ckanext.budget.quality.controls import Control, Debt, check, debt_of
from dev import fixtures
from tests.quality.documents import Document, line, made, read

D = Decimal


def outcome(document: Document, code: str) -> str | None:
    control = document.controls.get(code)
    return control.outcome if control else None


# -- equilibrium


@pytest.mark.parametrize(
    ("spent", "received", "expected"),
    [("100.00", "100.00", "vert"), ("100.00", "100.01", "information"), ("100.01", "100.00", "a_verifier")],
)
@pytest.mark.parametrize(
    ("code", "natures"), [("balance_operating", ("60611", "7311")), ("balance_investment", ("2111", "1321"))]
)
def test_a_section_with_less_receipts_than_expenditure_is_to_check(
    code: str, natures: tuple[str, str], spent: str, received: str, expected: str
) -> None:
    for stage, amount in (("BP", "MtPrev"), ("DM", "MtPrev"), ("CA", "CredOuv")):
        document = made(stage, line(natures[0], "D", **{amount: spent}), line(natures[1], "R", **{amount: received}))
        assert document.controls[code] == Control(code, expected, D(spent), D(received))


def test_restes_a_realiser_count_in_a_voted_budget() -> None:
    spent = line("2111", "D", MtPrev="60.00", MtRARPrec="40.00")
    assert outcome(made("BP", spent, line("1321", "R", MtPrev="100.00")), "balance_investment") == "vert"


def test_a_draft_balances_by_what_is_proposed() -> None:
    lines = (line("2111", "D", MtPropNouv="50.00"), line("1321", "R", MtPropNouv="40.00"))
    assert outcome(made("BP", *lines, draft=True), "balance_investment") == "a_verifier"


def test_an_account_without_credits_has_no_balance_to_control() -> None:
    document = made("CA", line("60611", "D", MtReal="10.00"))
    assert not {"balance_operating", "balance_investment", "transfer", "ordre"} & set(document.controls)


# -- ordre, transfer


@pytest.mark.parametrize(("stage", "amount"), [("CA", "MtReal"), ("BP", "MtPrev")])
@pytest.mark.parametrize(("received", "expected"), [("30.00", "vert"), ("29.99", "a_verifier")])
def test_each_ordre_expenditure_has_its_receipt(stage: str, amount: str, received: str, expected: str) -> None:
    lines = (line("6811", "D", ordre=True, **{amount: "30.00"}), line("28188", "R", ordre=True, **{amount: received}))
    assert outcome(made(stage, *lines), "ordre") == expected


def test_ordre_of_an_account_is_what_was_executed() -> None:
    lines = (
        line("6811", "D", ordre=True, MtReal="30.00", CredOuv="50.00"),
        line("28188", "R", ordre=True, MtReal="30.00", CredOuv="45.00"),
    )
    assert outcome(made("CA", *lines), "ordre") == "vert"


@pytest.mark.parametrize(("received", "expected"), [("80.00", "vert"), ("79.00", "a_verifier")])
def test_the_transfer_to_investment_is_received_there(received: str, expected: str) -> None:
    lines = (line("023", "D", ordre=True, MtPrev="80.00"), line("021", "R", ordre=True, MtPrev=received))
    assert outcome(made("BP", *lines), "transfer") == expected


# -- debt


def account(**amounts: str) -> Document:
    """An account that repays 100 and borrows 40 (and 7 of deposits, which are no debt)."""
    lines = [line("1641", "D", MtReal=amounts.get("repaid", "100.00")), line("165", "D", MtReal="7.00")]
    return made("CA", *lines, line("1641", "R", MtReal=amounts.get("borrowed", "40.00")))


@pytest.mark.parametrize(
    ("closing", "expected"),
    [("940.00", "vert"), ("940.97", "vert"), ("941.01", "a_verifier"), ("900.00", "a_verifier")],
)
def test_the_debt_follows_from_what_was_repaid_and_borrowed(closing: str, expected: str) -> None:
    document = replace(account(), debt=Debt(2, D(1000), D(100), D(closing)))
    assert document.controls["debt_equation"] == Control("debt_equation", expected, D(closing), D("940.00"))


@pytest.mark.parametrize(("capital", "expected"), [("100.03", "vert"), ("180.00", "a_verifier")])
def test_capital_of_the_annexe_is_that_of_the_lines(capital: str, expected: str) -> None:
    document = replace(account(), debt=Debt(2, None, D(capital), None))
    assert outcome(document, "debt_capital") == expected
    assert "debt_equation" not in document.controls


def test_debt_of_a_voted_budget_is_not_compared() -> None:
    document = read(fixtures.document("BP", 2022))
    assert document.debt
    assert not {"debt_capital", "debt_equation"} & set(document.controls)


def test_only_own_loans_make_the_debt() -> None:
    own = {
        "CodTypEmpr": "01",
        "MtCapitalRestDu_01_01": "50.5",
        "MtCapitalExer": "10",
        "MtCapitalRestDu_31_12": "40.5",
    }
    others = [{**own, "CodTypEmpr": "09"}, {**own, "CodTypEmpr": ""}, {"MtCapitalRestDu_31_12": "40.5"}]
    assert debt_of([own, own, *others]) == Debt(2, D("101.0"), D(20), D("81.0"), guaranteed=D("40.5"))
    assert debt_of(others) == Debt(0, None, None, None, guaranteed=D("40.5"))
    assert debt_of(others[1:]) is None


def test_an_amount_that_is_no_number_makes_no_debt() -> None:
    own = {"CodTypEmpr": "01", "MtCapitalRestDu_31_12": "quarante", "MtCapitalExer": "10"}
    assert debt_of([own]) == Debt(1, None, D(10), None)


# -- ratios


def town(**stated: str) -> Document:
    """1 000 inhabitants, 600 000 spent and 800 000 received, of which 40 000 of sales."""
    lines = (
        line("60611", "D", MtReal="600000.00"), line("73111", "R", MtReal="760000.00"),
        line("775", "R", MtReal="40000.00"),
    )  # fmt: skip
    return made("CA", *lines).but(information={"PopTot": "1 000", **stated})


@pytest.mark.parametrize(
    ("stated", "expected"), [("600,00", "vert"), ("600", "vert"), ("600.00 €", "vert"), ("612,50", "information")]
)
def test_a_declared_ratio_is_compared_however_it_is_written(stated: str, expected: str) -> None:
    assert outcome(town(ValDepRFonc=stated), "ratio_expenditure") == expected


def test_both_definitions_of_receipts_are_known() -> None:
    assert town(ValRecRFonc="800,00").controls["ratio_receipts"].right == 800
    assert town(ValRecRFonc="760,00").controls["ratio_receipts"].right == 760


def test_a_rounded_ratio_is_compared_as_rounded() -> None:
    assert outcome(town(ValEparRFonc="25%"), "ratio_savings") == "vert"
    assert outcome(town(ValEparRFonc="21%"), "ratio_savings") == "vert"  # 21.05 without the sales
    assert outcome(town(ValEparRFonc="25,4"), "ratio_savings") == "information"


@pytest.mark.parametrize("stated", ["0,00", "", "voir annexe", "-"])
def test_a_ratio_that_is_not_filled_is_not_compared(stated: str) -> None:
    assert "ratio_expenditure" not in town(ValDepRFonc=stated).controls


def test_ratios_need_inhabitants_and_a_whole_budget() -> None:
    assert "ratio_expenditure" not in town(PopTot="0", ValDepRFonc="600").controls
    annexe = town(ValDepRFonc="600").but(CodTypBud="A")
    amendment = town(ValDepRFonc="600").but(NatDec="02")
    assert not [code for one in (annexe, amendment) for code in one.controls if code.startswith("ratio")]


def test_an_absurd_population_does_not_stop_the_controls() -> None:
    assert outcome(town(PopTot="0." + "0" * 60 + "1", ValDepRFonc="600"), "ratio_expenditure") == "information"


# -- identity and dates


@pytest.mark.parametrize(
    ("etab", "coll", "expected"),
    [
        (fixtures.SIRET, fixtures.SIRET, "vert"),
        (fixtures.SIRET_ANNEXE, fixtures.SIREN, "vert"),
        (fixtures.SIRET, "21930048000015", "a_verifier"),
        (fixtures.SIRET, "CD34", None),
        ("", fixtures.SIREN, None),
    ],
)
def test_the_budget_and_its_collectivite_share_a_siren(etab: str, coll: str, expected: str | None) -> None:
    document = read(fixtures.document("CA", 2022)).but(IdEtab=etab, IdColl=coll, CodInseeColl="")
    assert outcome(document, "identity_siren") == expected


def test_a_siren_in_the_place_of_the_insee_code_is_read() -> None:
    document = read(fixtures.document("CA", 2022)).but(IdColl="", CodInseeColl="219300480")
    assert outcome(document, "identity_siren") == "a_verifier"


@pytest.mark.parametrize(
    ("stage", "date", "expected"),
    [
        ("CA", "2023-03-29", "vert"), ("CA", "2022-12-31", "information"), ("CA", "2026-01-01", "information"),
        ("BP", "2021-12-15", "vert"), ("BP", "2022-04-04", "vert"), ("BP", "2023-01-02", "information"),
        ("DM", "2022-11-22", "vert"), ("DM", "2023-01-20", "vert"), ("DM", "2021-11-22", "information"),
        ("CA", "29/03/2023", "information"),
    ],
)  # fmt: skip
def test_the_date_of_a_vote_suits_its_year(stage: str, date: str, expected: str) -> None:
    document = made(stage, line("60611", "D", MtReal="1.00")).but(DteDec=date)
    assert outcome(document, "date_decision") == expected


def test_a_file_may_be_made_again_years_later() -> None:
    document = made("CA", line("60611", "D", MtReal="1.00")).but(
        DteStr="2026-03-06", seal="2026-03-07T10:00:00+01:00"
    )
    assert (outcome(document, "date_document"), outcome(document, "date_seal")) == ("vert", "vert")


def test_dates_that_are_absent_are_not_controlled() -> None:
    document = made("CA", line("60611", "D", MtReal="1.00")).but(DteStr="", DteDec="", seal="")
    assert not [code for code in document.controls if code.startswith("date")]


def test_the_draft_mark_of_an_account_is_information() -> None:
    account = made("CA", line("60611", "D", MtReal="1.00"))
    assert outcome(account, "draft_account") == "vert"
    assert outcome(account.but(ProjetBudget="true"), "draft_account") == "information"
    assert outcome(account.but(ProjetBudget=""), "draft_account") is None


def test_the_draft_mark_of_a_budget_stays_a_finding_only() -> None:
    assert "draft_account" not in read(fixtures.document("BP", 2022, draft=True)).controls


# -- the fictitious commune, and words


@pytest.mark.parametrize("stage", ["BP", "DM", "CA", "CFU"])
def test_the_fictitious_commune_is_in_balance(stage: str) -> None:
    year = 2023 if stage == "CFU" else 2021
    document = replace(read(fixtures.document(stage, year, cfu=stage == "CFU")), debt=None)
    assert {c.outcome for c in check(document.header, document.groups)} == {"vert"}


def test_a_control_survives_json() -> None:
    controls = [
        Control("balance_operating", "vert", D("12.50"), D("1E+9")),
        Control("identity_siren", "a_verifier", params={"etab": "1", "coll": "2"}),
    ]
    stored = json.loads(json.dumps([control.to_dict() for control in controls]))
    assert [Control.from_dict(data) for data in stored] == controls
    assert stored[0]["left"] == "12.50" and stored[0]["right"] == "1000000000"


PARAMS = dict.fromkeys(
    ("etab", "coll", "date", "exercice", "agreed", "checked", "stated", "without_amount", "unknown", "code", "line",
     "column", "other_exercice"), "7"
)  # fmt: skip


@pytest.mark.parametrize("code", sorted(WORDS))
def test_words_say_what_to_do_unless_it_is_green(code: str) -> None:
    params = {**PARAMS, "other_stage": "DM", "other_dm": "2"}
    green, amber = Control(code, "vert", params=params), Control(code, "a_verifier", params=params)
    said, off = green.words(french()), amber.words(french())
    assert said.name and said.sentence and off.sentence and said.sentence != off.sentence
    assert off.remedy and not said.remedy
    assert bool(said.left_name) == bool(said.right_name)
    assert not [text for text in (said.sentence, off.sentence, off.remedy) if "{" in text or text.endswith(".")]


def test_words_name_the_other_document() -> None:
    params = {"exercice": "2022", "other_stage": "DM", "other_exercice": "2021", "other_dm": "2"}
    assert "Budget amendment no. 2 2021" in Control("amended", "vert", params=params).words(str).sentence


def test_a_surplus_and_a_deficit_are_not_told_alike() -> None:
    surplus, deficit = (Control("balance_operating", o).words(str) for o in ("information", "a_verifier"))
    assert surplus.sentence != deficit.sentence and surplus.remedy != deficit.remedy


def test_controls_are_not_findings() -> None:
    assert MESSAGES == {}
