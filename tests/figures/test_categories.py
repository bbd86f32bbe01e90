"""Every function code of every plan has one category; traps of the norms; a file of a portal's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ckanext.budget.figures import categories as c
from ckanext.budget.jsonfile import JsonFileError
from ckanext.budget.nomenclature.plans import library

FOURTEEN = 14


def codes() -> list[tuple[str, str, bool]]:
    """(declination, code, by function) of every plan that has functions."""
    found = set()
    for (_, declination), years in library().years.items():
        for key in library().years:
            if key[1] != declination:
                continue
            for year in years:
                facts = library().declination(key).facts(year)
                found |= {(declination, code, kind != "R") for kind, code in facts if kind in "FGR"}
    return sorted(found)


def test_every_function_code_of_every_plan_maps_exactly_once() -> None:
    shipped, every = c.shipped(), codes()
    assert len(every) > 3000
    lost = [each for each in every if shipped.of(each[0], each[1], by_function=each[2]) is None]
    assert lost == []
    for norm in shipped.norms.values():  # a prefix has one owner, whatever the order of the file
        assert set(norm.prefixes.values()) <= {category.key for category in shipped}
    rules = json.loads(c.FILE.read_text(encoding="utf-8"))
    for norm in rules["norms"].values():
        every_prefix = [code for owned in norm["prefixes"].values() for code in owned]
        assert len(every_prefix) == len(set(every_prefix))


def test_a_norm_with_functions_is_mapped_and_the_others_are_not() -> None:
    with_functions = {c.norm_of(declination) for declination, _, _ in codes()}
    assert with_functions == set(c.shipped().norms)
    for nomenclature in ("M49_D", "M4", "M61", "M21", ""):
        assert c.shipped().of(nomenclature, "20", by_function=False) is None


@pytest.mark.parametrize(
    ("nomenclature", "code", "by_function", "key"),
    [
        ("M14_COM_SUP3500", "01", False, "unallocated"),
        ("M14_COM_SUP3500", "020", False, "administration"),
        ("M14_COM_SUP3500", "021", False, "administration"),  # the assembly; M57: staff
        ("M14_COM_SUP3500", "026", False, "community"),
        ("M57_D", "026", False, "administration"),
        ("M57_D", "025", False, "community"),
        ("M14_COM_SUP3500", "33", False, "culture"),
        ("M57_D", "331", False, "youth"),  # labelled «Action culturelle», holds centres de loisirs
        ("M14_COM_SUP3500", "252", False, "transport"),
        ("M14_COM_SUP3500", "251", False, "education"),
        ("M14_COM_SUP3500", "97", False, "economy"),
        ("M57_D", "9", False, "unallocated"),
        ("M57_D", "551", False, "housing"),
        ("M52", "621", False, "transport"),
        ("M71", "61", False, "administration"),
        ("M57_D", "93211", True, "education"),
        ("M57_D", "923", True, "unallocated"),
        ("M14_COM_SUP3500", "9221", True, "education"),  # 92x: allocated in M14, not in M57
        ("M52", "9122", True, "education"),
        ("M71", "941", True, "unallocated"),
        ("M14_CCAS_SUP3500", "5211", False, "social"),
    ],
)
def test_codes_go_where_people_look_for_them(nomenclature: str, code: str, by_function: bool, key: str) -> None:
    found = c.shipped().of(nomenclature, code, by_function=by_function)
    assert found and found.key == key


def test_fourteen_categories_in_both_languages() -> None:
    assert len(list(c.shipped())) == FOURTEEN
    assert c.shipped()["education"].label("en") != c.shipped()["education"].label("fr")
    assert [category.rank for category in c.shipped()] == list(range(FOURTEEN))


def test_a_reserved_function_is_to_be_checked() -> None:
    assert c.shipped().reserved("M57_D", "9", by_function=False)
    assert not c.shipped().reserved("M14_COM_SUP3500", "9", by_function=False)


def test_the_file_that_ships_follows_its_schema() -> None:
    assert c.load(c.FILE).version == c.shipped().version


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rules: rules["norms"]["M14"]["prefixes"]["sport"].append("3"), "3 is in “culture” and in “sport”"),
        (lambda rules: rules["norms"]["M14"]["prefixes"].update({"autre": ["99"]}), "there is no category “autre”"),
        (lambda rules: rules["categories"].pop(), "unallocated"),
        (lambda rules: rules.pop("version"), "'version' is a required property"),
    ],
)
def test_a_bad_file_says_where_and_why(change, said: str, tmp_path: Path) -> None:
    rules = json.loads(c.FILE.read_text(encoding="utf-8"))
    change(rules)
    path = tmp_path / "own.json"
    path.write_text(json.dumps(rules), encoding="utf-8")
    with pytest.raises(JsonFileError, match="own.json") as refused:
        c.load(path)
    assert said in str(refused.value)
