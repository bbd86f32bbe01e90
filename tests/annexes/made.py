"""Small budgets with chosen annexes, and their tables read back."""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Collection, Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from ckanext.budget.annexes.model import Table
from ckanext.budget.annexes.specs import SPECS
from ckanext.budget.annexes.tables import build
from ckanext.budget.totem.reader import read_header
from dev import fixtures

LINE = {"Nature": "60611", "ContNat": "011", "CodRD": "D", "OpBudg": "0", "MtReal": "12279.97"}


@functools.cache
def _bare(**more: Any) -> bytes:
    return fixtures.document("CA", 2021, lines=[LINE], encoding="utf-8", **more)


def record(kind: str, **fields: str | list[str]) -> str:
    """One record; a list repeats the field."""
    inner = ""
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values:
            inner += f"<{name} V={quoteattr(value)}/>"
    return f"<{kind}>{inner}</{kind}>"


def document(*records: str, **more: Any) -> bytes:
    """A budget whose annexes are these records alone."""
    inner = "".join(f"<DATA_{kind}>{xml}</DATA_{kind}>" for xml in records for kind in re.findall(r"^<(\w+)>", xml))
    made, count = re.subn(
        rb"<Annexes>.*</Annexes>", lambda _: f"<Annexes>{inner}</Annexes>".encode(), _bare(**more), flags=re.DOTALL
    )
    assert count == 1
    return made


Made = tuple[dict[str, bytes], dict[str, Table]]


def made(source: bytes, names: Collection[str] = tuple(SPECS)) -> Made:
    """The files and what is said of the tables."""
    files: dict[str, io.BytesIO] = {}
    header = read_header(io.BytesIO(source))
    tables = build(io.BytesIO(source), names, lambda name: files.setdefault(name, io.BytesIO()), header)
    return {name: file.getvalue() for name, file in files.items()}, tables


def rows(file: bytes) -> list[dict[str, str]]:
    """The rows of a table."""
    return list(csv.DictReader(io.StringIO(file.decode("utf-8"), newline="")))


def table(name: str, *records: str) -> tuple[list[dict[str, str]], Table]:
    """One table of these records: its rows, and what is said of it."""
    files, tables = made(document(*records), [name])
    return rows(files.get(name, b"")), tables[name]


def grant(**fields: str | list[str]) -> str:
    """A grant to an association, unless said otherwise."""
    usual: Mapping[str, str | list[str]] = {
        "CodNatJurBenefCA": "P1",
        "LibOrgaBenef": "Union sportive d'Exemple",
        "MtSubv": "1500.00",
    }
    return record("CONCOURS", **{name: value for name, value in {**usual, **fields}.items() if value})


def staff(posts: str, sector: str = "TECH", category: str = "C", status: str = "I", **more: str) -> str:
    """A record of staff."""
    return record("PERSONNEL", CodTypAgent=status, EmploiGradeAgent="Adjoint", CodCatAgent=category,
                  CodSectAgentTitulaire=sector, EffectifPourvu=posts, **more)  # fmt: skip
