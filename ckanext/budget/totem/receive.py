"""What the door does with one file: a budget comes out occulted, what can't be is refused, all else is left alone."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from ckanext.budget.digest import sha256
from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.totem import archives, sniff, wrapped
from ckanext.budget.totem.feed import DEFAULT_LIMITS, Feed, Limits, local
from ckanext.budget.totem.model import Header
from ckanext.budget.totem.occult import occult
from ckanext.budget.totem.reader import ROOTS, Reader


@dataclass(frozen=True)
class Received:
    """A budget whose occulted copy has been written; ``size`` is the copy's, in bytes; ``counts`` the values hidden
    by «ELEMENT/Field»."""

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


class _Root(Exception):  # noqa: N818  (a way out of the parser, not an error)
    """The root is that of a budget."""


def receive(source: BinaryIO, out: BinaryIO, *, strict: bool, limits: Limits = DEFAULT_LIMITS) -> Received | Other:
    """Look at a file (seekable), and write its occulted copy to ``out`` if it is a budget.

    ``strict``: it is put in a budget dataset. Raises :class:`Refusal` for a budget that can't be read or occulted,
    and for what may hold one.
    """
    head = sniff.read_head(source)
    kind = _kind(source, head)
    if kind in ("zip", "gzip", "tar", "bzip2", "xz"):
        _refuse_budget_inside(source, kind, strict)
        return Other(_office(head) if kind == "zip" else kind)
    if kind == "archive" and strict:
        raise Refusal("archive_unreadable")
    named = kind in ("xml", "other") and sniff.names_budget(head)
    if kind == "other" and (named or wrapped.in_bytes(head, strict=strict)):
        raise Refusal("envelope")  # a signature or a message around it, that is no XML
    if kind != "xml":
        return Other(kind)
    if not _is_budget(source, limits, strict=strict, suspect=strict or named):
        return Other("xml")
    return _occulted(source, out, limits)


def _kind(source: BinaryIO, head: bytes) -> sniff.Kind:
    """Kind by the head; and a zip behind something else, an XML behind more blanks than the head holds."""
    kind = sniff.sniff(head)
    if kind == "other" and zipfile.is_zipfile(source):
        kind = "zip"
    elif kind == "empty" and source.seek(0, 2) > len(head):
        kind = "xml"
    source.seek(0)
    return kind


def _refuse_budget_inside(source: BinaryIO, kind: sniff.Kind, strict: bool) -> None:
    try:
        if archives.holds_budget(source, kind):
            raise Refusal("archive_with_budget")
    except archives.UnreadableError as error:
        if strict:
            raise Refusal("archive_unreadable") from error


def _office(head: bytes) -> sniff.Kind:
    """Spreadsheets and texts of office suites are zips."""
    return "spreadsheet" if b"[Content_Types].xml" in head or b"application/vnd.oasis" in head[:200] else "zip"


class _Search:
    """Looks for a budget inside an XML: as an element, in text, attributes or comments, encoded in base64."""

    def __init__(self, feed: Feed, *, strict: bool) -> None:
        self.found = False
        self._feed, self._strict = feed, strict
        self._text = self._start_of_text = ""
        feed.on_start, feed.on_text, feed.on_end = self._start, self._characters, self._end
        feed.parser.CommentHandler = self._look

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) in ROOTS:
            if len(self._feed.path) == 1:
                raise _Root
            self.found = True
        self._end()
        for value in attributes.values():
            self._look(value)

    def _characters(self, more: str) -> None:
        self._text = self._text[-100:] + more  # a tag may be cut between two pieces
        self.found = self.found or sniff.has_budget_tag(self._text)
        if len(self._start_of_text) < wrapped.LOOKED_AT:
            self._start_of_text += more

    def _end(self, _: str = "") -> None:
        if self._start_of_text:
            self._look(self._start_of_text)
            self._start_of_text = ""

    def _look(self, text: str) -> None:
        self.found = self.found or sniff.has_budget_tag(text) or wrapped.in_text(text, strict=self._strict)


def _is_budget(source: BinaryIO, limits: Limits, *, strict: bool, suspect: bool) -> bool:
    """Whether the root is a budget's. A budget deeper inside another root, or in its text, is in an envelope, refused;
    a file that can't be parsed is refused when ``suspect`` (it is put in a budget dataset, or names a budget)."""
    feed = Feed(source, limits)
    search = _Search(feed, strict=strict)
    try:
        for _ in feed.run():
            pass
    except _Root:
        return True
    except Refusal:
        if suspect or search.found:
            raise
        return False
    finally:
        source.seek(0)
    if search.found:
        raise Refusal("envelope")
    return False


def _occulted(source: BinaryIO, out: BinaryIO, limits: Limits) -> Received:
    reader = Reader(source, limits)
    for _ in reader:
        pass
    result = occult(source, out, limits)
    size = out.seek(0, 2)
    found = Received(reader.header, sha256(source), sha256(out), size, result.counts, reader.findings)
    out.seek(0)
    return found
