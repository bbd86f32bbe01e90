"""A document is withdrawn, restored, purged: the registry, its files and all that derives from it follow.

A withdrawn document's file leaves CKAN's storage. It waits in the registry's own table, written in the transaction that
withdraws it; when personal data are the reason, it waits nowhere.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from werkzeug.datastructures import FileStorage

from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import derived, files, originals, process, remains, trip, words
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument, BudgetWithdrawnFile

#: what a person wrote about the resource that carried a document
KEPT_FIELDS = ("name", "description", "format", "mimetype")


def withdraw(document_id: str, *, user_id: str | None, reason: str, personal_data: bool) -> BudgetDocument:
    """Take a document off the portal; what it had replaced is in force again.

    All or nothing: a fault leaves the document where it was, and is raised. Raises :class:`Refusal`
    («already_withdrawn», «dataset_gone»).
    """
    derived.site_user()  # may commit: before the lock is taken
    document = _locked(document_id)
    if document.status == "withdrawn":
        raise Refusal("already_withdrawn", document=words.document_title_of(document))
    shared = [d for d in core.documents_of(document.package_id) if d.resource_id == document.resource_id]
    is_last = shared[-1].id == document.id
    if is_last and not personal_data:
        _keep(document)
    for version in shared if is_last else [document]:
        version.csv_sha256 = None  # the CSV of the versions that the resource held before is gone since
    document.status, document.superseded_by = "withdrawn", None
    document.withdrawal = {
        "at": _now(),
        "by": user_id,
        "reason": reason,
        "personal_data": personal_data,
        "purged": personal_data,
    }
    for version in shared if personal_data else [document]:
        _delete_lines(version)
        if personal_data:  # the files of the others are gone; what was read from them goes too
            _blank(version)
    _follow(document.package_id)
    if personal_data:
        _destroy(document)
    return document


def restore(document_id: str, *, user_id: str | None) -> BudgetDocument:
    """Put a withdrawn document back, and convert it anew; the newest version is in force, as always.

    Raises :class:`Refusal`: «not_withdrawn», «not_restorable» (its file is gone), «already_published».
    """
    user = derived.site_user()
    document = _locked(document_id)
    title = words.document_title_of(document)
    if document.status != "withdrawn":
        raise Refusal("not_withdrawn", document=title)
    kept = model.Session.get(BudgetWithdrawnFile, document.id)
    if kept is None:
        raise Refusal("not_restorable", document=title)
    twin = core.published_twin(document.source_sha256, document.occulted_sha256)
    if twin is not None:
        raise Refusal("already_published", document=title)
    document.status, document.attempts, document.error = "received", 0, None
    document.withdrawal = {**document.withdrawal, "restored": _now(), "restored_by": user_id}
    form = kept.resource.get("format", "XML").lower()
    file = FileStorage(io.BytesIO(gzip.decompress(kept.content)), filename=words.stored_filename("budget", form))
    resource = {
        **kept.resource,
        "id": document.resource_id,
        "url": "",
        "url_type": "upload",
        "budget_role": "source",
        "budget_document_id": document.id,
        "upload": file,
    }
    model.Session.delete(kept)
    model.Session.flush()
    with trip.own_writes():
        context: Any = {"user": user, "ignore_auth": True}
        change = {"match": {"id": document.package_id}, "update__resources__extend": [resource]}
        tk.get_action("package_revise")(context, change)
        model.Session.commit()
        process.process(document.package_id, [document.id])
    return document


def purge(document_id: str, *, forget: bool = False) -> None:
    """Destroy what is kept of a withdrawn document, for good. Its line in the registry stays (who withdrew what, when
    and why) unless it is to be forgotten too. Raises :class:`Refusal` («not_withdrawn»)."""
    document = _locked(document_id)
    if document.status != "withdrawn":
        raise Refusal("not_withdrawn", document=words.document_title_of(document))
    _delete_lines(document)
    _blank(document)
    document.withdrawal = {**document.withdrawal, "purged": True}
    model.Session.commit()
    _destroy(document)
    if forget:
        core.forget([document])
        model.Session.commit()


def restorable(document: BudgetDocument) -> bool:
    """Whether the file of a withdrawn document is kept."""
    query = sa.select(BudgetWithdrawnFile.document_id).where(BudgetWithdrawnFile.document_id == document.id)
    return document.status == "withdrawn" and model.Session.scalars(query).first() is not None


def _locked(document_id: str) -> BudgetDocument:
    """The document, its dataset being locked; what was read before the lock is read again."""
    document = core.document(document_id)
    if document is None:
        raise tk.ObjectNotFound(tk._("This budget document does not exist"))
    state = core.lock(document.package_id)
    model.Session.expire_all()
    if state not in ("active", "draft"):
        model.Session.rollback()
        raise Refusal("dataset_gone")
    return document


def _keep(document: BudgetDocument) -> None:
    resource = model.Resource.get(document.resource_id)
    try:
        with files.open_resource({"id": document.resource_id, "url": resource.url if resource else None}) as stored:
            content = gzip.compress(stored.read(), mtime=0)
    except Refusal:  # the file is gone already: it is withdrawn all the same
        return
    fields = {name: getattr(resource, name, None) or "" for name in KEPT_FIELDS}
    model.Session.add(BudgetWithdrawnFile(document_id=document.id, content=content, resource=fields))


def _delete_lines(document: BudgetDocument) -> None:
    core.delete_lines(document.id)


def _blank(document: BudgetDocument) -> None:
    """What was read from the file may name the person too."""
    document.report, document.findings, document.error, document.occultation = {}, [], None, {}
    document.header = {"kind": document.header.get("kind")}


def _follow(package_id: str) -> None:
    """The dataset follows the registry, in the transaction under way; the files go after it. Raises what fails."""
    model.Session.flush()
    try:
        with trip.own_writes():
            process.follow(package_id)
    except Exception:
        model.Session.rollback()
        raise


def _destroy(document: BudgetDocument) -> None:
    """Files of the document, wherever they are: CKAN's storage, the registry, the private folder of originals."""
    resource_id = document.resource_id
    ids = {resource_id, core.csv_id(resource_id), *core.annexe_ids(resource_id)}
    remains.sweep(document.package_id, ids)
    model.Session.execute(sa.delete(BudgetWithdrawnFile).where(BudgetWithdrawnFile.document_id == document.id))
    originals.destroy(document.source_sha256)
    model.Session.commit()


def _now() -> str:
    return dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")
