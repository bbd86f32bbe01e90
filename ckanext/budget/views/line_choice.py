"""The state of the line table, in its address: which filters, which order, which page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.registry.line_table import GROUPS, SORTS, Selection

#: lines a page
SIZES = (100, 250, 500)
#: longest text that is looked for
MOST_TEXT = 100
#: names in addresses of what lines are sorted and grouped by
NAMES = {"number": "ordre", "nature": "compte", "fonction": "fonction", "chapter": "chapitre", "section": "section"}
_BY_NAME = {name: column for column, name in NAMES.items()} | {c: c for c in SORTS if c not in NAMES}


@dataclass(frozen=True)
class Choice:
    """A selection, the page of it that is shown, and what the address asked for that means nothing (``ignored``)."""

    selection: Selection = field(default_factory=Selection)
    page: int = 1
    size: int = SIZES[0]
    ignored: tuple[str, ...] = ()

    def to_query(self, **changes: Any) -> dict[str, str]:
        """The parameters of an address; ``changes`` are fields of the selection, or ``page``. Another selection begins
        at its first page."""
        page = changes.pop("page", 1)
        s = replace(self.selection, **changes)
        every = {
            "section": s.section,
            "sens": s.code_rd,
            "operations": "" if s.ordre is None else "ordre" if s.ordre else "reelles",
            "chapitre": s.chapter,
            "compte": s.nature,
            "fonction": s.fonction,
            "texte": s.text,
            "grouper": NAMES.get(s.group, ""),
            "detail": "non" if s.subtotals_only else "",
            "tri": "" if s.sort == "number" else f"{'-' if s.descending else ''}{NAMES.get(s.sort, s.sort)}",
            "lignes": "" if self.size == SIZES[0] else str(self.size),
            "page": "" if page == 1 else str(page),
        }
        return {name: value for name, value in every.items() if value}


def read(given: Mapping[str, str]) -> Choice:
    """The choice that an address states; what it states wrongly is left out and told."""
    reader = _Reader(given)
    group = _BY_NAME.get(reader.one_of("grouper", [NAMES[g] for g in GROUPS]), "")
    operations = reader.one_of("operations", ("reelles", "ordre"))
    sort = given.get("tri", "")
    column = _BY_NAME.get(sort.removeprefix("-"), "")
    if sort and not column:
        reader.ignored.append(f"tri={sort}")
    selection = Selection(
        section=reader.one_of("section", ("F", "I")),
        code_rd=reader.one_of("sens", ("D", "R")),
        ordre={"reelles": False, "ordre": True}.get(operations),
        chapter=reader.text("chapitre"),
        nature=reader.text("compte"),
        fonction=reader.text("fonction"),
        text=reader.text("texte"),
        sort=column or "number",
        descending=bool(column) and sort.startswith("-"),
        group=group,
        subtotals_only=bool(group) and reader.one_of("detail", ("non",)) == "non",
    )
    size = int(reader.one_of("lignes", [str(size) for size in SIZES]) or SIZES[0])
    return Choice(selection, reader.number("page"), size, tuple(reader.ignored))


class _Reader:
    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self.ignored: list[str] = []

    def text(self, name: str) -> str:
        return " ".join(self._given.get(name, "").replace("\0", "").split())[:MOST_TEXT]

    def one_of(self, name: str, values: Any) -> str:
        value = self.text(name)
        if not value or value in values:
            return value
        self.ignored.append(f"{name}={value}")
        return ""

    def number(self, name: str) -> int:
        value = self.text(name)
        if value.isascii() and value.isdecimal() and 0 < int(value) < 10**6:
            return int(value)
        if value:
            self.ignored.append(f"{name}={value}")
        return 1


def told(choice: Choice, chapters: Mapping[str, str], norm_section: Mapping[str, str]) -> list[str]:
    """The filters in words, for the title of an export; empty when every line is kept."""
    s = choice.selection
    words = {
        "D": tk._("expenditure"),
        "R": tk._("receipts"),
        True: tk._("internal entries (ordre)"),
        False: tk._("real operations"),
    }
    said = [norm_section.get(s.section, ""), words.get(s.code_rd, ""), words[s.ordre] if s.ordre is not None else ""]
    if s.chapter:
        said.append(tk._("chapter {code}").format(code=f"{s.chapter} {chapters.get(s.chapter, '')}".strip()))
    if s.nature:
        said.append(tk._("accounts beginning with {codes}").format(codes=s.nature))
    if s.fonction:
        said.append(tk._("functions beginning with {codes}").format(codes=s.fonction))
    if s.text:
        said.append(tk._("holding “{text}”").format(text=s.text))
    return [text for text in said if text]
