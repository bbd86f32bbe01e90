"""Whose file is it, and is it new: the checks of the door against the dataset and the registry."""

from __future__ import annotations

from typing import Literal

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import DataDict

from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import trip, words
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
    if twin is not None:
        if twin.resource_id == resource_id and _is_stored(resource_id, twin):
            return "same"
        link = _dataset_link(twin.package_id)
        raise Refusal("already_published_link" if link else "already_published", document=_title(twin), link=link)
    _check_not_twice(found)
    newest = core.current(core.Key.of_header(found.header, dataset.get("id", "")))
    if newest is not None and _evidence(found.header).compare(core.evidence(newest.seal_date, newest.dte_str)) < 0:
        raise Refusal("older_version", document=_title(newest), date=words.version_date(newest))
    return "new"


def _evidence(header: Header) -> core.Evidence:
    return core.evidence(header.seal.date if header.seal else None, header.get("DteStr"))


def _check_owner(header: Header, dataset: DataDict) -> None:
    siret = dataset.get("siret") or _siret_of_this_trip()
    if not siret:
        return
    whose = header.name or header.get("LibelleColl")
    ours = dataset.get("collectivite") or dataset.get("title") or ""
    if header.siren and header.siren != siret[:9]:
        raise Refusal("other_collectivite", theirs=whose, their_siren=header.siren, ours=ours, our_siren=siret[:9])
    if header.siret and header.siret != siret:
        where = core.dataset_of_siret(header.siret)
        link = _dataset_link(where) if where else ""
        if link:
            raise Refusal(
                "other_budget_known",
                theirs=whose,
                their_siret=header.siret,
                ours=ours,
                our_siret=siret,
                link=link,
            )
        raise Refusal("other_budget", theirs=whose, their_siret=header.siret, ours=ours, our_siret=siret)


def _siret_of_this_trip() -> str | None:
    """A dataset without SIRET takes its first file's, also when several come at once."""
    current = trip.current()
    sirets = (found.header.siret for found in current.seen.values()) if current else ()
    return next((siret for siret in sirets if siret), None)


def _check_not_twice(found: Received) -> None:
    current = trip.current()
    for other in current.seen.values() if current else ():
        if other.source_sha256 == found.source_sha256:
            raise Refusal("twice_at_once", document=words.document_title(found.header))


def _is_stored(resource_id: str, twin: BudgetDocument) -> bool:
    resource = model.Resource.get(resource_id)
    latest = core.latest_of_resource(resource_id)
    return resource is not None and resource.url_type == "upload" and latest is not None and latest.id == twin.id


def _title(document: BudgetDocument) -> str:
    return words.document_title_of(document)


def _dataset_link(package_id: str) -> str:
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
