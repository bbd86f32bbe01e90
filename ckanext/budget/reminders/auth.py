"""Who may ask to be reminded, and stop it."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import AuthResult, Context, DataDict

from ckanext.budget.reminders import store

__all__ = ["budget_reminder_list", "budget_reminder_subscribe", "budget_reminder_unsubscribe"]


def budget_reminder_subscribe(context: Context, data_dict: DataDict) -> AuthResult:
    """The members of the collectivité's organisation, and those who see the whole territory."""
    user = model.User.get(context.get("user")) if context.get("user") else None
    if user is not None and store.may_follow(user, str(data_dict.get("siren") or "")):
        return {"success": True}
    return {"success": False, "msg": tk._("Only the members of its organisation are reminded of its documents")}


def budget_reminder_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Everyone lists their own."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def budget_reminder_unsubscribe(context: Context, data_dict: DataDict) -> AuthResult:
    """Everyone their own: who is logged in, or who has the link of a mail."""
    if data_dict.get("token"):
        known = store.user_of(str(data_dict["token"])) is not None
        return {"success": True} if known else {"success": False, "msg": tk._("This link is not one of ours")}
    if context.get("user"):
        return {"success": True}
    return {"success": False, "msg": tk._("Log in, or use the link of the mail")}
