"""Pages where an agent pins texts to a budget: the list, and one form for each text, with its history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context
from flask import Blueprint
from markupsafe import Markup
from werkzeug.wrappers import Response

from ckanext.budget.notes import core
from ckanext.budget.notes.actions import sentence, shown
from ckanext.budget.notes.items import KINDS, LONGEST, Place, UnfitError, check_rendered, clean
from ckanext.budget.registry import core as registry
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import note_items, pinned, wording

budget_notes = Blueprint("budget_notes", __name__, url_prefix="/budgets/textes")

Page = dict[str, Any]


@budget_notes.route("/<dataset>")
def texts(dataset: str) -> str:
    """The texts pinned to a budget, and where to pin another."""
    package = _editable(dataset)
    listed = tk.get_action("budget_note_list")(_context(), {"package_id": package.id})
    rows = [
        {
            **note,
            "html": Markup(note["html"]),  # noqa: S704  (sanitised by CKAN, checked tag by tag)
            "where": pinned.place_name(_place(note)),
            "url": _url("text", package, _place(note)),
            "updated": _day(note["updated"]),
        }
        for note in listed
    ]
    documents = registry.consolidated(registry.documents_of(package.id))
    items = note_items.build(documents)
    page = {**_page(package), "rows": rows, "stages": _stages(documents), "items": items, "asked": _asked()}
    return tk.render("budget/texts.html", {"page": page})


@budget_notes.route("/<dataset>/texte", methods=["GET", "POST"])
def text(dataset: str) -> Response | str:
    """One text: write, see before publishing, publish, remove; its earlier versions."""
    package = _editable(dataset)
    try:
        place = Place.read(_asked())
    except UnfitError as fault:
        tk.h.flash_error(sentence(fault.code))
        return tk.redirect_to("budget_notes.texts", dataset=dataset)
    note = core.find(package.id, place)
    typed = tk.request.form if tk.request.method == "POST" else None
    errors: dict[str, Any] = {}
    if typed is not None and typed.get("act") != "preview":
        errors = _act(typed, package, place)
        if not errors:
            done = tk._("The text is removed.") if typed.get("act") == "remove" else tk._("The text is published.")
            tk.h.flash_success(done)
            return tk.redirect_to("budget_notes.texts", dataset=dataset)
    written = typed.get("text", "") if typed is not None else note.text if note else ""
    preview = _preview(written, errors) if typed is not None else None
    model.Session.expire_all()
    note = core.find(package.id, place)
    page = {
        **_page(package),
        "where": pinned.place_name(place),
        "text": written[: 4 * LONGEST],
        "preview": preview,
        "errors": errors,
        "revision": note.revision if note else 0,
        "exists": bool(note and note.text),
        "longest": LONGEST,
        "history": _history(package, place) if note else [],
    }
    return tk.render("budget/text.html", {"page": page})


def _act(typed: Any, package: Any, place: Place) -> dict[str, Any]:
    """Publish or remove; the errors of a refusal, in words."""
    data = {"package_id": package.id, **vars(place), "revision": typed.get("revision"), "text": typed.get("text", "")}
    action = "budget_note_delete" if typed.get("act") == "remove" else "budget_note_update"
    try:
        tk.get_action(action)(_context(), data)
    except tk.ValidationError as error:
        return dict(error.error_dict)
    return {}


def _preview(written: str, errors: dict[str, Any]) -> Markup | None:
    """How a text will look; what can't be accepted joins the errors."""
    if errors:
        return None
    try:
        kept = clean(written)
        made = shown(kept)
        check_rendered(str(tk.h.render_markdown(kept, auto_link=False)))
    except UnfitError as fault:
        errors["text"] = [sentence(fault.code)]
        return None
    return Markup(made)  # noqa: S704  (sanitised by CKAN, checked tag by tag)


def _history(package: Any, place: Place) -> list[Page]:
    found = tk.get_action("budget_note_history")(_context(), {"package_id": package.id, **vars(place)})
    return [{**row, "at": _day(row["at"]), "current": n == 0} for n, row in enumerate(found)]


def _asked() -> dict[str, str]:
    """The place that an address names: ``exercice``, ``etape`` (``ca``, ``dm-2``), ``kind`` and ``code``."""
    given = tk.request.args
    stage, _, number = given.get("etape", "").partition("-")
    kind, _, code = given.get("kind", "").partition(":")  # the list of the form: «chapter:011»
    code = code or given.get("code", "").strip()
    year = given.get("exercice", "")
    when = given.get("quand")  # the list of the form: «2022-dm-2»
    if when is not None:
        year, _, rest = when.partition("-")
        stage, _, number = rest.partition("-")
    item = f"{kind}:{code}" if kind in KINDS else kind
    return {"exercice": year, "stage": stage, "dm_number": number, "item": item}


def _stages(documents: Sequence[BudgetDocument]) -> list[Page]:
    """What the form offers: every year, each year, each document in force."""
    years = sorted({d.exercice for d in documents}, reverse=True)
    offered = [{"value": "", "name": pinned.place_name(Place())}]
    for year in years:
        offered.append({"value": str(year), "name": pinned.place_name(Place(year))})
        for d in (d for d in documents if d.exercice == year):
            place = Place(year, d.stage, d.dm_number)
            value = f"{year}-{pinned.stage_slug(d.stage, d.dm_number)}"
            offered.append({"value": value, "name": pinned.place_name(place)})
    return offered


def _page(package: Any) -> Page:
    return {
        "dataset": {
            "id": package.id,
            "title": package.title or package.name,
            "url": tk.h.url_for(f"{package.type}.read", id=package.name),
        },
        "list_url": tk.h.url_for("budget_notes.texts", dataset=package.name),
    }


def _place(note: dict[str, Any]) -> Place:
    return Place(note["exercice"], note["stage"], note["dm_number"], note["item"])


def _url(endpoint: str, package: Any, place: Place) -> str:
    kind, _, code = place.item.partition(":")
    asked = {
        "exercice": place.exercice or None,
        "etape": pinned.stage_slug(place.stage, place.dm_number) or None,
        "kind": kind or None,
        "code": code or None,
    }
    return tk.h.url_for(f"budget_notes.{endpoint}", dataset=package.name, **asked)


def _day(moment: str) -> str:
    return wording.date(dt.datetime.fromisoformat(moment).date(), tk.h.lang())


def _context() -> Context:
    return Context(user=tk.current_user.name)


def _editable(dataset: str) -> Any:
    package = model.Package.get(dataset)
    try:
        tk.check_access("package_show", _context(), {"id": dataset})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        package = None
    if package is None or package.state == "deleted":
        return tk.abort(404, tk._("Dataset not found"))
    if not pinned.may_edit(package.id):
        return tk.abort(403, tk._("Only those who may edit this budget can do this"))
    return package
