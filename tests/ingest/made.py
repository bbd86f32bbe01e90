"""Budgets as people send them: compressed, in an envelope, as tables; each wrapper holds the marker."""

from __future__ import annotations

import base64
import gzip
import io
from collections.abc import Iterable

from ckanext.budget.convert import convert
from ckanext.budget.scdl.model import COLUMNS, ConvertedLine
from dev import fixtures
from tests.tables import made

MARKER = "Zéphyrine-Marqueur"
CA = {"stage": "CA", "exercice": 2021}
AMOUNTS = [column for column in COLUMNS if column.startswith(("BGT_MT", "BGT_CRED"))]


def ca(seal: str = "2022-05-03T10:00:00", **more: object) -> bytes:
    return fixtures.document(**{**CA, "seal_date": seal, **more})


def gzipped(content: bytes) -> bytes:
    """Its own header names the file, and so may name a person."""
    out = io.BytesIO()
    with gzip.GzipFile(f"{MARKER}.xml".encode("latin-1").decode("latin-1"), "wb", fileobj=out, mtime=0) as packed:
        packed.write(content)
    assert b"phyrine" in out.getvalue()[:64]
    return out.getvalue()


def enveloped(content: bytes) -> bytes:
    """A PES that holds the DocumentBudgetaire as it is, after names and before a signature."""
    declaration, _, budget = content.partition(b"?>")
    name = MARKER.encode("latin-1")
    before = b'<p:PES_Aller xmlns:p="urn:pes" auteur="%b"><!-- %b --><Signataire>%b</Signataire>' % (name, name, name)
    return declaration + b"?>" + before + budget + b"<Signature><Nom>%b</Nom></Signature></p:PES_Aller>" % name


def encoded(content: bytes) -> bytes:
    """An envelope that holds the file in base64."""
    inside = base64.encodebytes(content).decode("ascii")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<PES_Aller><EnTete><Nom>{MARKER}</Nom></EnTete>'
        f"<PES_PJ><Contenu>{inside}</Contenu></PES_PJ></PES_Aller>"
    ).encode()


WRAPPED = {"gzip": gzipped, "envelope": enveloped, "base64": encoded}


def rows(exercice: int = 2021, **options: object) -> list[list[str]]:
    """The standard CSV of a fictitious CA, as rows."""
    return made.rows_of(made.standard("CA", exercice, **options))


def french(table: Iterable[list[str]], extra: str | None = MARKER) -> list[list[str]]:
    """Decimal commas; a last column that holds a person's name; the columns in another order."""
    heading, *lines = [list(reversed(row)) for row in table]
    for line in lines:
        for place, column in enumerate(heading):
            if column in AMOUNTS:
                line[place] = line[place].replace(".", ",")
    if extra is None:
        return [heading, *lines]
    return [[*heading, "Tiers"], *([*line, extra] for line in lines)]


def csv(exercice: int = 2021, tiers: str = MARKER, **options: object) -> bytes:
    """As finance software exports it: semicolons, windows-1252, decimal commas, a column too many."""
    return made.csv_of(french(rows(exercice, **options), tiers), ";", "windows-1252")


def workbook(exercice: int = 2021, hidden: str = MARKER) -> bytes:
    """A workbook with rows of title, a column too many, a comment, a hidden sheet, an author: each holds a name."""
    import openpyxl
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    book.properties.creator = book.properties.lastModifiedBy = hidden
    sheet = book.active
    for row in ([f"Compte administratif préparé par {hidden}"], [], *french(rows(exercice), hidden)):
        sheet.append(row)
    sheet["A1"].comment = Comment(f"vu avec {hidden}", hidden)
    other = book.create_sheet("Paie")
    other.append(["Agent", hidden])
    other.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def lines_of(document: bytes) -> list[ConvertedLine]:
    """The lines that the conversion of an XML gives."""
    found: list[ConvertedLine] = []
    convert(io.BytesIO(document), io.BytesIO(), on_line=found.append)
    return found
