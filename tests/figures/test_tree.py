"""A breakdown holds each line once: nothing twice, nothing lost; shares are told only of parts of a whole."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.budget.figures import formulas as f
from ckanext.budget.figures import tree
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.groups import Group
from ckanext.budget.figures.values import Inhabitants
from tests.figures.made import corpus, fictitious, town

D = Decimal
TOWNS = [
    "montreuil-2022-CA-M14",
    "montpellier-2022-CA-M57D-fonction",
    "mohon-2023-CFU-M57A",
    "herault-2019-CA-M52-minimal",
]


def uses(node: tree.Node, path: tuple[str, ...] = ()) -> Counter[tuple[str, ...]]:
    """Amounts of the leaves, by path."""
    if not node.children:
        return Counter({path: node.amount})
    return sum((uses(child, (*path, child.code)) for child in node.children), Counter())


def unequal(root: tree.Node, groups: list[Group], document: Document, sense: str) -> list[tuple[str, str]]:
    """(function, account) that a breakdown counts twice, in part or never."""
    wanted: dict[tuple[str, str], Decimal] = {}
    for g in groups:
        if any(f.in_block(g, section, sense) for section in "FI"):
            key = (g.fonction, g.nature)
            wanted[key] = wanted.get(key, D(0)) + g.amounts[document.amount]
    found: dict[tuple[str, str], Decimal] = {}
    for one in root.children:
        for two in one.children:
            for three in two.children or [two]:
                function = next((n.code for n in (two, three) if n.kind == "function"), "")
                account = next(n.code for n in (three, two) if n.kind == "account")
                found[function, account] = found.get((function, account), D(0)) + three.amount
    return [key for key in wanted.keys() | found.keys() if wanted.get(key, D(0)) != found.get(key, D(0))]


@corpus
@pytest.mark.parametrize("case", TOWNS)
@pytest.mark.parametrize("sense", ["D", "R"])
def test_no_line_is_used_twice_or_never(case: str, sense: str) -> None:
    document, groups = town(case)
    for build in (tree.by_category, tree.by_chapter, tree.by_function):
        root = build(groups, document, sense=sense)
        assert unequal(root, groups, document, sense) == []
        assert root.amount == f.headline(groups, document.amount, sense)
        assert root.amount == sum((c.amount for c in root.children), D(0))


@corpus
def test_what_montreuil_spends_on_schools() -> None:
    document, groups = town("montreuil-2022-CA-M14")
    official = [tree.by_function(groups, document, section=section).find("2") for section in "FI"]
    assert [node and node.amount for node in official] == [D("28729448.04"), D("6936524.40")]
    node = tree.by_category(groups, document).find("education")
    buses = tree.by_category(groups, document).find("transport", "252")
    assert node and buses and node.amount + buses.amount == D("35665972.44")


def test_without_functions_the_breakdown_says_so() -> None:
    document, groups = fictitious("CA", 2021)
    assert not tree.has_functions(groups, document)
    assert [node.code for node in tree.by_category(groups, document).children] == [tree.NONE]
    document, groups = fictitious("CA", 2022)
    assert tree.has_functions(groups, document)
    assert "education" in [node.code for node in tree.by_category(groups, document).children]


def test_a_tree_opens_down_to_the_function_of_an_account() -> None:
    document, groups = fictitious("CA", 2022)
    root = tree.by_chapter(groups, document, section="F", inhabitants=Inhabitants(1000))
    staff = root.find("012")
    assert staff and staff.share and staff.whole == staff.amount / root.amount
    assert staff.per_inhabitant == staff.amount / 1000
    account = staff.children[0]
    assert account.kind == "account" and account.children[0].kind == "function"
    assert account.whole and account.share and round(account.whole, 12) == round(account.share * staff.whole, 12)


def test_a_negative_amount_is_told_and_makes_no_shares() -> None:
    rows = [
        ([("chapter", "65", "a")], D(100)),
        ([("chapter", "66", "b")], D("-20.50")),
        ([("chapter", "67", "c")], D(0)),
    ]
    root = tree.nest(rows)
    assert [(c.code, c.amount, c.share) for c in root.children] == [("65", D(100), None), ("66", D("-20.50"), None)]
    assert root.amount == D("79.50") and tree.per_hundred(root) is None


def test_a_function_in_reserve_is_to_be_checked() -> None:
    document, groups = fictitious("CA", 2022)
    spent = next(g for g in groups if f.in_block(g, "F", "D"))
    odd = Group("F", "D", False, "6411", "", "012", "", dict(spent.amounts), "9", "Fonction en réserve")
    root = tree.by_category([*groups, odd], document)
    node = root.find("unallocated", "9")
    assert node and node.to_check


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=14))
def test_a_hundred_euros_are_a_hundred_euros(cents: list[int]) -> None:
    root = tree.nest([([("category", str(i), "")], D(c) / 100) for i, c in enumerate(cents)])
    told = tree.per_hundred(root)
    assert told and sum(euros for _, euros in told) == D("100.00")
    for node, euros in told:
        assert abs(euros - node.amount * 100 / root.amount) < D("0.01")
