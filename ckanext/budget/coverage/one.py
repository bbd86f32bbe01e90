"""The grid of one collectivité: each of its budgets, principal and annexes, by exercice and étape."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from ckanext.budget import config
from ckanext.budget.coverage import details
from ckanext.budget.coverage.access import Viewer
from ckanext.budget.coverage.places import Places
from ckanext.budget.territory.directory import directory
from ckanext.budget.territory.expected import ACCOUNT, EXPECTED, SLOTS, absence, due, slot_of
from ckanext.budget.territory.model import Kind

Cell = dict[str, Any]


def places(today: dt.date) -> Places:
    """The exercices of such a grid: those of the coverage, and this year's unless the configuration ends before."""
    first, last = config.coverage_exercices(today)
    return Places(first, max(last, today.year) if last == today.year - 1 else last)


def build(siren: str, viewer: Viewer, today: dt.date) -> dict[str, Any]:
    """``siren``, ``name``, ``kind`` (empty for who is not in the directory), ``concern``, ``exercices`` and
    ``budgets``, the principal first, each with ``siret``, ``name``, ``annexe`` and ``cells`` (see :func:`_cell`).

    Of a concerned collectivité every BP and account is expected in its principal budget; in any other budget, those
    between the first and the last exercice that it has: nobody knows when it began and ended.
    """
    grid = places(today)
    place, rules = directory().by_siren(siren), config.obligations()
    kind: Kind = place.kind if place is not None else "commune"
    found = details.documents([siren], grid, viewer)
    refused = {(r["exercice"], slot_of(r["stage"])): r["id"] for r in details.refusals([siren], grid, viewer)}
    concerned = rules.concern(place) == "likely"
    budgets: dict[str, list[dict[str, Any]]] = {}
    principal = next((d["siret"] for d in found if not d["annexe"]), "")
    budgets[principal] = []
    for document in found:
        budgets.setdefault(document["siret"] or "", []).append(document)
    whole = {"kind": kind, "today": today, "grid": grid, "rules": rules}
    return {
        "siren": siren,
        "name": place.name if place is not None else (found[-1]["name"] if found else ""),
        "kind": place.kind if place is not None else "",
        "concern": rules.concern(place),
        "agents": rules.rules["open_data"]["agents"],
        "exercices": list(grid.exercices),
        "budgets": [
            _budget(
                siret,
                documents,
                refused if siret == principal else {},
                every=concerned and siret == principal,
                **whole,
            )
            for siret, documents in budgets.items()
        ],
    }


def _budget(
    siret: str, documents: list[dict[str, Any]], refused: dict[tuple[int, str], str], *, every: bool, **whole: Any
) -> dict[str, Any]:
    known = {d["exercice"] for d in documents}
    grid: Places = whole["grid"]
    first, last = (grid.first, grid.last) if every else (min(known, default=1), max(known, default=0))
    by_place: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for document in documents:
        by_place.setdefault((document["exercice"], slot_of(document["stage"])), []).append(document)
    cells = [
        _cell(
            exercice,
            slot,
            by_place.get((exercice, slot), []),
            refused.get((exercice, slot)),
            wanted=first <= exercice <= last,
            **whole,
        )
        for exercice in grid.exercices
        for slot in SLOTS
    ]
    return {
        "siret": siret,
        "name": documents[0]["package_title"] if documents else "",
        "annexe": bool(documents) and all(d["annexe"] for d in documents),
        "cells": cells,
    }


def _cell(
    exercice: int, slot: str, documents: list[dict[str, Any]], refusal: str | None, *, wanted: bool, **whole: Any
) -> Cell:
    """``exercice``, ``etape`` (a slot), ``status`` (published, private, refused, expected, late, missing, none),
    ``due`` (last day of transmission, None without one), ``documents`` (of :mod:`details`), ``refusal_id``."""
    rules, kind = whole["rules"], whole["kind"]
    shown = _prevailing(slot, documents)
    found = due(rules, slot, exercice, kind) if slot in EXPECTED else None
    if shown:
        status = "private" if all(d["private"] for d in shown) else "published"
    elif refusal:
        status = "refused"
    else:
        status = absence(rules, slot, exercice, kind, whole["today"]) if wanted else "none"
    return {
        "exercice": exercice,
        "etape": slot,
        "status": status,
        "due": found.transmission if found and (wanted or shown) else None,
        "documents": shown,
        "refusal_id": refusal if status == "refused" else None,
    }


def _prevailing(slot: str, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of a CA and a CFU of one year, the CFU."""
    single = [d for d in documents if d["stage"] == "CFU"]
    return single if slot == ACCOUNT and single else documents


def missing(grid: dict[str, Any], states: Iterable[str] = ("late", "missing", "refused")) -> list[Cell]:
    """Places to fill, the latest first, each with the ``siret`` and ``name`` of its budget."""
    wanted = set(states)
    found = [
        {**cell, "siret": budget["siret"], "name": budget["name"], "annexe": budget["annexe"]}
        for budget in grid["budgets"]
        for cell in budget["cells"]
        if cell["status"] in wanted
    ]
    return sorted(found, key=lambda cell: (-cell["exercice"], SLOTS.index(cell["etape"])))
