"""Small fictitious documents, and short ways to read, occult and receive them."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import settings

from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.messages import render
from ckanext.budget.totem.model import Line
from ckanext.budget.totem.occult import occult
from ckanext.budget.totem.reader import Reader
from dev import fixtures

LINE = {"Nature": "60611", "ContNat": "011", "CodRD": "D", "OpBudg": "0", "MtReal": "12279.97", "CredOuv": "20535"}

#: the same examples at every run
sample = settings(max_examples=40, deadline=None, derandomize=True)


def small(
    stage: str = "CA", exercice: int = 2021, lines: list[Mapping[str, str]] | None = None, **more: Any
) -> bytes:
    """A document of one line."""
    return fixtures.document(stage, exercice, lines=[LINE] if lines is None else lines, **more)


def cfu(**more: Any) -> bytes:
    """A whole compte financier unique."""
    return fixtures.document(exercice=2023, cfu=True, **more)


def replaced(document: bytes, old: str, new: str, count: int = 1) -> bytes:
    """The document with a part replaced, which must be there."""
    assert old.encode() in document
    return document.replace(old.encode(), new.encode(), count)


@functools.cache
def _small(encoding: str) -> bytes:
    return small(encoding=encoding)


def annexed(xml: str, document: bytes | None = None, encoding: str = "utf-8") -> bytes:
    """A document with one more thing at the end of its annexes."""
    document = _small(encoding) if document is None else document
    end = "</Annexes>".encode(encoding)
    assert document.count(end) == 1
    return document.replace(end, xml.encode(encoding) + end)


def read(document: bytes, **more: Any) -> tuple[Reader, list[Line]]:
    """The reader, when it has read, and its lines."""
    reader = Reader(io.BytesIO(document), **more)
    return reader, list(reader)


def occulted(document: bytes, **more: Any) -> tuple[bytes, dict[str, int]]:
    """The copy, and what was hidden."""
    out = io.BytesIO()
    result = occult(io.BytesIO(document), out, **more)
    return out.getvalue(), result.counts


def finding(refused: pytest.ExceptionInfo[Refusal]) -> Finding:
    """What the refusal says; it has words, and a level that stops the file."""
    found = refused.value.finding
    assert found.level == "bloquant"
    assert render(found, str).sentence.endswith((".", "?", "!"))
    return found


def refused(document: bytes, **more: Any) -> Finding:
    """The finding with which the reader refuses."""
    with pytest.raises(Refusal) as info:
        read(document, **more)
    return finding(info)
