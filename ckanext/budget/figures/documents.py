"""Which documents: those in force of a budget, a year, an étape; and who may see them.

The registry's models import CKAN; these are Core views of the same tables, and of CKAN's ``package``: who sees what.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from ckanext.budget.figures.document import ACCOUNTS, IDENTITY, Document
from ckanext.budget.figures.queries import LINES

_TEXTS = (
    "id",
    "package_id",
    "resource_id",
    "csv_resource_id",
    "status",
    "siret",
    "siren",
    "name",
    "stage",
    "nomenclature",
    "vote",
)

DOCUMENTS = sa.table(
    "budget_document",
    *(sa.column(name, sa.UnicodeText) for name in _TEXTS),
    *(sa.column(name, sa.Integer) for name in ("exercice", "dm_number")),
    *(sa.column(name, sa.Boolean) for name in ("is_annexe", "is_draft")),
    *(sa.column(name, JSONB) for name in ("header", "report")),
    sa.column("converted", sa.DateTime(timezone=True)),
)
PACKAGES = sa.table(
    "package",
    *(sa.column(name, sa.UnicodeText) for name in ("id", "name", "state")),
    sa.column("private", sa.Boolean),
)


def shown() -> sa.sql.ColumnElement[Any]:
    """The amount that the étape of a line's document states (both tables are in the query)."""
    return sa.case(
        (DOCUMENTS.c.stage.in_(ACCOUNTS), LINES.c.mtreal),
        (DOCUMENTS.c.is_draft, LINES.c.mtpropnouv),
        else_=LINES.c.mtprev,
    )


def find(
    connection: Connection | Session,
    *,
    sirens: Sequence[str] = (),
    sirets: Sequence[str] = (),
    exercices: Sequence[int] = (),
    stages: Sequence[str] = (),
    annexe: bool | None = None,
    packages: Sequence[str] = (),
    ids: Sequence[str] = (),
    public: bool = True,
    limit: int | None = None,
) -> list[Document]:
    """Documents in force of these SIREN or SIRET, datasets, exercices and étapes (empty: all), in order of SIRET,
    exercice and étape. ``public``: only those whose dataset everyone may see; otherwise all those of datasets that are
    not deleted, and the caller checks who may see them."""
    c, p = DOCUMENTS.c, PACKAGES.c
    named = [c[name] for name in IDENTITY]
    wanted = (
        sa.select(*named, c.header["information"].label("information"), c.report["facts"].label("facts"))
        .join(PACKAGES, p.id == c.package_id)
        .where(c.status == "converted", p.state == "active")
        .order_by(c.siret, c.exercice, c.stage, c.dm_number, c.id)
    )
    if public:
        wanted = wanted.where(~p.private)
    for column, values in ((c.exercice, exercices), (c.stage, stages), (c.package_id, packages), (c.id, ids)):
        if values:
            wanted = wanted.where(column.in_(list(values)))
    if sirens or sirets:
        wanted = wanted.where(sa.or_(c.siren.in_(list(sirens)), c.siret.in_(list(sirets))))
    if annexe is not None:
        wanted = wanted.where(c.is_annexe.is_(annexe))
    rows = connection.execute(wanted.limit(limit)).mappings()
    return [Document(**{**row, "information": row["information"] or {}, "facts": row["facts"] or {}}) for row in rows]
