"""Pages of requests: ask to deposit for a collectivité, read where it stands, answer."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from flask import Blueprint
from werkzeug.wrappers import Response

from ckanext.budget import organizations
from ckanext.budget.mandates import access
from ckanext.budget.territory.directory import directory
from ckanext.budget.views import forms, mandate_words

budget_requests = Blueprint("budget_requests", __name__, url_prefix="/budgets/demandes")


@budget_requests.route("")
def listed() -> str:
    """The reader's requests, and those that they may answer."""
    forms.log_in_first()
    found = [mandate_words.request(r) for r in forms.call("budget_request_list")]
    return tk.render("budget/requests/list.html", {"page": {"requests": found}})


@budget_requests.route("/nouvelle", methods=["GET", "POST"])
def ask() -> Response | str:
    """Ask to deposit for a collectivité; ``siren`` and ``nom`` come from a refused file."""
    forms.log_in_first()
    data: dict[str, Any] = {"siren": tk.request.args.get("siren", ""), "name": tk.request.args.get("nom", "")}
    errors: forms.Errors = {}
    if tk.request.method == "POST":
        data = forms.typed()
        made, errors = forms.attempt("budget_request_create", data)
        if not errors:
            tk.h.flash_success(tk._("Your request is sent."))
            return tk.redirect_to("budget_requests.show", request_id=made["id"])
    page = {"data": data, "errors": errors, "organizations": _ours(), "known": _known(data.get("siren", ""))}
    return tk.render("budget/requests/ask.html", {"page": page})


def _ours() -> list[dict[str, str]]:
    user = model.User.get(tk.current_user.name)
    ids = access.organizations_of(user.id, access.ANY) if user else set[str]()
    groups = (model.Group.get(i) for i in ids)
    return sorted(({"id": g.id, "title": g.title or g.name} for g in groups if g), key=lambda one: one["title"])


def _known(siren: str) -> str:
    """Name of the collectivité that the directory or an organisation has; empty when its name is to be given."""
    text = "".join(siren.split())[:9]
    theirs = organizations.of_siren(text) if text else None
    found = directory().by_siren(text) if text else None
    return (theirs.title or theirs.name) if theirs else found.name if found else ""


@budget_requests.route("/<request_id>")
def show(request_id: str) -> str:
    """Where a request stands; the answer, for those who may give it."""
    return _shown(request_id, {}, {})


def _shown(request_id: str, data: dict[str, Any], errors: forms.Errors) -> str:
    found = forms.call("budget_request_show", id=request_id)
    waits = found["state"] == "open"
    page = {
        "request": mandate_words.request(found),
        "may_accept": waits and forms.allowed("budget_request_accept", id=request_id),
        "may_refuse": waits and forms.allowed("budget_request_refuse", id=request_id),
        "outcomes": _outcomes(found),
        "stages": mandate_words.stages(),
        "data": data,
        "errors": errors,
    }
    return tk.render("budget/requests/show.html", {"page": page})


def _outcomes(found: dict[str, Any]) -> list[dict[str, str]]:
    """What the requester can be given."""
    out: list[dict[str, str]] = []
    if not found["organization"]:
        words = tk._("Create the organisation “{name}”; the requester edits it").format(name=found["name"])
        out.append({"value": "organization", "name": words})
    else:
        out.append({"value": "depot", "name": mandate_words.kind_meaning("depot")})
        out.append({"value": "subsidiarite", "name": mandate_words.kind_meaning("subsidiarite")})
    if found["owner_org"]:
        words = tk._("{organization} publishes on behalf of {name} (suppléance)")
        shown = words.format(organization=found["owner_org_title"], name=found["name"])
        out.append({"value": "suppleance", "name": shown})
    return out


@budget_requests.route("/<request_id>/accepter", methods=["POST"])
def accept(request_id: str) -> Response | str:
    """Accept it."""
    return _answer("budget_request_accept", request_id, tk._("The request is accepted."))


@budget_requests.route("/<request_id>/refuser", methods=["POST"])
def refuse(request_id: str) -> Response | str:
    """Refuse it, with a word."""
    return _answer("budget_request_refuse", request_id, tk._("The request is refused."))


def _answer(action: str, request_id: str, words: str) -> Response | str:
    data = forms.typed()
    _, errors = forms.attempt(action, {**data, "id": request_id})
    if errors:
        return _shown(request_id, {**data, "act": action}, errors)
    tk.h.flash_success(words)
    return tk.redirect_to("budget_requests.show", request_id=request_id)
