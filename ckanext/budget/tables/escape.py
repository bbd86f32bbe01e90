"""Spreadsheets that we make: a text must never be taken for a formula."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def escape_for_sheet(text: str) -> str:
    """A label for a spreadsheet: an apostrophe before what a spreadsheet would run («=», «+», «-», «@», tab, CR).

    Numbers are never touched. The standard CSV is not escaped: it is data, and its labels stay as they are. Source:
    OWASP, «CSV injection».
    """
    if text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text
