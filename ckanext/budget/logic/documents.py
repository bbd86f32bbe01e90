"""Actions on the documents of the registry: show, list, withdraw, restore, purge, convert again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.budget import messages
from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import reconversion, revival, withdrawal
from ckanext.budget.registry import core, logbook, versions
from ckanext.budget.registry.models import BudgetDocument

Result = TypeVar("Result")

#: what the registry says to everyone of a withdrawn document; the rest was read from its file
SAID_OF_WITHDRAWN = [
    "id",
    "package_id",
    "resource_id",
    "csv_resource_id",
    "status",
    "siret",
    "siren",
    "name",
    "exercice",
    "stage",
    "dm_number",
    "nomenclature",
    "is_annexe",
    "is_draft",
    "source_sha256",
    "occulted_sha256",
    "seal",
    "seal_date",
    "dte_str",
    "received",
    "withdrawal",
]


@tk.side_effect_free
def budget_document_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One budget document: identity, state, evidence and conversion report.

    ``difference`` is what it changed in the version that it replaced (``id`` and ``seal_date`` of that version;
    ``expenditure`` and ``receipts``, euros as text; ``accounts``, how many differ; ``blocks`` and ``beside``), None for
    a first version. ``versions`` lists all the versions of the document, the oldest first: ``id``, ``status``,
    ``received``, ``seal_date``, ``withdrawal``. Of a withdrawn document, ``withdrawal`` says when (``at``) and why
    (``reason``, ``personal_data``); what was read from its file is not shown.

    :param id: id of the document
    :type id: string
    """
    document_id = tk.get_or_bust(data_dict, "id")
    tk.check_access("budget_document_show", context, data_dict)
    document = _existing(document_id)
    every = versions.of(document)
    names = ("id", "status", "received", "seal_date", "withdrawal")
    return {
        **public(document),
        "difference": _difference(document, every),
        "versions": [{name: public(v)[name] for name in names} for v in every],
    }


@tk.side_effect_free
def budget_document_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The budget documents of a dataset, every version, oldest reception first (without their reports).

    :param package_id: id or name of the dataset
    :type package_id: string
    """
    package_id = tk.get_or_bust(data_dict, "package_id")
    tk.check_access("budget_document_list", context, data_dict)
    package = model.Package.get(package_id)
    if package is None:
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    return [
        {name: value for name, value in public(d).items() if name not in ("report", "header")}
        for d in core.documents_of(package.id)
    ]


@tk.side_effect_free
def budget_document_log(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What was done to a document since it was received. One whose worker was stopped is taken up by another, if one
    listens.

    :param id: id of the document
    :type id: string

    :returns: ``id``, ``status``, ``attempts``, ``working`` (its conversion is awaited or under way), ``interrupted``
        (nobody works on it any more: ``budget_document_reconvert`` does), ``steps``: each with ``at``, ``step``
        (``received``, ``waiting`` for a worker, ``taken_up``, ``reading``, ``writing``, ``again``, ``published``,
        ``failed``) and ``detail``
    """
    document_id = tk.get_or_bust(data_dict, "id")
    tk.check_access("budget_document_log", context, data_dict)
    revival.revive([_existing(document_id)])
    document = _existing(document_id)
    interrupted = bool(revival.dead([document]))
    document = _existing(document_id)
    return {
        "id": document.id,
        "status": document.status,
        "attempts": document.attempts,
        "working": document.status == "received" and not interrupted,
        "interrupted": interrupted,
        "steps": logbook.told(document.id),
    }


def budget_document_withdraw(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a document off the portal; the version that it had replaced is in force again.

    :param id: id of the document
    :type id: string
    :param reason: why, in one sentence, shown to everyone
    :type reason: string
    :param personal_data: whether personal data are the reason: the files are then destroyed at once, for good
        (optional, default: ``False``; otherwise they are kept apart, so that the document can be restored)
    :type personal_data: bool
    """
    document_id = tk.get_or_bust(data_dict, "id")
    tk.check_access("budget_document_withdraw", context, data_dict)
    reason = " ".join(str(data_dict.get("reason") or "").split())
    if not reason:
        raise tk.ValidationError({"reason": [tk._("Say why this document is withdrawn: readers will see it")]})
    if len(reason) > MAX_REASON:
        raise tk.ValidationError({"reason": [tk._("At most {n} characters").format(n=MAX_REASON)]})
    personal = tk.asbool(data_dict.get("personal_data") or False)
    user_id = _account(context)
    done = _refusing(lambda: withdrawal.withdraw(document_id, user_id=user_id, reason=reason, personal_data=personal))
    return public(done)


MAX_REASON = 500


def budget_document_restore(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Put a withdrawn document back, if its files were kept: it is converted anew, and the newest version is in force.

    :param id: id of the document
    :type id: string
    """
    document_id = tk.get_or_bust(data_dict, "id")
    tk.check_access("budget_document_restore", context, data_dict)
    user_id = _account(context)
    return public(_refusing(lambda: withdrawal.restore(document_id, user_id=user_id)))


def budget_document_purge(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Destroy, for good, the files that are kept of a withdrawn document and all that was read from them.

    :param id: id of the document
    :type id: string
    :param forget: also forget that it was ever there (sysadmins only; optional, default: ``False``)
    :type forget: bool
    """
    document_id = tk.get_or_bust(data_dict, "id")
    tk.check_access("budget_document_purge", context, data_dict)
    forget = tk.asbool(data_dict.get("forget") or False)
    _refusing(lambda: withdrawal.purge(document_id, forget=forget))
    return {"id": document_id, "purged": True, "forgotten": forget}


def budget_document_reconvert(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Convert a stored document anew, with this version of the converter and today's charts of accounts.

    Returns ``id``, ``status``, ``queued`` (a worker will do it: large files), ``changed`` (the CSV is another one),
    ``difference`` (in euros, as :py:func:`budget_document_show` gives it; None when nothing changes) and ``error`` (the
    CSV that was there stays).

    :param id: id of the document
    :type id: string
    """
    document_id = tk.get_or_bust(data_dict, "id")
    tk.check_access("budget_document_reconvert", context, data_dict)
    _existing(document_id)
    return _refusing(lambda: reconversion.reconvert(document_id)).to_dict()


def public(document: BudgetDocument) -> dict[str, Any]:
    """A document as everyone may see it, who may see its dataset: no account is named."""
    values = document.as_dict()
    del values["user_id"]
    for name in ("received", "converted"):
        values[name] = values[name].isoformat() if values[name] else None
    values["withdrawal"] = _anonymous(values["withdrawal"])
    if document.status == "withdrawn":
        values = {name: values[name] if name in SAID_OF_WITHDRAWN else None for name in values}
    return values


def _anonymous(said: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {name: value for name, value in said.items() if name not in ("by", "restored_by")} if said else None


def _difference(document: BudgetDocument, every: list[BudgetDocument]) -> dict[str, Any] | None:
    before = versions.replaced(document, every)
    changed = versions.difference(before, document) if before else None
    if before is None or changed is None:
        return None
    return {"id": before.id, "seal_date": before.seal_date, **changed.to_dict()}


def _existing(document_id: Any) -> BudgetDocument:
    document = core.document(document_id) if isinstance(document_id, str) else None
    if document is None:
        raise tk.ObjectNotFound(tk._("This budget document does not exist"))
    return document


def _account(context: Context) -> str | None:
    account = model.User.get(context.get("user"))
    return account.id if account else None


def _refusing(act: Callable[[], Result]) -> Result:
    """Run what may be refused; the refusal becomes a validation error in the user's words."""
    try:
        return act()
    except Refusal as refusal:
        model.Session.rollback()
        sentence = messages.render(refusal.finding, tk._).sentence
        raise tk.ValidationError({"id": [sentence]}) from refusal
