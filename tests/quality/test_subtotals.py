"""The subtotals of a CFU, recomputed from its data lines; and the quality level."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ckanext.budget.errors import Finding
from ckanext.budget.messages.controls import WORDS
from ckanext.budget.quality import subtotals
from ckanext.budget.quality.controls import Control
from ckanext.budget.quality.level import LEVELS, level
from ckanext.budget.quality.subtotals import Subtotals
from ckanext.budget.totem.model import Header
from dev import fixtures
from tests.quality.documents import read
from tests.scdl.made import header

D = Decimal

CFU = header("cfu", Nomenclature="M57-M57_A", Exer="2023")
DATA = [
    {"Nature": "60611", "CodRD": "D", "OpBudg": "0", "MtReal": "10.00", "CredOuv": "12.00"},
    {"Nature": "6161", "CodRD": "D", "OpBudg": "0", "MtReal": "5.50", "CredOuv": "6.00"},
    {"Nature": "6811", "CodRD": "D", "OpBudg": "1", "TypOpBudg": "2", "MtReal": "3.00", "CredOuv": "3.00"},
    {"Nature": "28188", "CodRD": "R", "OpBudg": "1", "TypOpBudg": "2", "MtReal": "3.00", "CredOuv": "3.00"},
    {"Nature": "73111", "CodRD": "R", "OpBudg": "0", "MtReal": "40.00", "CredOuv": "21.00"},
    {"Nature": "002", "CodRD": "R", "OpBudg": "0", "MtReal": "7.00", "CredOuv": "7.00"},
    {"Nature": "1068", "CodRD": "R", "OpBudg": "0", "MtReal": "2.00", "CredOuv": "2.00"},
    {"Nature": "2031", "CodRD": "D", "OpBudg": "0", "MtReal": "4.00", "CredOuv": "9.00"},
    {"Nature": "2131", "CodRD": "D", "OpBudg": "0", "Operation": "100", "CaracSup.typope": "1", "MtReal": "8.00"},
    {"Nature": "2131", "CodRD": "D", "OpBudg": "0", "Operation": "101", "CaracSup.typope": "1", "MtReal": "1.00"},
    {"Nature": "2131", "CodRD": "D", "OpBudg": "0", "MtReal": "0.50", "InfoAPCP": "AP1"},
]  # fmt: skip


def stated(**values: str) -> dict[str, str]:
    return {"calculated": "1", "@line": "90", **values}


def controls(*given: dict[str, str], of: Header = CFU) -> list[Control]:
    """Subtotals first, data after: the order does not count."""
    made = Subtotals(of)
    for line in (*given, *DATA):
        made.add(line)
    return made.controls()


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ({"ChapitreNature": "011", "CodRD": "D", "OpBudg": "0", "InfoOpe": "T"}, "15.50"),
        ({"ChapitreNature": "042", "CodRD": "D", "OpBudg": "1", "TypOpBudg": "2", "InfoOpe": "TNULL"}, "3.00"),
        ({"ChapitreNature": "040", "CodRD": "R", "OpBudg": "T", "InfoOpe": "T"}, "3.00"),
        ({"ChapitreNature": "21", "CodRD": "D", "OpBudg": "T", "InfoOpe": "T"}, "9.50"),
        ({"ChapitreNature": "21", "CodRD": "D", "OpBudg": "T", "InfoOpe": "TVOTE"}, "9.00"),
        ({"ChapitreNature": "21", "CodRD": "D", "OpBudg": "T", "InfoOpe": "TNULL"}, "0.50"),
        ({"ChapitreNature": "21", "CodRD": "D", "OpBudg": "0", "InfoOpe": "DETAIL", "Operation": "100"}, "8.00"),
        ({"ChapitreNature": "21", "CodRD": "D", "OpBudg": "0", "InfoOpe": "T", "InfoAPCP": "TNULL"}, "9.00"),
        ({"RegroupNature": "68", "CodRD": "D", "OpBudg": "1", "TypOpBudg": "2"}, "3.00"),
        ({"RegroupNature": "6", "CodRD": "D"}, "18.50"),
        ({"ChapitreNature": "70", "CodRD": "R"}, "0.00"),
        ({"Groupe": "GDEPFON011"}, "15.50"),
        ({"Groupe": "GDEPEXFONREL"}, "15.50"),
        ({"Groupe": "GDEPEXFONORD"}, "3.00"),
        ({"Groupe": "GDEPGESCOUFON"}, "15.50"),
        ({"Groupe": "GRECEXFON"}, "40.00"),
        ({"Groupe": "GRECTOTFONCA"}, "47.00"),
        ({"Groupe": "GRECEXINVH1068"}, "3.00"),
        ({"Groupe": "GRECTOTCA"}, "52.00"),
        ({"Groupe": "GDEPEXINVEQPT"}, "13.50"),
        ({"Groupe": "GDEPINVOP", "Operation": "101"}, "1.00"),
        ({"Groupe": "GDEPINVOP21", "Operation": "100"}, "8.00"),
        ({"Groupe": "SOLDEINVOP", "Operation": "100"}, "-8.00"),
        ({"Groupe": "SOLDEFONTOTCA"}, "28.50"),
        ({"Groupe": "SOLDEFONEX"}, "21.50"),
        ({"Groupe": "SOLDE002"}, "7.00"),
    ],
)
def test_a_subtotal_is_recomputed_from_its_lines(given: dict[str, str], amount: str) -> None:
    agreeing = controls(stated(**given, MtReal=amount))
    assert [(c.code, c.outcome, c.left, c.right) for c in agreeing] == [("subtotals", "vert", D(1), D(1))]
    summary, detail = controls(stated(**given, MtReal=str(D(amount) + 1)))
    named = "Groupe" in given
    assert summary.outcome == detail.outcome == ("information" if named else "a_verifier")
    assert (detail.left, detail.right) == (D(amount) + 1, D(amount))
    assert detail.params["line"] == "90" and detail.params["column"] == "MtReal"


def test_every_amount_of_a_subtotal_is_compared() -> None:
    given = {"ChapitreNature": "011", "CodRD": "D", "MtReal": "15.50", "CredOuv": "18.01"}
    assert controls(stated(**given))[1].params == {"code": "011", "column": "CredOuv", "line": "90"}


@pytest.mark.parametrize(
    "given",
    [
        {"Groupe": "GRECRESSPROPINT", "MtReal": "1.00"},
        {"ChapitreNature": "011", "CodRD": "D", "Fonction": "2", "MtReal": "1.00"},
        {"ChapitreNature": "011", "CodRD": "D", "InfoOpe": "AUTRE", "MtReal": "1.00"},
        {"MtReal": "1.00"},
    ],
)
def test_a_subtotal_that_is_not_understood_is_said_and_not_judged(given: dict[str, str]) -> None:
    (summary,) = controls(stated(**given))
    assert summary.outcome == "information"
    assert (summary.params["unknown"], summary.params["checked"]) == ("1", "0")


@pytest.mark.parametrize("amounts", [{}, {"TxReal3112": "52.62"}, {"MtCumul": "8.00"}, {"MtReal": "n.c."}])
def test_a_subtotal_without_amount_is_counted_apart(amounts: dict[str, str]) -> None:
    (summary,) = controls(stated(Groupe="GDEPTOT", **amounts))
    assert (summary.params["without_amount"], summary.params["unknown"]) == ("1", "0")


def test_a_document_that_states_no_subtotal_has_no_control() -> None:
    assert controls() == []
    assert controls(stated(ChapitreNature="011", CodRD="D", MtReal="1.00"), of=header()) == []


def test_differing_subtotals_are_counted_whole_and_told_in_part() -> None:
    found = controls(*(stated(ChapitreNature="011", CodRD="D", MtReal=f"{n}.00") for n in range(100, 160)))
    assert (found[0].left, found[0].right, len(found)) == (D(0), D(60), 1 + subtotals.SHOWN)


def test_memory_and_work_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [stated(ChapitreNature="011", CodRD="D", MtReal="15.50")] * 3
    monkeypatch.setattr(subtotals, "WORK", 4)
    assert [(c.outcome, c.right, c.params["unknown"]) for c in controls(*given)] == [("vert", D(2), "1")]
    monkeypatch.setattr(subtotals, "LIMIT", len(given))  # more data than that, as many subtotals
    assert [(c.outcome, c.right, c.params["unknown"]) for c in controls(*given)] == [("information", D(0), "3")]
    monkeypatch.setattr(subtotals, "LIMIT", len(DATA))  # the contrary
    given = given * 4
    assert [(c.outcome, c.right, c.params["unknown"]) for c in controls(*given)] == [("information", D(0), "12")]


def test_the_subtotals_of_the_fictitious_cfu_agree() -> None:
    (summary,) = read(fixtures.document("CFU", 2023, cfu=True)).subtotals
    assert summary.outcome == "vert" and summary.left == summary.right == D(summary.params["stated"])


# -- levels


def test_levels_from_the_worst_of_what_was_found() -> None:
    note, amber, unknown = (
        Finding("plan_year_missing"),
        Finding("label_absent", "a_verifier"),
        Finding("nature_absent"),
    )
    green, look = Control("ordre", "vert"), Control("ordre", "a_verifier")
    assert level([], []) == level([note], [green, Control("ordre", "information")]) == "complet"
    assert level([amber], [green]) == level([note], [look]) == "a_verifier"
    assert level([amber, unknown], [look]) == "lecture_partielle"
    assert level([Finding("not_xml", "bloquant")], []) is None


def test_levels_have_names_and_definitions() -> None:
    assert list(LEVELS) == ["complet", "a_verifier", "lecture_partielle"]
    assert all(one.name and one.definition for one in LEVELS.values())
    assert "subtotals" in WORDS
