"""Whose file it is, by the organisation of a dataset that has no budget yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ckan import model
from ckan.types import DataDict

from ckanext.budget import organizations
from ckanext.budget.errors import Refusal
from ckanext.budget.mandates import access, store
from ckanext.budget.mandates.models import BudgetMandate
from ckanext.budget.registry import core
from ckanext.budget.totem.model import Header

LinkOf = Callable[[str], str]


def check(header: Header, dataset: DataDict, link_of: LinkOf) -> None:
    """Raise :class:`Refusal` for a file that is not the organisation's to deposit, with where it goes.

    A file without SIREN, a dataset without organisation and an organisation without SIREN pass. ``link_of`` gives the
    address of a dataset, empty when the person at work may not see it.
    """
    organization = _organization(dataset)
    if organization is not None and header.siren is not None:
        judge(organization, Document.of(header), link_of)


class Document(NamedTuple):
    """What is asked about a file. ``siren`` is there; ``name``: of the collectivité."""

    siren: str
    siret: str | None
    name: str
    exercice: int
    stage: str

    @classmethod
    def of(cls, header: Header) -> Document:
        name = header.name or header.get("LibelleColl") or ""
        return cls(header.siren or "", header.siret, name, header.exercice or 0, header.stage or "")


def judge(organization: model.Group, document: Document, link_of: LinkOf) -> None:
    """As :func:`check`, for a file that is still to be put in a dataset of this organisation."""
    found = mandate_of(organization, document)
    if found is not None or organizations.may_deposit(organization, document.siren):
        return
    params: dict[str, Any] = {
        "theirs": document.name,
        "their_siren": document.siren,
        "ours": organization.title or organization.name,
        "our_siren": organizations.siren_of(organizations.extras_of(organization)) or "",
    }
    where = core.dataset_of_siret(document.siret) if document.siret else None
    link = link_of(where) if where else ""
    if link:
        raise Refusal("other_organization_dataset", **params, link=link)
    known = organizations.of_siren(document.siren)
    if known is not None:
        raise Refusal("other_organization_known", **params, organization=known.title or known.name)
    raise Refusal("other_organization", **params)


def check_mandate(header: Header, dataset: DataDict) -> None:
    """Where an organisation has, or had, a mandate for a collectivité, the mandate is the rule: raise :class:`Refusal`
    for what it does not allow, in a dataset that already holds the budget, too."""
    organization = _organization(dataset)
    if organization is not None and header.siren is not None:
        mandate_of(organization, Document.of(header))


def mandate_of(organization: model.Group, document: Document) -> BudgetMandate | None:
    """The suppléance that allows an organisation to publish the file; None when there is no mandate between them.
    Raises :class:`Refusal` when none of theirs does."""
    if organizations.is_its_own(organization, document.siren):
        return None
    found = access.judge(store.between(organization.id, document.siren), document.exercice, document.stage)
    if found.mandate is not None and found.mandate.kind == "suppleance":
        return found.mandate
    code = "mandate_prepare" if found.mandate is not None else found.why_not
    if code is not None:
        raise refusal(code, document)
    return None


def refusal(code: str, document: Document) -> Refusal:
    """A mandate does not allow a file."""
    return Refusal(code, theirs=document.name, document=f"{document.stage} {document.exercice}")


def _organization(dataset: DataDict) -> model.Group | None:
    stored = model.Package.get(dataset["id"]) if dataset.get("id") else None
    owner = dataset.get("owner_org") or (stored.owner_org if stored else None)
    return model.Group.get(owner) if owner else None
