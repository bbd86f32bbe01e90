"""Sums of converted lines, grouped by what the formulas look at (from the registry: :mod:`~.queries`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ckanext.budget.scdl.model import ConvertedLine

ZERO = Decimal(0)

#: columns that make a group, and those that are summed
KEYS = ("section", "code_rd", "ordre", "nature", "nature_label", "chapter", "chapter_label")
#: the same by function: as many groups as a document has lines, or nearly
KEYS_BY_FUNCTION = (*KEYS, "fonction", "fonction_label")
#: what formulas look at, without words: for several documents at a time
KEYS_OF_FORMULAS = ("section", "code_rd", "ordre", "nature", "chapter")
AMOUNTS = ("mtreal", "mtbudgprec", "mtrarprec", "mtpropnouv", "mtprev", "credouv", "mtrar3112")


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one document that share section (F/I), sense (R/D), ordre, account and chapter (the plan's), and
    function when they were grouped by it.

    ``amounts`` are sums in euros by column name; a column absent from every line of the group counts as 0.
    """

    section: str
    code_rd: str
    ordre: bool
    nature: str
    nature_label: str
    chapter: str
    chapter_label: str
    amounts: Mapping[str, Decimal]
    fonction: str = ""
    fonction_label: str = ""

    @property
    def carried(self) -> bool:
        """001 or 002: the result carried over, neither réel nor ordre (domain §5c)."""
        return self.nature in ("001", "002")

    @property
    def real(self) -> bool:
        """An opération réelle (or mixte) of the year."""
        return not self.ordre and not self.carried

    @property
    def reserve(self) -> bool:
        """1068 in receipts: last year's surplus put in reserve."""
        return self.nature == "1068" and self.code_rd == "R" and not self.ordre


def of_lines(lines: Iterable[ConvertedLine], keys: Sequence[str] = KEYS) -> list[Group]:
    """Groups of converted lines, as :func:`~ckanext.budget.figures.queries.of_document` gives them."""
    sums: dict[tuple[str | bool, ...], dict[str, Decimal]] = {}
    for line in lines:
        key = tuple(getattr(line, name) or "" if name != "ordre" else line.ordre for name in keys)
        amounts = sums.setdefault(key, dict.fromkeys(AMOUNTS, ZERO))
        for name in AMOUNTS:
            value = getattr(line, name)
            if value:
                amounts[name] += Decimal(value)
    return [make(keys, key, amounts) for key, amounts in sorted(sums.items())]


def make(keys: Sequence[str], values: Sequence[Any], amounts: Mapping[str, Decimal]) -> Group:
    """A group from the values of its keys, and its sums; the other keys are empty."""
    said: dict[str, Any] = dict.fromkeys(KEYS, "")
    said.update(zip(keys, values, strict=True))
    return Group(**said, amounts=amounts)


def merged(groups: Iterable[Group], keys: Sequence[str] = KEYS) -> list[Group]:
    """Finer groups (by function) as coarser ones, as a query by those keys gives them."""
    sums: dict[tuple[str | bool, ...], dict[str, Decimal]] = {}
    for group in groups:
        amounts = sums.setdefault(tuple(getattr(group, name) for name in keys), dict.fromkeys(AMOUNTS, ZERO))
        for name in AMOUNTS:
            amounts[name] += group.amounts[name]
    return [make(keys, key, amounts) for key, amounts in sorted(sums.items())]
