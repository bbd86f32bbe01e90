"""Where labels come from: each row counted once, by its worst source, and every inference with its rows."""

from __future__ import annotations

from array import array
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.budget.quality.labels import Coverage, coverage, ranges
from ckanext.budget.scdl.rows import Standardiser
from tests.scdl.made import M52, header, line


def covered(*lines: dict[str, str], **values: str | None) -> Coverage:
    standardiser = Standardiser(header(**values))
    for one in lines:
        standardiser.convert(one)
    return coverage(standardiser, len(lines))


def counts(found: Coverage) -> tuple[int, int, int, int, int]:
    return found.rows, found.own_plan, found.other_year, found.parent, found.absent


def inference(found: Coverage, code: str) -> dict[str, Any]:
    (one,) = [one for one in found.inferences if one["code"] == code]
    return one


def test_labels_of_the_years_own_plan() -> None:
    found = covered(line("60611"), line("2313"), line("60611"))
    assert counts(found) == (3, 3, 0, 0, 0)
    assert (found.share, found.inferences) == (1, [])


def test_a_row_of_each_source_is_counted_once_and_its_rows_are_told() -> None:
    lines = [line("60611"), line("606119"), line("0000"), line("0000"), line("60611"), line("0000"), line("606119")]
    found = covered(*lines)
    assert counts(found) == (7, 2, 0, 2, 3)
    assert found.share == Decimal("0.5714")
    assert inference(found, "label_from_parent")["rows"] == "2, 7"
    assert inference(found, "label_from_parent")["params"]["parent"] == "60611"
    assert inference(found, "label_absent") == {
        "code": "label_absent", "params": {"code": "0000", "plan": "M14_COM_500_3500 2021"}, "rows": "3-4, 6",
    }  # fmt: skip


def test_the_worst_source_of_a_row_counts() -> None:
    """Its account has a parent's label, its function has none."""
    found = covered(line("606119", Fonction="999"), line("606119"), line("60611", Fonction="999"))
    assert counts(found) == (3, 0, 0, 1, 2)
    assert {one["code"]: one["rows"] for one in found.inferences} == {
        "label_from_parent": "1-2",
        "label_absent": "1, 3",
    }


def test_an_account_and_a_function_of_the_same_absent_code_are_one_row() -> None:
    found = covered(line("9999", ContNat="9999", Fonction="9999"), **M52)
    assert counts(found) == (1, 0, 0, 0, 1)
    assert {one["rows"] for one in found.inferences if one["code"] == "label_absent"} == {"1"}


def test_a_year_without_plan_takes_every_label_from_another() -> None:
    found = covered(line("60611"), line("0000"), Exer="2035")
    assert counts(found) == (2, 0, 1, 0, 1)
    assert found.share == Decimal("0.5")


def test_an_unknown_chart_of_accounts_covers_nothing() -> None:
    found = covered(line("60611"), line("2313"), Nomenclature="M99-M99")
    assert counts(found) == (2, 0, 0, 0, 2)
    assert found.share == 0


def test_other_inferences_are_told_but_do_not_lower_the_coverage() -> None:
    found = covered(line("60611", ContNat="011"), line("1022", CodRD="D"), line("60611"))
    assert counts(found) == (3, 3, 0, 0, 0)
    assert inference(found, "account_is_heading")["rows"] == "2"


def test_a_line_without_account_is_told_and_has_no_label() -> None:
    found = covered(line(None, ContNat="011"), line("60611"))
    assert counts(found) == (2, 1, 0, 0, 1)
    assert inference(found, "nature_absent")["rows"] == "1"


def test_the_share_is_rounded_down_and_of_nothing_is_whole() -> None:
    assert Coverage(rows=100_000, absent=1).share == Decimal("0.9999")
    assert Coverage(rows=3, absent=1).share == Decimal("0.6666")
    assert Coverage().share == 1
    assert Coverage(rows=100_000, absent=1).to_dict()["coverage"] == "0.9999"


def test_inferences_survive_many_combinations_of_codes() -> None:
    """More than are remembered at a time: no row is forgotten, none told twice."""
    accounts = [line(str(number)) for number in range(60_610, 67_000)]
    found = covered(line("0000"), *accounts, line("0000"))
    assert inference_of_code(found, "0000")["rows"] == f"1, {len(accounts) + 2}"
    assert found.rows == found.own_plan + found.other_year + found.parent + found.absent


def inference_of_code(found: Coverage, code: str) -> dict[str, Any]:
    (one,) = [o for o in found.inferences if o["code"] == "label_absent" and o["params"]["code"] == code]
    return one


@pytest.mark.parametrize(
    ("rows", "written"),
    [([], ""), ([1], "1"), ([3, 4, 5, 9], "3-5, 9"), ([1, 2], "1-2"), ([1, 3, 5], "1, 3, 5"), ([2, 7, 8], "2, 7-8")],
)
def test_ranges_are_written_as_people_do(rows: list[int], written: str) -> None:
    assert ranges(rows) == ranges(array("I", rows)) == written


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sets(st.integers(1, 60)))
def test_ranges_name_every_row_and_no_other(rows: set[int]) -> None:
    named: set[int] = set()
    for part in filter(None, ranges(sorted(rows)).split(", ")):
        first, _, last = part.partition("-")
        assert not last or int(last) > int(first)
        named.update(range(int(first), int(last or first) + 1))
    assert named == rows
