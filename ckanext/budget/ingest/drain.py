"""After the outermost action: register what the door saw and set its conversion going.

The upload has succeeded: nothing here raises. A failure is recorded, and said on the page.
"""

from __future__ import annotations

import logging

from ckan import model

from ckanext.budget import config
from ckanext.budget.ingest import originals, process, trip
from ckanext.budget.registry import core
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
            else:
                _drain(done, user)
    except Exception:  # noqa: BLE001  (the upload has succeeded: the fault is logged and the document stays «received»)
        log.exception("A budget was stored but could not be registered or converted")
        if not deferred:
            model.Session.rollback()


def _drain(done: trip.Trip, user: str | None) -> None:
    registered = _register(done, user)
    model.Session.commit()
    for found in done.seen.values():
        originals.confirm(found)
    for package_id in done.touched | set(registered):
        new = registered.get(package_id, [])
        ids = [document_id for _, document_id in new]
        sizes = [done.seen[resource_id].size for resource_id, _ in new]
        listens = process.worker_listens()
        if sizes and max(sizes) > config.inline_max_bytes() and listens:
            process.enqueue(package_id, ids)
        elif ids or core.documents_of(package_id):
            ids += [d.id for d in core.waiting(package_id, since=config.late_after() if listens else None)]
            process.process(package_id, list(dict.fromkeys(ids)), replaced=done.replaced)


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
        model.Session.add(row)
        model.Session.flush()
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
        header={"kind": header.kind, "values": dict(header.values), "information": dict(header.information)},
        findings=[finding.to_dict() for finding in found.findings],
        user_id=user_id,
    )


def register_stored(found: Received, resource: model.Resource) -> str:
    """Register a budget that was stored before the plugin came; returns the document's id (not committed)."""
    row = document_row(found, str(resource.package_id), resource.id, None)
    model.Session.add(row)
    model.Session.flush()
    return row.id
