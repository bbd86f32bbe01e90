"""Controls between the documents of one budget: years and stages."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from ckanext.budget.quality.facts import Facts
from ckanext.budget.quality.links import compare
from dev import fixtures
from tests.quality.documents import line, made, read

D = Decimal

BEFORE = Facts(
    "CA", 2021, closing_investment=D("-80.00"), closing_operating=D("120.00"), opened=D("900.00"),
    remaining_expenditure=D("30.00"), remaining_receipts=D("10.00"), executed=D("700.00"), debt=D("1000.00"),
)  # fmt: skip
ACCOUNT = Facts(
    "CA", 2022, carried_investment=D("-80.00"), carried_operating=D("40.00"), reserve=D("80.00"),
    prior_expenditure=D("30.00"), prior_receipts=D("10.00"), opened=D("950.00"), executed=D("750.00"),
    capital=D("100.00"), loans=D("50.00"), debt=D("950.00"),
)  # fmt: skip
BUDGET = replace(ACCOUNT, stage="BP", previous=D("900.00"), voted=D("940.00"), opened=None, debt=None)
AMENDMENT = Facts("DM", 2022, dm_number=1, previous=D("940.00"), voted=D("10.00"))


def outcomes(mine: Facts, *others: Facts) -> dict[str, str]:
    return {control.code: control.outcome for control in compare(mine, others)}


def test_a_year_takes_over_from_the_one_before() -> None:
    assert outcomes(ACCOUNT, BEFORE) == dict.fromkeys(
        ("carried_investment", "carried_operating", "remaining_expenditure", "remaining_receipts", "debt_years"),
        "vert",
    )
    assert outcomes(BUDGET, BEFORE) == dict.fromkeys(
        ("carried_investment", "carried_operating", "remaining_expenditure", "remaining_receipts", "opened_next"),
        "vert",
    )


@pytest.mark.parametrize(
    ("change", "code", "expected"),
    [
        ({"carried_investment": D("-79.99")}, "carried_investment", "a_verifier"),
        ({"reserve": D("60.00")}, "carried_operating", "information"),
        ({"prior_expenditure": D("31.00")}, "remaining_expenditure", "a_verifier"),
        ({"prior_receipts": D("0")}, "remaining_receipts", "a_verifier"),
        ({"debt": D("951.01")}, "debt_years", "a_verifier"),
        ({"debt": D("950.90")}, "debt_years", "vert"),
    ],
)
def test_what_is_not_taken_over_as_it_was(change: dict[str, D], code: str, expected: str) -> None:
    assert outcomes(replace(ACCOUNT, **change), BEFORE)[code] == expected


def test_an_account_that_takes_up_no_restes_a_realiser_at_all_is_information() -> None:
    found = outcomes(replace(ACCOUNT, prior_expenditure=D(0), prior_receipts=D(0)), BEFORE)
    assert (found["remaining_expenditure"], found["remaining_receipts"]) == ("information", "information")


def test_nothing_is_compared_with_another_year_or_alone() -> None:
    assert compare(ACCOUNT, []) == []
    assert compare(ACCOUNT, [replace(BEFORE, exercice=2020), replace(BEFORE, exercice=2023)]) == []


def test_a_budget_voted_before_the_results_takes_none() -> None:
    early = replace(BUDGET, carried_investment=D(0), carried_operating=D(0), reserve=D(0))
    early = replace(early, prior_expenditure=D(0), prior_receipts=D(0), takes_results=False)
    assert outcomes(early, BEFORE) == {"opened_next": "vert"}


def test_results_taken_up_early_may_differ() -> None:
    early = replace(BUDGET, takes_results=False, carried_investment=D("-75.00"))
    assert outcomes(early, BEFORE)["carried_investment"] == "information"
    assert outcomes(replace(early, takes_results=True), BEFORE)["carried_investment"] == "a_verifier"


def test_a_cfu_prevails_over_the_account_of_its_year() -> None:
    cfu = replace(BEFORE, stage="CFU", closing_investment=D("-81.00"))
    assert outcomes(ACCOUNT, BEFORE, cfu)["carried_investment"] == "a_verifier"
    assert outcomes(ACCOUNT, cfu, BEFORE)["carried_investment"] == "a_verifier"


def test_two_accounts_of_one_year_are_to_check() -> None:
    cfu = replace(ACCOUNT, stage="CFU", executed=D("751.00"))
    found = [control for control in compare(cfu, [ACCOUNT]) if control.code == "duplicate_account"]
    assert [(c.outcome, c.left, c.right) for c in found] == [("a_verifier", D("751.00"), D("750.00"))]
    assert "duplicate_account" in outcomes(ACCOUNT, cfu)
    assert "duplicate_account" not in outcomes(ACCOUNT, BEFORE, BUDGET)


def test_credits_follow_from_one_decision_to_the_next() -> None:
    second = Facts("DM", 2022, dm_number=2, previous=D("950.00"), voted=D("0.00"))
    assert outcomes(AMENDMENT, BUDGET) == {"amended": "vert"}
    assert outcomes(second, BUDGET, AMENDMENT) == {"amended": "vert"}
    assert outcomes(replace(second, previous=D("940.00")), BUDGET, AMENDMENT) == {"amended": "information"}
    assert outcomes(ACCOUNT, AMENDMENT, second)["opened_amended"] == "vert"
    assert outcomes(replace(ACCOUNT, opened=D("960.00")), AMENDMENT)["opened_amended"] == "information"


def test_an_empty_previous_budget_is_not_compared() -> None:
    assert outcomes(replace(AMENDMENT, previous=D(0)), BUDGET) == {}
    assert "opened_next" not in outcomes(replace(BUDGET, previous=D(0)), BEFORE)
    assert outcomes(replace(BUDGET, previous=D("880.00")), BEFORE)["opened_next"] == "information"


def test_a_control_names_the_other_document() -> None:
    control = next(c for c in compare(AMENDMENT, [BUDGET]) if c.code == "amended")
    assert "Initial budget 2022" in control.words(str).sentence


def test_facts_survive_json_and_older_versions() -> None:
    stored = json.loads(json.dumps(ACCOUNT.to_dict()))
    assert Facts.from_dict(stored) == ACCOUNT
    del stored["debt"]
    assert Facts.from_dict({**stored, "kept_by_a_later_version": "1"}) == replace(ACCOUNT, debt=None)
    assert "debt_years" not in outcomes(Facts.from_dict(stored), BEFORE)


def test_facts_of_a_document() -> None:
    found = made(
        "CA",
        line("001", "D", MtReal="80.00"), line("002", "R", MtReal="40.00"), line("1068", "R", MtReal="80.00"),
        line("1641", "D", MtReal="100.00", CredOuv="110.00", MtRAR3112="5.00"), line("1641", "R", MtReal="50.00"),
        line("60611", "D", MtReal="15.00", CredOuv="20.00", MtRARPrec="3.00"),
    ).facts  # fmt: skip
    assert (found.carried_investment, found.carried_operating, found.reserve) == (D("-80"), D("40"), D("80"))
    assert (found.closing_investment, found.closing_operating) == (D("-50"), D("25"))
    assert (found.opened, found.executed, found.capital, found.loans) == (D("130"), D("115"), D("100"), D("50"))
    assert (found.remaining_expenditure, found.prior_expenditure, found.voted) == (D("5"), D("3"), None)


@pytest.mark.parametrize(("stage", "taken"), [("BP", "1"), ("BP", "2"), ("BP", "3"), ("CA", "1")])
def test_a_budget_says_whether_it_takes_up_known_results(stage: str, taken: str) -> None:
    found = made(stage, line("60611", "D", MtPrev="1.00")).but(ReprRes=taken).facts
    assert found.takes_results == (stage == "CA" or taken == "3")


def test_results_among_the_credits_only_are_taken_from_there() -> None:
    found = made("CA", line("001", "R", CredOuv="7.00"), line("60611", "D", MtReal="1.00")).facts
    assert found.carried_investment == D("7.00")


@pytest.mark.parametrize("annexe", [False, True])
def test_the_years_of_the_fictitious_commune_follow_each_other(annexe: bool) -> None:
    documents = [read(fixtures.document(s, y, annexe=annexe)).facts for y in range(2020, 2023) for s in ("BP", "CA")]
    found = [control for one in documents for control in compare(one, [o for o in documents if o is not one])]
    assert {control.outcome for control in found} == {"vert"}
    assert {"carried_investment", "carried_operating", "opened_next", "debt_years"} <= {c.code for c in found}
