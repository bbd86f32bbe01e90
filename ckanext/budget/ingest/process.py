"""Conversion of registered documents, under the dataset's lock; now or as a background job.

Lock order: dataset, then documents. Registry rows and derived resources of one upload are committed together.
"""

from __future__ import annotations

import csv
import io
import logging
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.jobs import Worker, get_queue
from redis.exceptions import RedisError

from ckanext.budget import __version__, config
from ckanext.budget.convert import OnLine, convert, take_over
from ckanext.budget.digest import sha256
from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.ingest import alert, annexes, derived, files, remains, transient, trip
from ckanext.budget.ingest.transient import MAX_ATTEMPTS
from ckanext.budget.quality.report import Report
from ckanext.budget.registry import core, logbook
from ckanext.budget.registry.models import BudgetDocument, BudgetLine, _now
from ckanext.budget.scdl.model import ConvertedLine
from ckanext.budget.totem.model import Header

log = logging.getLogger(__name__)

LINE_COLUMNS = tuple(column.name for column in BudgetLine.__table__.columns)


@dataclass
class Converted:
    """A document, the CSV just made from it, and the tables made from its annexes, by name."""

    document: BudgetDocument
    csv: BinaryIO
    annexes: Mapping[str, BinaryIO]
    differs: bool = True  # from what is published

    def close(self) -> None:
        """Its files are published."""
        for out in (self.csv, *self.annexes.values()):
            out.close()


def worker_listens() -> bool:
    """Whether a job worker is there to take a conversion (else it is done at once: nobody waits for ever)."""
    try:
        return bool(Worker.all(queue=get_queue(config.QUEUE)))
    except RedisError:
        log.exception("Redis does not answer: budgets are converted at once")
        return False


def enqueue(package_id: str, document_ids: list[str], *, delay: bool = False, again: bool = False) -> bool:
    """Have a worker convert documents (``delay``: their rows are not committed yet; ``again``: though they were).

    False when the queue does not answer: the caller does it, or the next save of the dataset."""
    queued = handed_over(
        job,
        [package_id, document_ids, delay, again],
        title="Convert budgets",
        seconds=config.limits().seconds + 300,
    )
    if queued is None:
        return False
    if delay:
        for document_id in document_ids:
            logbook.note(document_id, "waiting", job=queued)
    else:
        logbook.tell(document_ids, "waiting", job=queued)
    return True


def handed_over(work: Callable[..., None], arguments: list[Any], *, title: str, seconds: int) -> str | None:
    """Give a job to our queue: its id, None when Redis (which may have gone away since a worker was seen) has not
    taken it."""
    try:
        queued = tk.enqueue_job(work, arguments, title=title, queue=config.QUEUE, rq_kwargs={"timeout": seconds})
    except RedisError:
        log.exception("Redis does not answer: a job could not be queued")
        return None
    return str(queued.id)


def job(package_id: str, document_ids: list[str], delay: bool = False, again: bool = False) -> None:
    """Job: convert documents. Idempotent: it reads again what is stored and what is registered."""
    for _ in range(30 if delay else 1):
        if core.document(document_ids[0]) is not None:
            break
        model.Session.rollback()
        time.sleep(1)  # the caller that deferred its commit has not committed yet
    with trip.own_writes():
        process(package_id, document_ids, again=again)
    _see_to_the_rest()


def _see_to_the_rest() -> None:
    from ckanext.budget.deposit import upkeep  # noqa: PLC0415  (the desk stands on this room)

    upkeep.see_to_it()


def process(package_id: str, document_ids: list[str], replaced: Iterable[str] = (), *, again: bool = False) -> None:
    """Convert the documents, settle what is current and write what derives from it; never raises for a document.

    A fault that passes by itself (:mod:`ckanext.budget.ingest.transient`) is tried again, three times at most; the
    attempts are counted in the registry.
    A document that another job is converting is left to it. ``again``: documents already converted are so anew; a
    failure then leaves them as they were, with the error.
    """
    derived.site_user()  # may commit: before the lock is taken
    touched: set[str] = set()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        core.count_attempt(core.claim(document_ids))
        model.Session.commit()
        try:
            touched = _process(package_id, core.claim(document_ids), set(replaced), again=again)
            break
        except Exception as error:  # noqa: BLE001  (job boundary: the failure is recorded, the last good output stays)
            model.Session.rollback()
            if isinstance(error, transient.FAULTS) and attempt < MAX_ATTEMPTS:
                log.warning("The budgets of dataset %s are tried again: %s", package_id, type(error).__name__)
                logbook.tell(document_ids, "again", fault=transient.kind(error), attempt=attempt)
                time.sleep(transient.RETRY_SECONDS * attempt)
                continue
            log.exception("The budgets of dataset %s could not be published", package_id)
            _record_failure(document_ids, error)
            alert.tell_of(document_ids)
            return
    alert.tell_of(document_ids)
    for other in touched - {package_id}:
        process(other, [])


def departed(package_id: str) -> None:
    """A dataset was deleted: what its documents had replaced elsewhere is in force again."""
    touched: set[str] = set()
    for key in {core.Key.of(d) for d in core.documents_of(package_id)}:
        touched |= core.settle(key)
    model.Session.commit()
    with trip.own_writes():
        for other in touched - {package_id}:
            process(other, [])


def follow(package_id: str) -> None:
    """Bring a dataset in line with what was just changed in the registry, in the same transaction (flushed, not
    committed). Raises what fails: nothing is changed then."""
    for other in _process(package_id, [], set()) - {package_id}:
        process(other, [])


def _process(package_id: str, document_ids: list[str], replaced: set[str], *, again: bool = False) -> set[str]:
    if core.lock(package_id) is None:
        core.forget(core.documents_of(package_id))
        model.Session.commit()
        return set()
    model.Session.expire_all()  # what was read before the lock may have changed
    keys = {core.Key.of(d) for d in core.documents_of(package_id)}
    ours = remains.ours(package_id)
    core.forget(_gone(package_id, replaced))
    model.Session.flush()
    lacking = {d.id: d for d in core.without_csv(package_id) + core.without_annexes(package_id, config.annexes())}
    lost = [d for d in lacking.values() if again or d.id not in document_ids]
    for document in lost:
        document.status, document.attempts = "received", 1
    wanted = dict.fromkeys([*document_ids, *(d.id for d in lost)])
    anew = set(document_ids) - lacking.keys() if again else set[str]()
    converted = [c for c in (_convert(document_id, again=document_id in anew) for document_id in wanted) if c]
    for made in converted:
        core.forget(_displaced_by(made.document))
    model.Session.flush()
    touched: set[str] = set()
    for key in keys | {core.Key.of(c.document) for c in converted}:
        touched |= core.settle(key)
    if converted:
        logbook.tell([c.document.id for c in converted], "writing")
    for made in converted:
        logbook.note(made.document.id, "published")  # it is committed with what it says
    derived.write(package_id, {c.document.id: derived.Made(c.csv, c.annexes) for c in converted if c.differs})
    for made in converted:
        made.close()
    remains.sweep(package_id, ours)
    return touched


def _gone(package_id: str, replaced: set[str]) -> list[BudgetDocument]:
    """Documents whose file is no longer there: resource deleted, replaced by something else or by a link."""
    kept = {
        r.id
        for r in model.Session.scalars(
            sa.select(model.Resource).where(model.Resource.package_id == package_id, model.Resource.state == "active")
        )
        if r.url_type == "upload" and r.id not in replaced
    }
    documents = core.documents_of(package_id)
    # a withdrawn document, and the versions that its resource held before, are history
    kept |= {d.resource_id for d in documents if d.status == "withdrawn"}
    return [d for d in documents if d.resource_id not in kept]


def _displaced_by(document: BudgetDocument) -> list[BudgetDocument]:
    """Other documents (another key) that the same resource held before."""
    return [
        d
        for d in core.documents_of(document.package_id)
        if d.resource_id == document.resource_id
        and core.Key.of(d) != core.Key.of(document)
        and d.status != "withdrawn"
    ]


def _convert(document_id: str, *, again: bool) -> Converted | None:
    document = core.document(document_id)
    statuses = ("received", "failed", "converted", "superseded") if again else ("received", "failed")
    if document is None or document.status not in statuses:
        return None
    if document.attempts > MAX_ATTEMPTS:  # whoever tried was killed: nobody waits for ever
        if document.status == "received":
            _fail(document, Finding("conversion_failed", "bloquant"))
        return None
    logbook.tell([document.id], "reading", attempt=document.attempts)
    published = document.csv_sha256
    made = Converted(document, tempfile.TemporaryFile(), {})  # noqa: SIM115  (closed once it is published)
    try:
        with model.Session.begin_nested():  # a fault of one document leaves the others alone
            _convert_into(document, made)
    except Refusal as refusal:
        _fail(document, refusal.finding)
    except transient.FAULTS:  # not the file's, nor ours: tried again
        made.close()
        raise
    except Exception:  # noqa: BLE001  (job boundary: recorded as our fault, not the file's)
        log.exception("Document %s could not be converted", document.id)
        _fail(document, Finding("conversion_failed", "bloquant"))
    else:
        made.differs = not again or document.csv_sha256 != published or bool(config.annexes())
        return made
    made.close()
    return None


def _convert_into(document: BudgetDocument, made: Converted) -> None:
    resource = {"id": document.resource_id}
    out = made.csv
    with (
        files.open_resource(resource) as source,
        tempfile.TemporaryFile("w+", newline="", encoding="utf-8") as lines,
    ):
        if sha256(source) != document.occulted_sha256:
            raise Refusal("file_changed")
        writer = csv.writer(lines)

        def keep(line: ConvertedLine) -> None:
            writer.writerow([document.id, *line[: len(LINE_COLUMNS) - 1]])

        report = _report(document, source, out, keep)
        if not report.conserved:
            raise Refusal("not_conserved")
        _store_lines(document.id, lines)
        wanted = config.annexes()
        if wanted and report.header is not None and report.header.kind != "scdl":
            made.annexes, findings = annexes.make(source, report.header)
            report.findings += findings
            document.header = {**document.header, "annexes": {name: name in made.annexes for name in wanted}}
    data = report.to_dict()
    data["source_sha256"], data["occultation"] = document.source_sha256, dict(document.occultation)
    known = {(f["code"], f["line"]) for f in data["findings"]}
    data["findings"] = [f for f in document.findings if (f["code"], f["line"]) not in known] + data["findings"]
    document.report, document.error, document.status = data, None, "converted"
    document.csv_sha256 = sha256(out)
    document.converted, document.converter_version = _now(), __version__
    document.plans_version = data.get("plans_version")
    document.csv_resource_id = derived.csv_id(document.resource_id)


def _report(document: BudgetDocument, source: BinaryIO, out: BinaryIO, keep: OnLine) -> Report:
    """Write the CSV of a stored file: an occulted XML, or a table that was put in order when it came."""
    stored = document.header
    if stored.get("kind") != "scdl":
        return convert(source, out, on_line=keep, limits=config.limits())
    header = Header("scdl", stored.get("values", {}), information=stored.get("information", {}))
    mapping = [(written, column) for written, column in stored.get("mapping", [])]
    return take_over(source, out, header, on_line=keep, mapping=mapping)


def _store_lines(document_id: str, lines: io.TextIOBase | tempfile._TemporaryFileWrapper[str]) -> None:
    lines.seek(0)
    core.delete_lines(document_id)
    cursor = model.Session.connection().connection.cursor()
    cursor.copy_expert(f"COPY budget_line ({', '.join(LINE_COLUMNS)}) FROM STDIN WITH (FORMAT csv)", lines)
    core.add_up(document_id)


def _fail(document: BudgetDocument, finding: Finding) -> None:
    """Record a failure; a document that was converted before (its last good output stays) keeps its state."""
    document.error = finding.to_dict()
    logbook.note(document.id, "failed", finding=finding.to_dict())
    if document.status not in ("converted", "superseded"):
        document.status = "failed"


def _record_failure(document_ids: list[str], error: Exception) -> None:
    code = "publication_failed" if not isinstance(error, Refusal) else error.finding.code
    for document_id in document_ids:
        document = core.document(document_id)
        if document is not None and document.status == "received":
            _fail(document, Finding(code, "bloquant"))
    model.Session.commit()
