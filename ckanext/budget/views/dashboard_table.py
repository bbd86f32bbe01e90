"""The rows of the dashboard as a table to download: exactly what the page shows, every page of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.tables.escape import escape_for_sheet
from ckanext.budget.views.coverage_words import SIGNS, kind_name, short, state_name
from ckanext.budget.views.dashboard_page import trouble


def write(found: Mapping[str, Any]) -> bytes:
    """As spreadsheets of this country open it: semicolons, a mark of UTF-8, no text taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    agents = any(row["trouble"] for row in found["rows"])
    writer.writerow(_heads(found, agents=agents))
    for cells in _rows(found, agents=agents):
        writer.writerow(["" if cell is None else escape_for_sheet(str(cell)) for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _heads(found: Mapping[str, Any], *, agents: bool) -> list[str]:
    heads = ["SIREN", tk._("Local government"), tk._("Kind"), tk._("Département"), tk._("Inhabitants")]
    heads += [tk._("Published"), tk._("To fill")]
    heads += [tk._("Last difficulty"), tk._("Waits")] if agents else []
    return heads + [f"{year} {short(slot)}" for year in found["exercices"][::-1] for slot in found["etapes"]]


def _rows(found: Mapping[str, Any], *, agents: bool) -> Iterator[list[Any]]:
    names = {state: state_name(state) for state in SIGNS}
    kinds = {kind: kind_name(kind) for kind in {row["kind"] for row in found["rows"]}}
    for row in found["rows"]:
        place = row["departement"]
        cells = [row["siren"], row["name"], kinds[row["kind"]], place["name"] if place else "", row["population"]]
        cells += [row["published"], row["missing"]]
        if agents:
            told = trouble(row["trouble"]) if row["trouble"] else {"error": "", "waiting": ""}
            cells += [told["error"], told["waiting"]]
        places = sorted(row["cells"], key=lambda cell: -cell["exercice"])  # stable: étapes stay in their order
        yield cells + [_place(cell, names) for cell in places]


def _place(cell: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The word of the page; with the stage where the heading does not say it."""
    name = names[cell["status"]]
    return f"{name} (CFU)" if cell["stage"] == "CFU" else name
