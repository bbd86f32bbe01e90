"""Lines for the registry, read again from a standard CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from ckanext.budget.scdl.model import COLUMNS, ConvertedLine
from ckanext.budget.scdl.rows import SECTIONS
from ckanext.budget.tables.columns import AMOUNTS


def lines_of(stream: BinaryIO) -> Iterator[ConvertedLine]:
    """Lines of a CSV that :func:`~ckanext.budget.tables.normalise.normalise` wrote, from its start.

    A table names no plan de comptes: the chapter is BGT_CONTNAT; so is the account where BGT_NATURE is empty.
    """
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    try:
        rows = csv.reader(text)
        next(rows, None)
        for number, cells in enumerate(rows, 1):
            yield _line(number, cells)
    finally:
        text.detach()


def _line(number: int, cells: list[str]) -> ConvertedLine:
    given = dict(zip(COLUMNS, cells, strict=True))
    contnat, contnat_label = given["BGT_CONTNAT"], given["BGT_CONTNAT_LABEL"]
    nature = given["BGT_NATURE"] or contnat
    return ConvertedLine(
        number=number,
        nature=nature,
        nature_label=given["BGT_NATURE_LABEL"],
        fonction=given["BGT_FONCTION"] or None,
        fonction_label=given["BGT_FONCTION_LABEL"] or None,
        contnat=contnat,
        contnat_label=contnat_label,
        chapter=contnat,
        chapter_label=contnat_label,
        operation=given["BGT_OPERATION"] or None,
        section="I" if given["BGT_SECTION"] == SECTIONS["I"] else "F",
        ordre=given["BGT_OPBUDG"] == "ordre",
        code_rd="R" if given["BGT_CODRD"] == "recette" else "D",
        **{name.removeprefix("BGT_").lower(): given[name] or None for name in AMOUNTS},
        artspe=given["BGT_ARTSPE"] or None,
        cells=tuple(cells),
    )
