"""«Published by … on behalf of …»: told of a document, and of the dataset that holds it. Persons are never named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ckan import model

from ckanext.budget import organizations
from ckanext.budget.mandates import access, store
from ckanext.budget.mandates.models import BudgetMandate
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument

#: fields of the dataset
BY, FOR = "published_by", "published_for"
#: kinds by which another than the collectivité publishes; the last: an organisation that deposits for others
PUBLISHING = ("suppleance", "other")


def of_document(document: BudgetDocument) -> dict[str, Any] | None:
    """For a document just received, ``kind``, ``by``, ``for``, ``mandate_id``; None when the collectivité publishes it
    itself, or nothing tells otherwise."""
    package = model.Package.get(document.package_id)
    group = model.Group.get(package.owner_org) if package and package.owner_org else None
    if group is None or not document.siren:
        return None
    if organizations.is_its_own(group, document.siren):
        return _by_account(document, group)
    found = access.judge(store.between(group.id, document.siren), document.exercice, document.stage)
    if found.mandate is not None and found.mandate.kind == "suppleance":
        return _said(found.mandate, group)
    stated = organizations.siren_of(organizations.extras_of(group))
    if stated is None and not organizations.deposits_for_others(group):
        return None
    return {"kind": "other", "by": group.title or group.name, "for": document.name, "mandate_id": None}


def _by_account(document: BudgetDocument, group: model.Group) -> dict[str, Any] | None:
    """Another organisation publishes in the dataset of the collectivité."""
    if not document.user_id or access.is_in(document.user_id, group):
        return None
    found = access.find(document.user_id, document.siren, document.exercice, document.stage)
    return of_mandate(found.mandate.id) if found.mandate and found.mandate.kind == "suppleance" else None


def of_mandate(mandate_id: str) -> dict[str, Any] | None:
    """As :func:`of_document`, by a mandate of an organisation; None for a person's."""
    mandate = store.get(mandate_id)
    group = model.Group.get(mandate.by_org) if mandate is not None and mandate.by_org else None
    return _said(mandate, group) if mandate is not None and group is not None else None


def _said(mandate: BudgetMandate, group: model.Group) -> dict[str, Any]:
    return {
        "kind": mandate.kind,
        "by": group.title or group.name,
        "for": mandate.name,
        "mandate_id": mandate.id,
    }


def of_dataset(owner_org: str | None, documents: Sequence[BudgetDocument]) -> dict[str, str]:
    """The fields ``published_by`` and ``published_for``: those of the latest document in force; empty when the
    collectivité publishes it, and once it has taken the dataset over."""
    current = sorted((d for d in documents if d.status == "converted"), key=core.consolidated_order)
    last = current[-1] if current else None
    said = last.on_behalf if last is not None else None
    if last is None or not said or said["kind"] not in PUBLISHING:
        return {BY: "", FOR: ""}
    mandate = store.get(said["mandate_id"])
    group = model.Group.get(owner_org) if owner_org else None
    if mandate is not None and mandate.taken_over and group is not None and mandate.by_org != group.id:
        return {BY: "", FOR: ""}
    return {BY: said["by"], FOR: said["for"]}
