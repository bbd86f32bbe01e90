"""What the registry holds for each SIREN, one row a SIREN: the bits of :class:`~ckanext.budget.coverage.places.Places`.

Principal budgets alone: an annexe does not make up for a principal budget that is not there.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import BIT

from ckanext.budget.coverage.access import Viewer
from ckanext.budget.coverage.places import BIGINT, STAGES, Places
from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile
from ckanext.budget.registry.models import BudgetDocument

Masks = dict[str, int]
#: datasets that everyone may read
PUBLIC = sa.and_(model.Package.state == "active", model.Package.private.is_(False))


def published(places: Places) -> Masks:
    """Documents in force that everyone may read."""
    return _read(places, BudgetDocument, _in_force().where(PUBLIC))


def private(places: Places, viewer: Viewer) -> Masks:
    """Documents in force of private datasets that the person may read."""
    if not viewer.inside:
        return {}
    query = _in_force().where(model.Package.private.is_(True))
    if not viewer.everything:
        query = query.where(model.Package.owner_org.in_(viewer.organisations))
    return _read(places, BudgetDocument, query)


def refused(places: Places, viewer: Viewer) -> Masks:
    """Deposited files that were refused, among those that the person may know of."""
    return _read(places, BudgetBatchFile, refusals(viewer)) if viewer.inside else {}


def refusals(viewer: Viewer) -> sa.sql.Select[Any]:
    """Refused files of deposits: those of the person's own, of their organisations; all of them for who sees all."""
    query = (
        sa.select()
        .select_from(BudgetBatchFile)
        .join(BudgetBatch, BudgetBatch.id == BudgetBatchFile.batch_id)
        .where(BudgetBatchFile.state == "refused", BudgetBatchFile.is_annexe.is_(False))
    )
    if viewer.everything:
        return query
    return query.where(sa.or_(BudgetBatch.owner_org.in_(viewer.organisations), BudgetBatch.user_id == viewer.user_id))


def _in_force() -> sa.sql.Select[Any]:
    return (
        sa.select()
        .select_from(BudgetDocument)
        .join(model.Package, model.Package.id == BudgetDocument.package_id)
        .where(
            BudgetDocument.status == sa.literal_column("'converted'"),  # as the index says it
            ~BudgetDocument.is_annexe,
            model.Package.state == "active",
        )
    )


def _read(places: Places, table: Any, query: sa.sql.Select[Any]) -> Masks:
    stage = sa.case({name: rank for rank, name in enumerate(STAGES)}, value=table.stage)
    bit = (table.exercice - places.first) * len(STAGES) + stage
    if places.width <= BIGINT:  # grouped faster than a string of bits
        mask = sa.cast(1, sa.BigInteger).op("<<")(bit)
    else:
        none = sa.cast("0" * places.width, BIT(places.width))
        # the first bit of SQL's is the highest of Python's
        mask = sa.func.set_bit(none, places.width - 1 - bit, 1)
    query = query.add_columns(table.siren, sa.func.bit_or(mask)).where(
        table.siren.is_not(None),
        table.stage.in_(STAGES),
        table.exercice.between(places.first, places.last),
    )
    found = model.Session.execute(query.group_by(table.siren))
    return {siren: bits if isinstance(bits, int) else int(bits, 2) for siren, bits in found}
