"""Figures of many documents, worked out by the database: one row a document, no line is read into memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from ckanext.budget.figures import definitions, queries
from ckanext.budget.figures.definitions import Formulas, Term
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.values import applies

Figures = Mapping[str, Decimal | None]


def of_documents(
    connection: Connection | Session,
    documents: Sequence[Document],
    wanted: Sequence[str],
    *,
    formulas: Formulas | None = None,
) -> dict[str, Figures]:
    """The figures ``wanted`` by id of document (None: not there); a document without line is absent. The same as
    :func:`ckanext.budget.figures.values.of_document` gives. Raises ``ValueError`` for a figure of équipement, whose
    accounts each plan tells."""
    formulas = formulas or definitions.shipped()
    sums = _by_amount(connection, documents, formulas.terms(list(wanted)))
    return {d.id: _of(d, sums[d.id], wanted, formulas) for d in documents if d.id in sums}


def _of(
    document: Document, sums: Mapping[Term, Decimal | None], wanted: Sequence[str], formulas: Formulas
) -> dict[str, Decimal | None]:
    facts = {name: document.fact(name) for name in ("debt", "guaranteed")}
    evaluator = formulas.evaluator(sums.get, facts)
    values: dict[str, Decimal | None] = {}
    for figure in map(formulas.__getitem__, wanted):
        there = applies(figure, document, formulas) and not (
            figure.needs_lines and not evaluator.has_lines(figure.id)
        )
        values[figure.id] = evaluator.figure(figure.id) if there else None
    return values


def _by_amount(
    connection: Connection | Session, documents: Sequence[Document], terms: Sequence[Term]
) -> dict[str, dict[Term, Decimal | None]]:
    """One query for each amount: drafts state another than budgets voted, and accounts a third."""
    found: dict[str, dict[Term, Decimal | None]] = {}
    for amount in sorted({d.amount for d in documents}):
        ids = [d.id for d in documents if d.amount == amount]
        found.update(queries.terms_of(connection, ids, terms, amount))
    return found
