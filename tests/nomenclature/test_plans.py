"""What the charts of accounts answer: chapters by sense and kind, neighbour years, parents, siblings; what is held."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.budget.nomenclature import plans
from ckanext.budget.nomenclature.plans import PLACES, Declination, Plan, declinations, plan
from ckanext.budget.nomenclature.table import Table
from ckanext.budget.scdl.codes import section_by_digit

#: norm → declination → years said to be stored by the domain notes
STORED = {
    ("M14", "M14_CCAS_INF3500"): (2013, 2024),
    ("M14", "M14_CCAS_SUP3500"): (2013, 2024),
    ("M14", "M14_CE"): (2013, 2024),
    ("M14", "M14_COM_500_3500"): (2013, 2024),
    ("M14", "M14_COM_INF500"): (2013, 2024),
    ("M14", "M14_COM_SUP3500"): (2013, 2024),
    ("M4", "M4"): (2013, 2024),
    ("M4", "M41"): (2013, 2024),
    ("M4", "M42"): (2013, 2022),
    ("M4", "M43"): (2022, 2024),
    ("M4", "M43_A"): (2013, 2022),
    ("M4", "M43_D"): (2013, 2022),
    ("M4", "M44"): (2013, 2022),
    ("M4", "M49_A"): (2013, 2024),
    ("M4", "M49_D"): (2013, 2024),
    ("M52", "M52"): (2013, 2024),
    ("M57", "M57"): (2015, 2022),
    ("M57", "M57_A"): (2022, 2024),
    ("M57", "M57_D"): (2022, 2024),
    ("M57", "M57_P"): (2023, 2024),
    ("M61", "M61"): (2013, 2024),
    ("M71", "M71"): (2013, 2024),
}


def chart(norm: str = "M14", name: str = "M14_COM_500_3500", year: int = 2021) -> Plan:
    found = plan(norm, name, year)
    assert found is not None
    return found


def invented(*entries: str, years: tuple[int, ...] = (2013, 2014, 2015, 2016, 2017), year: int = 2015) -> Plan:
    """A plan of our own making; an entry is «kind code first last label places parent»."""
    lines = ["\t".join([*entry.split(" "), ""]) for entry in entries]
    return Plan(Declination("X1", "X1_A", years, "\n".join(lines) + "\n"), year, substituted=False)


def test_the_table_holds_what_its_readme_says() -> None:
    readme = (plans.TABLE.parent / "README.md").read_text(encoding="utf-8")
    count, norms, first, last = re.search(
        r"(\d+) official charts of accounts \(plans de comptes ([^,]+(?:, M\d+)*), exercices (\d{4}) to\s(\d{4})\)",
        readme,
    ).groups()
    held = declinations()
    years = [year for _, _, its_years in held for year in its_years]
    assert len(years) == int(count) == 215
    assert (min(years), max(years)) == (int(first), int(last)) == (2013, 2024)
    assert {norm for norm, _, _ in held} == set(norms.split(", "))
    assert plans.PLANS_VERSION.startswith(f"{first}-{last}.")


def test_each_declination_covers_its_years_without_a_hole() -> None:
    held = {(norm, name): years for norm, name, years in declinations()}
    assert held == {key: tuple(range(first, last + 1)) for key, (first, last) in STORED.items()}


@pytest.mark.parametrize(
    ("code", "place", "chapter"),
    [
        ("60611", "DR", "011"),
        ("73111", "RR", "73"),
        ("6419", "RR", "013"),
        ("6811", "DOES", "042"),
        ("777", "ROES", "042"),
        ("281311", "ROES", "040"),
        ("023", "DOES", "023"),
        ("021", "ROES", "021"),
        ("2313", "DR", "23"),
        ("2313", "DOES", "040"),
        ("2313", "DOIS", "041"),
        ("2031", "ROIS", "041"),
        ("001", "DR", "001"),
        ("002", "RR", "002"),
    ],
)
def test_the_chapter_of_an_account_depends_on_sense_and_kind(code: str, place: plans.Place, chapter: str) -> None:
    found = chart().find("A", code)
    assert found is not None
    assert found.entry.chapter(place) == chapter


def test_an_account_without_chapter_for_a_place_says_so_with_nothing() -> None:
    account = chart().find("A", "60611")
    title = chart().find("A", "73")  # a heading: no chapter at all
    assert account is not None and title is not None
    assert [account.entry.chapter(place) for place in PLACES] == ["011", "", "", "", "", ""]
    assert {title.entry.chapter(place) for place in PLACES} == {""}


@pytest.mark.parametrize(
    ("code", "section"), [("011", "F"), ("042", "F"), ("002", "F"), ("040", "I"), ("041", "I"), ("001", "I")]
)
def test_a_chapter_tells_its_section(code: str, section: str) -> None:
    found = chart().find("C", code)
    assert found is not None and found.entry.places == section


def test_the_same_code_is_a_chapter_a_function_or_an_account_by_its_kind() -> None:
    m57 = chart("M57", "M57_D", 2022)
    labels = {kind: found.entry.label for kind in ("F", "G", "R") if (found := m57.find(kind, "900"))}
    assert labels == {"F": "Services généraux", "G": "Services généraux"}
    reference, article = m57.find("R", "211"), m57.find("G", "90211")
    assert reference is not None and article is not None
    assert reference.entry.parent == "21" and article.entry.chapter("DR") == "902"


@pytest.mark.parametrize(("year", "used"), [(2012, 2013), (2013, 2013), (2014, 2014), (2015, 2014), (2030, 2014)])
def test_a_code_missing_from_its_year_comes_from_the_nearest_year(year: int, used: int) -> None:
    found = chart(year=year).find("A", "102292")  # held in 2013 and 2014 only
    assert found is not None
    assert (found.year, found.entry.code, found.by_parent) == (used, "102292", False)


def test_labels_are_those_of_the_year_asked() -> None:
    old, new = chart(year=2013).find("A", "10222"), chart(year=2014).find("A", "10222")
    assert old is not None and new is not None
    assert (old.entry.label, new.entry.label) == ("F.C.T.V.A.", "FCTVA")


def test_of_two_years_as_near_the_earlier_answers() -> None:
    made = invented("A 6063 2013 2014 avant 011,,,,, 606", "A 6063 2016 2017 après 011,,,,, 606")
    found = made.find("A", "6063")
    assert found is not None
    assert (found.entry.label, found.year) == ("avant", 2014)


@pytest.mark.parametrize(("year", "nearest"), [(2010, 2013), (2015, 2015), (2019, 2017)])
def test_a_plan_of_another_year_says_which_year_stands_for_it(year: int, nearest: int) -> None:
    made = invented("A 6063 2013 2017 fournitures 011,,,,, 606", year=year)
    assert made.nearest_year == nearest
    assert made.year_known is (year == nearest)


@pytest.mark.parametrize(("code", "parent"), [("606119", "60611"), ("6061999", "6061"), ("1641", "1641")])
def test_an_unknown_code_is_answered_by_its_nearest_parent(code: str, parent: str) -> None:
    found = chart().find_or_parent("A", code)
    assert found is not None
    assert (found.entry.code, found.asked, found.by_parent) == (parent, code, parent != code)


@pytest.mark.parametrize("code", ["0000", "9999", "5", ""])
def test_a_code_without_parent_has_no_answer(code: str) -> None:
    assert chart().find_or_parent("A", code) is None


@pytest.mark.parametrize(
    ("norm", "unknown", "year", "sibling"),
    [("M14", "M14_INVENTEE", 2021, "M14_COM_SUP3500"), ("M57", "M57_X", 2018, "M57"), ("M52", "M52_B", 2019, "M52")],
)
def test_an_unknown_declination_takes_the_largest_of_its_norm_for_that_year(
    norm: str, unknown: str, year: int, sibling: str
) -> None:
    found = chart(norm, unknown, year)
    assert (found.declination.name, found.substituted, found.year_known) == (sibling, True, True)
    rivals = [plans.library().declination((n, name)).size(year) for n, name, _ in declinations() if n == norm]
    assert found.declination.size(year) == max(rivals)


def test_an_unknown_declination_of_a_year_not_stored_still_has_a_sibling() -> None:
    found = chart("M57", "M57_X", 2031)
    assert found.substituted and not found.year_known and found.nearest_year == 2024


def test_a_declination_written_under_another_norm_is_known() -> None:
    found = chart("M49", "M49_D", 2020)
    assert (found.declination.norm, found.declination.name, found.substituted) == ("M4", "M49_D", False)


@pytest.mark.parametrize(("norm", "name"), [("M832", "M832"), ("M22", "M22"), ("", ""), ("m14", "inconnue")])
def test_an_unknown_norm_has_no_plan(norm: str, name: str) -> None:
    assert plan(norm, name, 2020) is None


def test_only_the_declination_asked_for_is_unpacked_and_once_per_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans._Current, "library", None)
    unpacked: list[tuple[str, str]] = []
    lines = Table.lines
    monkeypatch.setattr(Table, "lines", lambda self, key: unpacked.append(key) or lines(self, key))
    for _ in range(3):
        assert plan("M14", "M14_COM_500_3500", 2021) is plan("M14", "M14_COM_500_3500", 2021)
        assert plan("M14", "M14_COM_500_3500", 2020) is not plan("M14", "M14_COM_500_3500", 2021)
        assert plan("M52", "M52", 2019) is not None
        assert declinations()
    assert unpacked == [("M14", "M14_COM_500_3500"), ("M52", "M52")]


def test_the_shipped_table_is_small_and_reproducible_gzip() -> None:
    head = Path(plans.TABLE).read_bytes()
    assert len(head) < 1_000_000
    assert head[4:8] == b"\0\0\0\0"  # no date inside: the same plans give the same bytes


held = st.sampled_from(sorted(STORED))
digits = st.text("0123456789", min_size=1, max_size=7)


@given(held, st.integers(2005, 2035), digits)
def test_an_answer_is_the_code_or_its_prefix_at_the_nearest_year(key: tuple[str, str], year: int, code: str) -> None:
    asked = chart(*key, year)
    found = asked.find_or_parent("A", code)
    if found is None:
        assert not any(asked.find("A", code[:n]) for n in range(2, len(code) + 1))
        return
    assert code.startswith(found.entry.code)
    assert found.entry.first <= found.year <= found.entry.last
    others = asked.declination.entries("A", found.entry.code)
    assert abs(found.year - year) == min(entry.distance(year) for entry in others)


@pytest.mark.parametrize("key", sorted(STORED))
def test_every_chapter_an_account_names_has_a_label_and_a_section(key: tuple[str, str]) -> None:
    whole = plans.library().declination(key)
    for year in whole.years:
        for (kind, _), fact in whole.facts(year).items():
            if kind not in "AG":
                continue
            assert fact.label
            for code in filter(None, fact.places.split(",")):
                found = whole.entry("C" if kind == "A" else "F", code, year)
                assert found is not None and found.year == year, fact
                assert found.entry.label and found.entry.places in ("I", "F"), fact


@pytest.mark.parametrize("key", sorted(STORED))
def test_the_first_digit_of_an_account_tells_the_section_of_each_of_its_chapters(key: tuple[str, str]) -> None:
    whole = plans.library().declination(key)
    for year in whole.years:
        facts = whole.facts(year)
        for (kind, code), fact in facts.items():
            if kind == "A":
                for chapter in filter(None, fact.places.split(",")):
                    assert facts["C", chapter].places == section_by_digit(code), (year, code, chapter)


@pytest.mark.parametrize("code", ["60611\t2013", "60611\t", "\t60611", "6061\n1", ""])
def test_a_code_that_imitates_the_table_is_unknown(code: str) -> None:
    assert chart().find("A", code) is None
