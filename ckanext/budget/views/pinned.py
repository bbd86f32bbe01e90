"""Pinned texts as the pages show them, where they belong."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from markupsafe import Markup

from ckanext.budget import rules
from ckanext.budget.notes import core
from ckanext.budget.notes.actions import shown
from ckanext.budget.notes.items import Place
from ckanext.budget.notes.models import BudgetNote
from ckanext.budget.registry import core as registry
from ckanext.budget.views import wording


def of_item(
    document_id: str | None = None,
    package_id: str | None = None,
    *,
    exercice: int = 0,
    stage: str = "",
    dm_number: int = 0,
    item: str = "",
) -> list[dict[str, Any]]:
    """The texts pinned to an item, the most general first: ``html``, ``updated`` (day, in words), ``about`` (what it is
    pinned to, in words) and ``code``.

    A document, or a dataset with its ``exercice`` and ``stage``, says which budget is read: what is pinned to the same
    item for the whole year, or for every year, is there too. ``item`` is that of the actions; ``chapter:`` (without a
    code) gives all the chapters. Whoever may read the page may read them.
    """
    place = Place(exercice, stage, dm_number, item)
    if document_id:
        document = registry.document(document_id)
        if document is None:
            return []
        package_id = document.package_id
        place = Place(document.exercice, document.stage, document.dm_number, item)
    found = [n for n in _of(package_id) if _is(n, place)] if package_id else []
    return [_said(note) for note in found]


def link(document_id: str | None = None, package_id: str | None = None) -> str | None:
    """Where the reader may pin texts; None when they may not."""
    document = registry.document(document_id) if document_id else None
    package_id = document.package_id if document else package_id
    if not package_id or not may_edit(package_id):
        return None
    stage = stage_slug(document.stage, document.dm_number) if document else None
    year = document.exercice if document else None
    return tk.h.url_for("budget_notes.texts", dataset=package_id, exercice=year, etape=stage)


def may_edit(package_id: str) -> bool:
    """Whether the reader may edit a dataset."""
    try:
        tk.check_access("budget_note_update", {"user": tk.current_user.name}, {"package_id": package_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


def stage_slug(stage: str, dm_number: int = 0) -> str:
    """``ca``, ``dm-2``: a stage in an address."""
    return f"{stage.lower()}-{dm_number}" if dm_number else stage.lower()


def item_name(item: str) -> str:
    """What a text is pinned to, in words; empty for the document, the year or the budget itself."""
    kind, _, code = item.partition(":")
    names = {
        "headline": tk._("The headline figures"),
        "category": tk._("Category {code}"),
        "function": tk._("Function {code}"),
        "chapter": tk._("Chapter {code}"),
        "account": tk._("Account {code}"),
    }
    if kind == "category" and code in rules.categories():
        return rules.categories()[code].label(tk.h.lang())
    return names[kind].format(code=code) if kind else ""


def place_name(place: Place) -> str:
    """Where a text is shown, in words: «Administrative account 2022, Chapter 011»."""
    if place.stage:
        where = f"{wording.stage_name(place.stage, place.dm_number)} {place.exercice}"
    elif place.exercice:
        where = tk._("Year {year}").format(year=place.exercice)
    else:
        where = tk._("All the years")
    return ", ".join(filter(None, [where, item_name(place.item)]))


def _of(package_id: str) -> list[BudgetNote]:
    """The texts of a budget, read once a request."""
    known: dict[str, list[BudgetNote]] = tk.g.setdefault("budget_notes", {})
    if package_id not in known:
        known[package_id] = core.of(package_id)
    return known[package_id]


def _is(note: BudgetNote, place: Place) -> bool:
    same = note.item.startswith(place.item) if place.item.endswith(":") else note.item == place.item
    return same and core.place_of(note).covers(place)


def _said(note: BudgetNote) -> dict[str, Any]:
    return {
        "html": Markup(shown(note.text)),  # noqa: S704  (sanitised by CKAN, checked tag by tag)
        "updated": wording.date(note.updated.date(), tk.h.lang()),
        "about": item_name(note.item),
        "code": note.item.partition(":")[2],
    }
