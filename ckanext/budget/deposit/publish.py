"""Publication of a batch: each row by itself, as its depositor, through CKAN's own actions.

Each row is committed with its outcome. What stops in between (a closed tab, a killed process) leaves rows «queued»:
to resume is to run again. A budget is worked on by one process at a time, so that no dataset is made twice and no file
is lost among those that others add.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterable

from ckan import model

from ckanext.budget import config
from ckanext.budget.deposit import batches, locks, mails
from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile, now
from ckanext.budget.deposit.row import publish_row
from ckanext.budget.ingest import process
from ckanext.budget.registry import logbook

log = logging.getLogger(__name__)

#: most files that are published within the request that asks for it, when a worker listens
INLINE_ROWS = 3
#: a job gives way to others after this time, and goes on in another
SLICE_SECONDS = 120
#: between two looks at a batch on which others work
WAIT_SECONDS = 1
#: without a sign of life for this long, a batch that nobody works on is taken up again
STALLED = dt.timedelta(seconds=30)


def start(batch: BudgetBatch, *, again: bool = False) -> None:
    """Publish what is ready (``again``: also what failed): at once for a few small files or without a worker, else by a
    job."""
    batch_id = batch.id
    queued = queue(batch, again=again)
    if not queued:
        mails.send(batch_id)
    else:
        run(batch_id, large=_is_large(queued))


def queue(batch: BudgetBatch, *, again: bool = False) -> list[BudgetBatchFile]:
    """Mark what is to be published, committed: the rows that wait for their turn. A batch without any is done."""
    states = ("ready", "failed") if again else ("ready",)
    for row in batches.rows(batch.id, *states):
        prepared = bool(row.plan.get("waits")) and not row.approved_by
        row.state, row.message, row.settled = "waiting" if prepared else "queued", None, None
        row.attempts = 0
    return _begun(batch)


def _begun(batch: BudgetBatch) -> list[BudgetBatchFile]:
    model.Session.flush()
    queued = batches.rows(batch.id, "queued")
    if not queued:
        batches.rest(batch)
        model.Session.commit()
        return []
    logbook.note(batch.id, "publishing", files=len(queued))
    batch.state, batch.closed, batch.touched = "publishing", None, now()
    model.Session.commit()
    return queued


def approve(batch: BudgetBatch, rows: Iterable[BudgetBatchFile], user_id: str) -> None:
    """Publish rows that a helper prepared, as the editor of the collectivité who agrees to it."""
    for row in rows:
        row.state, row.message, row.settled, row.attempts = "queued", None, None, 0
        row.approved_by = user_id
    queued = _begun(batch)
    if queued:
        run(batch.id, large=_is_large(queued))


def _is_large(rows: list[BudgetBatchFile]) -> bool:
    return len(rows) > INLINE_ROWS or max(r.size for r in rows) > config.inline_max_bytes()


def run(batch_id: str, *, large: bool = True) -> None:
    """Go on with a batch, by a job when it is large and a worker listens."""
    if not (large and process.worker_listens() and enqueue(batch_id)):
        work(batch_id)


def enqueue(batch_id: str) -> bool:
    """Have a worker go on with a batch; False when the queue does not answer."""
    seconds = SLICE_SECONDS + 2 * (config.limits().seconds + 300)
    queued = process.handed_over(job, [batch_id], title="Publish a deposit", seconds=seconds)
    if queued is not None:
        logbook.tell([batch_id], "waiting", job=queued)
    return queued is not None


def job(batch_id: str) -> None:
    """Job: publish some rows of a batch. Idempotent: only rows that are still queued are touched."""
    if work(batch_id, seconds=SLICE_SECONDS) and not enqueue(batch_id):
        work(batch_id)  # better a long job than a batch that nobody goes on with
    _see_to_the_rest()


def _see_to_the_rest() -> None:
    from ckanext.budget.deposit import upkeep  # noqa: PLC0415  (it stands on this module)

    upkeep.see_to_it()


def work(batch_id: str, *, seconds: float | None = None) -> bool:
    """Publish the queued rows, for ``seconds`` at most; whether some were left for want of time. Several processes may
    work on a batch: each takes whole budgets."""
    deadline = time.monotonic() + seconds if seconds is not None else None
    with locks.held(_presence(batch_id), wait=5, shared=True) as here:
        if not here:
            return False
        for budget, row_ids in _by_budget(batch_id).items():
            with locks.held(f"batch {batch_id} {budget}", wait=0) as mine:
                if mine and not _publish_rows(batch_id, row_ids, deadline):
                    return True
        batch = batches.get(batch_id)
        if batch is not None:
            batches.close_if_done(batch)
    mails.send(batch_id)
    return False


def _publish_rows(batch_id: str, row_ids: list[str], deadline: float | None) -> bool:
    """Whether all of them were seen to before the deadline."""
    for row_id in row_ids:
        if deadline is not None and time.monotonic() > deadline:
            return False
        publish_row(row_id)
        batch = batches.get(batch_id)
        if batch is not None:
            batches.touch(batch)
    return True


def is_left(batch_id: str) -> bool:
    """Whether rows are still to be published once nobody works on the batch any more: waits for those who do."""
    while batches.rows(batch_id, "queued"):
        if not locks.is_held(_presence(batch_id)):
            return True
        model.Session.rollback()
        time.sleep(WAIT_SECONDS)
    return False


def _presence(batch_id: str) -> str:
    """Lock that those who work on a batch share."""
    return f"batch {batch_id}"


def _by_budget(batch_id: str) -> dict[str, list[str]]:
    """Queued rows by budget. Older versions first: each one then replaces the one before, and the history is whole."""

    def age(row: BudgetBatchFile) -> tuple[str, str, int]:
        return row.seal_date or row.dte_str or "", row.dte_str or "", row.rank

    out: dict[str, list[str]] = {}
    for row in sorted(batches.rows(batch_id, "queued"), key=age):
        out.setdefault(row.siret or row.name, []).append(row.id)
    return out


def is_stalled(batch: BudgetBatch) -> bool:
    """Whether a batch has rows to publish on which nobody works: its process was stopped."""
    if batch.state != "publishing" or now() - batch.touched < STALLED:
        return False
    return not locks.is_held(_presence(batch.id))


def revive(batch: BudgetBatch) -> None:
    """Have a worker take up a stalled batch; without a worker, its owner is offered to resume it."""
    if is_stalled(batch) and process.worker_listens():
        log.warning("Deposit %s had stopped: a worker takes it up again", batch.id)
        batches.touch(batch)
        logbook.tell([batch.id], "taken_up")
        enqueue(batch.id)
