"""Who is likely concerned, and when budgets and accounts are due."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from ckanext.budget.territory import obligations
from ckanext.budget.territory.directory import directory
from ckanext.budget.territory.model import Kind
from ckanext.budget.totem.model import Stage


@pytest.mark.parametrize(
    ("stage", "exercice", "kind", "day"),
    [
        ("BP", 2022, "commune", "2022-04-15"),
        ("BP", 2026, "commune", "2026-04-30"),  # renewal
        ("BP", 2026, "departement", "2026-04-15"),  # … not theirs
        ("BP", 2028, "region", "2028-04-30"),
        ("BP", 2020, "commune", "2020-07-31"),  # the epidemic, before the renewal
        ("BP", 2020, "departement", "2020-07-31"),
        ("BP", 2021, "departement", "2021-07-31"),
        ("BP", 2021, "commune", "2021-04-15"),
        ("CA", 2018, "commune", "2019-06-30"),
        ("CA", 2019, "commune", "2020-07-31"),
        ("CFU", 2026, "cc", "2027-06-30"),
        ("DM", 2022, "commune", None),
        ("BS", 2022, "commune", None),
    ],
)
def test_each_document_has_its_last_day(stage: Stage, exercice: int, kind: Kind, day: str | None) -> None:
    found = obligations.due(stage, exercice, kind)
    assert (found.isoformat() if found else None) == day


def test_the_last_day_of_transmission_and_the_text_come_with_it() -> None:
    found = obligations.shipped().due("CA", 2022)
    assert found is not None
    assert found.transmission == dt.date(2023, 7, 15)
    assert "L. 1612-12" in found.source
    assert obligations.shipped().checked <= dt.date.today()  # noqa: DTZ011


@pytest.mark.parametrize(
    ("number", "concern"),
    [
        ("213401722", "likely"),
        ("210100012", "below"),
        ("243400017", "likely"),
        ("223400011", "likely"),
        ("200000172", "likely"),
    ],
)
def test_who_is_likely_concerned(number: str, concern: str) -> None:
    assert obligations.shipped().concern(directory().by_siren(number)) == concern


def test_nothing_is_said_of_who_is_not_known() -> None:
    rules = obligations.shipped()
    assert rules.concern(None) == "unknown"
    assert rules.concern(directory().by_insee("98411")) == "unknown"


def test_the_threshold_itself_is_concerned() -> None:
    commune = directory().by_siren("210100012")
    assert commune is not None
    rules = obligations.shipped()
    assert [rules.concern(commune._replace(population=p)) for p in (3499, 3500)] == ["below", "likely"]


def test_the_account_of_an_exercice() -> None:
    rules = obligations.shipped()
    assert [rules.accounts(year) for year in (2020, 2023, 2026)] == [("CA",), ("CFU", "CA"), ("CFU",)]


def changed(path: Path, **more: Any) -> Path:
    rules = json.loads(obligations.FILE.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**rules, **more}), encoding="utf-8")
    return path


def test_a_portal_has_its_own_rules(tmp_path: Path) -> None:
    rule = {"stages": ["BP"], "year": 0, "vote": "03-31", "transmission_days": 10, "source": "arrêté"}
    rules = obligations.load(changed(tmp_path / "rules.json", calendar=[rule]))
    found = rules.due("BP", 2030)
    assert found is not None and (found.vote, found.source) == (dt.date(2030, 3, 31), "arrêté")
    assert rules.due("CA", 2030) is None


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"calendar": []}, "calendar"),
        ({"checked": "hier"}, "checked"),
        ({"unknown": 1}, "unknown"),
        (
            {"calendar": [{"stages": ["BP"], "year": 0, "vote": "02-30", "transmission_days": 0, "source": "x"}]},
            "day",
        ),
    ],
)
def test_a_faulty_file_says_where(tmp_path: Path, fault: dict[str, Any], said: str) -> None:
    with pytest.raises(obligations.ObligationsError, match=said):
        obligations.load(changed(tmp_path / "rules.json", **fault))


def test_an_unreadable_file_says_which(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    for path in (tmp_path / "absent.json", tmp_path / "broken.json"):
        with pytest.raises(obligations.ObligationsError, match=path.name):
            obligations.load(path)
