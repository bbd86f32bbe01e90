"""Looking through the XML of a workbook before it is opened: bounds, errors, formulas without value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn
from xml.parsers import expat

from ckanext.budget.errors import Refusal
from ckanext.budget.tables.model import BadCell, Limits
from ckanext.budget.totem.feed import local

#: (row, column) from 0 → the cell that has no value
Faults = dict[tuple[int, int], BadCell]

#: most faults kept for a sheet: one in a column that counts is enough to refuse
_KEPT = 10_000
#: blanks that one ODS tag may stand for
_BLANKS = 1000


def place_name(row: int, column: int) -> str:
    """«B12» for a row and a column counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


class Scan:
    """One XML of a workbook: no DOCTYPE, bounded depth. Subclasses look at what it says."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._depth = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.CharacterDataHandler = self.text

    def feed(self, block: bytes, *, final: bool = False) -> None:
        """One more piece; raises :class:`Refusal`."""
        try:
            self._parser.Parse(block, final)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise Refusal("table_workbook_unreadable") from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > self.limits.depth:
            raise Refusal("limit_reached", limit="depth", value=str(self.limits.depth))
        self.start(local(name), attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.end(local(name))

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """A piece of text."""


def _refuse_doctype(*_: object) -> NoReturn:
    raise Refusal("table_workbook_unreadable")


class Sheet(Scan):
    """A sheet: its rectangle and its faults."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.faults: Faults = {}
        self._bottom = self._right = 0

    def valued(self, row: int, column: int) -> None:
        """A cell that has a value: the rectangle grows to it, within limits."""
        self._bottom, self._right = max(self._bottom, row + 1), max(self._right, column + 1)
        too_wide = self._right > self.limits.columns
        if too_wide or self._bottom > self.limits.rows or self._bottom * self._right > self.limits.cells:
            code = "table_sheet_wide" if too_wide else "table_sheet_big"
            limit = self.limits.columns if too_wide else self.limits.cells
            raise Refusal(code, place=place_name(row, column), limit=str(limit))

    def fault(self, row: int, column: int, reason: str) -> None:
        """A cell without value to give."""
        self.valued(row, column)
        if len(self.faults) < _KEPT:
            self.faults[row, column] = BadCell(place_name(row, column), reason)


class XlsxSheet(Sheet):
    """A worksheet of an XLSX."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self._row = self._column = -1
        self._type = ""
        self._formula = self._value = self._in_value = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
        elif name == "c":
            self._place(attributes.get("r", ""))
            self._type = attributes.get("t", "n")
            self._formula = self._value = False
        elif name == "f":
            self._formula = True
        self._in_value = name in ("v", "t")

    def _place(self, reference: str) -> None:
        match = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", reference)
        if match is None:
            self._column += 1
            return
        column = 0
        for letter in match.group(1):
            column = column * 26 + ord(letter) - 64
        self._column, self._row = column - 1, int(match.group(2)) - 1

    def text(self, data: str) -> None:
        self._value = self._value or (self._in_value and bool(data))

    def end(self, name: str) -> None:
        self._in_value = False
        if name != "c":
            return
        if self._type == "e":
            self.fault(self._row, self._column, "error")
        elif self._value:
            self.valued(self._row, self._column)
        elif self._formula and self._type != "str":  # «str» without value: a formula that gives an empty text
            self.fault(self._row, self._column, "formula")


class OdsContent(Scan):
    """The content of an ODS: all its sheets."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.sheets: dict[str, Sheet] = {}
        self._sheet: Sheet | None = None
        self._row = self._rows = self._column = self._columns = 0
        self._filled = self._in_cell = False
        self._reason = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        given = {local(key): value for key, value in attributes.items()}
        if name == "table":
            self._sheet = self.sheets[given.get("name", "")] = Sheet(self.limits)
            self._row = 0
        elif name == "table-row":
            self._rows, self._column = int(given.get("number-rows-repeated", 1)), 0
        elif name in ("table-cell", "covered-table-cell"):
            self._columns = int(given.get("number-columns-repeated", 1))
            self._in_cell, self._filled, self._reason = True, "value-type" in given, ""
            if attributes.get(_CALCEXT_TYPE) == "error":
                self._reason = "error"
            elif "formula" in given and "value-type" not in given:
                self._reason = "formula"
        elif name == "s" and int(given.get("c", 1)) > _BLANKS:
            raise Refusal("limit_reached", limit="text:s", value=str(_BLANKS))

    def text(self, data: str) -> None:
        self._filled = self._filled or (self._in_cell and not data.isspace())

    def end(self, name: str) -> None:
        if name == "table-row":
            self._row += self._rows
        elif name in ("table-cell", "covered-table-cell"):
            self._in_cell = False
            last = self._column + self._columns - 1
            if self._sheet is not None and (self._filled or self._reason):
                self._sheet.valued(self._row + self._rows - 1, last)
                if self._reason:
                    self._sheet.fault(self._row, self._column, self._reason)
            self._column = last + 1


_CALCEXT_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"


class Workbook(Scan):
    """Names of the sheets of an XLSX with their relation; and relations with their target."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.sheets: list[tuple[str, str]] = []
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if local(key) == "id"), "")
            self.sheets.append((attributes.get("name", ""), relation))
        elif name == "Relationship":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")


class Manifest(Scan):
    """The manifest of an ODS: is it encrypted?"""

    encrypted = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.encrypted = self.encrypted or name == "encryption-data"
