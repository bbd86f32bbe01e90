"""What the door does with one file: a budget comes out occulted, what can't be is refused, all else is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from ckanext.budget.digest import sha256
from ckanext.budget.errors import Finding
from ckanext.budget.totem import sniff
from ckanext.budget.totem.feed import DEFAULT_LIMITS, Limits
from ckanext.budget.totem.model import Header
from ckanext.budget.totem.occult import occult
from ckanext.budget.totem.reader import Reader
from ckanext.budget.totem.unwrap import open_budget


@dataclass(frozen=True)
class Received:
    """A budget whose occulted copy has been written; ``size`` is the copy's, in bytes; ``counts`` the values hidden
    by «ELEMENT/Field». ``source_sha256`` is that of the budget itself, taken out of what wrapped it."""

    header: Header
    source_sha256: str
    occulted_sha256: str
    size: int
    counts: Mapping[str, int]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Other:
    """A file that is no budget: to be stored as it is."""

    kind: sniff.Kind


def receive(source: BinaryIO, out: BinaryIO, *, strict: bool, limits: Limits = DEFAULT_LIMITS) -> Received | Other:
    """Look at a file (seekable), and write its occulted copy to ``out`` if it is a budget, plain or wrapped.

    ``strict``: it is put in a budget dataset. Raises :class:`~ckanext.budget.errors.Refusal` for a budget that can't
    be read, taken out of what wraps it or occulted, and for what may hold one.
    """
    with open_budget(source, strict=strict, limits=limits) as opened:
        found = (
            Other(opened.kind) if opened.budget is None else _occulted(opened.budget, out, limits, opened.findings)
        )
    source.seek(0)
    return found


def _occulted(source: BinaryIO, out: BinaryIO, limits: Limits, opened: tuple[Finding, ...]) -> Received:
    reader = Reader(source, limits)
    for _ in reader:
        pass
    result = occult(source, out, limits)
    size = out.seek(0, 2)
    findings = (*opened, *(finding for finding in reader.findings if finding not in opened))
    found = Received(reader.header, sha256(source), sha256(out), size, result.counts, findings)
    out.seek(0)
    return found
