"""Finding lines: an account, a category or words, across the years and the collectivités (SQL only).

Words are French and compared without accents nor case (the SQL function ``budget_fold`` and the index on it come with
the migration). Unless ``within`` names documents, only those in force whose dataset everyone may see are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from ckanext.budget.figures.categories import UNALLOCATED, Categories
from ckanext.budget.figures.document import ACCOUNTS
from ckanext.budget.figures.documents import DOCUMENTS, in_force, shown
from ckanext.budget.figures.queries import LINES, begins

#: longest text that is looked for
MOST_CHARACTERS = 200


class Amount(NamedTuple):
    """The sum of some lines of one document, in euros of the amount that its étape states."""

    document_id: str
    siren: str | None
    siret: str | None
    name: str
    is_annexe: bool
    exercice: int
    stage: str
    dm_number: int
    section: str
    code_rd: str
    amount: Decimal


@dataclass(frozen=True)
class Selection:
    """Which lines: beginnings of accounts, or of chapters, a category, words; all that is said must hold."""

    nature: Sequence[str] = ()
    chapter: Sequence[str] = ()
    category: str = ""
    text: str = ""
    section: str = ""
    sense: str = ""
    stages: Sequence[str] = ACCOUNTS
    exercices: Sequence[int] = ()
    sirens: Sequence[str] = ()


@dataclass
class Found:
    """An account that a search met: in how many budgets, and its amounts by year (``R`` or ``D`` → year → euros)."""

    nature: str
    label: str
    budgets: int = 0
    lines: int = 0
    by_year: dict[str, dict[int, Decimal]] = field(default_factory=dict)


class Line(NamedTuple):
    """One line of a document, as a search or a table shows it."""

    document_id: str
    number: int
    name: str
    exercice: int
    stage: str
    section: str
    code_rd: str
    ordre: bool
    nature: str
    nature_label: str
    fonction: str | None
    fonction_label: str | None
    chapter: str
    chapter_label: str
    amount: Decimal | None


def amounts(
    connection: Connection | Session,
    selection: Selection,
    *,
    categories: Categories | None = None,
    within: Sequence[str] | None = None,
    limit: int = 10_000,
) -> list[Amount]:
    """The lines selected, summed by document, section and sense (opérations réelles): an account or a category over
    the years and the communes. By name, then exercice."""
    d, c = DOCUMENTS.c, LINES.c
    keys = [d.id, d.siren, d.siret, d.name, d.is_annexe, d.exercice, d.stage, d.dm_number, c.section, c.code_rd]
    wanted = (
        _lines(selection, categories, within, *keys, sa.func.coalesce(sa.func.sum(shown()), 0))
        .where(~c.ordre, c.nature.not_in(("001", "002")))
        .group_by(*keys)
        .order_by(d.name, d.siret, d.exercice, d.stage, d.dm_number, c.section, c.code_rd)
        .limit(limit)
    )
    return [Amount._make((*row[:-1], Decimal(row[-1]))) for row in connection.execute(wanted)]


def accounts(
    connection: Connection | Session, text: str, *, within: Sequence[str] | None = None, limit: int = 50
) -> list[Found]:
    """The accounts whose lines hold these words, those of the most budgets first, with their amounts by year (accounts
    executed, opérations réelles): what small trends are drawn from. Empty for a text without a word to look for."""
    d, c = DOCUMENTS.c, LINES.c
    selection = Selection(text=text)
    budget = sa.func.coalesce(d.siret, d.package_id)
    met = _lines(
        selection, None, within, c.nature, c.nature_label, c.code_rd, d.exercice, budget.label("budget"),
        shown().label("amount"),
    ).where(~c.ordre).cte("met")  # fmt: skip
    counted = (
        sa.select(
            met.c.nature,
            sa.func.max(met.c.nature_label).label("label"),
            sa.func.count(sa.distinct(met.c.budget)).label("budgets"),
            sa.func.count().label("lines"),
        )
        .group_by(met.c.nature)
        .order_by(sa.desc("budgets"), sa.desc("lines"), met.c.nature)
        .limit(limit)
        .cte("counted")
    )
    totals = (
        sa.select(counted, met.c.code_rd, met.c.exercice, sa.func.coalesce(sa.func.sum(met.c.amount), 0))
        .join(met, met.c.nature == counted.c.nature)
        .group_by(*counted.c, met.c.code_rd, met.c.exercice)
        .order_by(counted.c.budgets.desc(), counted.c.lines.desc(), counted.c.nature)
    )
    found: dict[str, Found] = {}
    for nature, label, budgets, lines, sense, year, amount in connection.execute(totals):
        account = found.setdefault(nature, Found(nature, label, budgets, lines))
        account.by_year.setdefault(sense, {})[year] = Decimal(amount)
    return list(found.values())


def lines(
    connection: Connection | Session,
    selection: Selection,
    *,
    categories: Categories | None = None,
    within: Sequence[str] | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[Line]:
    """Lines one by one, the newest exercice first, then by name and in the order of their document."""
    d, c = DOCUMENTS.c, LINES.c
    names = Line._fields[5:-1]
    columns = [c.document_id, c.number, d.name, d.exercice, d.stage, *(c[name] for name in names), shown()]
    wanted = _lines(selection, categories, within, *columns).order_by(
        d.exercice.desc(), d.name, c.document_id, c.number
    )
    return [Line(*row) for row in connection.execute(wanted.limit(limit).offset(offset))]


def matches(text: str) -> sa.sql.ColumnElement[bool]:
    """Lines that hold all the words of a text (written as in a search engine: "…" for a phrase, - to leave out)."""
    words = sa.func.websearch_to_tsquery(sa.text("'french'"), sa.func.budget_fold(text[:MOST_CHARACTERS]))
    return document_words().op("@@")(words)


def document_words() -> sa.sql.ColumnElement[Any]:
    """What the index holds of a line: the labels of its account, function and level of vote (as the migration says)."""
    c = LINES.c
    return sa.func.budget_words(c.nature_label, c.fonction_label, c.contnat_label)


def _lines(
    selection: Selection, categories: Categories | None, within: Sequence[str] | None, *columns: Any
) -> sa.sql.Select[Any]:
    d, c = DOCUMENTS.c, LINES.c
    wanted = sa.select(*columns).select_from(LINES.join(DOCUMENTS, d.id == c.document_id))
    wanted = wanted.where(d.id.in_(list(within)) if within is not None else d.id.in_(in_force()))
    if selection.nature:
        wanted = wanted.where(begins(c.nature, selection.nature))
    if selection.chapter:
        wanted = wanted.where(c.chapter.in_(list(selection.chapter)))
    if selection.category and categories is not None:
        wanted = wanted.where(_of_category(categories, selection.category))
    if selection.text:
        wanted = wanted.where(matches(selection.text))
    for column, value in ((c.section, selection.section), (c.code_rd, selection.sense)):
        if value:
            wanted = wanted.where(column == value)
    for column, values in (
        (d.stage, selection.stages), (d.exercice, selection.exercices), (d.siren, selection.sirens),
    ):  # fmt: skip
        if values:
            wanted = wanted.where(column.in_(list(values)))
    return wanted


def _of_category(categories: Categories, key: str) -> sa.sql.ColumnElement[bool]:
    """The lines of a category, norm by norm: the function begins with one of its prefixes and with no longer prefix of
    another category."""
    d, c = DOCUMENTS.c, LINES.c
    norms: list[sa.sql.ColumnElement[bool]] = []
    for name, norm in categories.norms.items():
        of_norm = sa.or_(d.nomenclature == name, d.nomenclature.like(f"{name}\\_%", escape="\\"))
        strip = begins(c.fonction, norm.strip)
        plain = _begins_best(c.fonction, norm.prefixes, key)
        stripped = _begins_best(sa.func.substr(c.fonction, 3), norm.prefixes, key)
        if key == UNALLOCATED:  # and the heading of all functions
            stripped = sa.or_(stripped, sa.func.length(c.fonction) == 2)
        unallocated = sa.true() if key == UNALLOCATED else sa.false()
        by_function = sa.case((strip, stripped), (begins(c.fonction, norm.unallocated), unallocated), else_=plain)
        norms.append(sa.and_(of_norm, sa.case((d.vote == "2", by_function), else_=plain)))
    return sa.and_(c.fonction.is_not(None), sa.or_(sa.false(), *norms))


def _begins_best(column: Any, prefixes: Mapping[str, str], key: str) -> sa.sql.ColumnElement[bool]:
    """Whether the longest prefix of a code belongs to a category."""
    mine: list[sa.sql.ColumnElement[bool]] = []
    for own in (code for code, owner in prefixes.items() if owner == key):
        longer = [code for code in prefixes if code != own and code.startswith(own)]
        begun = begins(column, [own])
        mine.append(sa.and_(begun, ~begins(column, longer)) if longer else begun)
    return sa.or_(sa.false(), *mine)
