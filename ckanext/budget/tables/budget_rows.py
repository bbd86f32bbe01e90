"""Rows of a table → rows of the standard, one after the other; what is no budget line is left out and told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple, TypeVar

from ckanext.budget.errors import Refusal
from ckanext.budget.scdl.codes import section_by_digit
from ckanext.budget.scdl.model import COLUMNS
from ckanext.budget.scdl.rows import SECTIONS, SENSES
from ckanext.budget.scdl.table import Groups
from ckanext.budget.tables import cells
from ckanext.budget.tables.cells import Read, UnreadableCell
from ckanext.budget.tables.columns import AMOUNTS, Headings, fold
from ckanext.budget.tables.model import Cell, Changes, Row
from ckanext.budget.totem.model import Header

#: most documents of a file that are named in a refusal
_NAMED = 10
#: cells known to be valid as they are: most of a column, and how long
_REMEMBERED, _LONG = 5000, 200
_TOTAL = re.compile(r"(?:sous )?(?:total|totaux|cumul)\b")
#: a row that has none of these is no budget line
_OF_A_LINE = ("BGT_CONTNAT", "BGT_NATURE", "BGT_OPBUDG", "BGT_CODRD")
_CODES = ("BGT_CONTNAT", "BGT_NATURE", "BGT_FONCTION", "BGT_OPERATION")
_LABELS = ("BGT_CONTNAT_LABEL", "BGT_NATURE_LABEL", "BGT_FONCTION_LABEL")
#: the refusals that name what a line does not say
_MUST = {"BGT_OPBUDG": "bad_line_order", "BGT_CODRD": "bad_line_direction"}
_READ: Mapping[str, Callable[[Cell], Read]] = {
    **dict.fromkeys(AMOUNTS, cells.amount),
    **dict.fromkeys(_CODES, cells.code),
    **dict.fromkeys(_LABELS, cells.free_label),
    **{column: partial(cells.word, column) for column in cells.WORDS},
}

_Result = TypeVar("_Result")


class _Document(NamedTuple):
    """Whose line it is: étape in the schema's word and TotEM's code, SIRET as written (blanks apart)."""

    natdec: str
    year: str
    siret: str
    name: str
    stage: str
    number: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.siret or self.name, self.year, self.stage, self.number

    @property
    def header(self) -> Header:
        """The same in TotEM's names."""
        values = {
            "NatDec": self.stage,
            "NumDec": self.number,
            "Exer": self.year,
            "IdEtab": self.siret,
            "LibelleColl": self.name,
        }
        return Header("totem", {name: value for name, value in values.items() if value})

    def __str__(self) -> str:
        stage = self.natdec + (f" n° {self.number}" if self.number else "")
        return " ".join(part for part in (self.name, self.siret, self.year, stage) if part)


class _Last(NamedTuple):
    """The document of the row before: its cells as written, as read, and the changes to tell for each row."""

    raw: tuple[Cell, ...]
    document: _Document
    cells: tuple[str, str, str, str]
    changes: tuple[tuple[str, str, Mapping[str, str]], ...]


class BudgetRows:
    """The rows of one budget, in order: iterate once, then read what was counted."""

    def __init__(self, headings: Headings, changes: Changes) -> None:
        self._changes = changes
        self._headings = headings
        self._heading = headings.pairs[headings.places["BGT_NATURE"]][0]
        self._width = len(headings.pairs)
        self._places = [(column, headings.places[column]) for column in COLUMNS if column in headings.places]
        self._documents: dict[tuple[str, str, str, str], _Document] = {}
        self._last: _Last | None = None
        self._valid = {column: set[str]() for column in COLUMNS}
        self._told: list[tuple[str, str, Mapping[str, str]]] = []
        self.lines = self.left_out = 0
        self.groups: Groups = {}

    @property
    def header(self) -> Header:
        """Identity of the document, in TotEM's names."""
        return next(iter(self._documents.values())).header

    def standard(self, rows: Iterable[Row]) -> Iterator[tuple[str, ...]]:
        """The rows of the standard. Raises :class:`Refusal` for a line that can't be read, or several documents."""
        for row in rows:
            given = self._given(row)
            if given is None:
                continue
            yield (*self._document(given, row.number), *self._line(given, row.number))
            self.lines += 1
        if len(self._documents) > 1:
            raise Refusal("table_several", documents="; ".join(str(one) for one in self._documents.values()))
        if not self.lines:
            raise Refusal("table_no_line")

    # -- which rows are lines

    def _given(self, row: Row) -> dict[str, Cell] | None:
        """The cells of a budget line by column; None for what is none (told)."""
        found = row.cells
        if len(found) != self._width:
            found = self._squared(row)
        given = {column: found[place] for column, place in self._places}
        nature = given.get("BGT_NATURE", "")
        says = _says(nature)
        total = not says and any(_is_total(cell) for cell in found)
        if says or (not total and any(_filled(given.get(column, "")) for column in _OF_A_LINE)):
            if not says:
                self._changes.note("table_no_nature", row.number)
            if cells.plain(nature).strip() != self._heading or not says:
                return given
            self._left_out("table_heading_again", row.number)
        elif any(_filled(cell) for cell in found):
            total = total or any(_filled(given.get(column, "")) for column in AMOUNTS)
            self._left_out("table_totals" if total else "table_notes", row.number)
        else:
            self._changes.note("table_blank_rows", row.number)
        return None

    def _left_out(self, code: str, row: int) -> None:
        self.left_out += 1
        self._changes.note(code, row)

    def _squared(self, row: Row) -> Sequence[Cell]:
        extra = [cell for cell in row.cells[self._width :] if _filled(cell)]
        if extra:
            params = {"cells": str(len(row.cells)), "columns": str(self._width)}
            raise Refusal("table_row_length", line=row.number, **params)
        missing = self._width - len(row.cells)
        if missing > 0 and any(_filled(cell) for cell in row.cells):
            self._changes.note("table_short_rows", row.number)
        return [*row.cells[: self._width], *[""] * missing]

    # -- whose line

    def _document(self, given: Mapping[str, Cell], row: int) -> tuple[str, str, str, str]:
        """The four first cells of the row; documents are counted."""
        raw = tuple(given.get(column, "") for column in COLUMNS[:4])
        if self._last is None or raw != self._last.raw:
            document = self._read_document(given, row)
            self._documents.setdefault(document.key, document)
            if len(self._documents) >= _NAMED:
                raise Refusal("table_several", documents="; ".join(str(one) for one in self._documents.values()))
            shown = (document.natdec, document.year, document.header.siret or "", document.name)
            self._last = _Last(raw, document, shown, tuple(self._told))
            self._told.clear()
        for code, column, example in self._last.changes:
            self._changes.note(code, row, column, **example)
        return self._last.cells

    def _read_document(self, given: Mapping[str, Cell], row: int) -> _Document:
        first = next(iter(self._documents.values()), None)
        stage = self._tried("BGT_NATDEC", given, row, cells.stage)
        year, siret, name = (
            self._told_of(column, given, row, read)
            for column, read in (("BGT_ANNEE", cells.year), ("BGT_SIRET", cells.siret), ("BGT_NOM", cells.label))
        )
        if stage is not None and stage.word != given["BGT_NATDEC"]:
            written = _shown(given["BGT_NATDEC"])
            self._told.append(("table_word", "BGT_NATDEC", {"written": written, "read": stage.word}))
        if first is None:
            if stage is None:
                raise Refusal("unknown_stage", line=row, value="")
            if not year:
                raise Refusal("bad_year", line=row, value="")
            return _Document(stage.word, year, siret, name, stage.natdec, stage.number)
        # written once, as in merged cells: the rows below are of the same document
        stage = stage or cells.Stage(self._filled("BGT_NATDEC", first.natdec), first.stage, first.number)
        year = year or self._filled("BGT_ANNEE", first.year)
        siret = siret or self._filled("BGT_SIRET", first.siret)
        name = name or self._filled("BGT_NOM", first.name)
        return _Document(stage.word, year, siret, name, stage.natdec, stage.number)

    def _filled(self, column: str, text: str) -> str:
        if text:
            self._told.append(("table_filled", column, {}))
        return text

    def _told_of(self, column: str, given: Mapping[str, Cell], row: int, read: Callable[[Cell], Read]) -> str:
        done = self._tried(column, given, row, read)
        example = {"written": _shown(given.get(column, "")), "read": done.text}
        self._told.extend((code, column, example) for code in done.changes)
        return done.text

    # -- cells

    def _line(self, given: Mapping[str, Cell], row: int) -> Iterable[str]:
        text = {column: self._cell(column, given, row) for column in COLUMNS[4:]}
        for column, code in _MUST.items():
            if not text[column]:
                raise Refusal(code, line=row)
        chapter, nature = text["BGT_CONTNAT"], text["BGT_NATURE"]
        if cells.lost_zeros(chapter, nature):
            self._changes.note("table_zeros_lost", row, chapter=chapter, nature=nature)
        text["BGT_SECTION"] = text["BGT_SECTION"] or self._section(nature or chapter, row)
        self._count(text)
        return text.values()

    def _section(self, nature: str, row: int) -> str:
        """The section that the table does not say: by the account's first digit, else fonctionnement (domain §4)."""
        told = section_by_digit(nature)
        self._changes.note("table_section_inferred" if told else "table_section_guessed", row, nature=nature)
        return SECTIONS[told or "F"]

    def _count(self, text: Mapping[str, str]) -> None:
        section = "I" if text["BGT_SECTION"] == SECTIONS["I"] else "F"
        sense = "R" if text["BGT_CODRD"] == SENSES["R"] else "D"
        key = section, sense, text["BGT_OPBUDG"] == "ordre", text["BGT_NATURE"]
        sums = self.groups.setdefault(key, [Decimal(0)] * len(AMOUNTS))
        for index, column in enumerate(AMOUNTS):
            if text[column]:
                sums[index] += Decimal(text[column])

    def _cell(self, column: str, given: Mapping[str, Cell], row: int) -> str:
        cell = given.get(column, "")
        valid = self._valid[column]
        if isinstance(cell, str) and (not cell or cell in valid):
            return cell
        done = self._tried(column, given, row, _READ[column])
        if done.text == cell and not done.changes and len(valid) < _REMEMBERED and len(done.text) < _LONG:
            valid.add(done.text)
        for code in done.changes:
            self._changes.note(code, row, column, written=_shown(cell), read=done.text)
        return done.text

    def _tried(self, column: str, given: Mapping[str, Cell], row: int, read: Callable[[Cell], _Result]) -> _Result:
        cell = given.get(column, "")
        try:
            return read(cell)
        except UnreadableCell as error:
            written = self._headings.pairs[self._headings.places[column]][0]
            raise Refusal(error.code, line=row, column=written, value=_shown(cell)) from error


def _shown(cell: Cell) -> str:
    return getattr(cell, "place", "") or cells.plain(cell)[:40]


def _filled(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(cell.strip())


def _is_total(cell: Cell) -> bool:
    return isinstance(cell, str) and bool(_TOTAL.match(fold(cell)))


def _says(cell: Cell) -> bool:
    """Whether a cell says something of a line: a total's name does not."""
    return _filled(cell) and not _is_total(cell)
