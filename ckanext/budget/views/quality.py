"""The quality of a document, as every page states it: its level, what is to be checked, its controls in words.

Controls between documents are computed when a page is shown: they change when a neighbour year arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.errors import Finding
from ckanext.budget.quality import links
from ckanext.budget.quality.controls_model import Control
from ckanext.budget.quality.facts import Facts
from ckanext.budget.quality.level import level as computed_level
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import wording

#: outcome → the sign beside its word; order of the list
MARKS = {"a_verifier": "!", "information": "i", "vert": "✓"}


def told(document: BudgetDocument) -> bool:
    """Whether its report was made by a version that knew levels and controls."""
    return "controls" in (document.report or {})


def controls(document: BudgetDocument, documents: Iterable[BudgetDocument]) -> list[dict[str, Any]]:
    """Controls as data (:meth:`Control.to_dict`; stored ones keep their French words): those of the document, then
    those against the other documents in force of its budget."""
    stored = list((document.report or {}).get("controls") or [])
    return [*stored, *(control.to_dict() for control in _between(document, documents))]


def _between(document: BudgetDocument, documents: Iterable[BudgetDocument]) -> list[Control]:
    mine = _facts(document)
    if mine is None or document.status != "converted":
        return []
    in_force = [d for d in documents if d.status == "converted" and d.id != document.id]
    return links.compare(mine, [facts for facts in map(_facts, in_force) if facts])


def _facts(document: BudgetDocument) -> Facts | None:
    stored = (document.report or {}).get("facts")
    return Facts.from_dict(stored) if stored else None


def level(document: BudgetDocument, documents: Iterable[BudgetDocument]) -> dict[str, Any] | None:
    """``code``, ``name`` and ``mark`` of the level, ``points`` to check, ``url`` of its definition; None for a report
    that knows no level."""
    if not told(document):
        return None
    found = [Finding.from_dict(f) for f in document.report.get("findings", [])]
    made = [Control.from_dict(c) for c in controls(document, documents)]
    code = computed_level(found, made)
    if code is None:
        return None
    points = sum(f.level == "a_verifier" for f in found) + sum(c.outcome == "a_verifier" for c in made)
    return {
        "code": code,
        "name": wording.quality_name(code),
        "mark": MARKS["vert" if code == "complet" else "a_verifier"],
        "points": points,
        "points_words": wording.count(points, tk.h.lang()),
        "url": tk.h.url_for("budget_pages.quality", _anchor=code),
    }


def in_words(
    document: BudgetDocument, documents: Sequence[BudgetDocument], package: Mapping[str, Any]
) -> dict[str, Any] | None:
    """``open`` (to be checked, then information) and ``green`` controls in words, with a link to the other document;
    None for a report that knows no control."""
    if not told(document):
        return None
    made = [_words(data, documents, package) for data in controls(document, documents)]
    order = list(MARKS)
    made.sort(key=lambda control: order.index(control["outcome"]))
    return {
        "open": [c for c in made if c["outcome"] != "vert"],
        "green": [c for c in made if c["outcome"] == "vert"],
        "all": len(made),
    }


def _words(
    data: Mapping[str, Any], documents: Sequence[BudgetDocument], package: Mapping[str, Any]
) -> dict[str, Any]:
    control = Control.from_dict(data)
    if "date" in control.params:
        readable = {**control.params, "date": wording.day(control.params["date"], tk.h.lang())}
        control = replace(control, params=readable)
    try:
        said = control.words(tk._)
        words = {
            "name": said.name,
            "sentence": said.sentence,
            "remedy": said.remedy,
            "left_name": said.left_name,
            "right_name": said.right_name,
            "unit": said.unit,
        }
    except KeyError:  # a control of another version: the words it was stored with
        kept = {name: data.get(name, "") for name in ("name", "remedy", "left_name", "right_name")}
        words = {**kept, "sentence": data.get("message", ""), "unit": ""}
    outcome = control.outcome if control.outcome in MARKS else "information"
    return {
        **words,
        "code": control.code,
        "outcome": outcome,
        "outcome_name": wording.outcome_name(outcome),
        "mark": MARKS[outcome],
        **_numbers(control, words["unit"]),
        "other": _other(control.params, documents, package),
    }


def _numbers(control: Control, unit: str) -> dict[str, str | None]:
    """Both numbers as they are read, and the gap between them when there is one (counts have none to tell)."""
    left, right = control.left, control.right
    said = {"left": _number(left, unit), "right": _number(right, unit)}
    gap = None
    if left is not None and right is not None and unit != "count" and said["left"] != said["right"]:
        gap = _number(abs(left - right), unit)
    return {**said, "gap": gap}


def _number(value: Decimal | None, unit: str) -> str | None:
    return None if value is None else wording.quantity(value, unit, tk.h.lang())


def _other(
    params: Mapping[str, str], documents: Sequence[BudgetDocument], package: Mapping[str, Any]
) -> dict[str, str] | None:
    """The other document of a control: its title and page."""
    key = (params.get("other_stage"), params.get("other_exercice"), params.get("other_dm"))
    for document in documents:
        mine = (document.stage, str(document.exercice), str(document.dm_number))
        if document.status == "converted" and document.csv_resource_id and mine == key:
            url = tk.h.url_for(
                f"{package['type']}_resource.read", id=package["name"], resource_id=document.csv_resource_id
            )
            name = wording.stage_name(document.stage, document.dm_number)
            return {"title": f"{name} {document.exercice}", "url": url}
    return None
