"""What the door does with one file: a budget comes out occulted, what can't be is refused, all else is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from ckanext.budget.digest import sha256
from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.scdl.table import read_back
from ckanext.budget.totem import sniff
from ckanext.budget.totem.feed import DEFAULT_LIMITS, Limits, detect_encoding
from ckanext.budget.totem.kinds import name_kind
from ckanext.budget.totem.model import Header
from ckanext.budget.totem.occult import occult
from ckanext.budget.totem.reader import read_header
from ckanext.budget.totem.reread import verify
from ckanext.budget.totem.unwrap import open_budget


@dataclass(frozen=True)
class Received:
    """A budget whose copy to be stored has been written: an occulted XML, or for a table the standard CSV.

    ``size`` is the copy's, in bytes; ``counts`` the values hidden by «ELEMENT/Field»; ``source_sha256`` that of the
    budget itself, taken out of what wrapped it. ``mapping``: each column of a table as written, and the column of the
    standard it became (None: left out).
    """

    header: Header
    source_sha256: str
    occulted_sha256: str
    size: int
    counts: Mapping[str, int]
    findings: tuple[Finding, ...] = ()
    mapping: tuple[tuple[str, str | None], ...] = ()

    @property
    def is_table(self) -> bool:
        """Whether the copy is a CSV."""
        return self.header.kind == "scdl"


@dataclass(frozen=True)
class Other:
    """A file that is no budget: to be stored as it is. ``name`` is the code of the message that names it."""

    kind: sniff.Kind
    name: str = field(default="kind_unknown", compare=False)


def receive(
    source: BinaryIO, out: BinaryIO, *, strict: bool, limits: Limits = DEFAULT_LIMITS, filename: str | None = None
) -> Received | Other:
    """Look at a file (seekable), and write to ``out`` the copy to be stored if it is a budget, plain or wrapped.

    ``strict``: it is put in a budget dataset, where tables of budget lines count as budgets. Raises
    :class:`~ckanext.budget.errors.Refusal` for a budget that can't be read, taken out of what wraps it or occulted,
    and for what may hold one.
    """
    with open_budget(source, strict=strict, limits=limits) as opened:
        if opened.budget is not None:
            found = _occulted(opened.budget, out, limits, opened.findings)
        else:
            found = (
                _tabled(opened.table, out, limits, opened.findings) if strict and opened.table else None
            ) or Other(opened.kind, name_kind(sniff.read_head(source), filename))
    source.seek(0)
    return found


def _occulted(source: BinaryIO, out: BinaryIO, limits: Limits, opened: tuple[Finding, ...]) -> Received:
    """The occulted copy, read again: by its bytes (is anything left?), and as the budget that it must still be."""
    try:
        result = occult(source, out, limits)
        verify(out)
        header = read_header(out, limits)
    except Refusal as refusal:
        out.seek(0)
        out.truncate()  # what is refused leaves nothing, not even occulted
        read_header(source, limits)  # a fault of the source is told where it stands there
        raise refusal
    encoding = detect_encoding(source).findings
    findings = (*opened, *(finding for finding in encoding if finding not in opened))
    return _received(header, source, out, result.counts, findings)


def _tabled(source: BinaryIO, out: BinaryIO, limits: Limits, opened: tuple[Finding, ...]) -> Received | None:
    """A table of budget lines as the standard CSV: nothing else of it is kept. None when it holds no budget lines."""
    from ckanext.budget.tables.model import Limits as TableLimits  # noqa: PLC0415  (only tables pay for it)
    from ckanext.budget.tables.normalise import normalise  # noqa: PLC0415

    try:
        table = normalise(source, out, limits=TableLimits(bytes=limits.bytes))
    except Refusal as refusal:
        if refusal.finding.code == "table_no_heading":
            return None
        raise
    if read_back(out) != (table.lines, table.groups):
        raise Refusal("not_conserved")
    header = replace(table.header, kind="scdl")
    return _received(header, source, out, {}, (*opened, *table.findings), mapping=tuple(table.mapping))


def _received(
    header: Header,
    source: BinaryIO,
    out: BinaryIO,
    counts: Mapping[str, int],
    findings: tuple[Finding, ...],
    *,
    mapping: tuple[tuple[str, str | None], ...] = (),
) -> Received:
    size = out.seek(0, 2)
    found = Received(header, sha256(source), sha256(out), size, counts, findings, mapping)
    out.seek(0)
    return found
