"""What was sent, opened: a budget comes out of its compression and of its envelope; the door and the console script
both enter here.

One compression and one encoding at most are undone, then one envelope is opened; what lies deeper is refused.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.tables.recognise import recognise
from ckanext.budget.totem import archives, compressed, envelope, sniff, wrapped
from ckanext.budget.totem.feed import DEFAULT_LIMITS, Limits
from ckanext.budget.totem.reader import ROOTS

_TABLES: frozenset[sniff.Kind] = frozenset({"other", "zip", "spreadsheet"})


@dataclass(frozen=True)
class Opened:
    """``budget``: an XML whose root is a budget's, seekable and at its start, None when the file is no budget;
    ``kind`` is that of the file as it was sent; ``findings`` say what was opened. ``table``: no XML, but a table
    (seekable) that :func:`ckanext.budget.tables.normalise.normalise` may understand."""

    kind: sniff.Kind
    budget: BinaryIO | None = None
    findings: tuple[Finding, ...] = ()
    table: BinaryIO | None = None


@contextmanager
def open_budget(source: BinaryIO, *, strict: bool, limits: Limits = DEFAULT_LIMITS) -> Generator[Opened]:
    """The budget in a file (seekable): the file itself, or a temporary one that lives as long as the context.

    ``strict``: budgets alone are expected here, so that what can't be looked at is refused. Raises :class:`Refusal`
    for what holds a budget that can't be taken out.
    """
    with ExitStack() as keep:
        opened = _Opener(keep, limits, strict=strict).open(source)
        if opened.budget is None and opened.kind in _TABLES:
            head = sniff.read_head(source)
            opened = replace(opened, table=source if recognise(head, sniff.sniff(head)) else None)
        yield opened


class _Opener:
    """One file, whose wrappings are undone one after the other, each kind once."""

    def __init__(self, keep: ExitStack, limits: Limits, *, strict: bool) -> None:
        self._keep, self._limits, self._strict = keep, limits, strict
        self._undone: set[str] = set()
        self._findings: list[Finding] = []

    def open(self, source: BinaryIO, *, named: bool = False) -> Opened:
        """``named``: the wrapping around it has shown that a budget is inside."""
        head = sniff.read_head(source)
        kind = kind_of(source, head)
        if kind in sniff.COMPRESSED:
            return self._compressed(source, kind, named=named)
        if kind in sniff.PACKED:
            archives.refuse_budgets(source, kind, strict=self._strict)
        elif kind == "archive" and self._strict:
            raise Refusal("archive_unreadable")
        elif kind == "other":
            return self._message(source, head, named=named)
        elif kind == "xml":
            return self._xml(source, head, named=named)
        if named:
            raise Refusal("envelope")
        return Opened("spreadsheet" if kind == "zip" and sniff.is_office(head) else kind)

    # -- compression

    def _compressed(self, source: BinaryIO, kind: sniff.Kind, *, named: bool) -> Opened:
        head, fault = self._beginning(source, kind)
        inner = sniff.sniff(head)
        holds = named or (inner in ("xml", "other") and sniff.names_budget(head))
        if fault and (self._strict or holds):
            raise fault
        if self._strict and not fault and recognise(head, inner):
            return self._table(source, kind)
        if inner in (*sniff.PACKED, "archive"):
            archives.refuse_budgets(source, kind, strict=self._strict)
        elif not fault and (inner == "xml" or holds or (inner == "other" and wrapped.in_bytes(head))):
            return self._inside(source, kind, named=holds)
        if named:
            raise Refusal("envelope")
        return Opened(kind)

    def _beginning(self, source: BinaryIO, kind: sniff.Kind) -> tuple[bytes, Refusal | None]:
        """The head of what is compressed, and what stopped its reading."""
        head = bytearray()
        try:
            for piece in compressed.decompressed(source, kind, self._limits):
                head += piece
                if len(head) >= sniff.HEAD:
                    break
        except Refusal as refusal:
            return bytes(head), refusal
        finally:
            source.seek(0)
        return bytes(head), None

    def _inside(self, source: BinaryIO, kind: sniff.Kind, *, named: bool) -> Opened:
        try:
            inner = self._temporary(compressed.decompressed(source, kind, self._limits))
        except Refusal:
            if named or self._strict:
                raise
            return Opened(kind)
        finally:
            source.seek(0)
        self._undo("compression", kind)
        found = self.open(inner, named=named)
        return Opened(kind, found.budget, found.findings)

    def _table(self, source: BinaryIO, kind: sniff.Kind) -> Opened:
        inner = self._temporary(compressed.decompressed(source, kind, self._limits))
        source.seek(0)
        self._undo("compression", kind)
        return Opened(kind, None, tuple(self._findings), inner)

    # -- envelopes

    def _xml(self, source: BinaryIO, head: bytes, *, named: bool) -> Opened:
        if sniff.root_of(head) in ROOTS:  # its reader will look at the rest
            return self._budget(source)
        named = named or sniff.names_budget(head)
        search = envelope.Search(source, self._limits)
        try:
            search.run()
        except Refusal:
            if named or search.finds or self._strict:
                raise
            return Opened("xml")
        finally:
            source.seek(0)
        if search.is_budget:
            return self._budget(source)
        if len(search.finds) != 1:
            self._refuse_others(len(search.finds), named=named, archive=search.archive, encrypted=search.encrypted)
            return Opened("xml")
        (find,) = search.finds
        if find.kind == "hidden":
            raise Refusal("envelope")
        self._undo("envelope" if find.kind == "element" else "encoding", _KNOWN.get(search.root, "XML"))
        inner = self._temporary(envelope.extract(source, find, search.encoding, self._limits))
        source.seek(0)
        self._findings.extend(search.encoding.findings if find.kind == "element" else ())
        return self._budget(inner, "xml") if find.kind == "element" else self._within(inner, "xml")

    def _message(self, source: BinaryIO, head: bytes, *, named: bool) -> Opened:
        """A file that is no XML: a binary signature, or a text that may hold an encoded budget."""
        in_clear = sniff.names_budget(head)
        if sniff.is_pkcs7(head) and (named or in_clear or self._strict):
            raise Refusal("envelope_binary")
        if in_clear:
            raise Refusal("envelope")
        hint = wrapped.in_bytes(head)
        finds = wrapped.parts(source, head)
        if len(finds) == 1:
            self._undo("encoding", "base64")
            inner = self._temporary(wrapped.between(source, *finds[0]))
            source.seek(0)
            return self._within(inner, "other")
        self._refuse_others(len(finds), named=named or hint == "budget", archive=hint == "archive", encrypted=False)
        return Opened("other")

    def _refuse_others(self, finds: int, *, named: bool, archive: bool, encrypted: bool) -> None:
        """Several budgets, or none but what may hide one."""
        if finds:
            raise Refusal("envelope_many", count=str(finds))
        if named:
            raise Refusal("envelope")
        if archive and self._strict:
            raise Refusal("envelope_archive")
        if encrypted and self._strict:
            raise Refusal("envelope_encrypted")

    # -- what comes out

    def _within(self, inner: BinaryIO, kind: sniff.Kind) -> Opened:
        found = self.open(inner, named=True)
        return Opened(kind, found.budget, found.findings)

    def _budget(self, budget: BinaryIO, kind: sniff.Kind = "xml") -> Opened:
        budget.seek(0)
        return Opened(kind, budget, tuple(self._findings))

    def _undo(self, step: str, what: str) -> None:
        if step in self._undone:
            raise Refusal("wrapped_deep")
        self._undone.add(step)
        self._findings.append(Finding("unwrapped", params={"what": what}))

    def _temporary(self, pieces: Iterator[bytes]) -> BinaryIO:
        out = self._keep.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  (closed with the context)
        for piece in pieces:
            out.write(piece)
        out.seek(0)
        return out


#: envelopes that are named in the finding; another root's name could say anything
_KNOWN = {
    "PES_Aller": "PES_Aller",
    "Envelope": "SOAP",
    "Signature": "XML Signature",
}


def kind_of(source: BinaryIO, head: bytes) -> sniff.Kind:
    """Kind by the head; and a zip behind something else, an XML behind more blanks than the head holds."""
    kind = sniff.sniff(head)
    if kind == "other" and zipfile.is_zipfile(source):
        kind = "zip"
    elif kind == "empty" and source.seek(0, 2) > len(head):
        kind = "xml"
    source.seek(0)
    return kind
