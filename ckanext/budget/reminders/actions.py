"""Actions: ask to be reminded, stop, list."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.budget.reminders import store
from ckanext.budget.reminders.models import BudgetReminder
from ckanext.budget.territory.directory import directory

__all__ = ["budget_reminder_list", "budget_reminder_subscribe", "budget_reminder_unsubscribe"]


def budget_reminder_subscribe(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Be reminded by mail, before and after their legal day, of the documents that a collectivité has not published.

    :param siren: SIREN of the collectivité
    :type siren: string
    :param language: ``fr`` or ``en`` (that of the page by default)
    :type language: string
    """
    siren = "".join(str(tk.get_or_bust(data_dict, "siren")).split())
    tk.check_access("budget_reminder_subscribe", context, {"siren": siren})
    language = data_dict.get("language") or tk.h.lang()
    user = _account(context)
    if not user.email:
        raise tk.ValidationError({"siren": [tk._("Your account has no mail address: no mail can be sent to you.")]})
    return _public(store.subscribe(user.id, siren, "fr" if str(language).lower().startswith("fr") else "en"))


def budget_reminder_unsubscribe(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Be reminded no more; ``stopped`` says of how many collectivités.

    :param siren: SIREN of the collectivité (all of them without it)
    :type siren: string
    :param token: what the link of a mail carries, instead of being logged in
    :type token: string
    """
    tk.check_access("budget_reminder_unsubscribe", context, data_dict)
    signed = data_dict.get("token")
    user_id = store.user_of(str(signed)) if signed else _account(context).id
    siren = data_dict.get("siren")
    return {"stopped": store.unsubscribe(user_id or "", str(siren) if siren else None)}


@tk.side_effect_free
def budget_reminder_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The collectivités of whose documents one is reminded: ``siren``, ``name``, ``language``, ``last_sent``."""
    tk.check_access("budget_reminder_list", context, data_dict)
    return [_public(one) for one in store.of_user(_account(context).id)]


def _account(context: Context) -> model.User:
    user = model.User.get(context.get("user")) if context.get("user") else None
    if user is None:
        raise tk.NotAuthorized(tk._("Log in first"))
    return user


def _public(subscription: BudgetReminder) -> dict[str, Any]:
    place = directory().by_siren(subscription.siren)
    return {
        "siren": subscription.siren,
        "name": place.name if place is not None else "",
        "language": subscription.language,
        "last_sent": subscription.last_sent.isoformat() if subscription.last_sent else None,
    }
