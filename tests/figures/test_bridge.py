"""From all the lines of a document to its headline figures."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ckanext.budget.figures import bridge, formulas
from tests.figures import made


@pytest.mark.parametrize("stage", ["CA", "BP"])
def test_what_is_taken_off_leads_to_the_headline_figure(stage: str) -> None:
    _, groups = made.fictitious(stage, 2022)
    amount = "mtreal" if stage == "CA" else "mtprev"
    for one in bridge.of_groups(groups, amount):
        assert one.lines == sum((g.amounts[amount] for g in groups if g.code_rd == one.sense), Decimal(0))
        assert one.headline == formulas.headline(groups, amount, one.sense)
        assert one.internal > 0
