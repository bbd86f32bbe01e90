"""Whose file is it, and is it new: the checks of the door against the dataset and the registry."""

from __future__ import annotations

from typing import Literal

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import DataDict

from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import files, owner, trip, words
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.totem.model import Header
from ckanext.budget.totem.receive import Received


def check(found: Received, dataset: DataDict, resource_id: str) -> Literal["new", "same"]:
    """«new»: to be stored; «same»: the very document that this resource already holds.

    Raises :class:`Refusal` for another collectivité's or budget's file, a document already published, and an older
    version than the one published.
    """
    _check_owner(found.header, dataset)
    twin = core.published_twin(found.source_sha256, found.occulted_sha256)
    if twin is not None and twin.resource_id == resource_id:
        if files.holds(resource_id, twin.occulted_sha256):
            return "same"
    elif twin is not None:
        link = dataset_link(twin.package_id)
        raise Refusal("already_published_link" if link else "already_published", document=_title(twin), link=link)
    _check_not_withdrawn(found)
    _check_not_twice(found)
    _check_only_dataset(found.header, dataset)
    newest = core.newer(core.Key.of_header(found.header, dataset.get("id", "")), _evidence(found.header))
    if newest is not None:
        raise Refusal("older_version", document=_title(newest), date=words.version_date(newest))
    return "new"


def _evidence(header: Header) -> core.Evidence:
    return core.evidence(header.seal.date if header.seal else None, header.get("DteStr"))


def _check_owner(header: Header, dataset: DataDict) -> None:
    siret = _siret_of(dataset)
    if not siret:
        owner.check(header, dataset, dataset_link)
        return
    owner.check_mandate(header, dataset)
    whose = header.name or header.get("LibelleColl")
    ours = dataset.get("collectivite") or dataset.get("title") or ""
    if header.siren and header.siren != siret[:9]:
        raise Refusal("other_collectivite", theirs=whose, their_siren=header.siren, ours=ours, our_siren=siret[:9])
    if header.siret and header.siret != siret:
        where = core.dataset_of_siret(header.siret)
        link = dataset_link(where) if where else ""
        params = {"theirs": whose, "their_siret": header.siret, "ours": ours, "our_siret": siret}
        if link:
            raise Refusal("other_budget_known", **params, link=link)
        raise Refusal("other_budget", **params)


def _siret_of(dataset: DataDict) -> str | None:
    """SIRET of a dataset: its field, else its documents' (one may still be waiting for its conversion), else that of
    the first file that comes with this one."""
    field = "".join(str(dataset.get("siret") or "").split())
    if field:
        return field
    known = [d.siret for d in core.documents_of(dataset["id"])] if dataset.get("id") else []
    current = trip.current()
    coming = [found.header.siret for found in current.seen.values()] if current else []
    return next((siret for siret in (*known, *coming) if siret), None)


def _check_only_dataset(header: Header, dataset: DataDict) -> None:
    """A budget has one dataset: nobody replaces or doubles it from another."""
    where = core.dataset_of_siret(header.siret) if header.siret else None
    if where is not None and where != dataset.get("id"):
        link = dataset_link(where)
        whose = header.name or header.get("LibelleColl")
        code = "budget_elsewhere_link" if link else "budget_elsewhere"
        raise Refusal(code, theirs=whose, their_siret=header.siret or "", link=link)


def _check_not_withdrawn(found: Received) -> None:
    """The copy that showed personal data does not come back; another copy of the same budget is welcome."""
    withdrawn = core.withdrawn_for_personal_data(found.occulted_sha256)
    if withdrawn is not None:
        day = "/".join(reversed(withdrawn.withdrawal["at"][:10].split("-")))
        raise Refusal("withdrawn_personal_data", document=_title(withdrawn), date=day)


def _check_not_twice(found: Received) -> None:
    current = trip.current()
    for other in current.seen.values() if current else ():
        if other.source_sha256 == found.source_sha256:
            raise Refusal("twice_at_once", document=words.document_title(found.header))


def _title(document: BudgetDocument) -> str:
    return words.document_title_of(document)


def dataset_link(package_id: str) -> str:
    """Address of a dataset that the person at work may see; empty otherwise."""
    try:
        user = tk.current_user.name if tk.current_user else ""
    except RuntimeError:  # outside a request (command line, job)
        user = ""
    package = model.Package.get(package_id)
    if package is None:
        return ""
    try:
        tk.check_access("package_show", {"user": user}, {"id": package_id})
    except tk.NotAuthorized:
        return ""
    return tk.url_for(f"{package.type}.read", id=package.name, _external=True)
