"""Budgets side by side: per inhabitant, one year and étape; what «semblable» means is data."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from ckanext.budget.figures import compare, strata
from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.values import Inhabitants
from ckanext.budget.jsonfile import JsonFileError
from ckanext.budget.territory.model import Place, Territory
from tests.figures.made import fictitious, stored

D = Decimal


def test_amounts_are_per_inhabitant_and_investment_is_without_debt() -> None:
    document, groups = fictitious("CA", 2022)
    other = replace(document, id="other", siren="000000000")
    people = {document.siren or "": Inhabitants(1000, 2023)}
    with stored((document, groups), (other, groups)) as connection:
        mine, unknown = compare.of_figures(connection, [document, other], people)
        shares, _ = compare.of_categories(connection, [document, other], people)
    value = mine.values["operating_expenditure"]
    assert value and round(value, 4) == round(f.real(groups, "mtreal", "F", "D") / 1000, 4)
    invested = f.total(groups, "mtreal", lambda g: f.in_block(g, "I", "D") and not g.nature.startswith("16"))
    assert round(mine.values["investment_without_debt"] or 0, 4) == round(invested / 1000, 4)
    assert mine.values["debt"] == document.fact("debt") / 1000  # type: ignore[operator]
    assert set(unknown.values.values()) == {None}  # population unknown: absent rather than wrong
    told = sum((v for v in shares.values.values() if v is not None), D(0))
    assert round(told, 4) == round((f.headline(groups, "mtreal", "D") - _debt(groups)) / 1000, 4)


def _debt(groups: list) -> Decimal:
    return f.total(groups, "mtreal", lambda g: g.real and g.code_rd == "D" and g.nature.startswith("16"))


@pytest.mark.parametrize(
    ("one", "other"),
    [(("CA", 2021), ("CA", 2022)), (("BP", 2022), ("CA", 2022)), (("CA", 2022), ("CA", 2022, True))],
)
def test_what_can_not_be_compared_is_not(one: tuple, other: tuple) -> None:
    with stored() as connection, pytest.raises(ValueError, match="compared"):
        compare.of_figures(connection, [fictitious(*one)[0], fictitious(*other)[0]], {})


def test_a_spread_needs_enough_budgets() -> None:
    document = Document("a", 2022, "CA")
    values = [compare.Compared(document, None, {"x": D(n)}) for n in (1, 2, 3, 10)]
    told = compare.spread([*values, compare.Compared(document, None, {"x": None})], "x", minimum=4)
    assert told == compare.Spread(4, D(1), D("1.75"), D("2.5"), D("4.75"), D(10))
    assert compare.spread(values, "x", minimum=5) is None and compare.spread(values, "absent") is None


def place(kind: str, population: int | None, epci: str = "", departement: str = "55") -> Territory:
    group = Place(epci, "EPCI") if epci else None
    return Territory(
        f"{population}{epci}", "", "Exemple", kind, Place(departement, ""), None, group, population, 2023
    )  # type: ignore[arg-type]


def test_strata_and_semblables() -> None:
    shipped = strata.shipped()
    small, town, city = place("commune", 499, "1"), place("commune", 3499, "1"), place("commune", 100_000)
    assert [s.key if (s := shipped.of(t)) else None for t in (small, town, city)] == ["c0", "c2000", "c100000"]
    assert shipped.of(place("commune", None)) is None
    every = [small, town, city, place("commune", 2000, "2"), place("cc", 2500)]
    assert shipped.similar(town, every) == [every[3]]
    assert shipped.group(town, "epci", every) == [small, town]
    assert shipped.group(city, "epci", every) == []
    assert shipped.group(town, "departement", every) == every
    assert "Semblable" in shipped.meaning("fr") and "Similar" in shipped.meaning("en")


def test_every_population_has_one_stratum() -> None:
    for population in (0, 1, 500, 1999, 2000, 3500, 5000, 10_000, 20_000, 49_999, 50_000, 99_999, 100_000, 2_000_000):
        assert sum(s.holds(place("commune", population)) for s in strata.shipped().strata) == 1


def test_a_bad_file_of_strata_says_why(tmp_path: Path) -> None:
    rules = json.loads(strata.FILE.read_text(encoding="utf-8"))
    assert strata.load(strata.FILE).version == rules["version"]
    rules["strata"].append(rules["strata"][0])
    path = tmp_path / "own.json"
    path.write_text(json.dumps(rules), encoding="utf-8")
    with pytest.raises(JsonFileError, match="each key once"):
        strata.load(path)
