"""The line table as a workbook: headings that stay in sight, amounts as numbers, codes and words as text."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

from ckanext.budget.views.line_export import Cell, Row, Sheet

#: shown with the reader's own separators («12 345,90 €» in French)
EUROS = '#,##0.00\\ "€"'
PLAIN = "#,##0.00"
_WIDE = 42


def to_xlsx(sheet: Sheet) -> bytes:
    """The bytes of an XLSX file. A text is stored as a text, never as a formula, and marked as one where a spreadsheet
    would run it once edited."""
    from openpyxl import Workbook  # noqa: PLC0415  (heavy: only for those who ask for it)
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook(write_only=True)
    page: Any = book.create_sheet(sheet.name)
    head = len(sheet.about) + 2
    page.freeze_panes = f"A{head + 1}"
    for rank, heading in enumerate(sheet.headings, start=1):
        narrow = rank > sheet.words or len(heading) < 12
        page.column_dimensions[get_column_letter(rank)].width = 18 if narrow else _WIDE
    write = _Writer(page, sheet.plain)
    for rank, text in enumerate(sheet.about):
        page.append([write.text(text, bold=rank == 0)])
    page.append([])
    page.append([write.text(heading, bold=True) for heading in sheet.headings])
    for row in sheet.rows:
        page.append(write.row(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class _Writer:
    def __init__(self, page: Any, plain: frozenset[int]) -> None:
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415
        from openpyxl.styles import Font  # noqa: PLC0415

        self._plain = plain
        self._page, self._cell, self._illegal = page, WriteOnlyCell, ILLEGAL_CHARACTERS_RE
        self._bold = Font(bold=True)

    def row(self, row: Row) -> list[Any]:
        bold = row.rank != "line"
        return [self._any(cell, rank, bold=bold) for rank, cell in enumerate(row.cells)]

    def _any(self, cell: Cell, rank: int, *, bold: bool) -> Any:
        if cell is None or cell == "":
            return None
        if isinstance(cell, str):
            return self.text(cell, bold=bold)
        return self._amount(cell, PLAIN if rank in self._plain else EUROS, bold=bold)

    def text(self, text: str, *, bold: bool = False) -> Any:
        cell = self._cell(self._page, value=self._illegal.sub("", text))
        cell.data_type = "s"
        if text.startswith(("=", "+", "-", "@", "\t", "\r")):
            cell.quotePrefix = True
        if bold:
            cell.font = self._bold
        return cell

    def _amount(self, value: Decimal, shape: str, *, bold: bool) -> Any:
        number: Any = value  # openpyxl keeps the digits of a Decimal
        cell = self._cell(self._page, value=number)
        cell.number_format = shape
        if bold:
            cell.font = self._bold
        return cell
