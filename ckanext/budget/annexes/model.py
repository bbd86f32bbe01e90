"""What a table of annexes is, before and after it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from ckanext.budget.annexes.cells import Column

#: why a record is not published as a row
Reason = Literal["natural_person", "nature_unknown", "beneficiary_unnamed", "other_kind", "unreadable", "too_few"]

#: the reason why a record of the source makes no row, or None
Decide = Callable[[Mapping[str, str]], Reason | None]


@dataclass(frozen=True)
class Spec:
    """A table to make: from which records, which of them, which columns; ``rule`` is its privacy rule in words.

    ``title``, ``rule`` and the labels of ``columns`` are msgids. ``compute`` fills the ``computed`` columns.
    ``amount`` is the field whose sum is told of the records left out; with ``few_hidden``, not of fewer than K.
    """

    name: str
    kind: str
    title: str
    rule: str
    columns: tuple[Column, ...]
    decide: Decide
    compute: Mapping[str, Callable[[Mapping[str, str]], str]] = field(
        default_factory=dict[str, Callable[[Mapping[str, str]], str]]
    )
    amount: str = ""
    few_hidden: bool = False


@dataclass
class LeftOut:
    """Records that make no row: how many; the sum of their amounts in euros, None when there is none to tell."""

    count: int = 0
    amount: Decimal | None = None


@dataclass
class Table:
    """A table as made. ``rows`` were written (no file when there is none); ``left_out`` counts the records of the
    source that make no row, by reason; ``masked`` counts the cells emptied because they seem to name a person or were
    hidden already, ``unreadable`` those whose value is not what the column holds (no number, no date, unknown code)."""

    name: str
    title: str
    rule: str
    columns: tuple[Column, ...]
    rows: int = 0
    left_out: dict[Reason, LeftOut] = field(default_factory=dict[Reason, LeftOut])
    masked: int = 0
    unreadable: int = 0
