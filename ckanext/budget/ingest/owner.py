"""Whose file it is, by the organisation of a dataset that has no budget yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.types import DataDict

from ckanext.budget import organizations
from ckanext.budget.errors import Refusal
from ckanext.budget.registry import core
from ckanext.budget.totem.model import Header


def check(header: Header, dataset: DataDict, link_of: Callable[[str], str]) -> None:
    """Raise :class:`Refusal` for a file that is not the organisation's to deposit, with where it goes.

    A file without SIREN, a dataset without organisation and an organisation without SIREN pass. ``link_of`` gives the
    address of a dataset, empty when the person at work may not see it.
    """
    organization = _organization(dataset)
    siren = header.siren
    if organization is None or siren is None or organizations.may_deposit(organization, siren):
        return
    params: dict[str, Any] = {
        "theirs": header.name or header.get("LibelleColl"),
        "their_siren": siren,
        "ours": organization.title or organization.name,
        "our_siren": organizations.siren_of(organizations.extras_of(organization)) or "",
    }
    where = core.dataset_of_siret(header.siret) if header.siret else None
    link = link_of(where) if where else ""
    if link:
        raise Refusal("other_organization_dataset", **params, link=link)
    known = organizations.of_siren(siren)
    if known is not None:
        raise Refusal("other_organization_known", **params, organization=known.title or known.name)
    raise Refusal("other_organization", **params)


def _organization(dataset: DataDict) -> model.Group | None:
    stored = model.Package.get(dataset["id"]) if dataset.get("id") else None
    owner = dataset.get("owner_org") or (stored.owner_org if stored else None)
    return model.Group.get(owner) if owner else None
