"""The coverage of a territory as plain data."""

from __future__ import annotations

from typing import Any, cast

import ckan.plugins.toolkit as tk

from ckanext.budget.coverage import details
from ckanext.budget.coverage.region import Region, Row, Selection
from ckanext.budget.deposit import described
from ckanext.budget.territory.expected import ACCOUNT, EXPECTED, due, slot_of
from ckanext.budget.territory.model import Kind, Place
from ckanext.budget.territory.obligations import Due


def build(region: Region, *, linked: bool) -> dict[str, Any]:
    """The answer; ``linked``: with the documents and refusals of each place."""
    found = region.select()
    more = _More(region, found, linked=linked)
    return {
        "count": found.count,
        "groups": found.groups,
        "exercices": list(found.asked.exercices),
        "etapes": list(found.asked.slots),
        "rows": [_row(row, region, more) for row in found.rows],
        "rates": _rates(region, found),
        "choices": _choices(found),
        "calendar": _calendar(found),
        "checked": found.rules.checked.isoformat(),
        "threshold": found.rules.rules["open_data"],
        "inside": region.viewer.inside,
    }


class _More:
    """What the places of the rows lead to, by SIREN."""

    def __init__(self, region: Region, found: Selection, *, linked: bool) -> None:
        sirens = [row.place.siren for row in found.rows]
        places, viewer = found.asked.places, region.viewer
        self.documents: dict[tuple[str, int, str], list[dict[str, Any]]] = {}
        self.refusals: dict[tuple[str, int, str], str] = {}
        self.troubles = details.troubles(sirens, {s: o["id"] for s, o in region.organisations.items()}, viewer)
        self.linked = linked
        for d in details.documents(sirens, places, viewer) if linked else []:
            if not d["annexe"]:
                self.documents.setdefault((d["siren"], d["exercice"], d["stage"]), []).append(d)
        for refusal in details.refusals(sirens, places, viewer) if linked else []:
            place = (refusal["siren"], refusal["exercice"], slot_of(refusal["stage"]))
            self.refusals[place] = refusal["id"]


def _row(row: Row, region: Region, more: _More) -> dict[str, Any]:
    place = row.place
    trouble = more.troubles.get(place.siren)
    return {
        "siren": place.siren,
        "name": place.name,
        "kind": place.kind or None,
        "departement": _place(place.departement),
        "epci": _place(place.epci),
        "population": place.population,
        "concern": region.rules.concern(place) if place.kind else "unknown",
        "organization": region.organisations.get(place.siren),
        "published": row.number("published"),
        "missing": row.number("late", "missing", "refused", "private"),
        "cells": [_cell(row, chosen, region, more) for chosen in region.chosen],
        "trouble": _trouble(trouble) if trouble else None,
    }


def _cell(row: Row, chosen: tuple[int, str, int], region: Region, more: _More) -> dict[str, Any]:
    exercice, slot, bit = chosen
    status = row.state(bit)
    stage = region.asked.places.held(row.held, exercice, slot)
    cell = {"exercice": exercice, "etape": slot, "status": status, "stage": stage if status in _HELD else None}
    if not more.linked:
        return cell
    siren = row.place.siren
    documents = more.documents.get((siren, exercice, stage or ""), []) if status in _HELD else []
    refusal = more.refusals.get((siren, exercice, slot)) if status == "refused" else None
    names = ("document_id", "dm_number", "resource_id", "package_id", "package_name", "package_type", "private")
    shown = [{name: d[name] for name in names} | {"received": d["received"].isoformat()} for d in documents]
    return {**cell, "documents": shown, "refusal_id": refusal}


_HELD = ("published", "private")


def _place(place: Place | None) -> dict[str, str] | None:
    return place._asdict() if place is not None else None


def _trouble(trouble: dict[str, Any]) -> dict[str, Any]:
    error = trouble["error"]
    if error is None:
        return trouble
    said = described.said(error["message"], tk._)
    return {**trouble, "error": {**error, "at": error["at"].isoformat() if error["at"] else None, "message": said}}


def _rates(region: Region, found: Selection) -> list[dict[str, Any]]:
    def told(kind: Kind | None) -> dict[str, Any]:
        rates = found.rates[kind]
        cells = [
            {"exercice": exercice, "etape": slot, "published": rates.published[bit], "due": rates.due[bit]}
            for exercice, slot, bit in region.chosen
        ]
        return {"kind": kind, "number": rates.number, "cells": cells}

    kinds: list[Kind] = [kind for kind in found.rates if kind is not None]
    kinds.sort(key=lambda kind: -found.rates[kind].number)
    return [told(None), *map(told, kinds)]


def _choices(found: Selection) -> dict[str, Any]:
    scope, departement = found.scope, found.asked.departement
    return {
        "regions": [place._asdict() for place in scope.regions],
        "departements": [place._asdict() for place in scope.departements],
        "epcis": [place._asdict() for place in scope.epcis.get(departement, [])],
        "kinds": list(scope.kinds),
        "exercices": list(found.asked.places.exercices),
    }


def _calendar(found: Selection) -> list[dict[str, Any]]:
    """Last days, by exercice and étape; for départements and régions too where theirs is another."""
    kind = cast("Kind", found.asked.kind or "commune")
    days: list[dict[str, Any]] = []
    for exercice in found.asked.exercices:
        for slot in EXPECTED:
            first = due(found.rules, slot, exercice, kind)
            other = due(found.rules, slot, exercice, "departement") if kind == "commune" else first
            days += _days(found, exercice, slot, kind, first)
            days += _days(found, exercice, slot, "departement", None if other == first else other)
    return days


def _days(found: Selection, exercice: int, slot: str, kind: str, told: Due | None) -> list[dict[str, Any]]:
    if told is None:
        return []
    return [
        {
            "exercice": exercice,
            "etape": slot,
            "stages": list(found.rules.accounts(exercice)) if slot == ACCOUNT else [slot],
            "kind": kind,
            "vote": told.vote.isoformat(),
            "transmission": told.transmission.isoformat(),
            "source": told.source,
        }
    ]
