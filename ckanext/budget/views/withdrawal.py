"""Pages of withdrawal: the forms (withdraw, restore, destroy), and what a withdrawn document's addresses answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context
from flask import Blueprint, Response

from ckanext.budget.ingest.withdrawal import restorable
from ckanext.budget.registry import core, versions
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses, document_view, history, state, wording

budget_withdrawals = Blueprint("budget_withdrawals", __name__, url_prefix="/budgets/documents")

Page = dict[str, Any]


@budget_withdrawals.before_app_request
def former_address() -> Response | None:
    """The page and the files of a withdrawn document say so, where CKAN would answer «not found»."""
    if not (tk.request.endpoint or "").endswith(("_resource.read", "resource.read", "resource.download")):
        return None
    given = tk.request.view_args or {}
    resource = model.Resource.get(given.get("resource_id", ""))
    if resource is not None and resource.state == "active":
        return None
    package = model.Package.get(given.get("id"))
    for document in reversed(core.documents_of(package.id) if package else []):
        source = document.resource_id
        addresses = {source, core.csv_id(source), *core.annexe_ids(source)}
        if document.status == "withdrawn" and given.get("resource_id") in addresses and _may_see(document):
            return gone(document)
    return None


@budget_withdrawals.route("/<document_id>")
def document(document_id: str) -> Response | str:
    """The lasting address of a version: its page (that of its étape while it is in force), or the word that it was
    withdrawn."""
    found = _visible(document_id)
    if found.status == "withdrawn":
        return gone(found)
    if found.status not in versions.PUBLISHED:
        package = _dataset(found)
        return tk.redirect_to(f"{package.type}_resource.read", id=package.name, resource_id=found.resource_id)
    if found.siret and found.status == "converted":
        return tk.redirect_to(addresses.of_document(found))
    return document_view.show(found)


@budget_withdrawals.route("/<document_id>/retirer", methods=["GET", "POST"])
def withdraw(document_id: str) -> Response | str:
    """Withdraw a document: what will happen, the reason, a confirmation."""
    found = _editable(document_id)
    if found.status == "withdrawn":
        return tk.redirect_to("budget_withdrawals.document", document_id=document_id)
    typed = tk.request.form
    errors: dict[str, Any] = {}
    if tk.request.method == "POST":
        if not typed.get("confirm"):
            errors["confirm"] = [tk._("Tick this box to confirm")]
        if not typed.get("reason", "").strip():
            errors["reason"] = [tk._("Say why this document is withdrawn: readers will see it")]
        personal = bool(typed.get("personal_data"))
        errors = errors or _try(
            "budget_document_withdraw", id=document_id, reason=typed.get("reason", ""), personal_data=personal
        )
        if not errors:
            tk.h.flash_success(tk._("The document is withdrawn."))
            return tk.redirect_to("budget_withdrawals.document", document_id=document_id)
    page = {**_page(found), "back_in_force": _back_in_force(found), "typed": typed, "errors": errors}
    return tk.render("budget/withdraw.html", {"page": page})


@budget_withdrawals.route("/<document_id>/retablir", methods=["GET", "POST"])
def restore(document_id: str) -> Response | str:
    """Put a withdrawn document back."""
    return _confirmed(document_id, "budget_document_restore", "restore", tk._("The document is restored."))


@budget_withdrawals.route("/<document_id>/detruire", methods=["GET", "POST"])
def purge(document_id: str) -> Response | str:
    """Destroy the files of a withdrawn document, for good."""
    return _confirmed(document_id, "budget_document_purge", "purge", tk._("The files are destroyed."))


def _confirmed(document_id: str, action: str, act: str, done: str) -> Response | str:
    found = _editable(document_id)
    if found.status != "withdrawn" or not restorable(found):
        return tk.redirect_to("budget_withdrawals.document", document_id=document_id)
    errors: dict[str, Any] = {}
    if tk.request.method == "POST":
        errors = _try(action, id=document_id)
        if not errors:
            tk.h.flash_success(done)
            return tk.redirect_to("budget_withdrawals.document", document_id=document_id)
    return tk.render("budget/withdrawn_act.html", {"page": {**_page(found), "act": act, "errors": errors}})


def gone(document: BudgetDocument) -> Response:
    """«410 Gone», in a page: what was withdrawn, when and why; what is in force instead."""
    body = tk.render("budget/withdrawn.html", {"page": _page(document)})
    return Response(body, status=410, content_type="text/html; charset=utf-8")


def of_dataset(package: Mapping[str, Any]) -> list[Page]:
    """The withdrawn documents of a dataset, the latest first: ``title``, ``url``, and what :func:`said` gives."""
    if not package.get("id"):
        return []
    found = [d for d in core.documents_of(package["id"]) if d.status == "withdrawn"]
    return [
        {**said(d), "title": state.title(d), "url": _url("document", d)}
        for d in sorted(found, key=core.consolidated_order, reverse=True)
    ]


def said(document: BudgetDocument) -> Page:
    """Of a withdrawal: ``withdrawn`` (day, in words), ``reason``, ``personal_data``."""
    stored = document.withdrawal or {}
    day = dt.datetime.fromisoformat(stored["at"]).date()
    return {
        "withdrawn": wording.date(day, tk.h.lang()),
        "reason": stored.get("reason", ""),
        "personal_data": bool(stored.get("personal_data")),
    }


def _page(document: BudgetDocument) -> Page:
    package = _dataset(document)
    may_edit = history.may_withdraw(document)
    withdrawn = document.status == "withdrawn"
    current = next((v for v in versions.of(document) if v.status == "converted"), None)
    return {
        "name": document.name,
        "title": state.title(document),
        "version": history.day_of(document),
        "dataset": {
            "title": package.title or package.name,
            "url": tk.h.url_for(f"{package.type}.read", id=package.name),
        },
        "url": _url("document", document),
        "in_force": _url("document", current) if current else None,
        "may_edit": may_edit,
        "restorable": withdrawn and may_edit and restorable(document),
        "restore_url": _url("restore", document),
        "purge_url": _url("purge", document),
        "withdrawal": said(document) if withdrawn else None,
    }


def _back_in_force(document: BudgetDocument) -> Page | None:
    """The version that the withdrawal puts back in force, and the difference in euros."""
    before = versions.replaced(document, versions.of(document)) if document.status == "converted" else None
    if before is None or not core.has_file(before):
        return None
    return {"date": history.day_of(before), "difference": versions.difference(document, before)}


def _dataset(document: BudgetDocument) -> Any:
    """The dataset of a document that may be seen: it exists."""
    return model.Package.get(document.package_id)


def _url(act: str, document: BudgetDocument) -> str:
    return tk.h.url_for(f"budget_withdrawals.{act}", document_id=document.id)


def _may_see(document: BudgetDocument) -> bool:
    try:
        tk.check_access("budget_document_show", Context(user=tk.current_user.name), {"id": document.id})
    except tk.NotAuthorized:
        return False
    return True


def _visible(document_id: str) -> BudgetDocument:
    found = core.document(document_id)
    if found is None or not _may_see(found):
        return tk.abort(404, tk._("This budget document does not exist"))
    return found


def _editable(document_id: str) -> BudgetDocument:
    found = _visible(document_id)
    if not history.may_withdraw(found):
        return tk.abort(403, tk._("Only those who may edit this budget can do this"))
    return found


def _try(action: str, **data: Any) -> dict[str, Any]:
    """Run an action; the errors of a refusal, in words."""
    try:
        tk.get_action(action)(Context(user=tk.current_user.name), data)
    except tk.ValidationError as error:
        return dict(error.error_dict)
    return {}
