"""What the controls say of real budgets: the figures of the domain notes (§5b), and how often each control holds."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import lru_cache

import pytest

from ckanext.budget.quality.controls import Control
from ckanext.budget.quality.links import compare
from tests.quality.documents import CORPUS, Document, read

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus ../shared/corpus is absent")


@lru_cache(maxsize=1)
def town() -> dict[str, Document]:
    """Every real file of the corpus (its «variants» are edited)."""
    folders = [folder for folder in sorted(CORPUS.iterdir()) if not folder.name.startswith("variant")]
    return {folder.name: read((folder / "totem.xml").read_bytes()) for folder in folders}


@lru_cache(maxsize=1)
def everything() -> dict[str, list[Control]]:
    """Controls of each document, alone and with those of its budget."""
    found: dict[str, list[Control]] = {}
    for name, mine in town().items():
        others = [o.facts for n, o in town().items() if n != name and o.header.siret == mine.header.siret]
        found[name] = [*mine.controls.values(), *mine.subtotals, *compare(mine.facts, others)]
    return found


def outcomes(*codes: str) -> Counter[str]:
    return Counter(
        control.outcome for controls in everything().values() for control in controls if control.code in codes
    )


def which(outcome: str, *codes: str) -> set[str]:
    return {n for n, controls in everything().items() for c in controls if c.code in codes and c.outcome == outcome}


def control(name: str, code: str) -> Control:
    return next(c for c in everything()[name] if c.code == code)


def test_sections_balance_but_for_three_surpluses() -> None:
    assert outcomes("balance_operating", "balance_investment") == {"vert": 59, "information": 3}
    assert which("information", "balance_operating", "balance_investment") == {
        "m3m-2018-CA-eaupotable-M49D",
        "m3m-2018-CA-transport-M43D",
        "montpellier-2023-CA-M57D-fonction",
    }


def test_ordre_and_transfers_balance_everywhere() -> None:
    assert outcomes("ordre") == {"vert": 28}
    assert outcomes("transfer") == {"vert": 28}


def test_a_year_takes_over_the_results_and_the_restes_a_realiser_of_the_one_before() -> None:
    assert outcomes("carried_investment") == {"vert": 9}
    assert outcomes("carried_operating") == {"vert": 7, "information": 2}
    assert outcomes("remaining_expenditure", "remaining_receipts") == {"vert": 10}


def test_credits_opened_are_found_again_in_the_next_budget_and_the_last_amendment() -> None:
    for name, code in (
        ("crach-2022-BP-principal-M14", "opened_next"),
        ("crach-2021-CA-principal-M14", "opened_amended"),
    ):
        found = control(name, code)
        assert (found.outcome, found.left, found.right) == ("vert", *[Decimal("6403536.81")] * 2)
    assert control("crach-2022-DM1-lotissement-M14", "amended").left == Decimal("3123900.60")


def test_debts_follow_from_their_loans_but_in_one_town_whose_annexe_repeats_a_column() -> None:
    assert outcomes("debt_capital") == {"vert": 16}
    assert outcomes("debt_years") == {"vert": 4}
    amber = which("a_verifier", "debt_columns")
    assert outcomes("debt_equation")["vert"] == 12 and {name.partition("-")[0] for name in amber} == {"montreuil"}
    for debt in (town()[name].debt for name in amber):
        assert debt and debt.opening == debt.closing


def test_declared_ratios_are_mostly_found_again_and_never_to_check() -> None:
    codes = {c.code for controls in everything().values() for c in controls if c.code.startswith("ratio")}
    found = outcomes(*codes)
    assert found["a_verifier"] == 0
    assert found["vert"] >= 80 and found["information"] <= 20
    assert control("crach-2021-CA-principal-M14", "ratio_debt_receipts").outcome == "vert"


def test_nothing_else_is_to_check() -> None:
    ambers = {(n, c.code) for n, controls in everything().items() for c in controls if c.outcome == "a_verifier"}
    assert {code for _, code in ambers} == {"debt_columns"}
    assert which("information", "date_document", "date_decision", "date_seal") == {
        "gironde-2013-CA-M52-oneline",
        "mohon-2023-CFU-M57A",
    }


def test_the_subtotals_of_the_real_cfu_are_recomputed() -> None:
    (found,) = town()["mohon-2023-CFU-M57A"].subtotals
    assert (found.outcome, found.left, found.right) == ("vert", Decimal(490), Decimal(490))
    assert found.params == {
        "stated": "633", "checked": "490", "agreed": "490", "without_amount": "108", "unknown": "35",
    }  # fmt: skip
