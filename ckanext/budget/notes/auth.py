"""Who may pin a text: whoever may edit the dataset. Texts are as visible as it."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict


@tk.auth_allow_anonymous_access
def budget_note_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the dataset may read what is pinned to its budget."""
    tk.check_access("package_show", tk.fresh_context(context), {"id": data_dict.get("package_id")})
    return {"success": True}


def budget_note_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may edit the dataset (editors and administrators of its organisation, sysadmins)."""
    tk.check_access("package_update", tk.fresh_context(context), {"id": data_dict.get("package_id")})
    return {"success": True}


def budget_note_history(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may edit the dataset: earlier texts are no longer public."""
    return budget_note_update(context, data_dict)


def budget_note_delete(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may edit the dataset; only a sysadmin (whom CKAN asks no auth function) makes its history forgotten."""
    if tk.asbool(data_dict.get("forget") or False):
        return {"success": False, "msg": tk._("Only the administrators of the portal can do this")}
    return budget_note_update(context, data_dict)
