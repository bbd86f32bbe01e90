"""What waits, what failed, what is stuck: told by the registry, never by the job queue alone."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib.jobs import get_queue
from redis.exceptions import RedisError
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry

from ckanext.budget import config
from ckanext.budget.ingest import process, reconversion, revival, trip, words
from ckanext.budget.ingest.alert import OUR_FAULTS
from ckanext.budget.registry import core, logbook
from ckanext.budget.registry.models import STATUSES, BudgetDocument

log = logging.getLogger(__name__)


def status() -> dict[str, Any]:
    """``documents`` (number by state), ``worker``, ``jobs`` (``waiting``, ``dead``), ``stale``, ``stuck`` and
    ``our_faults`` (documents, see :func:`told`)."""
    query = sa.select(BudgetDocument.status, sa.func.count()).group_by(BudgetDocument.status)
    counted = {row[0]: row[1] for row in model.Session.execute(query)}
    failed = model.Session.scalars(sa.select(BudgetDocument).where(BudgetDocument.error.is_not(None)))
    return {
        "documents": {name: counted.get(name, 0) for name in STATUSES},
        "worker": process.worker_listens(),
        "jobs": {"waiting": _waiting_jobs(), "dead": len(dead_jobs())},
        "stale": len(reconversion.stale()),
        "stuck": stuck()["documents"],
        "our_faults": [told(d) for d in failed if (d.error or {}).get("code") in OUR_FAULTS],
    }


def stuck() -> dict[str, Any]:
    """``documents`` that nobody converts any more (see :func:`told`), ``jobs``, the ids of dead ones, and ``batches``,
    those of deposits whose publication stopped."""
    limit = dt.datetime.now(dt.timezone.utc) - config.late_after()
    query = sa.select(BudgetDocument).where(BudgetDocument.status.in_(["received", "failed"]))
    lost = {d.id for d in revival.dead(list(model.Session.scalars(query)))}
    found = [
        d
        for d in model.Session.scalars(query.order_by(BudgetDocument.received))
        if (d.status == "received" and (d.received <= limit or d.id in lost))
        or (d.status == "failed" and (d.error or {}).get("code") == "publication_failed")
    ]
    free = set(core.claim(d.id for d in found))
    result = {"documents": [told(d) for d in found if d.id in free], "jobs": dead_jobs(), "batches": _stalled()}
    model.Session.rollback()  # the claims end here
    return result


def free(found: dict[str, Any]) -> None:
    """Convert stuck documents now (an administrator asks: they are tried anew), and forget the dead jobs."""
    by_dataset: dict[str, list[str]] = {}
    for one in found["documents"]:
        document = core.document(one["id"])
        if document is not None:
            document.attempts = 0
            by_dataset.setdefault(document.package_id, []).append(document.id)
    model.Session.commit()
    with trip.own_writes():
        for package_id, ids in by_dataset.items():
            logbook.tell(ids, "taken_up")
            process.process(package_id, ids)
    for batch_id in found["batches"]:
        logbook.tell([batch_id], "taken_up")
        _desk().publish.work(batch_id)
    connection = get_queue(config.QUEUE).connection if found["jobs"] else None
    for job in Job.fetch_many(found["jobs"], connection=connection) if connection is not None else []:
        if job is not None:  # else it is gone already
            job.delete()


def _stalled() -> list[str]:
    return [batch.id for batch in _desk().upkeep.stalled()]


def _desk() -> Any:
    from ckanext.budget.deposit import publish, upkeep  # noqa: PLC0415  (the desk stands on this room)

    return SimpleNamespace(publish=publish, upkeep=upkeep)


def told(document: BudgetDocument) -> dict[str, Any]:
    """A document as the command line tells it."""
    return {
        "id": document.id,
        "package_id": document.package_id,
        "title": f"{document.name} – {words.document_title_of(document)}",
        "status": document.status,
        "received": document.received.isoformat(timespec="seconds"),
        "attempts": document.attempts,
        "error": (document.error or {}).get("code"),
    }


def documents_named(names: Iterable[str]) -> Iterator[str]:
    """Ids of documents, given as they are or by their datasets (id or name); an unknown name is given back."""
    for name in names:
        package = None if core.document(name) else model.Package.get(name)
        if package is None:
            yield name
            continue
        yield from (d.id for d in core.documents_of(package.id) if core.has_file(d) and d.status != "withdrawn")


def dead_jobs() -> list[str]:
    """Ids of our jobs that failed, or whose worker died (RQ keeps them for a year)."""
    try:
        queue = get_queue(config.QUEUE)
        StartedJobRegistry(queue=queue).cleanup()  # those whose worker gave no sign of life are failed
        ids = FailedJobRegistry(queue=queue).get_job_ids()
    except RedisError:
        log.exception("Redis does not answer: its jobs are not known")
        return []
    jobs = Job.fetch_many(ids, connection=queue.connection)
    return [job.id for job in jobs if job is not None and job.func_name in _JOBS]


_JOBS = (f"{process.__name__}.job", "ckanext.budget.deposit.publish.job")


def _waiting_jobs() -> int:
    try:
        return get_queue(config.QUEUE).count
    except RedisError:
        log.exception("Redis does not answer: its jobs are not known")
        return 0
