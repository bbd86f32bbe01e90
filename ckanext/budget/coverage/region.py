"""The coverage of a territory: its collectivités by group, the page that is asked for, rates by kind and exercice."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sqlalchemy as sa
from ckan import model

from ckanext.budget import config, organizations
from ckanext.budget.coverage import masks, scope
from ckanext.budget.coverage.access import Viewer
from ckanext.budget.coverage.asked import Asked
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.territory import names
from ckanext.budget.territory.directory import directory
from ckanext.budget.territory.expected import absence
from ckanext.budget.territory.model import Kind, Territory
from ckanext.budget.territory.obligations import Obligations

#: what is told of a place where several things are true, the first that is
STATES = ("published", "private", "refused", "expected", "late", "missing")


@dataclass
class Selection:
    """The answer: ``rows`` of the page among ``count``; ``groups``, how many in each; ``rates`` by kind (None: all)."""

    asked: Asked
    scope: scope.Scope
    rules: Obligations
    rows: list[Row] = field(default_factory=list)
    count: int = 0
    groups: dict[str, int] = field(default_factory=dict)
    rates: dict[Kind | None, Rates] = field(default_factory=dict)
    organisations: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A collectivité: the state of each place by ``bits`` of the joined ones; ``held`` tells CA from CFU."""

    place: Territory
    bits: dict[str, int]
    held: int

    def state(self, bit: int) -> str:
        """What is told of a place."""
        return next((name for name in STATES if self.bits[name] & bit), "none")

    def number(self, *states: str) -> int:
        """How many places are in one of these states."""
        return sum(self.bits[name].bit_count() for name in states)


@dataclass
class Rates:
    """Of ``number`` concerned collectivités, how many publish each place (its bit), for how many its day has come."""

    number: int = 0
    published: Counter[int] = field(default_factory=Counter[int])
    due: Counter[int] = field(default_factory=Counter[int])


class Region:
    """One question about the territory (``within``; the portal's own by default), answered from the registry as it is
    now."""

    def __init__(self, asked: Asked, viewer: Viewer, today: dt.date, within: scope.Scope | None = None) -> None:
        self.asked, self.viewer, self.today = asked, viewer, today
        self.rules = config.obligations()
        self.organisations = organizations.known()
        self.published = masks.published(asked.places)
        self.private = masks.private(asked.places, viewer)
        self.refused = masks.refused(asked.places, viewer)
        if within is None:
            codes = config.coverage_codes() or scope.of_publishers([*self.published, *self.organisations])
            within = scope.of_codes(codes)
        self.scope = within
        self.concerned = scope.concerned(self.scope, self.rules)
        self.chosen = list(asked.places.chosen(asked.slots, asked.exercices))
        self.wanted = sum(bit for _, _, bit in self.chosen)
        self._absent: dict[Kind, dict[str, int]] = {}

    def select(self) -> Selection:
        """Groups, page and rates."""
        asked = self.asked
        places = [place for place in self._group(asked.group) if self._fits(place)]
        rows, count = self._page(places)
        return Selection(
            asked,
            self.scope,
            self.rules,
            rows,
            count,
            self._numbers(),
            self._rates(filter(self._lies_in, self.concerned.likely) if asked.narrowed else self.concerned.likely),
            self.organisations,
        )

    def _group(self, group: str) -> Sequence[Territory]:
        """The collectivités of a group, by name."""
        if group == "concerned":
            return self.concerned.likely
        if group == "outside":
            outside = [siren for siren in self.published if siren not in self.scope.by_siren]
            return _named(outside) if outside else []
        there = group == "volunteers"
        return [place for place in self.concerned.others if (place.siren in self.published) == there]

    def _numbers(self) -> dict[str, int]:
        known = self.published.keys() & self.scope.by_siren.keys()
        volunteers = len(known - self.concerned.sirens)
        return {
            "concerned": len(self.concerned.likely),
            "volunteers": volunteers,
            "others": len(self.concerned.others) - volunteers,
            "outside": len(self.published) - len(known),
        }

    def _is_likely(self, place: Territory) -> bool:
        return place.siren in self.scope.by_siren and self.rules.concern(place) == "likely"

    def _page(self, places: list[Territory]) -> tuple[list[Row], int]:
        """The rows of the page, and how many there are in all; those of other pages are made only to be compared."""
        asked = self.asked
        page = slice(asked.offset, asked.offset + asked.limit)
        if not asked.state and asked.sort in ("name", "population"):
            if asked.sort == "population":
                places.sort(key=lambda place: place.population or 0, reverse=asked.descending)
            elif asked.descending:
                places.reverse()
            return [self.row(place) for place in places[page]], len(places)
        rows = [row for row in map(self.row, places) if not asked.state or row.bits[asked.state]]
        _order(rows, asked)
        return rows[page], len(rows)

    def _lies_in(self, place: Territory) -> bool:
        asked = self.asked
        if asked.region and (place.region is None or place.region.code != asked.region):
            return False
        if asked.departement and (place.departement is None or place.departement.code != asked.departement):
            return False
        if asked.epci and asked.epci not in (place.siren, place.epci.code if place.epci else ""):
            return False
        return not asked.kind or place.kind == asked.kind

    def _fits(self, place: Territory) -> bool:
        text = self.asked.text
        if not self._lies_in(place):
            return False
        return not text or names.key(text) in names.key(place.name) or "".join(text.split())[:9] == place.siren

    def row(self, place: Territory) -> Row:
        """What is told of each place of a collectivité."""
        joined, wanted, siren = self.asked.places.joined, self.wanted, place.siren
        held = self.published.get(siren, 0)
        known = held | self.private.get(siren, 0)
        published = joined(held) & wanted
        private = joined(self.private.get(siren, 0)) & wanted & ~published
        refused = joined(self.refused.get(siren, 0)) & wanted & ~published & ~private
        taken = published | private | refused
        absent = self._absences(place.kind) if self._is_likely(place) else {}
        bits = {name: bit & ~taken for name, bit in absent.items()}
        nothing = dict.fromkeys(("expected", "late", "missing"), 0)
        return Row(place, {**nothing, **bits, "published": published, "private": private, "refused": refused}, known)

    def _absences(self, kind: Kind) -> dict[str, int]:
        if kind not in self._absent:
            bits: dict[str, int] = dict.fromkeys(("expected", "late", "missing"), 0)
            for exercice, slot, bit in self.chosen:
                said = absence(self.rules, slot, exercice, kind, self.today)
                if said in bits:
                    bits[said] |= bit
            self._absent[kind] = bits
        return self._absent[kind]

    def _rates(self, concerned: Iterable[Territory]) -> dict[Kind | None, Rates]:
        histories: dict[Kind, Counter[int]] = {}
        for place in concerned:
            histories.setdefault(place.kind, Counter())[self.published.get(place.siren, 0)] += 1
        rates: dict[Kind | None, Rates] = {None: Rates()}
        for kind, found in histories.items():
            rates[kind] = self._rate(kind, found)
            rates[None].number += rates[kind].number
            rates[None].published += rates[kind].published
            rates[None].due += rates[kind].due
        return rates

    def _rate(self, kind: Kind, histories: Counter[int]) -> Rates:
        rate, absent = Rates(histories.total()), self._absences(kind)
        passed = absent["late"] | absent["missing"]
        numbers = np.array(list(histories.values()), dtype=np.int64)
        found: Any = np.array(list(histories), dtype=self.asked.places.dtype)
        joined: Any = self.asked.places.joined(found)
        for _, _, bit in self.chosen:
            rate.published[bit] = int(numbers[(joined & bit) != 0].sum())
            rate.due[bit] = rate.number if passed & bit else 0
        return rate


def _order(rows: list[Row], asked: Asked) -> None:
    """In place; rows come by name, and stay so where they are equal."""
    if asked.sort == "name":
        if asked.descending:
            rows.reverse()
        return
    values = {
        "population": lambda row: row.place.population or 0,
        "published": lambda row: row.number("published"),
        "missing": lambda row: row.number("late", "missing", "refused", "private"),
    }
    rows.sort(key=values[asked.sort], reverse=asked.descending)


def _named(sirens: list[str]) -> list[Territory]:
    """Those that publish from elsewhere, or that the directory does not have (named by their latest document)."""
    query = (
        sa.select(BudgetDocument.siren, BudgetDocument.name)
        .join(model.Package, model.Package.id == BudgetDocument.package_id)
        .where(BudgetDocument.siren.in_(sirens), BudgetDocument.status == "converted", masks.PUBLIC)
        .distinct(BudgetDocument.siren)
        .order_by(BudgetDocument.siren, BudgetDocument.received.desc())
    )
    called: dict[str, str] = {row.siren: row.name for row in model.Session.execute(query)}
    found = [directory().by_siren(siren) or _unknown(siren, called.get(siren) or siren) for siren in sirens]
    return sorted(found, key=lambda place: (names.key(place.name), place.siren))


def _unknown(siren: str, name: str) -> Territory:
    kind: Any = ""
    return Territory(siren, "", name, kind, None, None, None, None, None)
