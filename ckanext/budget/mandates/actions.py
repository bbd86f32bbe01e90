"""Actions on mandates."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.budget import organizations
from ckanext.budget.mandates import access, described, fields, rules, store, takeover
from ckanext.budget.mandates.models import BudgetMandate, now
from ckanext.budget.mandates.rules import Terms

__all__ = [
    "budget_mandate_create",
    "budget_mandate_end",
    "budget_mandate_list",
    "budget_mandate_show",
    "budget_mandate_take_over",
    "budget_mandate_update",
]


def budget_mandate_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give a mandate: who may deposit for a collectivité.

    :param siren: SIREN of the collectivité (or the SIRET of one of its budgets)
    :type siren: string
    :param kind: ``depot`` (an account deposits in the name of the collectivité), ``subsidiarite`` (the holder prepares,
        the collectivité publishes) or ``suppleance`` (an organisation publishes on its behalf)
    :type kind: string
    :param user: the account that holds it (``depot``, ``subsidiarite``)
    :type user: string
    :param by_org: the organisation that holds it: its editors and administrators act (``subsidiarite``, ``suppleance``)
    :type by_org: string
    :param name: name of the collectivité, when no directory has it (optional)
    :type name: string
    :param starts: first day (today by default) and ``ends``: last day (optional), as ``2026-01-31``
    :type starts: string
    :param exercice_from: first exercice and ``exercice_to``: last one (optional: all of them)
    :type exercice_from: int
    :param etapes: étapes among BP, BS, DM, CA, CFU (optional: all of them)
    :type etapes: list of strings
    :param reference: the délibération or convention, in words, and ``reference_url``: its address (optional)
    :type reference: string
    :param upload: the act, a PDF that the parties alone may read (optional)
    :type upload: file

    :returns: as ``budget_mandate_show``
    """
    tk.check_access("budget_mandate_create", context, data_dict)
    errors = fields.Errors()
    siren = fields.siren(data_dict, errors)
    mandate = BudgetMandate(siren=siren, name=fields.name(data_dict, siren, errors), created_by=_id(context))
    mandate.kind = str(data_dict.get("kind") or "")
    user = fields.person(data_dict, "user", errors)
    group = fields.organization(data_dict, "by_org", errors)
    mandate.user_id, mandate.by_org = (user.id if user else None), (group.id if group else None)
    if not errors.keys() & {"user", "by_org", "siren"}:
        _check_holder(mandate, errors)
    return _save(mandate, data_dict, errors)


def _check_holder(mandate: BudgetMandate, errors: fields.Errors) -> None:
    theirs = organizations.in_charge_of(mandate.siren)
    if bool(mandate.user_id) == bool(mandate.by_org):
        errors.say("user", tk._("Name one holder: an account or an organisation"))
    elif mandate.kind == "depot" and not mandate.user_id:
        errors.say("by_org", tk._("A person deposits in the name of the local government: name an account"))
    elif mandate.kind == "suppleance" and not mandate.by_org:
        errors.say("user", tk._("An organisation publishes on behalf of another: name it, readers will see it"))
    elif theirs is not None and mandate.by_org == theirs.id:
        errors.say("by_org", tk._("This organisation is that of the local government: it needs no mandate"))
    if mandate.kind in ("depot", "subsidiarite") and theirs is None:
        errors.say("siren", tk._("This local government has no organisation on the portal: create it first"))


def _save(mandate: BudgetMandate, data: DataDict, errors: fields.Errors) -> dict[str, Any]:
    terms = fields.terms(data, mandate.kind, errors)
    mandate.reference = fields.text(data, "reference", errors)
    mandate.reference_url = fields.address(data, "reference_url", errors)
    act = fields.act(data, errors)
    errors.check()
    _check_overlap(mandate, terms)
    mandate.starts, mandate.ends = terms.starts, terms.ends
    mandate.exercice_from, mandate.exercice_to = terms.exercice_from, terms.exercice_to
    mandate.stages = list(terms.stages)
    model.Session.add(mandate)
    model.Session.flush()
    if act is not None:
        store.attach(mandate.id, *act)
    _ensure_member(mandate)
    model.Session.commit()
    return described.mandate(mandate)


def _check_overlap(mandate: BudgetMandate, terms: Terms) -> None:
    """One holder has one mandate at a time for a document; and one organisation alone publishes it on behalf."""
    for other in store.of_siren(mandate.siren):
        same = (other.user_id, other.by_org) == (mandate.user_id, mandate.by_org)
        both = other.kind == mandate.kind == "suppleance"
        if other.id != mandate.id and (same or both) and rules.overlap(terms, other.terms):
            words = tk._(
                "This mandate overlaps that of “{holder}”, which begins on {starts}. End that one first, or change "
                "the dates, the years or the stages."
            )
            starts = other.starts.isoformat()
            fields.wrong("starts", words.format(holder=described.holder_name(other), starts=starts))


def _ensure_member(mandate: BudgetMandate) -> None:
    """Who deposits in the name of a collectivité is a member of its organisation."""
    theirs = organizations.in_charge_of(mandate.siren)
    if mandate.kind != "depot" or not mandate.user_id or theirs is None:
        return
    if not access.is_in(mandate.user_id, theirs, access.ANY):
        member = model.Member(table_name="user", table_id=mandate.user_id, group=theirs, capacity="member")
        model.Session.add(member)


def budget_mandate_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change the dates, the scope or the act of a mandate; what is not given stays. (For another holder or another
    kind, end it and give another.)

    :param id: id of the mandate
    :type id: string

    The other parameters are those of ``budget_mandate_create``, from ``starts`` on.
    """
    mandate = _existing(context, data_dict, "budget_mandate_update")
    if mandate.ended is not None:
        fields.wrong("id", tk._("This mandate is ended: give another one"))
    stored = described.mandate(mandate)
    names = ("starts", "ends", "exercice_from", "exercice_to", "etapes", "reference", "reference_url")
    return _save(mandate, {**{name: stored[name] for name in names}, **data_dict}, fields.Errors())


@tk.side_effect_free
def budget_mandate_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The mandates that one may read (all of them, for sysadmins and regional agents), those that end first leading.

    :param siren: only those for this collectivité (optional)
    :type siren: string
    :param state: only those in this state: ``active``, ``future``, ``expired``, ``ended`` (optional)
    :type state: string
    :param expiring: only those whose last day is at most so many days away (optional)
    :type expiring: int
    """
    tk.check_access("budget_mandate_list", context, data_dict)
    found = [m for m in store.everything() if access.may(context, "budget_mandate_show", {"id": m.id})]
    if data_dict.get("siren"):
        found = [m for m in found if m.siren == data_dict["siren"]]
    if data_dict.get("expiring") not in (None, ""):
        days, today = _days(data_dict["expiring"]), dt.date.today()  # noqa: DTZ011
        found = [m for m in found if rules.expires_within(m.terms, days, today)]
    listed = described.mandates(found)
    return [m for m in listed if not data_dict.get("state") or m["state"] == data_dict["state"]]


def _days(given: Any) -> int:
    try:
        return max(0, min(int(given), 36_500))
    except (TypeError, ValueError) as error:
        raise tk.ValidationError({"expiring": [tk._("Invalid integer")]}) from error


@tk.side_effect_free
def budget_mandate_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A mandate: ``kind``, ``state``, for whom (``siren``, ``name``, ``organization``), who (``user`` or ``by_org``;
    ``holder`` in words), scope, dates, the act (``reference``, ``reference_url``, ``document``).

    :param id: id of the mandate
    :type id: string
    """
    return described.mandate(_existing(context, data_dict, "budget_mandate_show"))


def budget_mandate_end(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End a mandate now. What was published stays; a deposit that is under way under this mandate is refused.

    :param id: id of the mandate
    :type id: string
    """
    mandate = _existing(context, data_dict, "budget_mandate_end")
    if mandate.ended is not None:
        fields.wrong("id", tk._("This mandate is already ended"))
    mandate.ended, mandate.ended_by = now(), _id(context)
    model.Session.commit()
    return described.mandate(mandate)


def budget_mandate_take_over(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The collectivité takes its budgets in hand: the mandate is ended, and the datasets that its holder made for the
    collectivité come to the organisation of the collectivité. Done again, it moves what was left.

    :param id: id of the mandate
    :type id: string

    :returns: as ``budget_mandate_show``, with ``datasets``: the ids of those that were moved
    """
    mandate = _existing(context, data_dict, "budget_mandate_take_over")
    if mandate.ended is not None and not mandate.taken_over:
        fields.wrong("id", tk._("This mandate is already ended"))
    theirs = organizations.in_charge_of(mandate.siren)
    if theirs is None:
        fields.wrong("id", tk._("This local government has no organisation on the portal: create it first"))
    if mandate.ended is None:
        mandate.ended, mandate.ended_by, mandate.taken_over = now(), _id(context), True
        model.Session.commit()
    moved = takeover.move(mandate.siren, mandate.by_org, theirs.id, context["user"])
    return {**described.mandate(mandate), "datasets": moved}


def _existing(context: Context, data_dict: DataDict, action: str) -> BudgetMandate:
    mandate_id = tk.get_or_bust(data_dict, "id")
    tk.check_access(action, context, data_dict)
    mandate = store.get(mandate_id)
    if mandate is None:
        raise tk.ObjectNotFound(tk._("This mandate does not exist"))
    return mandate


def _id(context: Context) -> str | None:
    user = access.account(context)
    return user.id if user else None
