"""Documents and their lines, converted as the product does; nothing here is measured twice."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

import pytest
import sqlalchemy as sa

from ckanext.budget.convert import convert
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.groups import AMOUNTS, KEYS_BY_FUNCTION, Group, of_lines
from ckanext.budget.scdl.model import ConvertedLine
from dev import fixtures

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "xml"
corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus ../shared/corpus is absent")


@lru_cache
def read(content: bytes) -> tuple[Document, list[ConvertedLine]]:
    """A document as the registry would hold it, and its lines."""
    lines: list[ConvertedLine] = []
    report = convert(io.BytesIO(content), io.BytesIO(), on_line=lines.append)
    h = report.header
    assert h and h.exercice and h.stage
    siret = h.siret or ""
    document = Document(
        id=f"{siret}-{h.exercice}-{h.stage}-{h.dm_number}", exercice=h.exercice, stage=h.stage, dm_number=h.dm_number,
        nomenclature=h.declination, siret=h.siret, siren=h.siren, name=h.name, is_annexe=h.is_annexe,
        is_draft=h.is_draft, vote=h.get("NatFonc") or "1", information=h.information,
        facts=report.facts.to_dict() if report.facts else {},
    )  # fmt: skip
    return document, lines


def groups(lines: list[ConvertedLine]) -> list[Group]:
    return of_lines(lines, KEYS_BY_FUNCTION)


@lru_cache
def town(case: str) -> tuple[Document, list[Group]]:
    """A document of the corpus, and its groups by function."""
    document, lines = read((CORPUS / case / "totem.xml").read_bytes())
    return document, groups(lines)


@lru_cache
def fictitious(stage: str, exercice: int, annexe: bool = False, dm_number: int = 0) -> tuple[Document, list[Group]]:
    """A document of the fictitious commune, and its groups by function."""
    number = {"dm_number": dm_number} if dm_number else {}
    document, lines = read(fixtures.document(stage, exercice, annexe=annexe, **number))
    return document, groups(lines)


def stored(*documents: tuple[Document, list[Group]]) -> sa.engine.Connection:
    """A table of lines in memory: one line a group (SQLite's own numbers are not decimal)."""
    engine = sa.create_engine("sqlite://")
    meta = sa.MetaData()
    texts = [
        sa.Column(name, sa.Boolean if name == "ordre" else sa.Text) for name in ("document_id", *KEYS_BY_FUNCTION)
    ]
    table = sa.Table("budget_line", meta, *texts, *(sa.Column(name, sa.Numeric(asdecimal=True)) for name in AMOUNTS))
    named = [sa.Column(name, sa.Text) for name in ("id", "stage")]
    known = sa.Table("budget_document", meta, *named, sa.Column("is_draft", sa.Boolean))
    meta.create_all(engine)
    connection = engine.connect()
    for document, found in documents:
        rows = [
            {"document_id": document.id, **{k: getattr(g, k) for k in KEYS_BY_FUNCTION}, **g.amounts} for g in found
        ]
        connection.execute(table.insert(), rows)
        connection.execute(known.insert().values(id=document.id, stage=document.stage, is_draft=document.is_draft))
    return connection
