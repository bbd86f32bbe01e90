"""A statement's blocks make up its headline; charts keep their proportions; SQL gives the same groups."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ckanext.budget.figures import charts, formulas
from ckanext.budget.figures.groups import AMOUNTS, KEYS
from ckanext.budget.figures.queries import LINES, of_document
from ckanext.budget.figures.statement import of_groups
from tests.figures.test_formulas import fictitious

D = Decimal


@pytest.mark.parametrize(
    ("stage", "annexe"), [("BP", False), ("CA", False), ("DM", False), ("BP", True), ("CA", True)]
)
def test_blocks_add_up_to_the_headline(stage: str, annexe: bool) -> None:
    said = of_groups(fictitious(stage, 2021, annexe), stage, annexe=annexe)
    assert said.block("F", "D").total + said.block("I", "D").total == said.expenditure
    assert said.block("F", "R").total + said.block("I", "R").total == said.receipts
    assert [b.total for b in said.blocks] == [b.whole.amount for b in said.blocks]


def test_an_account_states_rates_results_and_what_remains() -> None:
    groups = fictitious("CA", 2021)
    said = of_groups(groups, "CA")
    assert said.closing == formulas.closing(groups, "mtreal", "F") + formulas.closing(groups, "mtreal", "I")
    operating = said.block("F", "D").whole
    assert operating.rate == formulas.execution_rate(groups, "F", "D")
    assert D("0.9") < operating.rate < 1
    investment = said.block("I", "R")
    assert investment.reserve and investment.reserve.amount == said.reserve
    assert investment.with_reserve.amount == investment.total + said.reserve
    assert investment.with_reserve.rate == formulas.execution_rate(groups, "I", "R") != investment.whole.rate
    assert said.block("F", "R").reserve is None
    assert said.remaining_expenditure > 0
    assert (
        sum((c.remaining for b in said.blocks for c in b.chapters if b.sense == "D"), D(0))
        == said.remaining_expenditure
    )
    assert said.savings == formulas.gross_savings(groups, "mtreal")
    assert said.reserve > 0
    assert all(c.code != "001" for b in said.blocks for c in b.chapters)


def test_a_voted_budget_states_a_balance_and_no_rate() -> None:
    said = of_groups(fictitious("BP", 2021), "BP")
    assert said.voted_expenditure == said.voted_receipts > said.expenditure
    assert all(c.rate is None and not c.remaining for b in said.blocks for c in b.chapters)


def test_savings_are_not_stated_for_an_annexe_nor_a_variation() -> None:
    assert of_groups(fictitious("CA", 2021, annexe=True), "CA", annexe=True).savings is None
    amendment = of_groups(fictitious("DM", 2021), "DM")
    assert amendment.savings is None
    assert amendment.variation
    assert any(c.amount < 0 for b in amendment.blocks for c in b.chapters)


def test_chapters_are_largest_first_and_share_the_block() -> None:
    block = of_groups(fictitious("CA", 2021), "CA").block("F", "R")
    amounts = [c.amount for c in block.chapters]
    assert amounts == sorted(amounts, reverse=True)
    assert sum(block.share(c) or 0 for c in block.chapters) == pytest.approx(1)


def test_sql_gives_the_same_groups() -> None:
    """The query is plain SQL; on PostgreSQL, to the cent, it is tried with the pages."""
    engine = sa.create_engine("sqlite://")
    meta = sa.MetaData()
    columns = [sa.Column(name, sa.Boolean if name == "ordre" else sa.Text) for name in ("document_id", *KEYS)]
    table = sa.Table(
        "budget_line", meta, *columns, *(sa.Column(name, sa.Numeric(asdecimal=True)) for name in AMOUNTS)
    )
    meta.create_all(engine)
    expected = fictitious("CA", 2022)
    rows = [{"document_id": "one", **{k: getattr(g, k) for k in KEYS}, **g.amounts} for g in expected]
    with engine.begin() as connection:
        connection.execute(table.insert(), [*rows, {**rows[0], "document_id": "two"}])
        found = of_document(connection, "one")
    assert [(g.section, g.code_rd, bool(g.ordre), g.nature, g.chapter_label) for g in found] == [
        (g.section, g.code_rd, g.ordre, g.nature, g.chapter_label) for g in expected
    ]
    for mine, theirs in zip(found, expected, strict=True):  # SQLite's own numbers are not decimal
        assert {k: round(v, 2) for k, v in mine.amounts.items()} == dict(theirs.amounts)
    assert LINES.name == table.name


@given(st.lists(st.decimals(0, 10**9, places=2), min_size=1, max_size=9))
def test_stacked_pieces_touch_and_fill_their_share(amounts: list[Decimal]) -> None:
    whole = sum(amounts, D(0))
    pieces = charts.stacked(amounts, whole) if whole else None
    if pieces is None:
        assert not whole
        return
    assert sum(p.width for p in pieces) == pytest.approx(100, abs=0.1)
    for before, after in zip(pieces, pieces[1:], strict=False):
        assert after.start == pytest.approx(before.start + before.width, abs=0.02)
    assert all(0 <= p.shade < charts.SHADES for p in pieces)


def test_a_stack_with_a_negative_amount_is_not_drawn() -> None:
    assert charts.stacked([D(5), D(-1)], D(4)) is None


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=9))
def test_bars_stay_on_their_axis(amounts: list[Decimal]) -> None:
    for amount, bar in zip(amounts, charts.bars(amounts), strict=True):
        assert bar.start >= -0.02
        assert bar.start + bar.width <= 100.02
        assert bar.negative == (amount < 0)
        edge = bar.start + bar.width if bar.negative else bar.start
        if bar.width:
            assert edge == pytest.approx(bar.zero, abs=0.03)
