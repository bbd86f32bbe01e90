"""Publication of one row, under the lock of its budget."""

from __future__ import annotations

import logging
import tempfile
import time
import uuid
from pathlib import PurePath
from typing import BinaryIO

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.budget import config
from ckanext.budget.deposit import batches, datasets, locks, plan, store
from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile
from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.ingest import copies, drain, files, process, transient, trip
from ckanext.budget.mandates import mention
from ckanext.budget.registry import core, logbook
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.totem.receive import Received, receive

log = logging.getLogger(__name__)

#: how long a row waits for others of the same budget
WAIT_SECONDS = 300
#: refusals that say «it is there already»
_ALREADY = ("already_published", "already_published_link", "twice_at_once")


class _DatasetGoneError(Exception):
    """The dataset was deleted since the row was looked at."""


def publish_row(row_id: str) -> None:
    """Give a queued row its outcome; never raises for a file. A fault that passes by itself, and a dataset that goes at
    the same moment, are tried again, three times in all."""
    while not _tried(row_id):
        pass


def _tried(row_id: str) -> bool:
    """One attempt; whether it is the last."""
    try:
        _publish_row(row_id)
    except (*transient.FAULTS, _DatasetGoneError) as error:
        log.exception("A deposited file could not be published; it is tried again")
        model.Session.rollback()
        tried = _attempts(row_id)
        if tried < transient.MAX_ATTEMPTS:
            if not isinstance(error, _DatasetGoneError):
                _tell_of(row_id, error)
            time.sleep(transient.RETRY_SECONDS * max(tried, 1))
            return False
        _give_up(row_id, Finding("publication_failed", "bloquant"))
    return True


def _attempts(row_id: str) -> int:
    row = batches.row(row_id)
    return row.attempts if row is not None else transient.MAX_ATTEMPTS


def _tell_of(row_id: str, error: Exception) -> None:
    row = batches.row(row_id)
    if row is not None:
        logbook.tell([row.batch_id], "again", fault=transient.kind(error), attempt=row.attempts, file=row.filename)


def _give_up(row_id: str, finding: Finding) -> None:
    row = batches.row(row_id)
    if row is not None and row.state == "queued":
        batches.settle(row, "failed", finding, keep=True)


def _publish_row(row_id: str) -> None:
    row = batches.row(row_id)
    batch = batches.get(row.batch_id) if row is not None else None
    if row is None or batch is None:
        return
    name = f"budget {row.siret or f'{batch.owner_org or batch.user_id} {row.name}'}"
    model.Session.rollback()  # who waits holds no connection of CKAN's
    with locks.held(name, wait=WAIT_SECONDS) as mine:
        model.Session.expire_all()
        row, batch = batches.row(row_id), batches.get(batch.id)
        if row is None or batch is None or row.state != "queued":
            return
        if not mine:
            batches.settle(row, "failed", Finding("deposit_busy", "bloquant"), keep=True)
            return
        row.attempts += 1
        model.Session.commit()
        _try(batch, row)


def _try(batch: BudgetBatch, row: BudgetBatchFile) -> None:
    row_id = row.id
    try:
        _publish(batch, row)
    except Refusal as refusal:
        _refuse(row_id, refusal)
    except tk.ValidationError as error:
        refusal = refusal_of(error) or Refusal("deposit_not_stored", fields=", ".join(sorted(error.error_dict)))
        _refuse(row_id, refusal)
    except tk.NotAuthorized:
        _refuse(row_id, Refusal("deposit_not_allowed", theirs=row.name))
    except (*transient.FAULTS, _DatasetGoneError):
        raise
    except Exception:  # noqa: BLE001  (boundary of a row: recorded as our fault; the copy stays, to be tried again)
        log.exception("A deposited file could not be published")
        model.Session.rollback()
        _give_up(row_id, Finding("publication_failed", "bloquant"))


def refusal_of(error: BaseException) -> Refusal | None:
    """The door's refusal behind an error of CKAN's actions, which wrap it."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, Refusal):
        found = found.__cause__ or found.__context__
    return found


def _refuse(row_id: str, refusal: Refusal) -> None:
    model.Session.rollback()
    row = batches.row(row_id)
    if row is None:
        return
    if refusal.finding.code in _ALREADY:
        twin = core.published_twin(row.source_sha256 or "", row.occulted_sha256 or "")
        if twin is not None:
            plan.known(row, twin)
            model.Session.commit()
            batches.drop(row)
            return
    batches.settle(row, "refused", refusal.finding)


def _publish(batch: BudgetBatch, row: BudgetBatchFile) -> None:
    resource_id = str(uuid.uuid5(uuid.UUID(row.id), "resource"))
    if files.holds(resource_id, row.occulted_sha256 or ""):
        _take_up(batch, row, resource_id)  # a process stopped after CKAN had stored the file
        return
    row.state = "queued"
    plan.foresee(batch, row)
    if row.state == "already":
        model.Session.commit()
        batches.drop(row)
        return
    if row.plan.get("waits"):
        row.state = "waiting"  # the mandate has changed since: the collectivité publishes
        model.Session.commit()
        return
    before = plan.in_force(plan.key_of(row, row.package_id))
    made = None if row.package_id else datasets.create(batch, row)
    package_id = made or row.package_id or ""
    try:
        with store.open_copy(row.id, row.occulted_sha256) as copy:
            _create_resource(batch, row, package_id, resource_id, copy)
    except BaseException:
        model.Session.rollback()
        if made:
            datasets.remove_if_empty(made)
        raise
    _conclude(row, resource_id, package_id, replaced=before is not None)


def _create_resource(
    batch: BudgetBatch, row: BudgetBatchFile, package_id: str, resource_id: str, copy: BinaryIO
) -> None:
    if core.lock(package_id) not in ("active", "draft"):  # until CKAN commits: nobody deletes it meanwhile
        raise _DatasetGoneError
    upload = copies.OccultedCopy(copy, PurePath(row.filename).name, origin_of(row))
    tk.get_action("resource_create")(
        datasets.acting(batch, row), {"package_id": package_id, "id": resource_id, "upload": upload}
    )


def origin_of(row: BudgetBatchFile) -> copies.Origin:
    """What was known of a row's file when it was received."""
    return copies.Origin(
        row.source_sha256 or "",
        dict(row.occultation),
        tuple(Finding.from_dict(finding) for finding in row.findings),
        tuple((written, column) for written, column in row.mapping),
    )


def _take_up(batch: BudgetBatch, row: BudgetBatchFile, resource_id: str) -> None:
    """Register and convert what is stored already."""
    resource = model.Resource.get(resource_id)
    package_id = str(resource.package_id) if resource else ""
    document = core.latest_of_resource(resource_id)
    if document is None:
        found = _received(row, resource_id)
        done = trip.Trip(seen={resource_id: found}, touched={package_id})
        drain.drain(done, user=datasets.actor(batch, row), deferred=False)
    elif document.status in ("received", "failed"):
        with trip.own_writes():
            process.process(package_id, [document.id])
    _conclude(row, resource_id, package_id, replaced=row.plan.get("will") == "replace")


def _received(row: BudgetBatchFile, resource_id: str) -> Received:
    with files.open_resource({"id": resource_id}) as stored, tempfile.TemporaryFile() as again:
        found = receive(stored, again, strict=True, limits=config.limits())
        if not isinstance(found, Received):
            raise Refusal("file_changed")
        upload = copies.OccultedCopy(stored, row.filename, origin_of(row))
        return copies.as_received(upload, found)


def _conclude(row: BudgetBatchFile, resource_id: str, package_id: str, *, replaced: bool) -> None:
    """The outcome, from the registry."""
    model.Session.expire_all()
    document = core.latest_of_resource(resource_id)
    row.package_id, row.resource_id = package_id, resource_id
    if document is None:
        batches.settle(row, "failed", Finding("publication_failed", "bloquant"), keep=True)
        return
    if document.status == "failed":
        finding = Finding.from_dict(document.error) if document.error else Finding("conversion_failed", "bloquant")
        row.document_id = document.id
        batches.settle(row, "failed", finding, keep=True)
        return
    row.preview = {**row.preview, **_figures(row, document)}
    row.document_id = document.id
    if row.approved_by and row.mandate_id:
        document.on_behalf = mention.of_mandate(row.mandate_id)
    batches.settle(row, "superseded" if replaced else "published")


def _figures(row: BudgetBatchFile, document: BudgetDocument) -> dict[str, object]:
    """What the receipt says of a converted document, when there was no preview."""
    report = document.report or {}
    if not report or row.preview.get("lines") is not None:
        return {}
    return {"lines": report.get("rows"), "level": report.get("level")}
