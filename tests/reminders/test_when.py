"""When it is time to be reminded."""

from __future__ import annotations

import datetime as dt

import pytest

from ckanext.budget.reminders.when import moments
from ckanext.budget.territory.obligations import shipped


@pytest.mark.parametrize(
    ("today", "said"),
    [
        ("2027-03-24", []),
        ("2027-03-25", [(2027, "BP", "before")]),  # three weeks before 15 April
        ("2027-04-15", [(2027, "BP", "before")]),
        ("2027-04-16", []),  # voted, being sent
        ("2027-05-01", [(2027, "BP", "after")]),
        ("2027-06-14", [(2026, "compte", "before"), (2027, "BP", "after")]),
        ("2027-06-15", [(2026, "compte", "before")]),
        ("2027-07-16", [(2026, "compte", "after")]),
        ("2027-09-01", []),
        ("2026-04-30", [(2026, "BP", "before")]),  # renewal
    ],
)
def test_before_the_vote_and_after_the_transmission(today: str, said: list[tuple[int, str, str]]) -> None:
    found = moments(shipped(), "commune", dt.date.fromisoformat(today))
    assert [(moment.exercice, moment.slot, moment.when) for moment in found] == said


def test_each_moment_has_a_key_of_its_own() -> None:
    days = [dt.date(2027, 3, 1) + dt.timedelta(days=n) for n in range(365)]
    keys = {(m.key, m.exercice, m.slot, m.when) for day in days for m in moments(shipped(), "commune", day)}
    assert len(keys) == len({key for key, *_ in keys}) == 4
