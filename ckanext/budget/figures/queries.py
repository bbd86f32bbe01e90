"""Sums of lines from the table ``budget_line``, in the groups that the formulas look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from ckanext.budget.figures.expressions import SHOWN, Term
from ckanext.budget.figures.groups import AMOUNTS, KEYS, KEYS_BY_FUNCTION, ZERO, Group, make

#: Core view of the registry's table (its model imports CKAN)
LINES = sa.table(
    "budget_line",
    sa.column("document_id", sa.UnicodeText),
    sa.column("number", sa.Integer),
    sa.column("ordre", sa.Boolean),
    *(sa.column(name, sa.UnicodeText) for name in KEYS_BY_FUNCTION if name != "ordre"),
    *(sa.column(name, sa.UnicodeText) for name in ("contnat", "contnat_label", "operation", "artspe")),
    *(sa.column(name, sa.Numeric) for name in AMOUNTS),
)


def query(
    document_ids: Sequence[str], keys: Sequence[str] = KEYS, amounts: Sequence[str] = AMOUNTS
) -> sa.sql.Select[Any]:
    """Groups of documents: their id, the keys, the sums; by document, in the order of their codes."""
    c = LINES.c
    named = [sa.func.coalesce(c[key], "").label(key) if key.startswith("fonction") else c[key] for key in keys]
    sums = [sa.func.coalesce(sa.func.sum(c[name]), 0).label(name) for name in amounts]
    grouped = [c.document_id, *named]
    return (
        sa.select(*grouped, *sums)
        .where(c.document_id.in_(list(document_ids)))
        .group_by(c.document_id, *(c[key] for key in keys))
        .order_by(*grouped)
    )


def of_document(connection: Connection | Session, document_id: str, keys: Sequence[str] = KEYS) -> list[Group]:
    """Groups of a registered document; empty when it has no line."""
    return of_documents(connection, [document_id], keys)[document_id]


def of_documents(
    connection: Connection | Session,
    document_ids: Sequence[str],
    keys: Sequence[str] = KEYS,
    amounts: Sequence[str] = AMOUNTS,
) -> dict[str, list[Group]]:
    """Groups of several documents, by id, in one query. :data:`~.groups.KEYS_OF_FORMULAS` will do without words."""
    found: dict[str, list[Group]] = {document_id: [] for document_id in document_ids}
    if not found:
        return found
    n = 1 + len(keys)
    for row in connection.execute(query(document_ids, keys, amounts)):
        found[row[0]].append(make(keys, row[1:n], _amounts(amounts, row[n:])))
    return found


def _amounts(names: Sequence[str], values: Sequence[Any]) -> dict[str, Decimal]:
    """Most are zero: one object for all of these."""
    return {name: Decimal(value) if value else ZERO for name, value in zip(names, values, strict=True)}


def blocks_of(
    connection: Connection | Session, document_ids: Sequence[str], by: Sequence[str], amounts: Sequence[str]
) -> dict[str, list[Group]]:
    """Groups of the four blocks alone (opérations réelles, 1068 apart) by section, sense and ``by`` (``fonction``, or
    ``chapter`` and its label), in one query: all that a breakdown over the years needs. Their accounts are not told."""
    found: dict[str, list[Group]] = {document_id: [] for document_id in document_ids}
    if not found:
        return found
    c, names = LINES.c, ("section", "code_rd", *by)
    keys = [c.document_id, *(sa.func.coalesce(c[name], "") for name in names)]
    sums = [sa.func.coalesce(sa.func.sum(c[name]), 0) for name in amounts]
    grouped = [sa.literal_column(str(n)) for n in range(1, len(keys) + 1)]
    wanted = (
        sa.select(*keys, *sums)
        .where(c.document_id.in_(list(document_ids)), ~c.ordre, c.nature.not_in(("001", "002")))
        .where(~sa.and_(c.nature == "1068", c.code_rd == "R"))
        .group_by(*grouped)
        .order_by(*grouped)
    )
    n = len(keys)
    for row in connection.execute(wanted):
        found[row[0]].append(make(names, row[1:n], _amounts(amounts, row[n:])))
    return found


def terms_of(
    connection: Connection | Session, document_ids: Sequence[str], terms: Sequence[Term], amount: str
) -> dict[str, dict[Term, Decimal | None]]:
    """The sums of terms for several documents, in one query and one row a document: for comparisons, whose documents
    are many and state the same ``amount``. None: no line. Not for terms of équipement (each plan has its own)."""
    found: dict[str, dict[Term, Decimal | None]] = {}
    if not document_ids or not terms:
        return found
    c = LINES.c
    sums = [
        sa.func.sum(sa.case((clause(term), sa.func.coalesce(c[_column(term, amount)], 0)), else_=None))
        for term in terms
    ]
    wanted = sa.select(c.document_id, *sums).where(c.document_id.in_(list(document_ids))).group_by(c.document_id)
    for row in connection.execute(wanted):
        values = [None if value is None else Decimal(value) for value in row[1:]]
        found[row[0]] = dict(zip(terms, values, strict=True))
    return found


def _column(term: Term, amount: str) -> str:
    return amount if term.amount == SHOWN else term.amount


def clause(term: Term) -> sa.sql.ColumnElement[bool]:
    """The lines of a term, as :meth:`~ckanext.budget.figures.expressions.Term.keeps` says it of groups."""
    if term.equipment:
        raise ValueError("accounts of équipement are told by each plan")
    return sa.and_(sa.true(), *_conditions(term))


def _conditions(term: Term) -> Iterator[sa.sql.ColumnElement[bool]]:
    c = LINES.c
    carried = c.nature.in_(("001", "002"))
    operations = {"ordre": c.ordre, "carried": carried, "real": sa.and_(~c.ordre, ~carried)}
    if term.operation:
        yield operations[term.operation]
    for column, one in ((c.section, term.section), (c.code_rd, term.sense)):
        if one:
            yield column == one
    if term.nature:
        yield begins(c.nature, term.nature)
    if term.nature_not:
        yield ~begins(c.nature, term.nature_not)
    for column, codes in ((c.nature, term.nature_is), (c.chapter, term.chapter_is)):
        if codes:
            yield column.in_(codes)
    if term.nature_is_not:
        yield c.nature.not_in(term.nature_is_not)


def begins(column: sa.sql.ColumnElement[Any], prefixes: Sequence[str]) -> sa.sql.ColumnElement[bool]:
    """Whether a code begins with one of these (digits and letters only, so that nothing needs escaping)."""
    return sa.or_(*(column.like(f"{prefix}%") for prefix in prefixes if prefix.isalnum()))
