"""Actions: CKAN's own, wrapped so that budgets are converted, and ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.budget.deposit.actions import (
    budget_batch_list,
    budget_batch_publish,
    budget_batch_show,
    budget_deposit,
)
from ckanext.budget.ingest import derived, door, process, trip
from ckanext.budget.logic.organizations import (
    budget_territory_search,
    budget_territory_show,
    organization_create,
    organization_update,
)
from ckanext.budget.registry import core

__all__ = [
    "budget_batch_list",
    "budget_batch_publish",
    "budget_batch_show",
    "budget_deposit",
    "budget_document_list",
    "budget_document_show",
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
    """As in CKAN; the documents of the dataset leave the registry."""
    package = model.Package.get(data_dict.get("id"))
    package_id = package.id if package else None
    result = trip.wrap(original, context, data_dict)
    if package_id:
        process.departed(package_id)
        core.forget(core.documents_of(package_id))
        model.Session.commit()
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


@tk.side_effect_free
def budget_document_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One budget document: identity, state, evidence and conversion report.

    :param id: id of the document
    :type id: string
    """
    document_id = tk.get_or_bust(data_dict, "id")
    tk.check_access("budget_document_show", context, data_dict)
    document = core.document(document_id)
    if document is None:
        raise tk.ObjectNotFound(tk._("This budget document does not exist"))
    return _public(document)


@tk.side_effect_free
def budget_document_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The budget documents of a dataset, every version, oldest reception first (without their reports).

    :param package_id: id or name of the dataset
    :type package_id: string
    """
    package_id = tk.get_or_bust(data_dict, "package_id")
    tk.check_access("budget_document_list", context, data_dict)
    package = model.Package.get(package_id)
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    return [
        {name: value for name, value in _public(d).items() if name not in ("report", "header")}
        for d in core.documents_of(package.id)
    ]


def _public(document: core.BudgetDocument) -> dict[str, Any]:
    values = document.as_dict()
    del values["user_id"]
    for name in ("received", "converted"):
        values[name] = values[name].isoformat() if values[name] else None
    return values
