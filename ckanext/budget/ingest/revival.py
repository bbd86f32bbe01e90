"""Documents on which nobody works any more, since their worker was stopped: found, and taken up again.

The registry says what is still to be done, PostgreSQL's locks who is at it; the job queue only whether somebody will.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable

import sqlalchemy as sa
from ckan import model
from ckan.lib.jobs import get_queue
from redis.exceptions import RedisError
from rq.job import Job
from rq.registry import StartedJobRegistry

from ckanext.budget import config
from ckanext.budget.ingest import process, trip
from ckanext.budget.registry import core, logbook
from ckanext.budget.registry.models import BudgetDocument, _now

log = logging.getLogger(__name__)

#: without a step for this long, a document is looked at (those at work hold a lock for longer)
QUIET = dt.timedelta(seconds=30)
#: most documents looked at by a job before its own work
MOST = 50
#: states of a job that will be done, or is
_COMING = ("queued", "deferred", "scheduled")


def dead(documents: Iterable[BudgetDocument]) -> list[BudgetDocument]:
    """Those still to be converted that nobody converts, nor will. Ends the transaction under way (nothing may be
    pending in it)."""
    quiet: dict[str, str | None] = {}
    for document in documents:
        last = logbook.last(document.id)
        if document.status == "received" and _now() - (last.at if last else document.received) > QUIET:
            waiting = logbook.last(document.id, "waiting")
            quiet[document.id] = waiting.detail.get("job") if waiting else None
    if not quiet:
        return []
    free = core.claim(quiet)
    model.Session.rollback()  # the claims end here
    coming = _coming({job for job in quiet.values() if job})
    found = [core.document(document_id) for document_id in free if quiet[document_id] not in coming]
    return [d for d in found if d is not None and d.status == "received" and (coming is not _UNKNOWN or _late(d))]


_UNKNOWN: frozenset[str | None] = frozenset({"?"})


def _coming(jobs: set[str]) -> frozenset[str | None]:
    """Those of the jobs that a worker has, or will have."""
    try:
        queue = get_queue(config.QUEUE)
        StartedJobRegistry(queue=queue).cleanup()  # those whose worker gave no sign of life are failed
        found = {job.id: job.get_status() for job in Job.fetch_many(list(jobs), queue.connection) if job is not None}
        awaited = process.worker_listens()
    except RedisError:
        log.exception("Redis does not answer: whether jobs are lost is told by the time that they take")
        return _UNKNOWN
    return frozenset(
        job_id for job_id, state in found.items() if state == "started" or (awaited and state in _COMING)
    )


def _late(document: BudgetDocument) -> bool:
    return _now() - document.received > config.late_after()


def revive(documents: Iterable[BudgetDocument], *, here: bool = False) -> int:
    """Take up again the dead ones: by a worker if one listens, else at once if it may be done ``here``; how many."""
    by_dataset: dict[str, list[str]] = {}
    for document in dead(documents):
        by_dataset.setdefault(document.package_id, []).append(document.id)
    listens = process.worker_listens() if by_dataset else False
    if not (listens or here):
        return 0
    for package_id, ids in by_dataset.items():
        log.warning(
            "The conversion of %d document(s) of dataset %s had stopped: taken up again", len(ids), package_id
        )
        logbook.tell(ids, "taken_up")
        if not (listens and process.enqueue(package_id, ids)):
            with trip.own_writes():
                process.process(package_id, ids)
    return sum(map(len, by_dataset.values()))


def revive_all() -> int:
    """Before a job does its own work, it sees to what others left."""
    limit = _now() - QUIET
    query = sa.select(BudgetDocument).where(BudgetDocument.status == "received", BudgetDocument.received < limit)
    return revive(list(model.Session.scalars(query.order_by(BudgetDocument.received).limit(MOST))))
