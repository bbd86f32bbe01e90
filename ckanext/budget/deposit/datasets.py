"""The dataset of a budget: found, or made in good French; and who may publish there."""

from __future__ import annotations

import logging
from typing import Any, cast

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.budget import organizations
from ckanext.budget.config import DATASET_TYPE
from ckanext.budget.deposit import rights
from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile
from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import derived, words
from ckanext.budget.registry import core

log = logging.getLogger(__name__)


def depositor(batch: BudgetBatch) -> str:
    """Name of the account that deposits; raises :class:`Refusal` when it is no longer active."""
    return _active(batch.user_id)


def _active(user_id: str) -> str:
    user = model.User.get(user_id)
    if user is None or user.state != "active":
        raise Refusal("deposit_not_allowed", theirs="")
    return str(user.name)


def title(row: BudgetBatchFile) -> str:
    """Title of the dataset made for this file's budget."""
    return words.dataset_title(row.name, kind=row.kind, is_annexe=row.is_annexe, siret=row.siret)


def find(batch: BudgetBatch, row: BudgetBatchFile) -> str | None:
    """Id of the dataset that holds this budget: by its documents, else by its field; without SIRET, by its documents'
    name, else by the title that we give, in the organisation."""
    if row.siret:
        return core.dataset_of_siret(row.siret) or _of_field(row.siret)
    organisation = _chosen(batch)
    if organisation is None:
        return None
    held = core.dataset_of_name(row.name, organisation, is_annexe=row.is_annexe, is_table=row.kind == "scdl")
    return held or _of_title(title(row), organisation)


def _of_field(siret: str) -> str | None:
    query = sa.select(model.Package.id).where(
        model.Package.type == DATASET_TYPE, model.Package.state == "active", _siret_is(siret)
    )
    return model.Session.scalars(query.order_by(model.Package.metadata_created).limit(1)).first()


def _siret_is(siret: str) -> Any:
    """Where CKAN keeps a field of a dataset type: a column of the dataset (2.12), a table of its own (2.11)."""
    if tk.check_ckan_version(min_version="2.12"):
        return model.Package.extras["siret"].astext == siret  # pyright: ignore[reportAttributeAccessIssue, reportArgumentType]
    extra = cast("Any", model).PackageExtra
    return model.Package.id.in_(
        sa.select(extra.package_id).where(extra.key == "siret", extra.value == siret, extra.state == "active")
    )


def _of_title(wanted: str, organisation: str) -> str | None:
    query = sa.select(model.Package.id).where(
        model.Package.type == DATASET_TYPE,
        model.Package.state == "active",
        model.Package.owner_org == organisation,
        model.Package.title == wanted,
    )
    return model.Session.scalars(query.order_by(model.Package.metadata_created).limit(1)).first()


def _chosen(batch: BudgetBatch) -> str | None:
    """The organisation that was chosen, else the only one of the depositor."""
    if batch.owner_org:
        return batch.owner_org
    mine = rights.organisations(depositor(batch))
    return mine[0]["id"] if len(mine) == 1 else None


def right(batch: BudgetBatch, row: BudgetBatchFile, package_id: str | None) -> rights.Right:
    """By which right the file is deposited; raises :class:`Refusal` when there is none. The dataset's name is told to
    those who see it alone."""
    chosen = _chosen(batch)
    if row.approved_by and row.siren:
        theirs = organizations.in_charge_of(row.siren)
        chosen = theirs.id if theirs else None
    return rights.of(row, actor(batch, row), chosen, package_id)


def actor(batch: BudgetBatch, row: BudgetBatchFile) -> str:
    """Name of the account that publishes a file: the collectivité's editor who agreed to it, else the depositor."""
    return _active(row.approved_by or batch.user_id)


def acting(batch: BudgetBatch, row: BudgetBatchFile) -> Context:
    """The context of CKAN's actions: by a mandate, they are done without asking for the account's own rights."""
    return Context(user=actor(batch, row), ignore_auth=bool(row.mandate_id and not row.approved_by))


def create(batch: BudgetBatch, row: BudgetBatchFile) -> str:
    """Make the dataset as the depositor; its id. The rest of its fields is filled from the file."""
    organisation = right(batch, row, None).organization
    made = tk.get_action("package_create")(
        acting(batch, row),
        {"type": DATASET_TYPE, "title": title(row), "owner_org": organisation, "siret": row.siret or ""},
    )
    return made["id"]


def remove_if_empty(package_id: str) -> None:
    """A dataset made for a file that was refused after all does not stay behind."""
    package = model.Package.get(package_id)
    if package is None or package.state != "active" or any(r.state == "active" for r in package.resources):
        return
    log.info("Dataset %s was made for a file that was then refused: it is removed", package_id)
    tk.get_action("dataset_purge")(Context(user=derived.site_user(), ignore_auth=True), {"id": package_id})
