"""Batches: made, found again, closed, tidied up."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.budget import config
from ckanext.budget.deposit import store
from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile, now
from ckanext.budget.errors import Finding
from ckanext.budget.ingest import originals
from ckanext.budget.registry import logbook

#: states of the rows that wait for a person's word
UNSETTLED = ("ready", "waiting")


def create(user_id: str, owner_org: str | None, **options: Any) -> BudgetBatch:
    """A new, empty batch (committed)."""
    tidy()
    batch = BudgetBatch(user_id=user_id, owner_org=owner_org, options=options)
    model.Session.add(batch)
    model.Session.flush()
    logbook.note(batch.id, "received")
    model.Session.commit()
    return batch


def get(batch_id: Any) -> BudgetBatch | None:
    """A batch by its id."""
    return model.Session.get(BudgetBatch, batch_id) if isinstance(batch_id, str) else None


def row(row_id: str) -> BudgetBatchFile | None:
    """A row by its id."""
    return model.Session.get(BudgetBatchFile, row_id)


def rows(batch_id: str, *states: str) -> list[BudgetBatchFile]:
    """The files of a batch in their order; with ``states``, those in one of them."""
    query = sa.select(BudgetBatchFile).where(BudgetBatchFile.batch_id == batch_id)
    if states:
        query = query.where(BudgetBatchFile.state.in_(states))
    return list(model.Session.scalars(query.order_by(BudgetBatchFile.rank)))


def first_alike(batch_id: str, source_sha256: str | None, *states: str) -> BudgetBatchFile | None:
    """The first row of a batch, in one of the states, whose file has these very bytes."""
    query = sa.select(BudgetBatchFile).where(
        BudgetBatchFile.batch_id == batch_id,
        BudgetBatchFile.source_sha256 == source_sha256,
        BudgetBatchFile.state.in_(states),
    )
    return model.Session.scalars(query.order_by(BudgetBatchFile.rank).limit(1)).first()


def of_user(user_id: str, limit: int) -> list[BudgetBatch]:
    """The latest batches of a person."""
    query = sa.select(BudgetBatch).where(BudgetBatch.user_id == user_id)
    return list(model.Session.scalars(query.order_by(BudgetBatch.created.desc()).limit(limit)))


def of_import(user_id: str, path: str) -> BudgetBatch | None:
    """The latest batch that was made from a folder or a file of this machine."""
    query = sa.select(BudgetBatch).where(BudgetBatch.user_id == user_id, BudgetBatch.options["path"].astext == path)
    return model.Session.scalars(query.order_by(BudgetBatch.created.desc()).limit(1)).first()


def of_watch(user_id: str, path: str, digest: str) -> BudgetBatch | None:
    """The batch of a file of a watched folder that is still there: by its place and its SHA-256."""
    options = BudgetBatch.options
    query = sa.select(BudgetBatch).where(
        BudgetBatch.user_id == user_id,
        options["watched"].astext == path,
        options["sha256"].astext == digest,
        options["filed"].astext.is_(None),
    )
    return model.Session.scalars(query.order_by(BudgetBatch.created.desc()).limit(1)).first()


def remember(batch: BudgetBatch, **options: Any) -> None:
    """Add to what is kept of how a batch came (committed)."""
    batch.options = {**batch.options, **options}
    model.Session.commit()


def forget(batch: BudgetBatch) -> None:
    """Remove a batch and all that was kept for it."""
    logbook.forget([batch.id])
    for row in rows(batch.id):
        drop(row)
        model.Session.delete(row)
    model.Session.delete(batch)
    model.Session.commit()


def next_rank(batch_id: str) -> int:
    """Rank of the next file of a batch, from 1."""
    query = sa.select(sa.func.max(BudgetBatchFile.rank)).where(BudgetBatchFile.batch_id == batch_id)
    return (model.Session.scalar(query) or 0) + 1


def settle(row: BudgetBatchFile, state: str, finding: Finding | None = None, *, keep: bool = False) -> None:
    """Write a row's outcome and commit it; its copy goes, unless it may serve again (``keep``)."""
    row.state, row.settled = state, now()
    row.message = finding.to_dict() if finding else None
    model.Session.commit()
    if not keep:
        drop(row)


def drop(row: BudgetBatchFile) -> None:
    """Nothing more is done with a row's file: what was set aside of it goes."""
    store.drop(row.id)
    if row.source_sha256:
        originals.forget(row.source_sha256)


def rest(batch: BudgetBatch) -> None:
    """Nothing of a batch is being published: it is open while a person's word is awaited, else it has ended (not
    committed)."""
    if rows(batch.id, *UNSETTLED):
        batch.state, batch.closed = "open", None
    else:
        end(batch)


def touch(batch: BudgetBatch) -> None:
    """Something is being done with this batch."""
    batch.touched = now()
    model.Session.commit()


def close_if_done(batch: BudgetBatch) -> None:
    """A batch without a row to be settled is done."""
    if batch.state == "publishing" and not rows(batch.id, "queued"):
        rest(batch)
    batch.touched = now()
    model.Session.commit()


def end(batch: BudgetBatch) -> None:
    """Nothing more is to be done: the batch is closed, and its receipt is due (not committed). One that was tried again
    after its receipt was sent gets no other."""
    model.Session.refresh(batch, with_for_update=True)
    if batch.state in ("done", "expired"):
        return
    batch.state, batch.closed = "done", now()
    batch.mail = batch.mail or ("due" if batch.options.get("mail", True) else "unwanted")
    counts = dict(Counter(row.state for row in rows(batch.id)))
    logbook.note(batch.id, "ended", counts=counts)


def tidy() -> None:
    """Forget the copies of batches that nobody published in time."""
    limit = now() - config.deposit_keep()
    query = sa.select(BudgetBatch).where(BudgetBatch.state == "open", BudgetBatch.touched < limit)
    for batch in list(model.Session.scalars(query)):
        waiting = rows(batch.id, *UNSETTLED)
        for row in waiting:
            settle(row, "expired", Finding("deposit_copy_gone", "bloquant"))
        batch.state, batch.closed = ("expired" if waiting else "done"), now()
        model.Session.commit()
    store.sweep(config.deposit_keep().total_seconds() + 86_400)
