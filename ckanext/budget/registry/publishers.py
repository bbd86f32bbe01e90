"""Which collectivités publish, and since when: one row a SIREN, of public documents in force."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from ckan import model

from ckanext.budget.registry.models import BudgetDocument as Document

PUBLIC = sa.and_(Document.status == "converted", model.Package.state == "active", model.Package.private.is_(False))


class Publisher(NamedTuple):
    """A SIREN, its first and last exercice published, and how many documents it has in force."""

    siren: str
    first: int
    last: int
    documents: int


def publishers() -> dict[str, Publisher]:
    """Every collectivité with a public document in force, by SIREN."""
    query = (
        sa.select(Document.siren, sa.func.min(Document.exercice), sa.func.max(Document.exercice), sa.func.count())
        .join(model.Package, model.Package.id == Document.package_id)
        .where(PUBLIC, Document.siren.is_not(None))
        .group_by(Document.siren)
    )
    return {row[0]: Publisher(*row) for row in model.Session.execute(query)}
