"""The grid of one collectivité, for its own page, its organisation's and the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

from ckanext.budget import organizations
from ckanext.budget.coverage import one
from ckanext.budget.territory.expected import SLOTS
from ckanext.budget.views import wording
from ckanext.budget.views.coverage_words import Cells, legend, slot_name

#: places to fill that are listed before «and others»
LISTED = 6
#: grids that the desk shows: who deposits for more uses the dashboard
MOST_GRIDS = 3


def build(siren: str) -> dict[str, Any] | None:
    """``name``, ``siren``, ``exercices``, ``budgets`` (``name``, ``siret``, ``rows``: one a slot that holds something,
    ``cells`` in words), ``missing`` (links to the desk, the latest first, and how many ``more``), ``concern``,
    ``url``. None for a SIREN that is neither in the directory nor in the registry."""
    try:
        grid = tk.get_action("budget_coverage")(Context(user=tk.current_user.name), {"siren": siren})
    except (tk.ObjectNotFound, tk.ValidationError):
        return None
    cells = Cells()
    missing = [
        {
            "what": f"{slot_name(cell['etape'])} {cell['exercice']}",
            "budget": cell["name"] if cell["annexe"] else "",
            "url": cells.links.refusal(cell["refusal_id"])
            if cell["refusal_id"]
            else cells.links.desk(siren, cell["exercice"], cell["etape"]),
            "refused": bool(cell["refusal_id"]),
        }
        for cell in one.missing(grid)
    ]
    return {
        **grid,
        "exercices": grid["exercices"][::-1],
        "budgets": [_budget(budget, grid["siren"], cells) for budget in grid["budgets"]],
        "missing": missing[:LISTED],
        "more": max(0, len(missing) - LISTED),
        "number": len(missing),
        "url": cells.links.collectivite(grid["siren"]),
        "reminder": _reminder(grid["siren"]),
        "legend": legend(
            inside=any(c["status"] in ("private", "refused") for b in grid["budgets"] for c in b["cells"])
        ),
    }


def _budget(budget: Mapping[str, Any], siren: str, cells: Cells) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for slot in SLOTS:
        places = [cell for cell in budget["cells"] if cell["etape"] == slot]
        if any(cell["status"] != "none" for cell in places):
            rows.append({"name": slot_name(slot), "cells": [cells.cell(cell, siren) for cell in reversed(places)]})
    name = budget["name"] or tk._("Principal budget")
    return {"name": name, "siret": budget["siret"], "annexe": budget["annexe"], "rows": rows}


def _reminder(siren: str) -> dict[str, bool] | None:
    """Whether the reader is reminded (``on``); None for who may not be."""
    context = Context(user=tk.current_user.name)
    try:
        tk.check_access("budget_reminder_subscribe", context, {"siren": siren})
    except tk.NotAuthorized:
        return None
    found = tk.get_action("budget_reminder_list")(Context(user=tk.current_user.name), {})
    return {"on": any(one["siren"] == siren for one in found)}


def of_organization(organization: Mapping[str, Any]) -> dict[str, Any] | None:
    """The grid of the collectivité that an organisation is; None when it states no SIREN."""
    group = model.Group.get(organization.get("id"))
    siren = organizations.siren_of(organizations.extras_of(group)) if group is not None else None
    return build(siren) if siren else None


def of_desk(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The grids of the collectivités that these organisations are (the reader's), those that lack something first."""
    sirens = {organisation["id"]: siren for siren, organisation in organizations.known().items()} if found else {}
    ours = [sirens[organisation["id"]] for organisation in found if organisation["id"] in sirens]
    grids = [grid for siren in ours[:MOST_GRIDS] if (grid := build(siren)) is not None]
    return sorted(grids, key=lambda grid: not grid["number"])


def refusal(row_id: str) -> dict[str, Any]:
    """Why a file was refused, in words. Raises ``ObjectNotFound`` and ``NotAuthorized``."""
    found = tk.get_action("budget_refusal_show")(Context(user=tk.current_user.name), {"id": row_id})
    title = f"{wording.stage_name(found['etape'], found['dm_number'])} {found['exercice']}" if found["etape"] else ""
    return {**found, "title": title, "at": wording.day(found["at"] or "", tk.h.lang())}
