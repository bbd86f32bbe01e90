"""The lines of one document: filtered, sorted, grouped, added up. Amounts in euros (``Decimal``; None: none stated)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from ckan import model

from ckanext.budget.registry.code_totals import fold
from ckanext.budget.registry.models import AMOUNT_COLUMNS
from ckanext.budget.registry.models import BudgetLine as Line

#: what lines can be sorted by, and grouped by
SORTS = ("number", "nature", "fonction", "chapter", "section", *AMOUNT_COLUMNS)
GROUPS = ("chapter", "fonction")
#: columns in which words are looked for
LABELS = ("nature_label", "fonction_label", "chapter_label", "contnat_label")
#: lines read at once by an export
BATCH = 2000


@dataclass(frozen=True)
class Selection:
    """Which lines, in which order. Empty text and None filter nothing; ``nature`` and ``fonction`` are beginnings of
    codes, several separated by spaces; every word of ``text`` must be in the labels or begin a code."""

    section: str = ""  # F or I
    code_rd: str = ""  # R or D
    ordre: bool | None = None
    chapter: str = ""
    nature: str = ""
    fonction: str = ""
    text: str = ""
    sort: str = "number"
    descending: bool = False
    group: str = ""  # one of GROUPS
    subtotals_only: bool = False

    @property
    def filters(self) -> bool:
        """Whether it leaves lines out."""
        return self != replace(
            Selection(),
            sort=self.sort,
            descending=self.descending,
            group=self.group,
            subtotals_only=self.subtotals_only,
        )


class Sum(NamedTuple):
    """A total: how many lines, and amounts by column (None: no line states one)."""

    lines: int
    amounts: Mapping[str, Decimal | None]


class Subtotal(NamedTuple):
    """The lines of a sense (R/D) that share a code of the grouping (empty: none stated)."""

    code_rd: str
    code: str
    label: str
    sum: Sum


def columns_used(document_id: str) -> tuple[set[str], bool, bool]:
    """Amount columns that the document states anywhere; whether it has functions, and operations."""
    counted = [sa.func.count(getattr(Line, name)).label(name) for name in (*AMOUNT_COLUMNS, "fonction", "operation")]
    row = model.Session.execute(sa.select(*counted).where(Line.document_id == document_id)).mappings().one()
    return {name for name in AMOUNT_COLUMNS if row[name]}, bool(row["fonction"]), bool(row["operation"])


def chapters(document_id: str) -> list[tuple[str, str]]:
    """Code and label of the chapters of a document."""
    query = (
        sa.select(Line.chapter, sa.func.min(Line.chapter_label))
        .where(Line.document_id == document_id)
        .group_by(Line.chapter)
        .order_by(Line.chapter)
    )
    return [(row[0], row[1]) for row in model.Session.execute(query)]


class Table:
    """The lines of a document that are chosen. Words are looked for among the labels of the document, a few hundred,
    before its lines, which may be 20,000."""

    def __init__(self, document_id: str, chosen: Selection) -> None:
        self.chosen = chosen
        self._kept = [Line.document_id == document_id, *_conditions(chosen)]
        if chosen.text:
            labels = _labels(document_id)
            self._kept += [_holding(word, labels) for word in fold(chosen.text).split()]

    def totals(self) -> dict[str, Sum]:
        """Totals by sense (R/D)."""
        query = sa.select(Line.code_rd, *_sums()).where(*self._kept).group_by(Line.code_rd)
        return {row["code_rd"]: _sum(row) for row in model.Session.execute(query).mappings()}

    def subtotals(self) -> list[Subtotal]:
        """Subtotals by the chosen grouping, in the order of its groups (of an amount, when they are shown alone)."""
        code, label = _grouping(self.chosen)
        query = (
            sa.select(Line.code_rd, code.label("code"), sa.func.min(label).label("label"), *_sums())
            .where(*self._kept)
            .group_by(Line.code_rd, code)
        )
        if self.chosen.subtotals_only and self.chosen.sort in AMOUNT_COLUMNS:
            query = query.order_by(self._directed(sa.func.sum(getattr(Line, self.chosen.sort))))
        query = query.order_by(Line.code_rd, code)
        return [
            Subtotal(row["code_rd"], row["code"], row["label"] or "", _sum(row))
            for row in model.Session.execute(query).mappings()
        ]

    def rows(self, *, limit: int | None = None, offset: int = 0) -> Sequence[Any]:
        """Lines in the chosen order: columns of ``budget_line``, and ``group`` (the code of their group)."""
        return list(model.Session.execute(self.query().limit(limit).offset(offset)).mappings())

    def every_row(self) -> Iterator[Any]:
        """All the lines."""
        for batch in model.Session.execute(self.query()).mappings().partitions(BATCH):
            yield from batch

    def query(self) -> sa.sql.Select[Any]:
        """The lines, as SQL."""
        group, _ = _grouping(self.chosen)
        columns = [column for column in Line.__table__.columns if column.name not in ("document_id", "artspe")]
        query = sa.select(*columns, group.label("group")).where(*self._kept)
        if self.chosen.group:
            query = query.order_by(Line.code_rd, group)
        by = [Line.section, Line.code_rd] if self.chosen.sort == "section" else [getattr(Line, self.chosen.sort)]
        return query.order_by(*map(self._directed, by), Line.number)

    def _directed(self, column: Any) -> Any:
        return (column.desc() if self.chosen.descending else column.asc()).nulls_last()


def _grouping(chosen: Selection) -> tuple[sa.sql.ColumnElement[str], sa.sql.ColumnElement[str]]:
    if chosen.group == "fonction":
        return sa.func.coalesce(Line.fonction, ""), sa.func.coalesce(Line.fonction_label, "")
    if chosen.group == "chapter":
        return sa.type_coerce(Line.chapter, sa.UnicodeText), sa.type_coerce(Line.chapter_label, sa.UnicodeText)
    return sa.literal("", sa.UnicodeText), sa.literal("", sa.UnicodeText)


def _conditions(chosen: Selection) -> list[sa.sql.ColumnElement[bool]]:
    same = ("section", "code_rd", "chapter")
    kept = [getattr(Line, name) == getattr(chosen, name) for name in same if getattr(chosen, name)]
    if chosen.ordre is not None:
        kept.append(Line.ordre.is_(chosen.ordre))
    for name in ("nature", "fonction"):
        beginnings = getattr(chosen, name).split()
        if beginnings:
            kept.append(sa.or_(*(getattr(Line, name).startswith(text, autoescape=True) for text in beginnings)))
    return kept


def _labels(document_id: str) -> dict[str, list[str]]:
    """The labels of a document by column."""
    return {
        name: [
            label
            for label in model.Session.scalars(
                sa.select(getattr(Line, name)).where(Line.document_id == document_id).distinct()
            )
            if label
        ]
        for name in LABELS
    }


def _holding(word: str, labels: Mapping[str, Sequence[str]]) -> sa.sql.ColumnElement[bool]:
    """Lines a label of which holds a word, or a code of which begins with it."""
    found = {name: [label for label in there if word in fold(label)] for name, there in labels.items()}
    codes = [c.startswith(word.upper(), autoescape=True) for c in (Line.nature, Line.fonction, Line.chapter)]
    return sa.or_(*(getattr(Line, name).in_(kept) for name, kept in found.items() if kept), *codes)


def _sums() -> Sequence[sa.sql.ColumnElement[Any]]:
    return [sa.func.count().label("lines"), *(sa.func.sum(getattr(Line, n)).label(n) for n in AMOUNT_COLUMNS)]


def _sum(row: Any) -> Sum:
    return Sum(row["lines"], {name: row[name] for name in AMOUNT_COLUMNS})
