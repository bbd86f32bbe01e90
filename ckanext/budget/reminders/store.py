"""Subscriptions: who may follow a collectivité, who does."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context
from itsdangerous import BadSignature, URLSafeSerializer

from ckanext.budget import organizations
from ckanext.budget.coverage import access
from ckanext.budget.reminders.models import BudgetReminder


def may_follow(user: model.User, siren: str) -> bool:
    """Whether a person may be reminded of a collectivité's documents: a member of its organisation, or who sees all."""
    if access.viewer(Context(user=str(user.name))).everything:
        return True
    for group in user.get_groups("organization"):
        extras = organizations.extras_of(group)
        attached = (extras.get(organizations.ATTACHED) or "").split()
        if group.state == "active" and (organizations.siren_of(extras) == siren or siren in attached):
            return True
    return False


def of_user(user_id: str) -> list[BudgetReminder]:
    """What a person follows."""
    query = sa.select(BudgetReminder).where(BudgetReminder.user_id == user_id)
    return list(model.Session.scalars(query.order_by(BudgetReminder.siren)))


def everyone() -> list[BudgetReminder]:
    """Every subscription, those of a person together."""
    query = sa.select(BudgetReminder).order_by(BudgetReminder.user_id, BudgetReminder.siren)
    return list(model.Session.scalars(query))


def subscribe(user_id: str, siren: str, language: str) -> BudgetReminder:
    """Follow a collectivité; the same again only changes the language (committed)."""
    found = next((one for one in of_user(user_id) if one.siren == siren), None)
    if found is None:
        found = BudgetReminder(user_id=user_id, siren=siren)
        model.Session.add(found)
    found.language = language
    model.Session.commit()
    return found


def unsubscribe(user_id: str, siren: str | None) -> int:
    """Follow a collectivité no more (None: none of them); how many were given up (committed)."""
    gone = [one for one in of_user(user_id) if siren in (None, one.siren)]
    for one in gone:
        model.Session.delete(one)
    model.Session.commit()
    return len(gone)


def token(user_id: str) -> str:
    """What the link of a mail carries: it stops that person's reminders, and does nothing else."""
    return _serializer().dumps(user_id)


def user_of(signed: str) -> str | None:
    """The person of a link; None for one that we did not make."""
    try:
        found: Any = _serializer().loads(signed)
    except BadSignature:
        return None
    return found if isinstance(found, str) else None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(tk.config["SECRET_KEY"], salt="ckanext-budget reminder")
