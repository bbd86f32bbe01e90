"""Subsidiarité: a helper has prepared files, the collectivité publishes them or does not want them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import authz, model
from ckan.types import AuthResult, Context, DataDict

from ckanext.budget import organizations
from ckanext.budget.deposit import batches, described, mails, publish
from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile
from ckanext.budget.errors import Finding
from ckanext.budget.mandates import access, fields, store
from ckanext.budget.mandates.described import holder_name


def rows_for(context: Context, batch_id: str | None = None) -> list[BudgetBatchFile]:
    """The files that wait for the account's word: it is an editor or administrator of their collectivité's
    organisation (a sysadmin, of all of them)."""
    query = sa.select(BudgetBatchFile).where(BudgetBatchFile.state == "waiting")
    if batch_id is not None:
        query = query.where(BudgetBatchFile.batch_id == batch_id)
    rows = list(model.Session.scalars(query.order_by(BudgetBatchFile.batch_id, BudgetBatchFile.rank)))
    if context.get("ignore_auth") or authz.is_sysadmin(context.get("user")):
        return rows
    user = access.account(context)
    ours = access.organizations_of(user.id) if user else set[str]()
    charge = {siren: organizations.in_charge_of(siren) for siren in {row.siren or "" for row in rows}}
    return [row for row in rows if (group := charge[row.siren or ""]) is not None and group.id in ours]


# -- who may


def auth_decide(context: Context, data_dict: DataDict) -> AuthResult:
    """The editors and administrators of the organisation of a collectivité for which files of the deposit wait."""
    batch_id = data_dict.get("id")
    if batches.get(batch_id) is None:
        raise tk.ObjectNotFound(tk._("This deposit does not exist"))
    if rows_for(context, str(batch_id)):
        return {"success": True}
    return {"success": False, "msg": tk._("Nothing in this deposit waits for your word")}


# -- actions


def listed(context: Context) -> list[dict[str, Any]]:
    """One entry per deposit: see ``budget_batch_waiting``."""
    found: dict[str, list[BudgetBatchFile]] = {}
    for row in rows_for(context):
        found.setdefault(row.batch_id, []).append(row)
    return [_entry(batch, rows) for batch_id, rows in found.items() if (batch := batches.get(batch_id)) is not None]


def _entry(batch: BudgetBatch, rows: list[BudgetBatchFile]) -> dict[str, Any]:
    documents = {document["id"]: document for document in described.batch(batch)["documents"]}
    mandate = next((m for row in rows if (m := store.get(row.mandate_id)) is not None), None)
    return {
        "batch_id": batch.id,
        "created": batch.created.isoformat(),
        "by": holder_name(mandate) if mandate else "",
        "for": sorted({row.name for row in rows}),
        "documents": [documents[row.id] for row in rows],
    }


def approve(context: Context, batch_id: str) -> None:
    """Publish what waits for the account's word."""
    batch, user = _batch(batch_id), model.User.get(context["user"])
    rows = rows_for(context, batch_id)
    if user is None:
        raise tk.NotAuthorized
    if not rows:
        fields.wrong("id", tk._("Nothing in this deposit waits for your word"))
    publish.approve(batch, rows, user.id)


def refuse(context: Context, batch_id: str, reason: str) -> list[str]:
    """Refuse what waits for the account's word; the copies go. Ids of the files."""
    batch = _batch(batch_id)
    rows = rows_for(context, batch_id)
    if not rows:
        fields.wrong("id", tk._("Nothing in this deposit waits for your word"))
    _settle(rows, Finding("refused_by_collectivite", "bloquant", {"reason": reason}))
    if batch.state == "open":
        batches.rest(batch)
    model.Session.commit()
    mails.send(batch_id)
    return [row.id for row in rows]


def _settle(rows: Iterable[BudgetBatchFile], finding: Finding) -> None:
    for row in rows:
        batches.settle(row, "refused", finding)


def _batch(batch_id: str) -> BudgetBatch:
    batch = batches.get(batch_id)
    if batch is None:
        raise tk.ObjectNotFound(tk._("This deposit does not exist"))
    return batch
