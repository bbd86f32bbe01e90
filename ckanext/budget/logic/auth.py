"""Who may read what: a document is as visible as the resource that carries it."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.budget.deposit.auth import (
    budget_batch_list,
    budget_batch_publish,
    budget_batch_show,
    budget_deposit,
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
]


@tk.auth_allow_anonymous_access
def budget_document_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the dataset may see its documents and their reports."""
    document = core.document(data_dict.get("id", ""))
    if document is None:
        raise tk.ObjectNotFound(tk._("This budget document does not exist"))
    tk.check_access("package_show", tk.fresh_context(context), {"id": document.package_id})
    return {"success": True}


@tk.auth_allow_anonymous_access
def budget_document_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the dataset may see its documents."""
    tk.check_access("package_show", tk.fresh_context(context), {"id": data_dict.get("package_id")})
    return {"success": True}


@tk.auth_allow_anonymous_access
def budget_territory_search(context: Context, data_dict: DataDict) -> AuthResult:
    """The directory of collectivités is public."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def budget_territory_show(context: Context, data_dict: DataDict) -> AuthResult:
    """The directory of collectivités is public."""
    return {"success": True}
