"""Headline figures of many documents at once, for lists: the same sums as
:func:`ckanext.budget.figures.formulas.headline`, over the totals of each code."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

import sqlalchemy as sa
from ckan import model

from ckanext.budget.registry.models import BudgetCodeTotal as Total

ZERO = Decimal(0)


class Headline(NamedTuple):
    """Expenditure and receipts of a document, in euros: opérations réelles of both sections, 1068 apart."""

    expenditure: Decimal
    receipts: Decimal


def of_documents(document_ids: Collection[str]) -> dict[str, Headline]:
    """Headlines by document; a document without line is absent."""
    real = sa.and_(
        Total.ordre.is_(False),
        Total.code.not_in(["001", "002"]),
        Total.section.in_(["F", "I"]),
        sa.not_(sa.and_(Total.code == "1068", Total.code_rd == "R")),
    )

    def of(sense: str) -> sa.sql.ColumnElement[Decimal]:
        return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(real, Total.code_rd == sense), Total.amount))), 0)

    query = (
        sa.select(Total.document_id, of("D"), of("R"))
        .where(Total.document_id.in_(list(document_ids)), Total.kind == "nature")
        .group_by(Total.document_id)
    )
    return {row[0]: Headline(Decimal(row[1]), Decimal(row[2])) for row in model.Session.execute(query)}
