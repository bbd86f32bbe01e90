"""Actions on requests: an account asks to deposit for a collectivité, the region or the collectivité answers."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.munge import munge_title_to_name
from ckan.types import Context, DataDict

from ckanext.budget import organizations
from ckanext.budget.ingest import derived
from ckanext.budget.mandates import access, described, fields, store
from ckanext.budget.mandates.models import BudgetRequest, now

__all__ = [
    "budget_request_accept",
    "budget_request_create",
    "budget_request_list",
    "budget_request_refuse",
    "budget_request_show",
]

#: most requests that one account leaves unanswered
MOST_OPEN = 50


def budget_request_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Ask for the right to deposit for a collectivité. The same request again gives the one that is open.

    :param siren: SIREN of the collectivité (or the SIRET of one of its budgets)
    :type siren: string
    :param reason: why, in a few words
    :type reason: string
    :param name: name of the collectivité, when no directory has it (optional)
    :type name: string
    :param owner_org: the organisation in whose name one asks (optional)
    :type owner_org: string

    :returns: as ``budget_request_show``
    """
    tk.check_access("budget_request_create", context, data_dict)
    user = access.account(context)
    if user is None:  # authorisation has seen to it; a caller that ignores it must still say who asks
        fields.wrong("user", tk._("This account does not exist"))
    errors = fields.Errors()
    siren = fields.siren(data_dict, errors)
    name = fields.name(data_dict, siren, errors)
    reason = fields.text(data_dict, "reason", errors)
    if not reason:
        errors.say("reason", tk._("Say why you deposit for this local government"))
    group = fields.organization(data_dict, "owner_org", errors)
    if group is not None and not access.is_in(user.id, group, access.ANY):
        errors.say("owner_org", tk._("You do not belong to this organisation"))
    pending = [r for r in store.requests_of(user.id) if r.state == "open"]
    if len(pending) >= MOST_OPEN:
        errors.say("siren", tk._("Too many of your requests wait for an answer: ask again once they have one"))
    errors.check()
    same = next((r for r in pending if r.siren == siren), None)
    if same is not None:
        return described.request(same)
    made = BudgetRequest(user_id=user.id, siren=siren, name=name, reason=reason)
    made.owner_org = group.id if group else None
    model.Session.add(made)
    model.Session.commit()
    _tell(made)
    return described.request(made)


def _tell(request: BudgetRequest) -> None:
    """The one place to mail from when a request is made, accepted or refused (nothing is mailed today)."""


@tk.side_effect_free
def budget_request_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The requests that one may read (one's own, those that one may answer), the open ones first.

    :param state: only those in this state: ``open``, ``accepted``, ``refused`` (optional)
    :type state: string
    """
    tk.check_access("budget_request_list", context, data_dict)
    found = [r for r in store.requests() if not data_dict.get("state") or r.state == data_dict["state"]]
    return [described.request(r) for r in found if access.may(context, "budget_request_show", {"id": r.id})]


@tk.side_effect_free
def budget_request_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A request: ``state`` (open, accepted, refused), ``siren``, ``name``, who asks (``user``, ``owner_org``),
    ``reason``, ``answer``, and what came of it (``mandate_id``, ``organization_id``).

    :param id: id of the request
    :type id: string
    """
    return described.request(_existing(context, data_dict, "budget_request_show"))


def budget_request_accept(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Accept a request: it becomes a mandate, or the organisation of the collectivité.

    :param id: id of the request
    :type id: string
    :param outcome: ``organization`` (the collectivité gets its organisation, the requester edits it), ``depot``,
        ``subsidiarite`` or ``suppleance`` (a mandate of that kind: for the requester, or for the organisation in whose
        name they ask)
    :type outcome: string
    :param answer: a word for the requester (optional)
    :type answer: string

    For a mandate, also ``starts``, ``ends``, ``exercice_from``, ``exercice_to``, ``etapes``, ``reference``,
    ``reference_url`` and ``upload``, as in ``budget_mandate_create``.

    :returns: as ``budget_request_show``
    """
    request = _open(context, data_dict, "budget_request_accept")
    errors = fields.Errors()
    answer = fields.text(data_dict, "answer", errors)
    errors.check()
    outcome = data_dict.get("outcome")
    if outcome == "organization":
        request.organization_id = _organization(request)
    elif outcome in ("depot", "subsidiarite", "suppleance"):
        request.mandate_id = _mandate(context, request, data_dict, str(outcome))
    else:
        fields.wrong("outcome", tk._("Choose what the requester gets: an organisation or a mandate"))
    return _answered(context, request, "accepted", answer)


def _organization(request: BudgetRequest) -> str:
    """Make the organisation of the collectivité, by the authorisation of ``budget_request_accept``; its id."""
    if organizations.in_charge_of(request.siren) is not None:
        fields.wrong("outcome", tk._("This local government already has its organisation: give a mandate"))
    base = munge_title_to_name(request.name)[:80]
    name = base if model.Group.get(base) is None else f"{base}-{request.siren}"
    user = model.User.get(request.user_id)
    if user is None:
        fields.wrong("id", tk._("This account does not exist"))
    made = tk.get_action("organization_create")(
        Context(user=derived.site_user(), ignore_auth=True),
        {
            "name": name,
            "title": request.name,
            "siren": request.siren,
            "users": [{"name": user.name, "capacity": "editor"}],
        },
    )
    return made["id"]


def _mandate(context: Context, request: BudgetRequest, data_dict: DataDict, kind: str) -> str:
    by_org = request.owner_org if kind != "depot" else None
    if kind == "suppleance" and by_org is None:
        fields.wrong("outcome", tk._("This request was made in no organisation’s name: no one can publish on behalf"))
    names = ("starts", "ends", "exercice_from", "exercice_to", "etapes", "reference", "reference_url", "upload")
    sent = {name: data_dict[name] for name in names if name in data_dict}
    who = {"by_org": by_org} if by_org else {"user": request.user_id}
    made = tk.get_action("budget_mandate_create")(
        tk.fresh_context(context), {"siren": request.siren, "name": request.name, "kind": kind, **who, **sent}
    )
    return made["id"]


def budget_request_refuse(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Refuse a request.

    :param id: id of the request
    :type id: string
    :param answer: why, for the requester
    :type answer: string

    :returns: as ``budget_request_show``
    """
    request = _open(context, data_dict, "budget_request_refuse")
    errors = fields.Errors()
    answer = fields.text(data_dict, "answer", errors)
    if not answer:
        errors.say("answer", tk._("Say why: the requester will read it"))
    errors.check()
    return _answered(context, request, "refused", answer)


def _answered(context: Context, request: BudgetRequest, state: str, answer: str) -> dict[str, Any]:
    user = access.account(context)
    request.state, request.answer, request.answered = state, answer, now()
    request.answered_by = user.id if user else None
    model.Session.commit()
    _tell(request)
    return described.request(request)


def _open(context: Context, data_dict: DataDict, action: str) -> BudgetRequest:
    request = _existing(context, data_dict, action)
    if request.state != "open":
        fields.wrong("id", tk._("This request already has its answer"))
    return request


def _existing(context: Context, data_dict: DataDict, action: str) -> BudgetRequest:
    request_id = tk.get_or_bust(data_dict, "id")
    tk.check_access(action, context, data_dict)
    request = store.request(request_id)
    if request is None:
        raise tk.ObjectNotFound(tk._("This request does not exist"))
    return request
