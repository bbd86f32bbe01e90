"""Which collectivités a portal covers: those of the configured territory, else of the départements where somebody
publishes or has an organisation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ckanext.budget.territory.directory import directory
from ckanext.budget.territory.model import Kind, Place, Territory
from ckanext.budget.territory.names import key
from ckanext.budget.territory.obligations import Obligations


@dataclass(frozen=True)
class Codes:
    """A territory by codes: départements (their council and all that lies in them), régions (the council alone),
    EPCI (with their communes)."""

    departements: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    epcis: frozenset[str] = frozenset()


class UnknownCodeError(ValueError):
    """A code of the configuration that names nothing (the text is that code)."""


def configured(codes: Iterable[str]) -> Codes:
    """``34`` or ``D34`` a département; ``R76`` a région with its départements; nine digits an EPCI.

    Raises :class:`UnknownCodeError`.
    """
    departements: set[str] = set()
    regions: set[str] = set()
    epcis: set[str] = set()
    for code in codes:
        text = code.strip().upper()
        if len(text) == 9 and text.isdecimal() and directory().members(text):
            epcis.add(text)
        elif text.startswith("R") and (inside := _departements_of(text[1:])):
            regions.add(text[1:])
            departements |= inside
        elif (found := directory().departement_named(text.removeprefix("D"))) is not None:
            departements.add(found.code)
        else:
            raise UnknownCodeError(code)
    return Codes(frozenset(departements), frozenset(regions), frozenset(epcis))


def of_publishers(sirens: Iterable[str]) -> Codes:
    """The départements of these collectivités; those of a whole région where it is one of them."""
    departements: set[str] = set()
    regions: set[str] = set()
    for siren in sirens:
        departement, region = _seat(siren)
        if departement:
            departements.add(departement)
        elif region:
            regions.add(region)
            departements |= _departements_of(region)
    return Codes(frozenset(departements), frozenset(regions))


@lru_cache(maxsize=1 << 16)
def _seat(siren: str) -> tuple[str, str]:
    found = directory().by_siren(siren)
    if found is None:
        return "", ""
    return found.departement.code if found.departement else "", found.region.code if found.region else ""


@lru_cache(maxsize=64)
def _departements_of(region: str) -> frozenset[str]:
    return frozenset(
        t.departement.code for t in _everyone() if t.region and t.region.code == region and t.departement is not None
    )


@lru_cache(maxsize=1)
def _everyone() -> tuple[Territory, ...]:
    return tuple(t for t in directory() if t.siren)


@dataclass(frozen=True, eq=False)
class Scope:
    """The collectivités of a territory, by name (one object a territory: compared by identity)."""

    codes: Codes
    places: tuple[Territory, ...]

    @cached_property
    def by_siren(self) -> dict[str, Territory]:
        """The same, by SIREN."""
        return {place.siren: place for place in self.places}

    @cached_property
    def departements(self) -> list[Place]:
        """Départements of these collectivités, by code."""
        return sorted({p.departement for p in self.places if p.departement is not None})

    @cached_property
    def regions(self) -> list[Place]:
        """Régions of these collectivités, by name."""
        return sorted({p.region for p in self.places if p.region is not None}, key=lambda region: key(region.name))

    @cached_property
    def kinds(self) -> Counter[Kind]:
        """How many of each kind."""
        return Counter(place.kind for place in self.places)

    @cached_property
    def epcis(self) -> dict[str, list[Place]]:
        """EPCI that have a commune in each département (all of them under an empty code), by name."""
        found: dict[str, set[Place]] = {"": set()}
        for place in self.places:
            if place.epci is not None:
                found[""].add(place.epci)
                if place.departement is not None:
                    found.setdefault(place.departement.code, set()).add(place.epci)
        return {code: sorted(epcis, key=lambda epci: key(epci.name)) for code, epcis in found.items()}


@lru_cache(maxsize=4)
def of_codes(codes: Codes) -> Scope:
    """The collectivités of a territory, read once per process."""
    inside = sorted((t for t in _everyone() if _lies_in(t, codes)), key=lambda t: (key(t.name), t.siren))
    return Scope(codes, tuple(inside))


def _lies_in(place: Territory, codes: Codes) -> bool:
    if place.departement is None:
        return place.region is not None and place.region.code in codes.regions
    if place.departement.code in codes.departements:
        return True
    return place.siren in codes.epcis or (place.epci is not None and place.epci.code in codes.epcis)


@dataclass(frozen=True)
class Concerned:
    """The collectivités of a territory by name: ``likely`` to have to publish (``sirens`` are theirs), and the
    ``others``."""

    likely: tuple[Territory, ...]
    others: tuple[Territory, ...]
    sirens: frozenset[str]


@lru_cache(maxsize=4)
def concerned(scope: Scope, rules: Obligations) -> Concerned:
    """Who of a territory is likely concerned by the obligation to publish; read once per process."""
    likely = [place for place in scope.places if rules.concern(place) == "likely"]
    known = frozenset(place.siren for place in likely)
    return Concerned(tuple(likely), tuple(place for place in scope.places if place.siren not in known), known)
