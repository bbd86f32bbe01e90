"""What is said of a document that is not there."""

from __future__ import annotations

import datetime as dt

import pytest

from ckanext.budget.territory.expected import ACCOUNT, Absence, absence, slot_of
from ckanext.budget.territory.model import Kind
from ckanext.budget.territory.obligations import shipped


@pytest.mark.parametrize(
    ("slot", "exercice", "kind", "today", "said"),
    [
        ("BP", 2022, "commune", "2022-04-30", "expected"),  # 15 April, and fifteen days to send it
        ("BP", 2022, "commune", "2022-05-01", "late"),
        ("BP", 2022, "commune", "2023-04-30", "late"),
        ("BP", 2022, "commune", "2023-05-01", "missing"),
        ("BP", 2026, "commune", "2026-05-15", "expected"),  # renewal of the councils
        ("BP", 2026, "departement", "2026-05-01", "late"),  # … not theirs
        ("BP", 2020, "commune", "2020-08-15", "expected"),  # the epidemic
        (ACCOUNT, 2019, "commune", "2020-08-16", "late"),
        (ACCOUNT, 2025, "cc", "2026-07-15", "expected"),
        (ACCOUNT, 2025, "cc", "2026-07-16", "late"),
        (ACCOUNT, 2026, "commune", "2026-12-31", "expected"),  # a CFU, and nothing else
        ("DM", 2022, "commune", "2030-01-01", "none"),
        ("BS", 2022, "commune", "2030-01-01", "none"),
    ],
)
def test_a_document_is_expected_then_late_then_missing(
    slot: str, exercice: int, kind: Kind, today: str, said: Absence
) -> None:
    assert absence(shipped(), slot, exercice, kind, dt.date.fromisoformat(today)) == said


def test_a_year_has_one_account() -> None:
    assert [slot_of(stage) for stage in ("BP", "BS", "DM", "CA", "CFU")] == ["BP", "BS", "DM", ACCOUNT, ACCOUNT]
