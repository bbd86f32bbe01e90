"""Sums of the lines of many documents along one dimension, in one query: chapter, account, function or category."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from ckanext.budget.figures.categories import Categories
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.documents import DOCUMENTS, shown
from ckanext.budget.figures.groups import ZERO
from ckanext.budget.figures.queries import LINES, begins
from ckanext.budget.figures.tree import NONE

Dimension = Literal["category", "function", "chapter", "nature"]
DIMENSIONS: tuple[Dimension, ...] = ("category", "function", "chapter", "nature")

_COLUMNS = {
    "function": ("fonction", "fonction_label"),
    "chapter": ("chapter", "chapter_label"),
    "nature": ("nature", "nature_label"),
}


class Aggregate(NamedTuple):
    """A sum of opérations réelles of one document, as its blocks count them (without 001, 002 and 1068), in euros of
    the amount that its étape states. ``code`` is empty for what has no function."""

    document_id: str
    section: str
    code_rd: str
    code: str
    label: str
    amount: Decimal


def of_documents(
    connection: Connection | Session,
    documents: Sequence[Document],
    dimension: Dimension,
    *,
    section: str = "",
    sense: str = "",
    without: Sequence[str] = (),
    categories: Categories | None = None,
    lang: str = "fr",
) -> list[Aggregate]:
    """The sums of each document, in the order of the documents, then of sections, senses and codes (categories in their
    own order). ``without``: beginnings of accounts left out. ``categories`` are needed for that dimension alone."""
    if not documents:
        return []
    by_category = dimension == "category" and categories is not None
    wanted = _query(documents, "function" if by_category else dimension, section, sense)
    if without:
        wanted = wanted.where(~begins(LINES.c.nature, without))
    rows = [Aggregate._make((*row[:-1], Decimal(row[-1]))) for row in connection.execute(wanted)]
    ranks = {document.id: rank for rank, document in enumerate(documents)}
    if by_category and categories is not None:
        order = {category.key: category.rank for category in categories}
        rows = _by_category(rows, documents, categories, lang)
        rows.sort(key=lambda r: (ranks[r.document_id], r.section, r.code_rd, order.get(r.code, len(order))))
    else:
        rows.sort(key=lambda r: (ranks[r.document_id], r.section, r.code_rd, r.code))
    return rows


def _query(documents: Sequence[Document], dimension: str, section: str, sense: str) -> sa.sql.Select[Any]:
    c, d = LINES.c, DOCUMENTS.c
    code, label = (c[name] for name in _COLUMNS[dimension])
    keys = [c.document_id, c.section, c.code_rd, sa.func.coalesce(code, "")]
    wanted = (
        sa.select(*keys, sa.func.coalesce(sa.func.max(label), ""), sa.func.coalesce(sa.func.sum(shown()), 0))
        .select_from(LINES.join(DOCUMENTS, d.id == c.document_id))
        .where(c.document_id.in_([document.id for document in documents]))
        .where(~c.ordre, c.nature.not_in(("001", "002")), ~sa.and_(c.nature == "1068", c.code_rd == "R"))
        .group_by(c.document_id, c.section, c.code_rd, code)
    )
    for column, value in ((c.section, section), (c.code_rd, sense)):
        if value:
            wanted = wanted.where(column == value)
    return wanted


def _by_category(
    rows: Sequence[Aggregate], documents: Sequence[Document], categories: Categories, lang: str
) -> list[Aggregate]:
    owner = {document.id: document for document in documents}
    sums: dict[tuple[str, str, str, str], Decimal] = {}
    for row in rows:
        document = owner[row.document_id]
        found = categories.of(document.nomenclature, row.code, by_function=document.by_function)
        key = (row.document_id, row.section, row.code_rd, found.key if found else NONE)
        sums[key] = sums.get(key, ZERO) + row.amount
    return [
        Aggregate(*key, categories[key[3]].label(lang) if key[3] in categories else "", amount)
        for key, amount in sums.items()
    ]
