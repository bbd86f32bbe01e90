"""Actions of the deposit desk."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict
from flask import has_request_context
from werkzeug.datastructures import FileStorage

from ckanext.budget.deposit import agreement, batches, described, examine, preferences, publish
from ckanext.budget.deposit.models import RECEIPTS, BudgetBatch, BudgetPreference
from ckanext.budget.mandates import fields
from ckanext.budget.registry import logbook

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

#: most batches that are listed
LISTED = 20


def budget_deposit(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Deposit a budget file, or a zip of them: their datasets are found or created.

    :param upload: the file (TotEM XML, compte financier unique, SCDL CSV, spreadsheet) or a ``.zip`` (multipart)
    :type upload: file
    :param owner_org: id or name of the organisation in which datasets are created (needed by who belongs to several)
    :type owner_org: string
    :param publish: publish at once (the default); otherwise ``budget_batch_publish`` does, after a look
    :type publish: boolean
    :param batch_id: an open deposit of one's own, to which the files are added
    :type batch_id: string

    :returns: ``batch_id``, ``state`` and ``documents``, each with ``status`` (``published``; ``superseded``: published
        in the place of an earlier version; ``already``: nothing to do; ``refused``: ``message`` says why and what to
        do; ``failed``: a fault of the portal; ``queued``: ask ``budget_batch_show`` later; ``ready``: not published
        yet; ``waiting``: prepared by a helper, the collectivité publishes it), ``document_id``, ``siret``,
        ``exercice``, ``etape``, ``package_id``, ``resource_id``, ``findings``
    :rtype: dictionary
    """
    data_dict = {**data_dict, "owner_org": _organisation(data_dict)}
    tk.check_access("budget_deposit", context, data_dict)
    upload = data_dict.get("upload")
    if not isinstance(upload, FileStorage) or not upload:
        raise tk.ValidationError({"upload": [tk._("A file is needed (multipart/form-data, field “upload”)")]})
    now = _boolean(data_dict.get("publish"), default=True)
    batch = _mine(data_dict["batch_id"]) if data_dict.get("batch_id") else _new(context, data_dict)
    if batch.state != "open":
        raise tk.ValidationError({"batch_id": [tk._("This deposit is closed: make another one")]})
    batch_id = batch.id
    examine.take(batch, upload, preview=not now)
    batch = _mine(batch_id)
    if now:
        publish.start(batch)
    else:
        batches.touch(batch)
    return described.batch(_mine(batch_id))


def _organisation(data_dict: DataDict) -> str | None:
    name = data_dict.get("owner_org")
    if not name:
        return None
    group = model.Group.get(name)
    if group is None or not group.is_organization or group.state != "active":
        raise tk.ValidationError({"owner_org": [tk._("This organisation does not exist")]})
    return group.id


def _boolean(value: Any, *, default: bool) -> bool:
    try:
        return default if value in (None, "") else tk.asbool(value)
    except ValueError as error:
        raise tk.ValidationError({"publish": [tk._("This is neither true nor false")]}) from error


def _new(context: Context, data_dict: DataDict) -> BudgetBatch:
    user = model.User.get(context["user"])
    if user is None:  # authorisation has seen to it; a caller that ignores it must still say who deposits
        raise tk.NotAuthorized
    # the receipt is mailed later, maybe by a worker: it keeps the language of the page
    return batches.create(user.id, data_dict["owner_org"], lang=tk.h.lang() if has_request_context() else None)


def _mine(batch_id: Any) -> BudgetBatch:
    batch = batches.get(batch_id)
    if batch is None:
        raise tk.ObjectNotFound(tk._("This deposit does not exist"))
    return batch


def budget_batch_publish(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Publish what is ready in a deposit, and try again what failed by a fault of the portal or was interrupted.

    :param id: id of the deposit
    :type id: string

    :returns: as ``budget_deposit``
    """
    batch_id = tk.get_or_bust(data_dict, "id")
    tk.check_access("budget_batch_publish", context, data_dict)
    publish.start(_mine(batch_id), again=True)
    return described.batch(_mine(batch_id))


@tk.side_effect_free
def budget_batch_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """A deposit and what became of each of its files.

    :param id: id of the deposit
    :type id: string

    :returns: as ``budget_deposit``; ``stalled``, whether its publication stopped; ``steps``, what was done and when
    """
    batch_id = tk.get_or_bust(data_dict, "id")
    tk.check_access("budget_batch_show", context, data_dict)
    batch = _mine(batch_id)
    publish.revive(batch)
    return {**described.batch(batch), "stalled": publish.is_stalled(batch), "steps": logbook.told(batch.id)}


@tk.side_effect_free
def budget_batch_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """One's own latest deposits: ``batch_id``, ``state``, ``created``, ``counts`` by status."""
    tk.check_access("budget_batch_list", context, data_dict)
    user = model.User.get(context["user"])
    found = [described.batch(batch) for batch in batches.of_user(user.id, LISTED)] if user else []
    return [{name: value for name, value in batch.items() if name != "documents"} for batch in found]


#: languages in which a mail can be written
LANGUAGES = ("fr", "en")


@tk.side_effect_free
def budget_preference_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What an account wants to receive by mail.

    :param id: name or id of the account (optional, default: one's own; another's is for sysadmins)
    :type id: string

    :returns: ``receipts``: ``all``, ``errors`` (only of deposits where a file is not on line) or ``never``;
        ``language``: ``fr``, ``en`` or None (that of the page where the deposit was made)
    """
    tk.check_access("budget_preference_show", context, data_dict)
    return _preference(preferences.of(_account(context, data_dict).id))


def budget_preference_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Choose what an account receives by mail.

    :param id: name or id of the account (optional, default: one's own; another's is for sysadmins)
    :type id: string
    :param receipts: ``all``, ``errors`` or ``never``
    :type receipts: string
    :param language: ``fr``, ``en`` or empty (optional)
    :type language: string

    :returns: as ``budget_preference_show``
    """
    tk.check_access("budget_preference_update", context, data_dict)
    account = _account(context, data_dict)
    receipts, language = data_dict.get("receipts"), data_dict.get("language") or None
    if receipts not in RECEIPTS:
        raise tk.ValidationError({"receipts": [tk._("Choose one of: {values}").format(values=", ".join(RECEIPTS))]})
    if language not in (None, *LANGUAGES):
        raise tk.ValidationError({"language": [tk._("Choose one of: {values}").format(values=", ".join(LANGUAGES))]})
    return _preference(preferences.keep(account.id, receipts=receipts, language=language))


def _account(context: Context, data_dict: DataDict) -> model.User:
    account = model.User.get(data_dict.get("id") or context["user"])
    if account is None:
        raise tk.ObjectNotFound(tk._("This account does not exist"))
    return account


def _preference(found: BudgetPreference) -> dict[str, Any]:
    return {"receipts": found.receipts, "language": found.language}


@tk.side_effect_free
def budget_batch_waiting(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """What helpers have prepared for one's collectivité, and that waits for its word: by deposit, ``batch_id``,
    ``created``, ``by`` (who prepared it), ``for`` (names) and ``documents``, as ``budget_deposit`` gives them."""
    tk.check_access("budget_batch_waiting", context, data_dict)
    return agreement.listed(context)


def budget_batch_approve(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Publish what a helper has prepared for one's collectivité, in its name.

    :param id: id of the deposit
    :type id: string

    :returns: the ``documents`` that waited, as ``budget_deposit`` gives them
    """
    batch_id = tk.get_or_bust(data_dict, "id")
    tk.check_access("budget_batch_approve", context, data_dict)
    rows = {row.id for row in agreement.rows_for(context, batch_id)}
    agreement.approve(context, batch_id)
    return [document for document in described.batch(_mine(batch_id))["documents"] if document["id"] in rows]


def budget_batch_refuse(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Do not publish what a helper has prepared for one's collectivité; nothing of it is kept.

    :param id: id of the deposit
    :type id: string
    :param reason: why, in one sentence, for the helper
    :type reason: string

    :returns: as ``budget_batch_approve``
    """
    batch_id = tk.get_or_bust(data_dict, "id")
    tk.check_access("budget_batch_refuse", context, data_dict)
    errors = fields.Errors()
    reason = fields.text(data_dict, "reason", errors)
    if not reason:
        errors.say("reason", tk._("Say why, in one sentence: who prepared the file will read it"))
    errors.check()
    rows = agreement.refuse(context, batch_id, reason)
    return [document for document in described.batch(_mine(batch_id))["documents"] if document["id"] in rows]
