"""Who may deposit, and who sees a deposit."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import AuthResult, Context, DataDict

from ckanext.budget.config import DATASET_TYPE
from ckanext.budget.deposit import agreement, batches, tokens
from ckanext.budget.mandates import access
from ckanext.budget.mandates.models import BudgetMandate

__all__ = [
    "budget_batch_approve",
    "budget_batch_list",
    "budget_batch_publish",
    "budget_batch_refuse",
    "budget_batch_show",
    "budget_batch_waiting",
    "budget_deposit",
    "budget_preference_show",
    "budget_preference_update",
]


@tk.auth_sysadmins_check
def budget_deposit(context: Context, data_dict: DataDict) -> AuthResult:
    """Sysadmins; whoever may create budgets in the organisation, or in one at least when none is named; and the holder
    of a mandate in force. What each file may do is checked for its own dataset (``budget_document_deposit``)."""
    if _is_free_sysadmin(context):
        return {"success": True}
    owner = {"owner_org": data_dict["owner_org"]} if data_dict.get("owner_org") else {}
    asked = {"type": DATASET_TYPE, **owner}
    if not authz.is_authorized("package_create", tk.fresh_context(context), asked)["success"]:
        user = access.account(context)
        if user is None or not any(_within(mandate, owner) for mandate in access.in_force(user.id)):
            return {
                "success": False,
                "msg": tk._("Your account may not deposit budgets: ask the administrators of the portal"),
            }
    return _own(context, data_dict["batch_id"]) if data_dict.get("batch_id") else {"success": True}


def _within(mandate: BudgetMandate, owner: dict[str, str]) -> bool:
    return not owner or access.reaches(mandate, owner["owner_org"])


def budget_batch_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Every account lists its own."""
    return access.logged_in(context)


@tk.auth_sysadmins_check
def budget_batch_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Its owner, and sysadmins (with a token that can only deposit: its owner alone)."""
    if _is_free_sysadmin(context):
        return {"success": True}
    return _own(context, data_dict.get("id"))


def budget_batch_publish(context: Context, data_dict: DataDict) -> AuthResult:
    """Its owner; each dataset is then asked about."""
    return _own(context, data_dict.get("id"))


def budget_batch_waiting(context: Context, data_dict: DataDict) -> AuthResult:
    """Every account lists what waits for its word."""
    return access.logged_in(context)


def budget_batch_approve(context: Context, data_dict: DataDict) -> AuthResult:
    """The editors of the collectivité for which something waits in the deposit."""
    return agreement.auth_decide(context, data_dict)


def budget_batch_refuse(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may publish it."""
    return agreement.auth_decide(context, data_dict)


def budget_preference_show(context: Context, data_dict: DataDict) -> AuthResult:
    """One's own (sysadmins, whom CKAN does not ask: anyone's)."""
    user, wanted = context.get("user"), data_dict.get("id")
    account = model.User.get(wanted or user)
    if account is None or account.name != user:
        return {"success": False, "msg": tk._("These preferences are someone else’s")}
    return {"success": True}


def budget_preference_update(context: Context, data_dict: DataDict) -> AuthResult:
    """One's own."""
    return budget_preference_show(context, data_dict)


def _is_free_sysadmin(context: Context) -> bool:
    return authz.is_sysadmin(context.get("user")) and not tokens.limited()


def _own(context: Context, batch_id: object) -> AuthResult:
    batch = batches.get(batch_id)
    user = model.User.get(context.get("user"))
    if batch is None:
        raise tk.ObjectNotFound(tk._("This deposit does not exist"))
    if user is None or batch.user_id != user.id:
        return {"success": False, "msg": tk._("This deposit is someone else’s")}
    return {"success": True}
