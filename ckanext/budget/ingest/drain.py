"""After the outermost action: register what the door saw and set its conversion going.

The upload has succeeded: nothing here raises. A failure is recorded, and said on the page.
"""

from __future__ import annotations

import logging

from ckan import model

from ckanext.budget import config
from ckanext.budget.ingest import files, originals, process, trip
from ckanext.budget.mandates import mention
from ckanext.budget.registry import core, logbook
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.totem.receive import Received

log = logging.getLogger(__name__)


def drain(done: trip.Trip, *, user: str | None, deferred: bool) -> None:
    """Register, then convert now (small files) or by a job (large ones, and callers that commit later)."""
    if not (done.seen or done.touched):
        return
    try:
        with trip.own_writes():
            if deferred:
                _later(_register(done, user), delay=True)
                _confirm(done)
            else:
                _drain(done, user)
    except Exception:  # noqa: BLE001  (the upload has succeeded: the fault is logged, «ckan budget scan --fix» makes it good)
        log.exception("A budget was stored but could not be registered or converted")
        if not deferred:
            model.Session.rollback()


def _drain(done: trip.Trip, user: str | None) -> None:
    registered = _register(done, user)
    model.Session.commit()
    _confirm(done)
    for package_id in done.touched | set(registered):
        new = registered.get(package_id, [])
        ids = [document_id for _, document_id in new]
        sizes = [done.seen[resource_id].size for resource_id, _ in new]
        large = bool(sizes) and max(sizes) > config.inline_max_bytes()
        queued = large and process.worker_listens() and process.enqueue(package_id, ids)
        if queued and done.replaced:
            process.process(package_id, [], replaced=done.replaced)
        elif not queued and (ids or core.documents_of(package_id)):
            waiting = [d.id for d in _waiting(package_id) if d.id not in ids]
            process.process(package_id, [*ids, *waiting], replaced=done.replaced)


def _waiting(package_id: str) -> list[BudgetDocument]:
    """Documents whose job was lost: with a worker, those that have waited too long; without one, all."""
    found = core.waiting(package_id)
    if found and process.worker_listens():
        found = core.waiting(package_id, since=config.late_after())
    for document in found:
        if document.status == "failed":  # by a fault that was not the file's: somebody saves, it is tried anew
            document.attempts = 0
    model.Session.commit()
    return found


def _confirm(done: trip.Trip) -> None:
    for found in done.seen.values():
        originals.confirm(found)


def salvage(done: trip.Trip, *, user: str | None, deferred: bool) -> None:
    """An action failed: what it had stored and committed before is registered all the same; never raises."""
    if deferred:  # nothing of it is committed
        for found in done.seen.values():
            originals.discard(found)
        return
    try:
        model.Session.rollback()
        kept = {resource_id: found for resource_id, found in done.seen.items() if _is_stored(resource_id, found)}
        for resource_id in done.seen.keys() - kept.keys():
            originals.discard(done.seen[resource_id])
    except Exception:  # noqa: BLE001  (the caller's own error is what counts)
        log.exception("After a failed action, the stored budgets could not be looked at")
        return
    if kept:
        log.warning("An action failed after it had stored %d budget(s): they are registered", len(kept))
        drain(trip.Trip(seen=kept, touched=done.touched, replaced=done.replaced), user=user, deferred=False)


def _is_stored(resource_id: str, found: Received) -> bool:
    """Whether the resource holds this very file and is not registered with it."""
    known = core.latest_of_resource(resource_id)
    registered = known is not None and known.occulted_sha256 == found.occulted_sha256
    return not registered and files.holds(resource_id, found.occulted_sha256)


def _later(registered: dict[str, list[tuple[str, str]]], *, delay: bool) -> None:
    for package_id, ids in registered.items():
        process.enqueue(package_id, [document_id for _, document_id in ids], delay=delay)


def _register(done: trip.Trip, user: str | None) -> dict[str, list[tuple[str, str]]]:
    """One row per budget seen; returns dataset id → (resource id, document id)."""
    model.Session.flush()  # CKAN's session doesn't by itself: what a deferring caller created must be seen
    account = model.User.get(user) if user else None
    registered: dict[str, list[tuple[str, str]]] = {}
    for resource_id, found in done.seen.items():
        resource = model.Resource.get(resource_id)
        if resource is None:
            log.warning("Resource %s was let in by the door but not created", resource_id)
            continue
        package_id = str(resource.package_id)
        row = document_row(found, package_id, resource_id, account.id if account else None)
        row.on_behalf = mention.of_document(row)
        model.Session.add(row)
        model.Session.flush()
        logbook.note(row.id, "received")
        registered.setdefault(package_id, []).append((resource_id, row.id))
    return registered


def document_row(found: Received, package_id: str, resource_id: str, user_id: str | None) -> BudgetDocument:
    """The registry's row of a file just received."""
    header = found.header
    return BudgetDocument(
        package_id=package_id,
        resource_id=resource_id,
        status="received",
        siret=header.siret,
        siren=header.siren,
        name=header.name,
        exercice=header.exercice,
        stage=header.stage,
        dm_number=header.dm_number,
        nomenclature=header.declination,
        is_annexe=header.is_annexe,
        vote=header.get("NatFonc") or "1",
        is_draft=header.is_draft,
        source_sha256=found.source_sha256,
        occulted_sha256=found.occulted_sha256,
        seal={"md5": header.seal.md5, "sha1": header.seal.sha1, "date": header.seal.date},
        seal_date=header.seal.date or None,
        dte_str=header.get("DteStr") or None,
        occultation=dict(found.counts),
        header={
            "kind": header.kind,
            "values": dict(header.values),
            "information": dict(header.information),
            "mapping": [list(pair) for pair in found.mapping],
        },
        findings=[finding.to_dict() for finding in found.findings],
        user_id=user_id,
    )


def register_stored(found: Received, resource: model.Resource) -> str:
    """Register a budget that was stored before the plugin came; returns the document's id (not committed)."""
    row = document_row(found, str(resource.package_id), resource.id, None)
    model.Session.add(row)
    model.Session.flush()
    return row.id
