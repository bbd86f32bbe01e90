"""Both sides of the flows are equal to the cent and tell the headline figures; nothing negative is drawn."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from ckanext.budget.figures import categories, flows, formulas, tree
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.flows import Flows, total
from ckanext.budget.figures.groups import AMOUNTS, Group
from tests.figures import made

D = Decimal
PLAIN = categories.shipped()
ACCOUNT = Document(id="x", exercice=2022, stage="CA", nomenclature="M14_COM_SUP3500")


def group(sense: str, nature: str, euros: str, fonction: str = "", section: str = "") -> Group:
    section = section or ("I" if nature[0] in "12" or nature in ("001", "024") else "F")
    amounts = {**dict.fromkeys(AMOUNTS, D(0)), "mtreal": D(euros)}
    return Group(section, sense, False, nature, "", nature[:2], f"Chapitre {nature[:2]}", amounts, fonction, fonction)


def balanced(found: Flows, groups: list[Group], document: Document) -> None:
    amount = document.amount
    assert total(found.receipts) == formulas.headline(groups, amount, "R")
    assert total(found.expenditure) == formulas.headline(groups, amount, "D")
    assert total(found.sources) == total(found.uses) == found.total
    left, right = found.drawn()
    assert total(left) == total(right)
    assert all(flow.amount > 0 for flow in (*left, *right))
    assert max(len(left), len(right)) <= 15


@pytest.mark.parametrize("by", [PLAIN, None])
@pytest.mark.parametrize(("stage", "annexe"), [("BP", False), ("CA", False), ("CFU", False), ("CA", True)])
def test_both_sides_are_equal_and_tell_the_headline(
    stage: str, annexe: bool, by: categories.Categories | None
) -> None:
    document, groups = made.fictitious(stage, 2022, annexe)
    found = flows.of_document(groups, document, categories=by)
    assert found
    balanced(found, groups, document)
    by_key = {flow.key: flow.amount for flow in found.sources}
    assert by_key.get("loans", D(0)) == formulas.new_loans(groups, document.amount)
    if by:
        assert {f.key: f.amount for f in found.uses}.get("capital", D(0)) == formulas.capital_repaid(
            groups, document.amount
        )


@made.corpus
@pytest.mark.parametrize("case", ["montreuil-2022-CA-M14", "crach-2021-CA-principal-M14"])
def test_real_accounts_balance_to_the_cent(case: str) -> None:
    document, groups = made.town(case)
    for by in (PLAIN, None):
        found = flows.of_document(groups, document, categories=by)
        assert found
        balanced(found, groups, document)
    spent = [g for g in groups if g.code_rd == "D" and g.real]
    whole = {key: euros for key, euros in flows.by_category(spent, document, PLAIN).items() if euros}
    assert whole == {n.code: n.amount for n in tree.by_category(groups, document, categories=PLAIN).children}
    if case.startswith("montreuil"):  # 122 273,54 € more spent than received, that the year before's results cover
        assert (found.surplus, found.reserves, found.need) == (D(0), D("122273.54"), D(0))
    else:
        assert found.surplus == D("231889.03")


def test_what_is_missing_is_covered_by_earlier_results_as_far_as_they_go() -> None:
    groups = [group("R", "73111", "60"), group("D", "6411", "100", "01"), group("R", "002", "25")]
    found = flows.of_document(groups, ACCOUNT)
    assert found and (found.surplus, found.reserves, found.need) == (0, 25, 15)
    deficit = [*groups[:2], group("D", "002", "25")]
    found = flows.of_document(deficit, ACCOUNT)
    assert found and (found.reserves, found.need) == (0, 40)


def test_a_negative_amount_stays_in_the_sides_and_is_a_correction_in_the_drawing() -> None:
    groups = [
        group("R", "73111", "100.10"),
        group("R", "7788", "-20.05"),
        group("D", "6411", "50", "20"),
        group("D", "66112", "-5.01", "01"),
    ]
    found = flows.of_document(groups, ACCOUNT, categories=PLAIN)
    assert found
    balanced(found, groups, ACCOUNT)
    assert {flow.key: flow.amount for flow in found.negative} == {
        "other_operating": D("-20.05"),
        "interest": D("-5.01"),
    }
    left, right = found.drawn()
    assert {f.key: f.amount for f in left} == {"taxes": D("100.10"), "correction": D("5.01")}
    assert {f.key: f.amount for f in right} == {
        "education": D("50"), "correction": D("20.05"), "surplus": D("35.06"),
    }  # fmt: skip


def test_small_flows_are_drawn_together() -> None:
    groups = [group("R", "73111", "1000"), *(group("D", f"6{n:02}", "1", "01") for n in range(11, 40))]
    groups = [replace(g, chapter=g.nature) for g in groups]
    found = flows.of_document(groups, ACCOUNT)
    assert found and len(found.expenditure) == 29
    _, right = found.drawn()
    assert [(f.kind, f.amount, f.count) for f in right] == [("others", 29, 29), ("balance", 971, 1)]


def test_variations_and_empty_documents_have_no_flow() -> None:
    document, groups = made.fictitious("DM", 2021)
    assert flows.of_document(groups, document) is None
    assert flows.of_document([], ACCOUNT) is None


@pytest.mark.parametrize(
    ("nature", "section", "key"),
    [
        ("73111", "F", "taxes"), ("7788", "F", "other_operating"), ("775", "F", "sales"),
        ("6419", "F", "other_operating"),
        ("1641", "I", "loans"), ("165", "I", "other_investment"), ("16449", "I", "other_investment"),
        ("10222", "I", "funds"), ("1321", "I", "investment_grants"), ("024", "I", "sales"),
        ("2761", "I", "other_investment"),
    ],
)  # fmt: skip
def test_every_account_has_one_source(nature: str, section: str, key: str) -> None:
    assert flows.source(group("R", nature, "1", section=section)) == key
