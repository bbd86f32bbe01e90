"""Tables beside the shipped one: merged, overriding, seen when they change, refused when damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.budget.errors import Refusal
from ckanext.budget.nomenclature import plans, table
from ckanext.budget.nomenclature.plans import Library, plan
from ckanext.budget.nomenclature.table import Fact, Facts

KEY = ("X9", "X9_T")


def facts(**labels: str) -> Facts:
    """Accounts by code («a651»: the label)."""
    return {("A", code[1:]): Fact("A", code[1:], label, "65,,,,,", "6", "") for code, label in labels.items()}


def store(path: Path, by_year: dict[int, Facts], key: tuple[str, str] = KEY) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(table.packed({key: by_year}))
    return path


def label(year: int, code: str = "651", key: tuple[str, str] = KEY) -> str | None:
    chart = plan(*key, year)
    found = chart.find("A", code) if chart else None
    return found.entry.label if found else None


def test_without_additional_tables_only_the_shipped_one_answers(own: Path) -> None:
    assert plan(*KEY, 2030) is None
    assert plans.plans_version() == plans.PLANS_VERSION
    assert len(plans.library().tables) == 1


def test_a_new_year_is_read_beside_the_shipped_ones(own: Path) -> None:
    before = label(2026, "60611", ("M57", "M57_D"))
    store(own / table.NAME, {2026: facts(a60611="Eau de pluie")}, ("M57", "M57_D"))
    assert label(2026, "60611", ("M57", "M57_D")) == "Eau de pluie" != before
    assert label(2024, "60611", ("M57", "M57_D")) == before
    chart = plan("M57", "M57_D", 2026)
    assert chart is not None and chart.year_known
    other = chart.find("A", "6451")  # which only the shipped years have
    assert other is not None and other.year == 2024
    assert ("M57", "M57_D", (2022, 2023, 2024, 2026)) in plans.declinations()


def test_a_shipped_year_is_overridden_and_its_neighbours_are_not(own: Path) -> None:
    key = ("M57", "M57_D")
    store(own / table.NAME, {2023: facts(a60611="Eau de pluie")}, key)
    assert label(2023, "60611", key) == "Eau de pluie"
    assert label(2022, "60611", key) == label(2024, "60611", key) != "Eau de pluie"
    chart = plan(*key, 2023)
    assert chart is not None
    missing = chart.find("A", "6451")  # absent from the plan that overrides: its neighbour answers, and says so
    assert missing is not None and missing.year == 2022
    assert chart.declination.size(2023) == 1


@pytest.mark.parametrize(
    ("years", "read"), [((2030, 2032), {2031}), ((2030, 2031, 2032), {2031}), ((2030, 2031), {2031, 2032})]
)
def test_a_year_between_two_others_does_not_take_their_codes(
    tmp_path: Path, own: Path, years: tuple[int, ...], read: set[int]
) -> None:
    store(own / table.NAME, {year: facts(a651="Lampes", a652="Mèches") for year in years})
    second = store(tmp_path / "second.gz", {year: facts(a651="Lanternes") for year in read})
    plans.use_tables(own / table.NAME, second)
    for year in sorted(read):
        chart = plan(*KEY, year)
        assert chart is not None and label(year) == "Lanternes"
        absent = chart.find("A", "652")
        assert absent is not None and absent.year not in read
    assert label(2030) == "Lampes"


years_of_plans = st.dictionaries(
    st.integers(2013, 2020),
    st.dictionaries(st.sampled_from(["61", "611", "612", "6121"]), st.sampled_from(["un", "deux"])),
    min_size=1,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(years_of_plans, min_size=1, max_size=3))
def test_tables_merged_answer_as_one_table_compiled_of_the_same_plans(tables: list[dict]) -> None:
    def made(by_year: dict) -> dict[int, Facts]:
        return {year: facts(**{f"a{code}": its for code, its in f.items()}) for year, f in by_year.items()}

    def opened(by_year: dict) -> table.Table:
        return table.opened(Path("t"), table.packed({KEY: made(by_year)}))

    several = Library(tuple(opened(by_year) for by_year in tables))
    one = Library((opened({year: f for by_year in tables for year, f in by_year.items()}),))
    assert several.years == one.years
    for year in range(2011, 2023):
        for code in ("61", "611", "6112", "612", "6121", "7"):
            answers = [library.plan(*KEY, year).find_or_parent("A", code) for library in (several, one)]
            told = [(a.entry.code, a.entry.label, a.year, a.asked) if a else None for a in answers]
            assert told[0] == told[1], (year, code)


def test_a_change_on_disk_is_seen_by_the_next_plan_and_changes_the_version(own: Path) -> None:
    store(own / table.NAME, {2030: facts(a651="Lampes")})
    first = plans.plans_version()
    assert label(2030) == "Lampes"
    held = plan(*KEY, 2030)
    assert plan(*KEY, 2030) is held
    replacement = store(own / "partial", {2030: facts(a651="Torche")})
    replacement.replace(own / table.NAME)
    assert label(2030) == "Torche"
    assert plan(*KEY, 2030) is not held
    second = plans.plans_version()
    assert len({first, second, plans.PLANS_VERSION}) == 3
    assert second.startswith(f"{plans.PLANS_VERSION}+") and len(second) == len(plans.PLANS_VERSION) + 9
    (own / table.NAME).unlink()
    assert label(2030) is None and plans.plans_version() == plans.PLANS_VERSION


def test_the_version_tells_the_content_and_not_the_date(own: Path) -> None:
    store(own / table.NAME, {2030: facts(a651="Lampes")})
    first = plans.plans_version()
    os.utime(own / table.NAME, (1, 1))
    assert plans.plans_version() == first


def test_tables_are_not_read_again_while_they_stay_the_same(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(own / table.NAME, {2030: facts(a651="Lampes")})
    plan(*KEY, 2030)
    monkeypatch.setattr(table, "read", lambda path: pytest.fail(f"{path} read again"))
    assert label(2030) == "Lampes" and label(2031) == "Lampes"


def test_the_environment_names_tables_or_their_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans._Current, "chosen", None)
    one = store(tmp_path / "one.gz", {2030: facts(a651="Lampes"), 2031: facts(a651="Lampes")})
    store(tmp_path / "two" / table.NAME, {2031: facts(a651="Lanternes")})
    monkeypatch.setenv("BUDGET_PLANS", os.pathsep.join((str(one), str(tmp_path / "two"))))
    assert (label(2030), label(2031)) == ("Lampes", "Lanternes")
    monkeypatch.setenv("BUDGET_PLANS", str(tmp_path / "nowhere"))
    with pytest.raises(Refusal) as refused:
        plan(*KEY, 2030)
    assert refused.value.finding.code == "plans_table_missing"
    monkeypatch.delenv("BUDGET_PLANS")
    assert label(2030) is None


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "body"])
def test_a_damaged_table_is_refused_by_name(own: Path, damage: str) -> None:
    path = store(own / table.NAME, {2030: facts(a651="Lampes", a652="Mèches")})
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[:40], "text": b"hello", "empty": b"", "body": whole[:-20] + b"0" * 20}[damage])
    with pytest.raises(Refusal) as refused:
        plan(*KEY, 2030)
    assert refused.value.finding.code == "plans_table_damaged"
    assert refused.value.finding.params == {"file": str(path)}


def test_a_folder_in_place_of_a_table_is_refused(own: Path) -> None:
    (own / table.NAME).mkdir(parents=True)
    with pytest.raises(Refusal) as refused:
        plan(*KEY, 2030)
    assert refused.value.finding.code == "plans_table_unreadable"
