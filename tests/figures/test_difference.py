"""What a version changes in the one before it, block by block, and what the blocks leave out."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from ckanext.budget.figures import formulas
from ckanext.budget.figures.difference import between
from ckanext.budget.figures.groups import Group
from ckanext.budget.figures.statement import of_groups
from tests.figures.test_formulas import fictitious

D = Decimal


def with_more(groups: list[Group], euros: str, amount: str, **of: object) -> list[Group]:
    """The same, with more euros on the first group that has these values."""
    at = next(i for i, g in enumerate(groups) if all(getattr(g, name) == value for name, value in of.items()))
    changed = replace(groups[at], amounts={**groups[at].amounts, amount: groups[at].amounts[amount] + D(euros)})
    return [*groups[:at], changed, *groups[at + 1 :]]


@pytest.mark.parametrize("stage", ["BP", "BS", "DM", "CA", "CFU"])
def test_the_same_version_changes_nothing(stage: str) -> None:
    groups = fictitious("CA" if stage == "CFU" else stage, 2021)
    amount = formulas.amount_shown(stage)
    same = between(groups, amount, groups, amount)
    assert (same.expenditure, same.receipts, same.accounts) == (0, 0, 0)
    assert [c.change for c in (*same.blocks, *same.beside)] == [0] * 6


def test_a_change_is_in_its_block_and_in_the_headline() -> None:
    before = fictitious("CA", 2021)
    after = with_more(before, "-1200.00", "mtreal", section="F", code_rd="D", real=True)
    found = between(before, "mtreal", after, "mtreal")
    assert (found.expenditure, found.receipts, found.accounts) == (D("-1200.00"), 0, 1)
    assert [(c.section, c.sense, c.change) for c in found.blocks if c.change] == [("F", "D", D("-1200.00"))]
    old, new = of_groups(before, "CA"), of_groups(after, "CA")
    assert found.expenditure == new.expenditure - old.expenditure
    assert [c.before for c in found.blocks] == [b.total for b in old.blocks]
    assert [c.after for c in found.blocks] == [b.total for b in new.blocks]


def test_what_the_figures_leave_out_is_told_beside() -> None:
    before = fictitious("CA", 2021)
    after = with_more(before, "5.50", "mtreal", code_rd="R", ordre=True)
    found = between(before, "mtreal", after, "mtreal")
    assert (found.receipts, found.accounts) == (0, 1)
    assert [(c.sense, c.change) for c in found.beside] == [("R", D("5.50")), ("D", D(0))]


def test_a_move_between_two_accounts_changes_no_total_and_is_seen() -> None:
    before = fictitious("CA", 2021)
    expenditure = [g for g in before if g.real and (g.section, g.code_rd) == ("F", "D")]
    after = with_more(before, "100", "mtreal", nature=expenditure[0].nature, section="F", code_rd="D", real=True)
    after = with_more(after, "-100", "mtreal", nature=expenditure[1].nature, section="F", code_rd="D", real=True)
    found = between(before, "mtreal", after, "mtreal")
    assert (found.expenditure, found.accounts) == (0, 2)


def test_an_account_that_comes_or_goes_counts_and_a_label_does_not() -> None:
    before = fictitious("CA", 2021)
    assert between(before, "mtreal", before[1:], "mtreal").accounts == 1
    renamed = [replace(g, nature_label="Autre libellé") for g in before]
    assert between(before, "mtreal", renamed, "mtreal").accounts == 0


def test_a_draft_and_the_budget_voted_state_different_amounts() -> None:
    groups = fictitious("BP", 2021)
    found = between(groups, "mtpropnouv", groups, "mtprev")
    assert found.blocks[0].before == formulas.block(groups, "mtpropnouv", "F", "R")
    assert found.blocks[0].after == formulas.block(groups, "mtprev", "F", "R")


def test_json_holds_amounts_as_text() -> None:
    before = fictitious("CA", 2021)
    data = between(
        before, "mtreal", with_more(before, "-1200.00", "mtreal", section="F", code_rd="D", real=True), "mtreal"
    )
    said = data.to_dict()
    assert D(said["expenditure"]) == D(-1200) and isinstance(said["expenditure"], str)
    assert {type(value) for row in said["blocks"] for value in row.values()} == {str}
