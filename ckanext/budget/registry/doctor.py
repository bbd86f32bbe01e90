"""Whether all that derives from documents agrees with the registry: rows, lines, files, views, versions in force."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.budget.mandates.models import BudgetMandate, BudgetMandateFile, BudgetRequest
from ckanext.budget.notes.models import BudgetNote
from ckanext.budget.registry import core
from ckanext.budget.registry.models import (
    BudgetCodeTotal,
    BudgetDocument,
    BudgetLine,
    BudgetLog,
    BudgetWithdrawnFile,
)
from ckanext.budget.reminders.models import BudgetReminder

#: what can be found, in words for administrators
KINDS = {
    "document_without_dataset": "document of a dataset that no longer exists",
    "document_without_resource": "document whose file is no longer a resource",
    "lines_without_document": "lines of a document that is not in the registry, or is withdrawn",
    "note_without_dataset": "pinned text of a dataset that no longer exists",
    "kept_file_without_document": "kept file of a document that is not withdrawn",
    "derived_without_document": "file made by the portal from a document that is not in the registry",
    "file_without_resource": "stored file of a resource that no longer exists",
    "view_without_resource": "view of a deleted resource",
    "two_in_force": "several versions of one document in force",
    "log_without_subject": "steps of a document or a deposit that no longer exists",
    "preference_without_account": "preferences of an account that no longer exists",
    "reminder_without_account": "reminder of an account that no longer exists",
    "mandate_without_holder": "mandate that was not ended, of an account or an organisation that no longer exists",
    "act_without_mandate": "act of a mandate that does not exist",
    "request_without_requester": "open request of an account that no longer exists",
    "none_in_force": "no version of a document in force, though some could be",
}
ROLES = ("csv", "consolidated", "annexe")


@dataclass(frozen=True)
class Fault:
    """Something that disagrees: ``kind`` (of ``KINDS``), ``id`` of what is at fault, its dataset if known."""

    kind: str
    id: str
    package_id: str | None = None


def examine() -> list[Fault]:
    """Every fault of the portal."""
    model.Session.expire_all()
    documents = list(model.Session.scalars(sa.select(BudgetDocument).order_by(BudgetDocument.received)))
    return [
        *_documents(documents),
        *_lines(),
        *_kept_files(),
        *_told(),
        *_notes(),
        *_derived(),
        *_files(documents),
        *_views(),
        *_mandates(),
        *_in_force(documents),
        *_reminders(),
    ]


def _documents(documents: Iterable[BudgetDocument]) -> Iterator[Fault]:
    states = {row.id: row.state for row in model.Session.execute(sa.select(model.Package.id, model.Package.state))}
    uploads = set(
        model.Session.scalars(
            sa.select(model.Resource.id).where(model.Resource.state == "active", model.Resource.url_type == "upload")
        )
    )
    documents = list(documents)
    history = {d.resource_id for d in documents if d.status == "withdrawn"}
    for d in documents:
        if d.package_id not in states:
            yield Fault("document_without_dataset", d.id, d.package_id)
        elif states[d.package_id] != "deleted" and d.resource_id not in uploads | history:
            yield Fault("document_without_resource", d.id, d.package_id)


def _lines() -> Iterator[Fault]:
    published = sa.select(BudgetDocument.id).where(BudgetDocument.status != "withdrawn")
    found = set[str]()
    for table in (BudgetLine, BudgetCodeTotal):
        query = sa.select(table.document_id).where(table.document_id.not_in(published)).distinct()
        found |= set(model.Session.scalars(query))
    for document_id in sorted(found):
        yield Fault("lines_without_document", document_id)


def _kept_files() -> Iterator[Fault]:
    withdrawn = sa.select(BudgetDocument.id).where(BudgetDocument.status == "withdrawn")
    query = sa.select(BudgetWithdrawnFile.document_id).where(BudgetWithdrawnFile.document_id.not_in(withdrawn))
    for document_id in model.Session.scalars(query):
        yield Fault("kept_file_without_document", document_id)


def _told() -> Iterator[Fault]:
    """Steps and preferences that are of nobody. (The desk's tables by their names: it stands on this room.)"""
    batch = sa.table("budget_batch", sa.column("id"))
    wanted = sa.table("budget_preference", sa.column("user_id"))
    subjects = sa.union(sa.select(BudgetDocument.id), sa.select(batch.c.id))
    query = sa.select(BudgetLog.subject).where(BudgetLog.subject.not_in(subjects)).distinct()
    for subject in model.Session.scalars(query):
        yield Fault("log_without_subject", subject)
    orphans = sa.select(wanted.c.user_id).where(wanted.c.user_id.not_in(sa.select(model.User.id)))
    for user_id in model.Session.scalars(orphans):
        yield Fault("preference_without_account", user_id)


def _notes() -> Iterator[Fault]:
    query = sa.select(BudgetNote.id, BudgetNote.package_id)
    for row in model.Session.execute(query.where(BudgetNote.package_id.not_in(sa.select(model.Package.id)))):
        yield Fault("note_without_dataset", row.id, row.package_id)


def _derived() -> Iterator[Fault]:
    """Resources with a role of ours and an id that only we compute, in datasets where nothing gives them."""
    query = sa.select(model.Resource).where(model.Resource.state == "active", model.Resource.url_type == "upload")
    known: dict[str, set[str]] = {}
    for resource in model.Session.scalars(query):
        if resource.extras.get("budget_role") not in ROLES or not is_computed(resource.id):
            continue
        package_id = str(resource.package_id)
        if package_id not in known:
            known[package_id] = core.derived_ids(package_id)
        if resource.id not in known[package_id]:
            yield Fault("derived_without_document", resource.id, package_id)


def is_computed(resource_id: str) -> bool:
    """Whether an id is a UUID of version 5, as ours are (CKAN's are random)."""
    try:
        return uuid.UUID(resource_id).version == 5
    except ValueError:
        return False


def _files(documents: Iterable[BudgetDocument]) -> Iterator[Fault]:
    """Stored files of ours that no resource names: ids that we compute, and those of the registry's documents."""
    stored = set(_stored_ids())
    ours = {d.resource_id for d in documents}
    deleted = sa.select(model.Resource.id).join(model.Package, model.Package.id == model.Resource.package_id)
    ours |= set(
        model.Session.scalars(deleted.where(model.Package.type == "budget", model.Resource.state == "deleted"))
    )
    there = sa.select(model.Resource.id).where(model.Resource.state == "active", model.Resource.url_type == "upload")
    present = set(model.Session.scalars(there))
    for resource_id in sorted(stored - present):
        if resource_id in ours or is_computed(resource_id):
            yield Fault("file_without_resource", resource_id)


def _stored_ids() -> Iterator[str]:
    """Ids of the stored files: CKAN's own folder, or a storage of 2.12 that can be listed (others can't be)."""
    for path in _stored_paths():
        parts = Path(path).parts[-3:]
        if len(parts) == 3 and [len(part) for part in parts[:2]] == [3, 3]:
            yield "".join(parts)


def _stored_paths() -> Iterator[str]:
    folder = Path(tk.config.get("ckan.storage_path") or "") / "resources"
    if folder.is_absolute() and folder.is_dir():
        yield from (str(path) for path in folder.rglob("*") if path.is_file())
    if not tk.check_ckan_version(min_version="2.12"):
        return
    from ckan.lib import files  # noqa: PLC0415  (CKAN 2.12 only)

    try:
        storage: Any = files.get_storage(tk.config["ckan.files.default_storages.resource"])
    except files.exc.UnknownStorageError:
        return
    if storage.supports(files.Capability.SCAN):
        yield from storage.scan()


def _views() -> Iterator[Fault]:
    """Of our resources: a view of another plugin's is none of our business."""
    query = (
        sa.select(model.ResourceView.id, model.ResourceView.resource_id, model.ResourceView.view_type)
        .join(model.Resource, model.Resource.id == model.ResourceView.resource_id)
        .where(model.Resource.state == "deleted")
    )
    for row in model.Session.execute(query):
        if row.view_type == "budget" or is_computed(row.resource_id):
            yield Fault("view_without_resource", row.id)


def _mandates() -> Iterator[Fault]:
    """Mandates and requests whose people are gone: harmless (nobody can use them), but to be ended or answered."""
    users = sa.select(model.User.id).where(model.User.state != "deleted")
    groups = sa.select(model.Group.id).where(model.Group.state != "deleted")
    gone = sa.or_(
        BudgetMandate.user_id.is_not(None) & BudgetMandate.user_id.not_in(users),
        BudgetMandate.by_org.is_not(None) & BudgetMandate.by_org.not_in(groups),
    )
    for mandate_id in model.Session.scalars(sa.select(BudgetMandate.id).where(BudgetMandate.ended.is_(None), gone)):
        yield Fault("mandate_without_holder", mandate_id)
    known = sa.select(BudgetMandate.id)
    acts = sa.select(BudgetMandateFile.mandate_id).where(BudgetMandateFile.mandate_id.not_in(known))
    for mandate_id in model.Session.scalars(acts):
        yield Fault("act_without_mandate", mandate_id)
    requests = sa.select(BudgetRequest.id).where(BudgetRequest.state == "open", BudgetRequest.user_id.not_in(users))
    for request_id in model.Session.scalars(requests):
        yield Fault("request_without_requester", request_id)


def _in_force(documents: Iterable[BudgetDocument]) -> Iterator[Fault]:
    for key in {core.Key.of(d) for d in documents if d.status in ("converted", "superseded")}:
        versions = core.live_versions(key)
        current = [v for v in versions if v.status == "converted"]
        if len(current) > 1:
            yield from (Fault("two_in_force", v.id, v.package_id) for v in current)
        elif not current and any(v.status == "superseded" for v in versions):
            last = versions[-1]
            yield Fault("none_in_force", last.id, last.package_id)


def _reminders() -> Iterator[Fault]:
    accounts = sa.select(model.User.id).where(model.User.state != "deleted")
    for reminder_id in model.Session.scalars(
        sa.select(BudgetReminder.id).where(BudgetReminder.user_id.not_in(accounts))
    ):
        yield Fault("reminder_without_account", reminder_id)
