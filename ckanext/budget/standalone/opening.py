"""What was given on the command line, opened: a budget, plain or wrapped, or an archive of them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.messages import kinds
from ckanext.budget.tables.recognise import is_zipped_sheet
from ckanext.budget.totem import sniff
from ckanext.budget.totem.kinds import name_kind
from ckanext.budget.totem.unwrap import kind_of, open_budget

#: files that are told by name what to send instead; others are told what is wrong with them by their reader
_NAMED = frozenset(kinds.MESSAGES) - {"kind_unknown", "kind_text", "kind_xml", "kind_table"}


@dataclass(frozen=True)
class Found:
    """``stream``: the budget, or the file as it was given: a table, or what its reader will refuse."""

    kind: sniff.Kind
    stream: BinaryIO
    is_budget: bool
    is_table: bool
    findings: tuple[Finding, ...]


def is_archive(source: BinaryIO) -> bool:
    """Whether it is a zip of files (a spreadsheet is one too, of its own parts)."""
    head = sniff.read_head(source)
    return kind_of(source, head) == "zip" and not sniff.is_office(head) and not is_zipped_sheet(head)


@contextmanager
def opened(source: BinaryIO) -> Generator[Found]:
    """The budget in a file; raises :class:`Refusal` for what can't be opened."""
    if kind_of(source, sniff.read_head(source)) in ("tar", "archive"):
        raise Refusal("archive_format")
    with open_budget(source, strict=True) as found:
        if found.budget is None and found.table is None:
            named = name_kind(sniff.read_head(source))
            source.seek(0)
            if named in _NAMED:
                raise Refusal(named)
        stream = found.budget or found.table or source
        yield Found(found.kind, stream, found.budget is not None, found.table is not None, found.findings)
