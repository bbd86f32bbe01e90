"""Formulas reproduce, to the cent, what was checked on two towns' accounts; and hold on any budget."""

from __future__ import annotations

import io
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.budget.convert import convert
from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.groups import AMOUNTS, Group, of_lines
from ckanext.budget.nomenclature.plans import plan
from dev import fixtures

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "xml"
corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus ../shared/corpus is absent")
D = Decimal


def groups_of(content: bytes) -> list[Group]:
    lines: list = []
    convert(io.BytesIO(content), io.BytesIO(), on_line=lines.append)
    return of_lines(lines)


@lru_cache
def town(case: str) -> list[Group]:
    return groups_of((CORPUS / case / "totem.xml").read_bytes())


@lru_cache
def fictitious(stage: str, exercice: int, annexe: bool = False) -> list[Group]:
    return groups_of(fixtures.document(stage, exercice, annexe=annexe))


#: the table «expected, in euros» of the domain notes
EXPECTED = {
    "montreuil-2022-CA-M14": {
        "real": ("211272101.98", "237012877.26", "52124109.80", "41463465.18"),
        "775 1068": ("4527496.16", "15202404.20"),
        "ordre": ("15911901.06", "118207.05", "4805305.05", "20598999.06"),
        "carried": ("5752117.64", "-9024336.25"),
        "headline": ("263396211.78", "263273938.24"),
        "savings": ("21213279.12", "25740775.28", "4185060.72"),
        "capital": "17028218.40",
        "equipment": "32866394.98",
        "closing": ("15699198.91", "-3891286.86"),
        "rar": ("12067774.53", "6000000.00"),
        "execution": ("99.13", "101.96", "57.61", "59.72"),
        "block IR": "26261060.98",
    },
    "crach-2021-CA-principal-M14": {
        "real": ("2282436.65", "3000508.37", "935435.29", "1140579.88"),
        "775 1068": ("0", "691327.28"),
        "ordre": ("96637.25", "54926.72", "54926.72", "96637.25"),
        "carried": ("835043.06", "-64118.58"),
        "headline": ("3217871.94", "3449760.97"),
        "savings": ("718071.72", "718071.72", "578178.56"),
        "capital": "139893.16",
        "equipment": "726318.30",
        "closing": ("1511404.25", "182736.54"),
        "rar": ("385503.58", "123839.60"),
        "execution": ("91.99", "101.34", "40.54", "88.38"),
        "block IR": "449252.60",
    },
}
FOUR = [("F", "D"), ("F", "R"), ("I", "D"), ("I", "R")]


@corpus
@pytest.mark.parametrize("case", EXPECTED)
def test_totals_of_two_towns_to_the_cent(case: str) -> None:
    g, want = town(case), EXPECTED[case]
    assert tuple(f.real(g, "mtreal", *x) for x in FOUR) == tuple(map(D, want["real"]))
    assert tuple(f.ordre(g, "mtreal", *x) for x in FOUR) == tuple(map(D, want["ordre"]))
    assert (f.sales(g, "mtreal"), f.reserve(g, "mtreal")) == tuple(map(D, want["775 1068"]))
    assert (f.carried(g, "mtreal", "002"), f.carried(g, "mtreal", "001")) == tuple(map(D, want["carried"]))
    assert (f.headline(g, "mtreal", "D"), f.headline(g, "mtreal", "R")) == tuple(map(D, want["headline"]))
    assert f.block(g, "mtreal", "I", "R") == D(want["block IR"])
    savings = (
        f.gross_savings(g, "mtreal"),
        f.gross_savings(g, "mtreal", with_sales=True),
        f.net_savings(g, "mtreal"),
    )
    assert savings == tuple(map(D, want["savings"]))
    assert f.capital_repaid(g, "mtreal") == D(want["capital"])
    assert f.equipment(g, "mtreal") == D(want["equipment"])
    assert (f.closing(g, "mtreal", "F"), f.closing(g, "mtreal", "I")) == tuple(map(D, want["closing"]))
    assert (f.still_to_do(g, "D"), f.still_to_do(g, "R")) == tuple(map(D, want["rar"]))


@corpus
@pytest.mark.parametrize("case", EXPECTED)
def test_execution_rates_of_two_towns(case: str) -> None:
    rates = [f.execution_rate(town(case), *x) for x in FOUR]
    assert [round(rate * 100, 2) for rate in rates if rate] == [D(x) for x in EXPECTED[case]["execution"]]


@corpus
@pytest.mark.parametrize(
    ("case", "declination", "year", "want"),
    [
        ("montreuil-2022-CA-M14", "M14_COM_SUP3500", 2022, "34404966.36"),
        ("crach-2021-CA-principal-M14", "M14_COM_500_3500", 2021, "774003.03"),
    ],
)
def test_equipment_as_the_form_counts_it(case: str, declination: str, year: int, want: str) -> None:
    chart = plan("M14", declination, year)
    assert chart

    def counted(nature: str) -> bool:
        found = chart.find_or_parent("A", nature)
        return found is not None and "D" in found.entry.flags

    assert f.equipment_of_form(town(case), "mtreal", counted) == D(want)


def test_a_published_ratio_of_debt() -> None:
    assert round(f.repayment_capacity(D("206124077.90"), D("21213279.12")) or 0, 2) == D("9.72")
    assert f.repayment_capacity(None, D(1)) is None
    assert f.repayment_capacity(D(1), D(0)) is None


@pytest.mark.parametrize(
    ("stage", "draft", "amount"),
    [("BP", False, "mtprev"), ("BP", True, "mtpropnouv"), ("DM", False, "mtprev"), ("CA", False, "mtreal"),
     ("CA", True, "mtreal"), ("CFU", False, "mtreal")],
)  # fmt: skip
def test_each_stage_shows_its_own_amount(stage: str, draft: bool, amount: str) -> None:
    assert f.amount_shown(stage, draft=draft) == amount


@pytest.mark.parametrize("annexe", [False, True])
def test_a_voted_budget_balances_and_an_account_closes(annexe: bool) -> None:
    voted, account = fictitious("BP", 2021, annexe), fictitious("CA", 2021, annexe)
    assert f.voted(voted, "D") == f.voted(voted, "R") > 0
    for section in "FI":
        carried = f.carried(account, "mtreal", "002" if section == "F" else "001")
        assert f.closing(account, "mtreal", section) == f.result(account, "mtreal", section) + carried


groups = st.lists(
    st.builds(
        Group,
        section=st.sampled_from("FI"),
        code_rd=st.sampled_from("RD"),
        ordre=st.booleans(),
        nature=st.sampled_from(
            ["001", "002", "1068", "1641", "165", "2031", "204182", "2111", "6411", "72", "775", "023"]
        ),
        nature_label=st.just(""),
        chapter=st.sampled_from(["16", "21", "012"]),
        chapter_label=st.just(""),
        amounts=st.fixed_dictionaries({a: st.decimals(-(10**9), 10**9, places=2) for a in AMOUNTS}),
    ),
    max_size=12,
)


@given(groups)
def test_blocks_carried_reserve_and_ordre_make_up_the_whole(g: list[Group]) -> None:
    for sense in "RD":
        parts = f.headline(g, "mtreal", sense) + sum(f.ordre(g, "mtreal", s, sense) for s in "FI")
        parts += sum((x.amounts["mtreal"] for x in g if x.code_rd == sense and not x.ordre and x.carried), D(0))
        if sense == "R":
            parts += f.reserve(g, "mtreal")
        carried_ordre = sum((x.amounts["mtreal"] for x in g if x.code_rd == sense and x.ordre), D(0))
        assert parts == sum((x.amounts["mtreal"] for x in g if x.code_rd == sense), D(0))
        assert sum(f.ordre(g, "mtreal", s, sense) for s in "FI") == carried_ordre


@given(groups)
def test_closing_is_the_result_and_what_was_carried(g: list[Group]) -> None:
    for section in "FI":
        carried = sum(
            ((1 if x.code_rd == "R" else -1) * x.amounts["mtreal"] for x in g if x.carried and x.section == section),
            D(0),
        )
        assert f.closing(g, "mtreal", section) == f.result(g, "mtreal", section) + carried
