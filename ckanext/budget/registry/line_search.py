"""Searches inside the lines of every budget: a code (``6411``) or words («école»), by budget and year.

They read ``budget_code_total`` (:mod:`ckanext.budget.registry.code_totals`): words through a GIN index of the French
stems of labels without accents, codes by their beginning. Accounts (``nature``) and functions are never added
together: one line has both. ``visible`` is the condition on ``package`` of what the reader may see.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any, NamedTuple

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import aliased

from ckanext.budget.registry.code_totals import fold, words_of_name
from ckanext.budget.registry.models import BudgetCodeTotal as Total
from ckanext.budget.registry.models import BudgetDocument as Document

Condition = sa.sql.ColumnElement[bool]
KINDS = ("nature", "fonction")
#: what amounts say: carried out (the account of a year; the CFU prevails), voted (BP + BS + DM)
MEASURES = ("realise", "vote")
_WORD = re.compile(r"[a-z0-9]+")
_CODE = re.compile(r"(?=.*[0-9])[0-9A-Z]{1,10}")


@dataclass(frozen=True)
class Asked:
    """What is looked for: codes that begin with ``code``, or labels that hold every word of ``text``, or of one of
    ``also``; among accounts (``nature``) or functions (``fonction``)."""

    kind: str
    code: str = ""
    text: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measure:
    """Which amounts are added: ``name`` of MEASURES, sense (D/R), réel or ordre."""

    name: str = "realise"
    code_rd: str = "D"
    ordre: bool = False


class Code(NamedTuple):
    """A code that was found: its label (the most frequent), in how many budgets."""

    kind: str
    code: str
    label: str
    budgets: int


class Found(NamedTuple):
    """What one budget states, by year (euros): ``siret`` is None for a budget that has none."""

    siret: str | None
    package_id: str
    name: str
    amounts: Mapping[int, Decimal]


def understood(text: str, kind: str, also: Sequence[str] = ()) -> Asked:
    """What a person typed: a code, else words (and those to look for besides)."""
    code = "".join(text.split()).upper()
    return Asked(kind, code=code) if _CODE.fullmatch(code) else Asked(kind, text=text, also=tuple(also))


def codes(asked: Asked, visible: Condition, limit: int = 15) -> list[Code]:
    """The codes found, those of most budgets first."""
    n = sa.func.count(sa.distinct(_key()))
    label = sa.func.mode().within_group(Total.label)
    query = _joined(sa.select(Total.kind, Total.code, label, n), asked, visible)
    query = query.group_by(Total.kind, Total.code).order_by(n.desc(), Total.code).limit(limit)
    return [Code(*row) for row in model.Session.execute(query)]


def available(asked: Asked, visible: Condition) -> list[Measure]:
    """The measures for which something is stated."""
    account = Document.stage.in_(["CA", "CFU"])
    query = _joined(sa.select(account, Total.code_rd, Total.ordre), asked, visible).distinct()
    found = {(bool(row[0]), row[1], row[2]) for row in model.Session.execute(query)}
    return [
        Measure(name, sense, ordre)
        for ordre in (False, True)
        for name in MEASURES
        for sense in ("D", "R")
        if (name == "realise", sense, ordre) in found
    ]


def totals(
    asked: Asked, measure: Measure, visible: Condition, *, limit: int = 20, offset: int = 0
) -> tuple[int, list[Found]]:
    """How many budgets state something, and some of them with their amounts by year: the largest amounts first."""
    amount = sa.func.sum(Total.amount)
    per_year = (
        _joined(sa.select(_key().label("key"), Document.exercice, amount.label("amount")), asked, visible)
        .where(_of(measure))
        .group_by(_key(), Document.exercice)
        .cte("per_year")
    )
    largest = sa.func.max(sa.func.abs(per_year.c.amount))
    ranked = (
        sa.select(
            per_year.c.key,
            sa.func.row_number().over(order_by=(largest.desc(), per_year.c.key)).label("rank"),
            sa.func.count().over().label("n"),
        )
        .group_by(per_year.c.key)
        .order_by("rank")
        .limit(limit)
        .offset(offset)
        .cte("ranked")
    )
    query = (
        sa.select(ranked.c.n, ranked.c.key, per_year.c.exercice, per_year.c.amount)
        .join(per_year, per_year.c.key == ranked.c.key)
        .order_by(ranked.c.rank, per_year.c.exercice)
    )
    rows = model.Session.execute(query).all()
    amounts: dict[str, dict[int, Decimal]] = {}
    for _, key, year, value in rows:
        amounts.setdefault(key, {})[year] = value
    known = _named(list(amounts))
    return (rows[0][0] if rows else 0), [Found(*known[key], values) for key, values in amounts.items()]


def budgets_named(text: str, visible: Condition, limit: int = 20) -> list[tuple[str, str]]:
    """SIRET and name of the published budgets whose name has, for each word of a text, one that begins with it
    (annexes, CCAS… that no directory lists)."""
    words = _WORD.findall(fold(text))
    if not words:
        return []
    name = sa.func.min(Document.name)
    query = (
        sa.select(Document.siret, name)
        .join(model.Package, model.Package.id == Document.package_id)
        .where(visible, Document.status == "converted", Document.siret.is_not(None))
        .group_by(Document.siret)
        .order_by(name, Document.siret)
        .limit(limit)
    )
    searched: sa.sql.ColumnElement[Any] = sa.literal_column(words_of_name("budget_document.name"), TSVECTOR)
    asked = sa.func.to_tsquery(
        sa.literal_column("'pg_catalog.simple'::regconfig"), " & ".join(f"{w}:*" for w in words)
    )
    query = query.where(searched.op("@@")(asked))
    return [(row[0], row[1]) for row in model.Session.execute(query)]


def published(numbers: Collection[str], visible: Condition) -> set[str]:
    """Those of the SIREN that have a document in force."""
    query = (
        sa.select(Document.siren)
        .join(model.Package, model.Package.id == Document.package_id)
        .where(visible, Document.status == "converted", Document.siren.in_(list(numbers)))
        .where(Document.siret.is_not(None))
        .distinct()
    )
    return {siren for siren in model.Session.scalars(query) if siren}


def latest(visible: Condition, limit: int = 8) -> Sequence[Any]:
    """The documents in force that were published last."""
    names = ("id", "siret", "name", "exercice", "stage", "dm_number", "status", "converted")
    query = (
        sa.select(*(getattr(Document, name) for name in names))
        .join(model.Package, model.Package.id == Document.package_id)
        .where(visible, Document.status == "converted")
        .order_by(Document.converted.desc(), Document.id)
        .limit(limit)
    )
    return model.Session.execute(query).all()


def _key() -> sa.sql.ColumnElement[str]:
    """What stands for a budget: its SIRET, else its dataset."""
    return sa.func.coalesce(Document.siret, Document.package_id)


def _joined(query: sa.sql.Select[Any], asked: Asked, visible: Condition) -> sa.sql.Select[Any]:
    return (
        query.select_from(Total)
        .join(Document, Document.id == Total.document_id)
        .join(model.Package, model.Package.id == Document.package_id)
        .where(Document.status == "converted", visible, Total.kind == asked.kind, _matches(asked))
    )


def _matches(asked: Asked) -> Condition:
    if asked.code:
        return Total.code.startswith(asked.code, autoescape=True)
    french = sa.literal_column("'pg_catalog.french'::regconfig")
    first, *others = (sa.func.plainto_tsquery(french, fold(text)) for text in (asked.text, *asked.also))
    return Total.words.op("@@")(reduce(lambda either, other: either.op("||")(other), others, first))


def _of(measure: Measure) -> Condition:
    same = sa.and_(Total.code_rd == measure.code_rd, Total.ordre.is_(measure.ordre))
    if measure.name == "vote":
        return sa.and_(same, Document.stage.in_(["BP", "BS", "DM"]))
    cfu = aliased(Document)
    prevailing = sa.exists().where(
        cfu.siret == Document.siret, cfu.exercice == Document.exercice, cfu.stage == "CFU", cfu.status == "converted"
    )
    return sa.and_(same, sa.or_(Document.stage == "CFU", sa.and_(Document.stage == "CA", ~prevailing)))


def _named(keys: Sequence[str]) -> dict[str, tuple[str | None, str, str]]:
    query = (
        sa.select(_key(), Document.siret, Document.package_id, Document.name)
        .where(Document.status == "converted")
        .where(sa.or_(Document.siret.in_(keys), sa.and_(Document.siret.is_(None), Document.package_id.in_(keys))))
        .order_by(Document.exercice)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in model.Session.execute(query)}
