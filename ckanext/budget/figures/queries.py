"""Sums of lines from the table ``budget_line``, in the groups that the formulas look at."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from ckanext.budget.figures.groups import AMOUNTS, KEYS, Group, make

#: Core view of the registry's table (its model imports CKAN)
LINES = sa.table(
    "budget_line",
    sa.column("document_id"),
    *(sa.column(name) for name in KEYS),
    *(sa.column(name, sa.Numeric) for name in AMOUNTS),
)


def query(document_id: str) -> sa.sql.Select[Any]:
    """Groups of a document, in the order of their codes."""
    keys = [LINES.c[name] for name in KEYS]
    sums = [sa.func.coalesce(sa.func.sum(LINES.c[name]), 0).label(name) for name in AMOUNTS]
    return sa.select(*keys, *sums).where(LINES.c.document_id == document_id).group_by(*keys).order_by(*keys)


def of_document(connection: Connection | Session, document_id: str) -> list[Group]:
    """Groups of a registered document; empty when it has no line."""
    rows = connection.execute(query(document_id)).mappings()
    return [make([row[name] for name in KEYS], {name: Decimal(row[name]) for name in AMOUNTS}) for row in rows]
