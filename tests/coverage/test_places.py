"""A collectivité's history as bits; territories by their codes."""

from __future__ import annotations

import pytest

from ckanext.budget.coverage import scope
from ckanext.budget.coverage.places import Places
from ckanext.budget.territory.expected import ACCOUNT


def test_each_document_has_its_place() -> None:
    places = Places(2015, 2025)
    bits = places.bit(2015, "BP") | places.bit(2025, "CFU") | places.bit(2019, "DM")
    asked = ((2015, "BP"), (2025, ACCOUNT), (2019, "DM"), (2016, "BP"))
    assert [places.held(bits, year, slot) for year, slot in asked] == ["BP", "CFU", "DM", None]
    assert len({places.bit(year, stage) for year in places.exercices for stage in ("BP", "CA", "CFU")}) == 33


def test_a_ca_and_a_cfu_are_one_account() -> None:
    places = Places(2021, 2022)
    both = places.bit(2022, "CA") | places.bit(2022, "CFU")
    assert places.joined(both) == places.joined(places.bit(2022, "CFU")) == places.bit(2022, "CA")
    assert places.held(both, 2022, ACCOUNT) == "CFU"


def test_a_territory_is_departements_regions_and_epci() -> None:
    assert scope.configured(["34"]) == scope.configured(["D34"])
    herault = scope.of_codes(scope.configured(["34"]))
    assert {"213401722", "223400011"} <= set(herault.by_siren)
    assert {place.departement.code for place in herault.places if place.departement} == {"34"}
    occitanie = scope.of_codes(scope.configured(["R76"]))
    assert set(herault.by_siren) < set(occitanie.by_siren)
    assert [p.name for p in occitanie.places if p.kind == "region"] == ["Région Occitanie"]
    epci = scope.of_codes(scope.configured(["243400017"]))
    assert {"243400017", "213401722"} <= set(epci.by_siren)
    assert "223400011" not in epci.by_siren


@pytest.mark.parametrize("code", ["R99", "D99", "XX", "123456789", "2100"])
def test_a_code_that_names_nothing_is_told(code: str) -> None:
    with pytest.raises(scope.UnknownCodeError, match=code):
        scope.configured(["34", code])


def test_without_configuration_it_is_where_somebody_publishes() -> None:
    assert scope.of_publishers(["213401722", "999999999"]) == scope.Codes(frozenset({"34"}))
    region = next(p for p in scope.of_codes(scope.configured(["R76"])).places if p.kind == "region")
    found = scope.of_publishers([region.siren])
    assert "34" in found.departements
    assert found.regions == {"76"}
