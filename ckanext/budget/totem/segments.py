"""The bytes of an occulted copy: held until what becomes of them is decided, then written as they are, masked or not.

A segment runs from its offset to the next one's. Original bytes are patched, never re-serialised.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from ckanext.budget.errors import Refusal
from ckanext.budget.totem import lexical
from ckanext.budget.totem.occult_rules import ALREADY, HIDDEN_BYTES

_ATTRIBUTE = re.compile(rb"(\s)([^\s=\"'/<>]+)(\s*=\s*)(\"[^\"<]*\"|'[^'<]*')")
_TAG = re.compile(rb"<[^\s/>\"'<]+(?:\s+[^\s=\"'/<>]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s*/?>")
_TEXT = re.compile(rb"[^ \t\r\n]+")

Action = Literal["keep", "mask", "run", "drop", "blank"]


@dataclass
class Record:
    """An open record; its conditional fields are shown only if every discriminator allows it (and there is one)."""

    name: str
    depth: int
    verdicts: list[bool] = field(default_factory=list[bool])
    closed: bool = False

    @property
    def shown(self) -> bool:
        return bool(self.verdicts) and all(self.verdicts)


@dataclass
class Segment:
    """From ``offset`` to the next segment's, bytes are kept, masked (one tag; the fields always hidden of a plain run,
    whose parent's name is the ``label``), dropped, or dropped but for blanks;
    ``only`` names the attributes to mask (all when empty); if its ``record`` is shown, ``always`` names them."""

    offset: int
    action: Action
    label: str = ""
    only: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    record: Record | None = None


class Copy:
    """The copy in the making; ``counts`` tells what was hidden, by label."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.held = bytearray()
        self.in_text = False  # the last token was a piece of a text that counts once
        self._base = 0  # offset of the first held byte
        self._last = 0  # offset of the last token begun: all before it is complete
        self._segments: list[Segment] = [Segment(0, "keep")]
        self._close = False  # the next token opens a kept segment

    @property
    def last(self) -> Segment:
        """The segment in which the bytes to come lie."""
        return self._segments[-1]

    def token(self, offset: int, text: bool = False) -> int:
        """A token begins at ``offset``: the segment before it is closed if it is over."""
        self._last = offset
        self.in_text = self.in_text and text
        if self._close:
            self._close = False
            self._segments.append(Segment(offset, "keep"))
        return offset

    def open(self, segment: Segment) -> None:
        """A segment begins."""
        self._segments.append(segment)

    def close(self) -> None:
        """The segment ends with the token that has begun."""
        self._close = True

    def patch(self, segment: Segment) -> None:
        """A segment of one token."""
        self._segments.append(segment)
        self._close = True

    def written(self) -> bytes:
        """What is decided, up to the last token begun."""
        return self._written(self._last)

    def rest(self) -> bytes:
        """What is decided, when all was read."""
        return self._written(self._base + len(self.held))

    def _written(self, end: int) -> bytes:
        held, base = bytes(self.held), self._base
        done = 0
        pieces: list[bytes] = []
        for segment in self._segments:
            if segment.record and not segment.record.closed:
                break
            last = segment is self._segments[-1]
            if last and segment.action == "mask":
                break  # its tag may not be complete: the next token tells
            stop = end if last else self._segments[done + 1].offset
            pieces.append(self._patched(segment, held[self._base - base : stop - base]))
            self._base = stop
            if last:
                segment.offset = stop
            else:
                done += 1
        del self._segments[:done]
        del self.held[: self._base - base]
        return b"".join(pieces)

    def _patched(self, segment: Segment, raw: bytes) -> bytes:
        if segment.action == "keep":
            return raw
        if segment.action == "mask":
            return self._masked(segment, raw)
        if segment.action == "run":
            return self._run(segment, raw)
        if segment.label:
            self.counts[segment.label] += 1
            segment.label = ""  # a part written in several pieces counts once
        return b"" if segment.action == "drop" else _TEXT.sub(b"", raw)

    def _masked(self, segment: Segment, raw: bytes) -> bytes:
        shown = segment.record is not None and segment.record.shown
        if shown and not segment.always:
            return raw
        if not _TAG.fullmatch(raw):
            raise Refusal("occultation_failed", element=segment.label or None)
        only = segment.always if shown else segment.only

        def replace(match: re.Match[bytes]) -> bytes:
            space, name, equals, value = match.groups()
            if not _to_hide(name.decode("latin-1"), only):
                return match.group()
            return space + name + equals + value[:1] + _hidden(value[1:-1]) + value[-1:]

        masked = _ATTRIBUTE.sub(replace, raw)
        if masked != raw:
            self.counts[segment.label] += 1
        return masked

    def _run(self, segment: Segment, raw: bytes) -> bytes:
        """A plain run whose fields always hidden are."""
        pieces = lexical.HIDE.split(raw)
        for start, count in Counter(pieces[1::2]).items():
            self.counts[f"{segment.label}/{start[1:].split()[0].decode()}"] += count
        pieces[1::2] = [start + HIDDEN_BYTES for start in pieces[1::2]]
        return b"".join(pieces)


def _hidden(value: bytes) -> bytes:
    return value if not value.strip() or value in ALREADY else HIDDEN_BYTES


def _to_hide(name: str, only: frozenset[str]) -> bool:
    if only:
        return name.rpartition(":")[2] in only
    return name != "xmlns" and not name.startswith("xmlns:")
