"""What a mandate allows, by its terms alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ckanext.budget.mandates import rules
from ckanext.budget.mandates.rules import Terms

TODAY = dt.date(2026, 6, 15)
DAY = dt.timedelta(days=1)


def terms(**changed: Any) -> Terms:
    return Terms(**{"kind": "suppleance", "starts": dt.date(2026, 1, 1), **changed})


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "active"),
        ({"starts": TODAY}, "active"),
        ({"starts": TODAY + DAY}, "future"),
        ({"ends": TODAY}, "active"),
        ({"ends": TODAY - DAY}, "expired"),
        ({"ends": TODAY - DAY, "ended": True}, "ended"),
        ({"starts": TODAY + DAY, "ended": True}, "ended"),
    ],
)
def test_the_first_and_the_last_day_are_days_of_the_mandate(changed: dict[str, Any], expected: str) -> None:
    assert rules.state(terms(**changed), TODAY) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"exercice_from": 2022, "exercice_to": 2022}, None),
        ({"exercice_from": 2023}, "mandate_scope"),
        ({"exercice_to": 2021}, "mandate_scope"),
        ({"stages": ("CA", "BP")}, None),
        ({"stages": ("BP",)}, "mandate_scope"),
        ({"ends": TODAY - DAY, "stages": ("BP",)}, "mandate_expired"),
        ({"starts": TODAY + DAY}, "mandate_future"),
        ({"ended": True}, "mandate_ended"),
    ],
)
def test_a_document_is_allowed_by_its_year_its_stage_and_the_day(
    changed: dict[str, Any], expected: str | None
) -> None:
    assert rules.why_not(terms(**changed), 2022, "CA", TODAY) == expected


def test_of_several_reasons_the_nearest_to_a_remedy_is_told() -> None:
    assert rules.nearest(["mandate_ended", "mandate_scope", "mandate_expired"]) == "mandate_scope"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {}),
        ({"kind": "tutelle"}, {"kind": "kind"}),
        ({"ends": dt.date(2025, 12, 31)}, {"ends": "dates"}),
        ({"ends": dt.date(2026, 1, 1)}, {}),
        ({"exercice_from": 2024, "exercice_to": 2023}, {"exercice_to": "years"}),
        ({"exercice_from": 20240, "exercice_to": 2023}, {"exercice_from": "year"}),
        ({"stages": ("BP", "XX")}, {"stages": "stages"}),
    ],
)
def test_what_makes_no_sense_is_named(changed: dict[str, Any], expected: dict[str, str]) -> None:
    assert rules.faults(terms(**changed)) == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"starts": dt.date(2027, 1, 1)}, False),
        ({"starts": dt.date(2026, 12, 31)}, True),
        ({"exercice_from": 2024}, False),
        ({"exercice_from": 2023}, True),
        ({"stages": ("BP",)}, False),
        ({"stages": ("CA", "BP")}, True),
        ({"ended": True}, False),
    ],
)
def test_two_mandates_overlap_when_one_document_on_one_day_is_under_both(
    changed: dict[str, Any], expected: bool
) -> None:
    one = terms(ends=dt.date(2026, 12, 31), exercice_to=2023, stages=("CA",))
    assert rules.overlap(one, terms(**changed)) is rules.overlap(terms(**changed), one) is expected


def test_what_expires_soon_is_in_force_and_near_its_last_day() -> None:
    soon = terms(ends=TODAY + 60 * DAY)
    assert rules.expires_within(soon, 60, TODAY) and not rules.expires_within(soon, 59, TODAY)
    assert not rules.expires_within(terms(), 60, TODAY)
    assert not rules.expires_within(terms(ends=TODAY - DAY), 60, TODAY)
    assert not rules.expires_within(terms(ends=TODAY, ended=True), 60, TODAY)
