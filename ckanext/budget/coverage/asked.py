"""What is asked of the coverage: filters, order, page; checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

import ckan.plugins.toolkit as tk
from ckan.types import DataDict

from ckanext.budget import config
from ckanext.budget.coverage.places import Places
from ckanext.budget.territory.expected import EXPECTED, SLOTS
from ckanext.budget.territory.model import Kind

#: concerned: likely to have to publish; volunteers: publish though below the threshold; others: neither; outside:
#: publish, but are not of the territory, or not in the directory (syndicats, CCAS)
GROUPS = ("concerned", "volunteers", "others", "outside")
STATES = ("published", "late", "missing", "expected", "refused", "private")
SORTS = ("name", "population", "published", "missing")
#: rows of an answer, unless told otherwise, and at most
ROWS, MOST = 25, 40_000


@dataclass(frozen=True)
class Asked:
    """A question. ``slots`` and the exercices choose the columns; the rest chooses and orders the rows."""

    places: Places
    group: str = "concerned"
    region: str = ""
    departement: str = ""
    epci: str = ""
    kind: str = ""
    text: str = ""
    slots: tuple[str, ...] = EXPECTED
    first: int = 0
    last: int = 0
    state: str = ""
    sort: str = "name"
    descending: bool = False
    limit: int = ROWS
    offset: int = 0

    @property
    def narrowed(self) -> bool:
        """Whether it is of a part of the territory."""
        return bool(self.region or self.departement or self.epci or self.kind)

    @property
    def exercices(self) -> range:
        """The columns' exercices."""
        return range(self.first, self.last + 1)


def read(data: DataDict, today: dt.date) -> Asked:
    """The question of a call. Raises ``ValidationError``."""
    places = Places(*config.coverage_exercices(today))
    errors: dict[str, Any] = {}

    def get(name: str, convert: Callable[[Any], Any], default: Any) -> Any:
        value = data.get(name)
        if value in (None, "", []):
            return default
        try:
            return convert(value)
        except (ValueError, TypeError) as error:
            errors[name] = [str(error)]
            return default

    year = _between(places.first, places.last)
    asked = Asked(
        places,
        group=get("group", _one_of(GROUPS), "concerned"),
        region=get("region", _text, "").upper().removeprefix("R"),
        departement=get("departement", _text, "").upper(),
        epci=get("epci", _text, ""),
        kind=get("kind", _one_of(get_args(Kind)), ""),
        text=get("q", _text, ""),
        slots=get("etapes", _slots, EXPECTED),
        first=get("first", year, places.first),
        last=get("last", year, places.last),
        state=get("state", _one_of(STATES), ""),
        sort=get("sort", _one_of(SORTS), "name"),
        descending=get("order", _one_of(("asc", "desc")), "asc") == "desc",
        limit=get("limit", _between(0, MOST), ROWS),
        offset=get("offset", _between(0, MOST), 0),
    )
    if asked.first > asked.last:
        errors["first"] = [tk._("The first year comes after the last one")]
    if errors:
        raise tk.ValidationError(errors)
    return asked


def _text(value: Any) -> str:
    return " ".join(str(value).split())[:200]


def _one_of(known: tuple[str, ...]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in known:
            raise ValueError(tk._("One of these is expected: {values}").format(values=", ".join(known)))
        return value

    return check


def _between(low: int, high: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        text = str(value)
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(tk._("A number from {low} to {high} is expected").format(low=low, high=high))
        return int(text)

    return check


def _slots(value: Any) -> tuple[str, ...]:
    given = value if isinstance(value, (list, tuple)) else str(value).replace(",", " ").split()
    check = _one_of(SLOTS)
    chosen = {check(slot) for slot in given}
    return tuple(slot for slot in SLOTS if slot in chosen)
