"""From fields of a record to cells of a table: each kind of column has its own check, and what fails it is left out.

Nothing is corrected: a cell holds the source's own text, or a word for its code, or nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from stdnum.fr import siret as stdnum_siret

from ckanext.budget.annexes.persons import looks_like_person
from ckanext.budget.totem.occult_rules import HIDDEN

Check = Literal["label", "code", "amount", "whole", "year", "date", "siret", "word", "computed", "absent"]

#: Frictionless types of the columns, by check
TYPES: Mapping[Check, str] = {
    "label": "string", "code": "string", "amount": "number", "whole": "integer", "year": "year", "date": "date",
    "siret": "string", "word": "string", "computed": "string", "absent": "string",
}  # fmt: skip

_PATTERNS: Mapping[Check, re.Pattern[str]] = {
    "code": re.compile(r"[A-Za-z0-9(][A-Za-z0-9 ./_°#()+-]{0,59}", re.ASCII),
    "amount": re.compile(r"[+-]?\d{1,20}(\.\d{1,10})?", re.ASCII),
    "whole": re.compile(r"\d{1,9}", re.ASCII),
    "year": re.compile(r"(19|20)\d\d", re.ASCII),
    "date": re.compile(r"\d{4}-\d\d-\d\d", re.ASCII),
    "siret": re.compile(r"\d{14}", re.ASCII),
}
#: what other tools write in place of a name
_HIDDEN_BY_OTHERS = ("occulté", "occultation ", "nom anonymis")


@dataclass(frozen=True)
class Column:
    """A column: its name in the CSV, its label (msgid), the field it comes from, how the value is checked.

    ``words`` give French words for the codes of a ``word`` column. ``absent`` columns are always empty: the schema
    has them, the source does not.
    """

    name: str
    label: str
    field: str = ""
    check: Check = "label"
    words: Mapping[str, str] | None = None

    @property
    def type(self) -> str:
        """Frictionless type."""
        return TYPES[self.check]


def hidden(value: str) -> bool:
    """Whether an occultation, ours or another's, stands in place of a value."""
    return value == HIDDEN or value.lower().startswith(_HIDDEN_BY_OTHERS)


def masked(value: str) -> bool:
    """Whether a free text must not be shown: hidden already, or naming a person as it seems."""
    return hidden(value) or looks_like_person(value)


def cell(column: Column, fields: Mapping[str, str]) -> str:
    """The cell of a column; empty when the field is absent, hidden or fails its check."""
    value = fields.get(column.field, "")
    if not value:
        return ""
    if column.check == "label":
        return "" if masked(value) else " ".join(value.split())
    if column.check == "word":
        return (column.words or {}).get(value, "")
    pattern = _PATTERNS.get(column.check)
    if pattern is None or not pattern.fullmatch(value):
        return ""
    true = _TRUE.get(column.check)
    return value if true is None or true(value) else ""


def _is_date(value: str) -> bool:
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


#: what the form of a value does not tell
_TRUE: Mapping[Check, Callable[[str], bool]] = {
    "siret": stdnum_siret.is_valid,
    "date": _is_date,
    "code": lambda value: not masked(value),
}
