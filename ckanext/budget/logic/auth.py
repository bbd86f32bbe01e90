"""Who may do what: a document is as visible as its dataset, and in the hands of those who may edit it."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import AuthResult, Context, DataDict

from ckanext.budget.coverage.auth import budget_coverage, budget_refusal_show
from ckanext.budget.deposit.auth import (
    budget_batch_approve,
    budget_batch_list,
    budget_batch_publish,
    budget_batch_refuse,
    budget_batch_show,
    budget_batch_waiting,
    budget_deposit,
    budget_preference_show,
    budget_preference_update,
)
from ckanext.budget.logic.figures import dataset_of
from ckanext.budget.mandates.auth import (
    budget_document_deposit,
    budget_mandate_create,
    budget_mandate_end,
    budget_mandate_list,
    budget_mandate_show,
    budget_mandate_take_over,
    budget_mandate_update,
    budget_request_accept,
    budget_request_create,
    budget_request_list,
    budget_request_refuse,
    budget_request_show,
)
from ckanext.budget.notes.auth import (
    budget_note_delete,
    budget_note_history,
    budget_note_list,
    budget_note_update,
)
from ckanext.budget.registry import core
from ckanext.budget.reminders.auth import (
    budget_reminder_list,
    budget_reminder_subscribe,
    budget_reminder_unsubscribe,
)

__all__ = [
    "budget_aggregate",
    "budget_batch_approve",
    "budget_batch_list",
    "budget_batch_publish",
    "budget_batch_refuse",
    "budget_batch_show",
    "budget_batch_waiting",
    "budget_coverage",
    "budget_deposit",
    "budget_dictionary_show",
    "budget_document_deposit",
    "budget_document_list",
    "budget_document_log",
    "budget_document_purge",
    "budget_document_reconvert",
    "budget_document_restore",
    "budget_document_show",
    "budget_document_withdraw",
    "budget_mandate_create",
    "budget_mandate_end",
    "budget_mandate_list",
    "budget_mandate_show",
    "budget_mandate_take_over",
    "budget_mandate_update",
    "budget_preference_show",
    "budget_preference_update",
    "budget_refusal_show",
    "budget_reminder_list",
    "budget_reminder_subscribe",
    "budget_reminder_unsubscribe",
    "budget_request_accept",
    "budget_request_create",
    "budget_request_list",
    "budget_request_refuse",
    "budget_request_show",
    "budget_show",
    "budget_glossary_show",
    "budget_note_delete",
    "budget_note_history",
    "budget_note_list",
    "budget_note_update",
    "budget_territory_search",
    "budget_territory_show",
]


@tk.auth_allow_anonymous_access
def budget_document_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the dataset may see its documents and their reports."""
    tk.check_access("package_show", tk.fresh_context(context), {"id": _dataset_of(data_dict)})
    return {"success": True}


@tk.auth_allow_anonymous_access
def budget_document_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the dataset may see its documents."""
    tk.check_access("package_show", tk.fresh_context(context), {"id": data_dict.get("package_id")})
    return {"success": True}


@tk.auth_allow_anonymous_access
def budget_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the dataset may see the figures of its documents."""
    tk.check_access("package_show", tk.fresh_context(context), {"id": dataset_of(data_dict)})
    return {"success": True}


@tk.auth_allow_anonymous_access
def budget_aggregate(context: Context, data_dict: DataDict) -> AuthResult:
    """Everyone: the action counts only the documents of the datasets that the caller may see."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def budget_document_log(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the file of the document; of one that is withdrawn, or whose file is gone, those who may see its
    dataset."""
    _dataset_of(data_dict)  # it exists
    document = core.document(data_dict["id"])
    resource = model.Resource.get(document.resource_id) if document else None
    if resource is None or resource.state != "active":
        return budget_document_show(context, data_dict)
    tk.check_access("resource_show", tk.fresh_context(context), {"id": resource.id})
    return {"success": True}


@tk.auth_allow_anonymous_access
def budget_territory_search(context: Context, data_dict: DataDict) -> AuthResult:
    """The directory of collectivités is public."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def budget_territory_show(context: Context, data_dict: DataDict) -> AuthResult:
    """The directory of collectivités is public."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def budget_glossary_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Words are for everyone."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def budget_dictionary_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Words are for everyone."""
    return {"success": True}


def budget_document_withdraw(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may edit the dataset (editors and administrators of its organisation, sysadmins)."""
    tk.check_access("package_update", tk.fresh_context(context), {"id": _dataset_of(data_dict)})
    return {"success": True}


def budget_document_restore(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may withdraw it."""
    return budget_document_withdraw(context, data_dict)


def budget_document_reconvert(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may edit the dataset."""
    return budget_document_withdraw(context, data_dict)


def budget_document_purge(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may withdraw it; only a sysadmin (whom CKAN asks no auth function) makes the registry forget it."""
    if tk.asbool(data_dict.get("forget") or False):
        return {"success": False, "msg": tk._("Only the administrators of the portal can do this")}
    return budget_document_withdraw(context, data_dict)


def _dataset_of(data_dict: DataDict) -> str:
    document_id = data_dict.get("id")
    document = core.document(document_id) if isinstance(document_id, str) else None
    if document is None:
        raise tk.ObjectNotFound(tk._("This budget document does not exist"))
    return document.package_id
