"""What the places of a page lead to: documents, refused files; and, for agents, what went wrong and waits.

A few queries a page, never one a row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import aliased

from ckanext.budget.coverage import masks
from ckanext.budget.coverage.access import Viewer
from ckanext.budget.coverage.places import Places
from ckanext.budget.deposit.models import SETTLED, BudgetBatch, BudgetBatchFile
from ckanext.budget.registry.models import BudgetDocument

Details = list[dict[str, Any]]


def documents(sirens: Collection[str], places: Places, viewer: Viewer) -> Details:
    """Documents in force that the person may read, annexe budgets too, in the order of the grid: ``document_id``,
    ``siren``, ``siret``, ``name``, ``annexe``, ``exercice``, ``stage``, ``dm_number``, ``received`` (a date),
    ``private``, ``resource_id``, and of the dataset ``package_id``, ``package_name``, ``package_type``,
    ``package_title``."""
    package = model.Package
    readable = [masks.PUBLIC]
    if viewer.everything:
        readable.append(package.state == "active")
    elif viewer.organisations:
        readable.append(sa.and_(package.state == "active", package.owner_org.in_(viewer.organisations)))
    query = (
        sa.select(
            BudgetDocument.id.label("document_id"),
            BudgetDocument.siren,
            BudgetDocument.siret,
            BudgetDocument.name,
            BudgetDocument.is_annexe.label("annexe"),
            BudgetDocument.exercice,
            BudgetDocument.stage,
            BudgetDocument.dm_number,
            sa.func.date(BudgetDocument.received).label("received"),
            package.private,
            sa.func.coalesce(BudgetDocument.csv_resource_id, BudgetDocument.resource_id).label("resource_id"),
            package.id.label("package_id"),
            package.name.label("package_name"),
            package.type.label("package_type"),
            package.title.label("package_title"),
        )
        .join(package, package.id == BudgetDocument.package_id)
        .where(
            BudgetDocument.status == "converted",
            BudgetDocument.siren.in_(list(sirens)),
            BudgetDocument.exercice.between(places.first, places.last),
            sa.or_(*readable),
        )
        .order_by(BudgetDocument.siret, BudgetDocument.exercice, BudgetDocument.stage, BudgetDocument.dm_number)
    )
    return [dict(row._mapping) for row in model.Session.execute(query)]


def refusals(sirens: Collection[str], places: Places, viewer: Viewer) -> Details:
    """The latest refused file of each place that the person may know of: ``id``, ``siren``, ``exercice``, ``stage``,
    ``message`` (a stored finding)."""
    if not viewer.inside:
        return []
    row = BudgetBatchFile
    query = (
        masks.refusals(viewer)
        .add_columns(row.id, row.siren, row.exercice, row.stage, row.message, row.settled)
        .where(row.siren.in_(list(sirens)), row.exercice.between(places.first, places.last))
        .distinct(row.siren, row.exercice, row.stage)
        .order_by(row.siren, row.exercice, row.stage, row.settled.desc())
    )
    return [dict(found._mapping) for found in model.Session.execute(query)]


def troubles(sirens: Collection[str], ours: Mapping[str, str], viewer: Viewer) -> dict[str, dict[str, Any]]:
    """For those who administer, by SIREN: ``error``, the last finding that stopped a document or a deposited file, with
    its day ``at``, ``exercice`` and ``stage`` (None for a file that could not be read) and ``filename``;
    ``converting``, documents that wait for their conversion; ``deposited``, files that wait for the depositor’s word or
    their turn. ``ours``: SIREN → id of the organisation that states it."""
    if not viewer.inside:
        return {}
    found: dict[str, dict[str, Any]] = {}

    def of(siren: str) -> dict[str, Any]:
        return found.setdefault(siren, {"error": None, "converting": 0, "deposited": 0})

    for row in model.Session.execute(_failed(sirens, viewer)):
        of(row.siren)["error"] = _error(row)
    owners = {ours[siren]: siren for siren in sirens if siren in ours}
    for query in (_refused(sirens, viewer), _unread(owners, viewer)):
        for row in model.Session.execute(query):
            trouble = of(row.siren or owners[row.owner_org])
            if trouble["error"] is None or (row.at and row.at > trouble["error"]["at"]):
                trouble["error"] = _error(row)
    for siren, number in model.Session.execute(_converting(sirens, viewer)):
        of(siren)["converting"] = number
    for siren, number in model.Session.execute(_deposited(sirens, viewer)):
        of(siren)["deposited"] = number
    return found


def _error(row: Any) -> dict[str, Any]:
    names = ("at", "exercice", "stage", "message", "filename")
    return {name: getattr(row, name, None) for name in names}


def _failed(sirens: Collection[str], viewer: Viewer) -> sa.sql.Select[Any]:
    document = BudgetDocument
    query = sa.select(
        document.siren,
        document.exercice,
        document.stage,
        document.error.label("message"),
        document.received.label("at"),
    ).where(document.status == "failed", document.siren.in_(list(sirens)))
    return _owned(query, viewer).distinct(document.siren).order_by(document.siren, document.received.desc())


def _refused(sirens: Collection[str], viewer: Viewer) -> sa.sql.Select[Any]:
    """Refused files whose document has not come since."""
    row, document = BudgetBatchFile, BudgetDocument
    since = sa.exists().where(
        document.siren == row.siren,
        document.exercice == row.exercice,
        document.stage == row.stage,
        document.status == "converted",
    )
    return (
        masks.refusals(viewer)
        .add_columns(row.siren, row.exercice, row.stage, row.message, row.settled.label("at"), row.filename)
        .where(row.siren.in_(list(sirens)), ~since)
        .distinct(row.siren)
        .order_by(row.siren, row.settled.desc())
    )


def _unread(owners: Collection[str], viewer: Viewer) -> sa.sql.Select[Any]:
    """Refused files that do not say whose they are (cut, not a budget…), of organisations that have published nothing
    since."""
    row, batch = BudgetBatchFile, BudgetBatch
    later, its = aliased(BudgetBatchFile), aliased(BudgetBatch)
    since = sa.exists().where(
        its.id == later.batch_id,
        its.owner_org == batch.owner_org,
        later.state.in_(["published", "superseded"]),
        later.settled > row.settled,
    )
    return (
        masks.refusals(viewer)
        .add_columns(batch.owner_org, row.siren, row.exercice, row.stage, row.message, row.filename)
        .add_columns(row.settled.label("at"))
        .where(row.siren.is_(None), batch.owner_org.in_(list(owners)), ~since)
        .distinct(batch.owner_org)
        .order_by(batch.owner_org, row.settled.desc())
    )


def _converting(sirens: Collection[str], viewer: Viewer) -> sa.sql.Select[Any]:
    document = BudgetDocument
    query = sa.select(document.siren, sa.func.count()).where(
        document.status == "received", document.siren.in_(list(sirens))
    )
    return _owned(query, viewer).group_by(document.siren)


def _owned(query: sa.sql.Select[Any], viewer: Viewer) -> sa.sql.Select[Any]:
    package = model.Package
    query = query.join(package, package.id == BudgetDocument.package_id).where(package.state == "active")
    return query if viewer.everything else query.where(package.owner_org.in_(viewer.organisations))


def _deposited(sirens: Collection[str], viewer: Viewer) -> sa.sql.Select[Any]:
    row = BudgetBatchFile
    query = (
        sa.select(row.siren, sa.func.count())
        .join(BudgetBatch, BudgetBatch.id == row.batch_id)
        .where(row.state.not_in(SETTLED), row.siren.in_(list(sirens)))
        .group_by(row.siren)
    )
    if viewer.everything:
        return query
    return query.where(sa.or_(BudgetBatch.owner_org.in_(viewer.organisations), BudgetBatch.user_id == viewer.user_id))
