"""Pages of mandates: list and report, give, read, change, end, take over."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from flask import Blueprint, Response
from werkzeug.wrappers import Response as AnyResponse

from ckanext.budget import organizations
from ckanext.budget.mandates import access, store
from ckanext.budget.views import forms, mandate_words

budget_mandates = Blueprint("budget_mandates", __name__, url_prefix="/budgets/mandats")

#: most organisations that the form proposes by name (others can be typed)
PROPOSED = 500


@budget_mandates.route("")
def listed() -> str:
    """The mandates that the reader may see; with ``expirent``, those that end within so many days."""
    forms.log_in_first()
    expiring = tk.request.args.get("expirent", "")
    found = forms.call("budget_mandate_list", expiring=expiring if expiring.isdigit() else None)
    page = {
        "mandates": [mandate_words.mandate(m) for m in found],
        "expiring": int(expiring) if expiring.isdigit() else None,
        "soon": mandate_words.SOON,
        "may_give": forms.allowed("budget_mandate_create"),
    }
    return tk.render("budget/mandates/list.html", {"page": page})


@budget_mandates.route("/nouveau", methods=["GET", "POST"])
def give() -> AnyResponse | str:
    """Give a mandate."""
    forms.log_in_first()
    if not forms.allowed("budget_mandate_create"):
        tk.abort(403, tk._("Only the administrators of this local government’s organisation give a mandate"))
    data, errors = _given(), {}
    if tk.request.method == "POST":
        data = forms.typed()
        made, errors = forms.attempt("budget_mandate_create", data)
        if not errors:
            tk.h.flash_success(tk._("The mandate is given."))
            return tk.redirect_to("budget_mandates.show", mandate_id=made["id"])
    return _form(data, errors)


def _given() -> dict[str, Any]:
    """What the form begins with: the reader's own collectivité, when there is one."""
    ours = _administered()
    siren = tk.request.args.get("siren") or (ours[0]["siren"] if len(ours) == 1 else "")
    return {"siren": siren, "kind": "depot", "etapes": []}


def _administered() -> list[dict[str, str]]:
    """SIREN and names of the organisations that the reader administers."""
    user = model.User.get(tk.current_user.name)
    ids = access.organizations_of(user.id, access.ADMINS) if user else set[str]()
    groups = [g for i in ids if (g := model.Group.get(i)) is not None]
    stated = [(organizations.siren_of(organizations.extras_of(g)), g) for g in groups]
    return sorted(
        ({"siren": siren, "name": str(g.title or g.name)} for siren, g in stated if siren),
        key=lambda one: one["name"],
    )


def _form(data: dict[str, Any], errors: forms.Errors, mandate: dict[str, Any] | None = None) -> str:
    groups = model.Session.query(model.Group).filter_by(is_organization=True, state="active")
    page = {
        "data": data,
        "errors": errors,
        "mandate": mandate_words.mandate(mandate) if mandate else None,
        "kinds": mandate_words.kinds(),
        "stages": mandate_words.stages(),
        "administered": _administered(),
        "organizations": [
            {"name": g.name, "title": g.title or g.name} for g in groups.order_by(model.Group.title).limit(PROPOSED)
        ],
    }
    return tk.render("budget/mandates/form.html", {"page": page})


@budget_mandates.route("/<mandate_id>")
def show(mandate_id: str) -> str:
    """A mandate, for its parties."""
    found = forms.call("budget_mandate_show", id=mandate_id)
    live = found["state"] in ("active", "future")
    page = {
        "mandate": mandate_words.mandate(found),
        "may_change": not found["ended"] and forms.allowed("budget_mandate_update", id=mandate_id),
        "may_end": live and forms.allowed("budget_mandate_end", id=mandate_id),
        "may_take_over": not found["ended"]
        and bool(found["organization"])
        and found["kind"] == "suppleance"
        and forms.allowed("budget_mandate_take_over", id=mandate_id),
    }
    return tk.render("budget/mandates/show.html", {"page": page})


@budget_mandates.route("/<mandate_id>/modifier", methods=["GET", "POST"])
def change(mandate_id: str) -> AnyResponse | str:
    """Change its dates, its scope, its act."""
    found = forms.call("budget_mandate_show", id=mandate_id)
    if found["ended"] or not forms.allowed("budget_mandate_update", id=mandate_id):
        tk.abort(403, tk._("This mandate can’t be changed by your account"))
    data, errors = dict(found), {}
    if tk.request.method == "POST":
        data = {**forms.typed(), "id": mandate_id}
        _, errors = forms.attempt("budget_mandate_update", data)
        if not errors:
            tk.h.flash_success(tk._("The mandate is changed."))
            return tk.redirect_to("budget_mandates.show", mandate_id=mandate_id)
    return _form(data, errors, found)


@budget_mandates.route("/<mandate_id>/terminer", methods=["POST"])
def end(mandate_id: str) -> AnyResponse:
    """End it."""
    return _done("budget_mandate_end", mandate_id, tk._("The mandate is ended."))


@budget_mandates.route("/<mandate_id>/reprendre", methods=["POST"])
def take_over(mandate_id: str) -> AnyResponse:
    """The collectivité takes its budgets in hand."""
    return _done(
        "budget_mandate_take_over",
        mandate_id,
        tk._("The mandate is ended and the budgets are now in your organisation."),
    )


def _done(action: str, mandate_id: str, words: str) -> AnyResponse:
    _, errors = forms.attempt(action, {"id": mandate_id})
    if errors:
        tk.h.flash_error(forms.told(errors))
    else:
        tk.h.flash_success(words)
    return tk.redirect_to("budget_mandates.show", mandate_id=mandate_id)


@budget_mandates.route("/<mandate_id>/acte.pdf")
def act(mandate_id: str) -> Response:
    """The act that is attached, for the parties: downloaded, never shown by the portal."""
    forms.call("budget_mandate_show", id=mandate_id)
    found = store.document(mandate_id)
    if found is None:
        return tk.abort(404, tk._("No act is attached to this mandate"))
    answer = Response(found.content, content_type="application/pdf")
    answer.headers.set("Content-Disposition", "attachment", filename=found.filename)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
