"""Budgets side by side: one exercice and étape, per inhabitant only, of one source of population.

Investissement is told without debt (16), and 166, 16449 and 041 never count: they are in no figure that is compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from ckanext.budget.figures import aggregates, definitions, sums
from ckanext.budget.figures import categories as plain
from ckanext.budget.figures.categories import Categories
from ckanext.budget.figures.definitions import Formulas
from ckanext.budget.figures.document import ACCOUNTS, Document
from ckanext.budget.figures.groups import ZERO
from ckanext.budget.figures.tree import NONE
from ckanext.budget.figures.values import Inhabitants

People = Mapping[str, Inhabitants]


@dataclass(frozen=True)
class Compared:
    """A budget among others: its amounts in euros per inhabitant, by id of figure or key of category; None where the
    figure, or the population, is not there."""

    document: Document
    inhabitants: Inhabitants | None
    values: Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Spread:
    """How the values of a group are spread (euros per inhabitant): «half of them are between the quartiles»."""

    count: int
    minimum: Decimal
    lower: Decimal
    median: Decimal
    upper: Decimal
    maximum: Decimal


def of_figures(
    connection: Connection | Session,
    documents: Sequence[Document],
    people: People,
    *,
    formulas: Formulas | None = None,
) -> list[Compared]:
    """The comparable figures of several budgets, in the order given, in one query. ``people``: inhabitants by SIREN.

    Raises ``ValueError`` when the documents are not of one exercice and one étape (a CA stands beside a CFU), or when a
    budget annexe is among them.
    """
    formulas = formulas or definitions.shipped()
    _check(documents)
    figures = formulas.comparable
    found = sums.of_documents(connection, documents, [figure.id for figure in figures], formulas=formulas)
    compared: list[Compared] = []
    for document in documents:
        inhabitants, mine = people.get(document.siren or ""), found.get(document.id, {})
        values = {f.id: inhabitants.per(mine.get(f.id)) if inhabitants else None for f in figures}
        compared.append(Compared(document, inhabitants, values))
    return compared


def of_categories(
    connection: Connection | Session,
    documents: Sequence[Document],
    people: People,
    *,
    sense: str = "D",
    section: str = "",
    categories: Categories | None = None,
) -> list[Compared]:
    """The categories of several budgets, in one query, without debt (16). The key :data:`~.tree.NONE` holds what has no
    function. Raises ``ValueError`` as :func:`of_figures`."""
    categories = categories or plain.shipped()
    _check(documents)
    rows = aggregates.of_documents(
        connection, documents, "category", section=section, sense=sense, without=("16",), categories=categories
    )
    by_document: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        mine = by_document.setdefault(row.document_id, {})
        mine[row.code] = mine.get(row.code, ZERO) + row.amount
    compared: list[Compared] = []
    for document in documents:
        mine = by_document.get(document.id, {})
        inhabitants = people.get(document.siren or "")
        values = {
            key: inhabitants.per(mine.get(key, ZERO)) if mine and inhabitants else None
            for key in (*(c.key for c in categories), NONE)
        }
        compared.append(Compared(document, inhabitants, values))
    return compared


def spread(compared: Sequence[Compared], key: str, minimum: int = 1) -> Spread | None:
    """How a figure is spread over a group; None with fewer than ``minimum`` values (:class:`~.strata.Strata`)."""
    values = sorted(v for v in (c.values.get(key) for c in compared) if v is not None)
    if len(values) < max(minimum, 1):
        return None
    return Spread(len(values), values[0], _at(values, 1), _at(values, 2), _at(values, 3), values[-1])


def _at(values: Sequence[Decimal], quarters: int) -> Decimal:
    """The quartile, between two values where it falls between them."""
    place = Decimal(quarters * (len(values) - 1)) / 4
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def _check(documents: Sequence[Document]) -> None:
    kinds = {"account" if d.stage in ACCOUNTS else d.stage for d in documents}
    if len({d.exercice for d in documents}) > 1 or len(kinds) > 1:
        raise ValueError("budgets are compared for one exercice and one étape")
    if any(d.is_annexe for d in documents):
        raise ValueError("annexe budgets are not compared")
