"""What the dashboard shows: the answer of ``budget_coverage`` in words, and the address of every other view of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk

from ckanext.budget.territory.expected import SLOTS
from ckanext.budget.views import wording
from ckanext.budget.views.coverage_words import (
    Cells,
    group_name,
    kind_name,
    legend,
    short,
    slot_name,
    state_name,
)

ROWS = 25
#: most EPCI among which to choose without a département
MOST_EPCIS = 80
#: name in the address → parameter of the action, and its values in the address where they are words
NAMES = {
    "groupe": "group",
    "region": "region",
    "departement": "departement",
    "epci": "epci",
    "type": "kind",
    "q": "q",
    "de": "first",
    "a": "last",
    "etat": "state",
    "tri": "sort",
    "ordre": "order",
}
VALUES: dict[str, dict[str, str]] = {
    "groupe": {
        "concernees": "concerned",
        "volontaires": "volunteers",
        "autres": "others",
        "hors-territoire": "outside",
    },
    "etat": {
        "publie": "published",
        "en-retard": "late",
        "manquant": "missing",
        "attendu": "expected",
        "refuse": "refused",
        "prive": "private",
    },
    "tri": {"nom": "name", "habitants": "population", "publies": "published", "manquants": "missing"},
    "ordre": {"croissant": "asc", "decroissant": "desc"},
}
STATES_OF_AGENTS = ("refuse", "prive")


class Address:
    """The state of the page, as its address says it."""

    def __init__(self, arguments: Any) -> None:
        self.values = {name: arguments.get(name, "").strip() for name in NAMES}
        self.slots = [slot for slot in arguments.getlist("etape") if slot]
        text = arguments.get("page", "1")
        self.page = max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1

    def asked(self) -> dict[str, Any]:
        """Parameters of the action."""
        found = {NAMES[name]: VALUES.get(name, {}).get(value, value) for name, value in self.values.items() if value}
        return {**found, "etapes": self.slots, "limit": ROWS, "offset": (self.page - 1) * ROWS}

    def query(self, **changed: Any) -> str:
        """The address of another view: ``?…``, or empty."""
        values = {**self.values, **{name: value for name, value in changed.items() if name != "page"}}
        pairs = [(name, value) for name, value in values.items() if value]
        pairs += [("etape", slot) for slot in self.slots]
        if changed.get("page", 1) != 1:
            pairs.append(("page", str(changed["page"])))
        return f"?{urlencode(pairs)}" if pairs else "?"

    def chosen(self, name: str, default: str = "") -> str:
        """What the address says of one parameter."""
        return self.values[name] or default


def page(found: Mapping[str, Any], address: Address) -> dict[str, Any]:
    """What ``budget/dashboard.html`` shows."""
    cells, lang = Cells(), tk.h.lang()
    pages = max(1, -(-found["count"] // ROWS))
    return {
        "address": address,
        "count": found["count"],
        "count_words": wording.count(found["count"], lang),
        "threshold": wording.count(found["threshold"]["inhabitants"], lang),
        "agents": found["threshold"]["agents"],
        "law": found["threshold"]["source"],
        "checked": wording.date(dt.date.fromisoformat(found["checked"]), lang),
        "groups": _groups(found, address, lang),
        "summary": _summary(found, lang),
        "rates": _rates(found, lang),
        "exercices": found["exercices"][::-1],  # the latest first: a narrow screen shows it
        "columns": _columns(address),
        "rows": _rows(found, cells, lang),
        "troubles": any(row["trouble"] for row in found["rows"]),
        "choices": _choices(found, address),
        "filtered": any(address.values[n] for n in ("region", "departement", "epci", "type", "q", "etat", "de", "a"))
        or bool(address.slots),
        "legend": legend(inside=found["inside"]),
        "calendar": _calendar(found, lang),
        "page": address.page,
        "pages": pages,
        "previous": address.query(page=address.page - 1) if address.page > 1 else "",
        "next": address.query(page=address.page + 1) if address.page < pages else "",
        "csv": tk.h.url_for("budget_pages.dashboard_csv") + address.query(),
    }


def _groups(found: Mapping[str, Any], address: Address, lang: str) -> list[dict[str, Any]]:
    here = VALUES["groupe"].get(address.chosen("groupe", "concernees"), "")
    return [
        {
            "name": group_name(group),
            "number": wording.count(found["groups"][group], lang),
            "url": address.query(groupe=name if group != "concerned" else ""),
            "here": group == here,
        }
        for name, group in VALUES["groupe"].items()
    ]


def _summary(found: Mapping[str, Any], lang: str) -> dict[str, str]:
    """How many collectivités, and of the documents whose day has come how many are here."""
    whole = found["rates"][0]
    due = sum(cell["due"] for cell in whole["cells"])
    here = sum(cell["published"] for cell in whole["cells"] if cell["due"])
    return {
        "number": wording.count(whole["number"], lang),
        "due": wording.count(due, lang),
        "published": wording.count(here, lang),
        "rate": wording.percent(Decimal(here) / due, lang) if due else "",
    }


def _rates(found: Mapping[str, Any], lang: str) -> list[dict[str, Any]]:
    """Rows of the table of rates, «all» first (alone when there is one kind)."""
    told = found["rates"] if len(found["rates"]) > 2 else found["rates"][:1]
    names = {slot: slot_name(slot) + tk._(": ") for slot in found["etapes"]}
    said = {(0, 0): tk._("expected")}  # each rate is put in words once

    def rate(cell: Mapping[str, Any]) -> dict[str, Any]:
        pair = (cell["published"], cell["due"]) if cell["due"] else (0, 0)
        if pair not in said:
            said[pair] = wording.percent(Decimal(pair[0]) / pair[1], lang)
        exact = f"{pair[0]}/{pair[1]}" if cell["due"] else ""
        slot = cell["etape"]
        return {
            "exercice": cell["exercice"],
            "short": short(slot),
            "name": names[slot],
            "said": said[pair],
            "exact": exact,
        }

    return [
        {
            "name": kind_name(row["kind"]) if row["kind"] else tk._("All kinds"),
            "number": wording.count(row["number"], lang),
            "cells": _by_exercice([rate(cell) for cell in row["cells"]]),
        }
        for row in told
    ]


def _by_exercice(cells: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for cell in cells:
        found.setdefault(cell["exercice"], []).append(cell)
    return list(found.values())[::-1]


def _columns(address: Address) -> list[dict[str, str]]:
    """Headings that sort: ``name``, ``url`` (the other order when it is the one in use), ``sorted`` (for aria-sort)."""
    tri, order = address.chosen("tri", "nom"), address.chosen("ordre", "croissant")
    names = {
        "nom": tk._("Local government"),
        "habitants": tk._("Inhabitants"),
        "publies": tk._("Published"),
        "manquants": tk._("To fill"),
    }
    columns: list[dict[str, str]] = []
    for key, name in names.items():
        first = "croissant" if key == "nom" else "decroissant"
        here = tri == key
        wanted = ("croissant" if order == "decroissant" else "decroissant") if here else first
        said = ("descending" if order == "decroissant" else "ascending") if here else "none"
        columns.append({"name": name, "url": address.query(tri=key, ordre=wanted), "sorted": said})
    return columns


def _rows(found: Mapping[str, Any], cells: Cells, lang: str) -> list[dict[str, Any]]:
    kinds = {kind: kind_name(kind) for kind in {row["kind"] for row in found["rows"]}}
    return [{**_row(row, cells, found, lang), "about": _about(kinds[row["kind"]], row)} for row in found["rows"]]


def _about(kind: str, row: Mapping[str, Any]) -> str:
    place = row["departement"]
    return " · ".join(part for part in (kind, place["name"] if place else "") if part)


def _row(row: Mapping[str, Any], cells: Cells, found: Mapping[str, Any], lang: str) -> dict[str, Any]:
    siren = row["siren"]
    shown: dict[int, list[dict[str, Any]]] = {exercice: [] for exercice in found["exercices"]}
    for cell in row["cells"]:
        shown[cell["exercice"]] += cells.cell(cell, siren)
    return {
        "name": row["name"],
        "url": cells.links.collectivite(siren),
        "population": wording.count(row["population"], lang) if row["population"] is not None else tk._("not known"),
        "published": row["published"],
        "missing": row["missing"],
        "cells": list(shown.values())[::-1],
        "trouble": trouble(row["trouble"]) if row["trouble"] else None,
    }


def trouble(found: Mapping[str, Any]) -> dict[str, str]:
    """What agents are told of a collectivité: ``error`` (its last refusal or failure) and ``waiting``."""
    error, said = found["error"], ""
    if error:
        title = f"{wording.stage_name(error['stage'])} {error['exercice']}" if error["stage"] else error["filename"]
        day = wording.day(error["at"] or "", tk.h.lang())
        said = f"{title}, {day}{tk._(': ')}{error['message'].get('what', '')}"
    waiting: list[str] = []
    if n := found["converting"]:
        waiting.append(
            tk.ungettext(
                "{n} document waits for its conversion", "{n} documents wait for their conversion", n
            ).format(n=n)
        )
    if n := found["deposited"]:
        waiting.append(
            tk.ungettext(
                "{n} deposited file waits to be published", "{n} deposited files wait to be published", n
            ).format(n=n)
        )
    return {"error": said, "waiting": tk._("; ").join(waiting)}


def _choices(found: Mapping[str, Any], address: Address) -> dict[str, Any]:
    """Options of the form: pairs (value, name)."""
    choices = found["choices"]
    epcis = [(e["code"], e["name"]) for e in choices["epcis"]]
    known = address.chosen("departement") or len(epcis) <= MOST_EPCIS
    states = [s for s in VALUES["etat"] if found["inside"] or s not in STATES_OF_AGENTS]
    return {
        "regions": [(r["code"], r["name"]) for r in choices["regions"]] if len(choices["regions"]) > 1 else [],
        "departements": [(d["code"], f"{d['code']} – {d['name']}") for d in choices["departements"]],
        "epcis": epcis if known else [],
        "kinds": sorted(((kind, kind_name(kind)) for kind in choices["kinds"]), key=lambda pair: pair[1]),
        "slots": [(slot, slot_name(slot), slot in found["etapes"]) for slot in SLOTS],
        "exercices": [(str(year), str(year)) for year in choices["exercices"]],
        "first": found["exercices"][0],
        "last": found["exercices"][-1],
        "states": [(s, state_name(VALUES["etat"][s])) for s in states],
    }


#: the same days on every page
_day = lru_cache(maxsize=512)(wording.day)


def _calendar(found: Mapping[str, Any], lang: str) -> list[dict[str, Any]]:
    stages = {stage: wording.stage_name(stage) for stage in ("BP", "CA", "CFU")}
    kinds = {kind: _kinds(kind) for kind in {day["kind"] for day in found["calendar"]}}
    either = tk._(" or ")
    return [
        {
            "exercice": day["exercice"],
            "name": either.join(stages[stage] for stage in day["stages"]),
            "kind": kinds[day["kind"]],
            "vote": _day(day["vote"], lang),
            "transmission": _day(day["transmission"], lang),
            "source": day["source"],
        }
        for day in found["calendar"]
    ]


def _kinds(kind: str) -> str:
    if kind == "commune":
        return tk._("Communes and intercommunal bodies")
    return tk._("Départements and régions") if kind == "departement" else kind_name(kind)
