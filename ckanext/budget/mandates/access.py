"""What a person is to a collectivité, and which mandate allows a deposit: facts on which the auth functions decide."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import AuthResult, Context, DataDict

from ckanext.budget import organizations
from ckanext.budget.mandates import rules, store
from ckanext.budget.mandates.models import BudgetMandate

EDITORS = ("admin", "editor")
ADMINS = ("admin",)
ANY = ("admin", "editor", "member")


def account(context: Context) -> Any:
    """The active account at work; None for a reader who is not logged in."""
    user = model.User.get(context.get("user")) if context.get("user") else None
    return user if user is not None and user.state == "active" else None


def logged_in(context: Context) -> AuthResult:
    """Every account, and no reader without one (whom CKAN's API lets through to an auth function)."""
    if account(context) is not None:
        return {"success": True}
    return {"success": False, "msg": tk._("Log in first")}


def may(context: Context, action: str, data_dict: DataDict) -> bool:
    """Whether the caller of an action may also do another."""
    if context.get("ignore_auth"):
        return True
    try:
        tk.check_access(action, Context(user=context.get("user", "")), data_dict)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


def organizations_of(user_id: str, capacities: tuple[str, ...] = EDITORS) -> set[str]:
    """Ids of the active organisations in which an account has one of these capacities."""
    query = (
        sa.select(model.Group.id)
        .join(model.Member, model.Member.group_id == model.Group.id)
        .where(
            model.Group.is_organization.is_(True),
            model.Group.state == "active",
            model.Member.table_name == "user",
            model.Member.table_id == user_id,
            model.Member.state == "active",
            model.Member.capacity.in_(capacities),
        )
    )
    return set(model.Session.scalars(query))


def is_in(user_id: str, organization: model.Group | None, capacities: tuple[str, ...] = EDITORS) -> bool:
    """Whether an account has one of these capacities in an organisation."""
    return organization is not None and organization.id in organizations_of(user_id, capacities)


def is_regional(user_id: str) -> bool:
    """Whether an account is a regional agent: editor or administrator of an organisation that deposits for others."""
    groups = (model.Group.get(organization_id) for organization_id in organizations_of(user_id))
    return any(group is not None and organizations.deposits_for_others(group) for group in groups)


def is_party(user_id: str, mandate: BudgetMandate) -> bool:
    """Whether an account is on one of the two sides of a mandate."""
    ours = organizations_of(user_id)
    theirs = organizations.in_charge_of(mandate.siren)
    return mandate.user_id == user_id or mandate.by_org in ours or (theirs is not None and theirs.id in ours)


class Found(NamedTuple):
    """The mandate that allows a deposit; without one, ``why_not``: the code of the reason (None: there is none)."""

    mandate: BudgetMandate | None = None
    why_not: str | None = None


def find(user_id: str, siren: str | None, exercice: int, stage: str) -> Found:
    """The mandate by which an account may deposit a document today."""
    if not siren:
        return Found()
    return judge([m for m in store.held(user_id, organizations_of(user_id), siren) if _holds(m)], exercice, stage)


_STRENGTH = ("depot", "suppleance", "subsidiarite")


def judge(mandates: list[BudgetMandate], exercice: int, stage: str) -> Found:
    """Of these mandates, the one that allows a document today (the one that allows most first), or why none does."""
    today = dt.date.today()  # noqa: DTZ011  (a mandate's days are those of the portal's calendar)
    reasons = {m.id: rules.why_not(m.terms, exercice, stage, today) for m in mandates}
    valid = sorted((m for m in mandates if reasons[m.id] is None), key=lambda m: _STRENGTH.index(m.kind))
    if valid:
        return Found(valid[0])
    return Found(None, rules.nearest(r for r in reasons.values() if r)) if reasons else Found()


def in_force(user_id: str) -> list[BudgetMandate]:
    """The mandates that an account may use today."""
    today = dt.date.today()  # noqa: DTZ011
    held = store.held(user_id, organizations_of(user_id))
    return [m for m in held if _holds(m) and rules.state(m.terms, today) == "active"]


def _holds(mandate: BudgetMandate) -> bool:
    """A person deposits in the name of a collectivité only while a member of its organisation."""
    if mandate.kind != "depot" or not mandate.user_id:
        return True
    return is_in(mandate.user_id, organizations.in_charge_of(mandate.siren), ANY)


def home(mandate: BudgetMandate) -> str | None:
    """Id of the organisation in which a mandate makes datasets: the holder's when it publishes, else the
    collectivité's (None when it has none any more)."""
    if mandate.kind == "suppleance":
        return mandate.by_org
    theirs = organizations.in_charge_of(mandate.siren)
    return theirs.id if theirs else None


def reaches(mandate: BudgetMandate, organization_id: str | None) -> bool:
    """Whether a mandate allows deposits in datasets of that organisation."""
    theirs = organizations.in_charge_of(mandate.siren)
    places = {home(mandate), theirs.id if theirs else None} - {None}
    return organization_id in places
