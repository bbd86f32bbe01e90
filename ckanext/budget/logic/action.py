"""Actions: CKAN's own, wrapped so that budgets are converted, and ours (:mod:`ckanext.budget.logic.documents`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.budget.coverage.actions import budget_coverage, budget_refusal_show
from ckanext.budget.deposit import tokens
from ckanext.budget.deposit.actions import (
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
from ckanext.budget.ingest import derived, door, process, remains, trip
from ckanext.budget.logic.documents import (
    budget_document_list,
    budget_document_log,
    budget_document_purge,
    budget_document_reconvert,
    budget_document_restore,
    budget_document_show,
    budget_document_withdraw,
)
from ckanext.budget.logic.figures import budget_aggregate, budget_show
from ckanext.budget.logic.organizations import (
    budget_territory_search,
    budget_territory_show,
    organization_create,
    organization_update,
)
from ckanext.budget.logic.words import budget_dictionary_show, budget_glossary_show
from ckanext.budget.mandates.actions import (
    budget_mandate_create,
    budget_mandate_end,
    budget_mandate_list,
    budget_mandate_show,
    budget_mandate_take_over,
    budget_mandate_update,
)
from ckanext.budget.mandates.request_actions import (
    budget_request_accept,
    budget_request_create,
    budget_request_list,
    budget_request_refuse,
    budget_request_show,
)
from ckanext.budget.notes import core as notes
from ckanext.budget.notes.actions import (
    budget_note_delete,
    budget_note_history,
    budget_note_list,
    budget_note_update,
)
from ckanext.budget.registry import core
from ckanext.budget.reminders.actions import (
    budget_reminder_list,
    budget_reminder_subscribe,
    budget_reminder_unsubscribe,
)

__all__ = [
    "api_token_list",
    "budget_aggregate",
    "budget_batch_approve",
    "budget_batch_list",
    "budget_batch_publish",
    "budget_batch_refuse",
    "budget_batch_show",
    "budget_coverage",
    "budget_batch_waiting",
    "budget_deposit",
    "budget_dictionary_show",
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
    "dataset_purge",
    "organization_create",
    "organization_update",
    "package_create",
    "package_delete",
    "package_patch",
    "package_revise",
    "package_update",
    "resource_create",
    "resource_delete",
    "resource_patch",
    "resource_update",
]

Action = Callable[[Context, DataDict], Any]


@tk.chained_action
def api_token_list(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN; ``budget_scope`` is «deposit» for a token that can only deposit budgets."""
    return [{**token, tokens.CLAIM: tokens.scope(token["id"])} for token in original(context, data_dict)]


@tk.chained_action
def package_create(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN; budgets are converted once it has returned."""

    def inner(context: Context, data_dict: DataDict) -> Any:
        with trip.updating(data_dict):
            return original(context, data_dict)

    return trip.wrap(inner, context, data_dict)


@tk.chained_action
def package_update(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN; budgets are converted once the outermost action has returned."""

    def inner(context: Context, data_dict: DataDict) -> Any:
        with trip.updating(data_dict):
            return original(context, data_dict)

    return trip.wrap(inner, context, data_dict)


@tk.chained_action
def package_patch(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN; budgets are converted once it has returned."""
    return trip.wrap(original, context, data_dict)


@tk.chained_action
def package_revise(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN; budgets are converted once it has returned."""
    return trip.wrap(original, context, data_dict)


@tk.chained_action
def package_delete(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN. What the documents of the dataset had replaced elsewhere is in force again."""
    package = model.Package.get(data_dict.get("id"))
    result = trip.wrap(original, context, data_dict)
    if package is not None and not trip.writing():
        process.departed(package.id)
    return result


@tk.chained_action
def dataset_purge(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN; the documents of the dataset leave the registry, and their files the storage."""
    package = model.Package.get(data_dict.get("id"))
    package_id = package.id if package else None
    ours = remains.ours(package_id) if package_id else set[str]()
    result = trip.wrap(original, context, data_dict)
    if package_id:
        process.departed(package_id)
        core.forget(core.documents_of(package_id))
        notes.forget_dataset(package_id)
        model.Session.commit()
        remains.sweep(package_id, ours)
    return result


@tk.chained_action
def resource_create(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN; a budget is converted once it has returned."""
    return trip.wrap(original, context, data_dict)


@tk.chained_action
def resource_update(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN; a budget is converted once it has returned."""
    return trip.wrap(original, context, data_dict)


@tk.chained_action
def resource_patch(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN; a budget is converted once it has returned."""
    return trip.wrap(original, context, data_dict)


@tk.chained_action
def resource_delete(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN. What derives from a deleted budget file goes with it; a derived file can't be deleted alone."""
    if not trip.writing():
        derived.refuse_deletion(data_dict.get("id"))
    return trip.wrap(original, context, data_dict)


if tk.check_ckan_version(min_version="2.12"):
    __all__ += ["file_create"]

    @tk.chained_action
    def file_create(original: Action, context: Context, data_dict: DataDict) -> Any:
        """As in CKAN, whose files may later be shown with a dataset: a budget is replaced by its occulted copy."""
        door.admit_file(data_dict)
        return original(context, data_dict)
