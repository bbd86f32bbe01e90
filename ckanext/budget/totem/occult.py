"""A streaming copy of a budget in which what may name a person is hidden, every other byte untouched.

expat tells where each token starts; original bytes are patched there, never re-serialised. Only what waits for a
decision is held: a record whose condition may come after the field (CONCOURS). Comments, processing instructions and
text (TotEM keeps its values in attributes) are dropped: they could hold anything.

Occulting an occulted copy gives the same bytes; what was already hidden is not counted again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

from ckanext.budget.errors import Refusal
from ckanext.budget.totem.feed import BLOCK, DEFAULT_LIMITS, Encoding, Feed, Limits, local
from ckanext.budget.totem.occult_rules import ALWAYS, ATTRIBUTES, CONDITIONAL, DROPPED, HIDDEN, HIDDEN_BYTES, UNLESS

_ATTRIBUTE = re.compile(rb"(\s)([^\s=\"'/<>]+)(\s*=\s*)(\"[^\"<]*\"|'[^'<]*')")
_TAG = re.compile(rb"<[^\s/>\"'<]+(?:\s+[^\s=\"'/<>]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s*/?>")
_TEXT = re.compile(rb"[^ \t\r\n]+")
_DECLARATION = re.compile(rb"(<\?xml[^>]*?encoding\s*=\s*[\"'])[A-Za-z0-9._:-]+")

#: most bytes held while a record waits for its condition
HELD = 4 << 20

Action = Literal["keep", "mask", "drop", "blank"]


@dataclass
class OccultResult:
    """How many values were hidden, by «ELEMENT/Field» (a part dropped whole counts one, by its name)."""

    counts: dict[str, int] = field(default_factory=dict[str, int])


@dataclass
class _Record:
    """An open record; its conditional fields are shown only if every discriminator allows it (and there is one)."""

    name: str
    depth: int
    verdicts: list[bool] = field(default_factory=list[bool])
    closed: bool = False

    @property
    def shown(self) -> bool:
        return bool(self.verdicts) and all(self.verdicts)


@dataclass
class _Segment:
    """From ``offset`` to the next segment's, bytes are kept, masked (one tag), dropped, or dropped but for blanks;
    ``only`` names the attributes to mask (all when empty); if its ``record`` is shown, ``always`` names them."""

    offset: int
    action: Action
    label: str = ""
    only: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    record: _Record | None = None


def occult(source: BinaryIO, out: BinaryIO, limits: Limits = DEFAULT_LIMITS, block: int = BLOCK) -> OccultResult:
    """Write the occulted copy of ``source`` (seekable) to ``out``, in the same encoding.

    Raises :class:`Refusal` when the file can't be read to its end; what was written then counts for nothing.
    """
    work = _Occulter(Feed(source, limits), block)
    write = _writer(source, out, work.feed.encoding)
    for chunk in work.chunks():
        write(chunk)
    return OccultResult(dict(sorted(work.counts.items())))


def _writer(source: BinaryIO, out: BinaryIO, encoding: Encoding) -> Callable[[bytes], object]:
    """How chunks reach ``out``: as they are; re-encoded for UTF-16; with a truthful declaration when the declared
    encoding could not be the file's."""
    if encoding.utf16:
        return _utf16_writer(source, out, encoding.utf16)
    if not any(finding.code == "encoding_declared_wrong" for finding in encoding.findings):
        return out.write
    if encoding.declared.lower() not in ("utf-8", "utf8"):
        return out.write  # ISO-8859-1 holding windows-1252: well-formed as it stands
    actual = (encoding.name or "").encode()
    first = True

    def write(chunk: bytes) -> None:
        nonlocal first
        if first and chunk:
            first = False
            chunk, found = _DECLARATION.subn(rb"\g<1>" + actual, chunk, count=1)
            if not found:
                out.write(b'<?xml version="1.0" encoding="' + actual + b'"?>')
                chunk = re.sub(rb"^<\?xml[^>]*\?>", b"", chunk)
        out.write(chunk)

    return write


def _utf16_writer(source: BinaryIO, out: BinaryIO, codec: str) -> Callable[[bytes], object]:
    position = source.tell()
    source.seek(0)
    if source.read(2) in (b"\xff\xfe", b"\xfe\xff"):
        out.write("\ufeff".encode(codec))
    source.seek(position)
    held = b""

    def write(chunk: bytes) -> None:
        nonlocal held
        data = held + chunk
        text = data.decode("utf-8", "ignore")
        held = data[len(text.encode("utf-8")) :]
        out.write(text.encode(codec))

    return write


class _Occulter:
    """One pass: parses block by block, holds the bytes not yet written, writes them once decided."""

    def __init__(self, feed: Feed, block: int) -> None:
        self.feed, self._block = feed, block
        self.counts: Counter[str] = Counter()
        self._held = bytearray()
        self._base = 0  # offset of the first held byte
        self._last = 0  # offset of the last token begun: all before it is complete
        self._segments: list[_Segment] = [_Segment(0, "keep")]
        self._records: list[_Record] = []
        self._close = False  # the next token opens a kept segment
        self._in_text = False  # the last token was a piece of a text that counts once
        self._masked: tuple[int, int] | None = None  # (depth, offset) of the open element whose content is hidden
        self._dropped: tuple[int, int] | None = None  # likewise, of an element dropped whole
        feed.on_start, feed.on_end, feed.on_text = self._start, self._end, self._text
        parser = feed.parser
        parser.buffer_text = False  # every token has its own offset
        parser.CommentHandler = self._foreign
        parser.ProcessingInstructionHandler = self._foreign
        parser.StartCdataSectionHandler = self._foreign
        parser.EndCdataSectionHandler = self._foreign

    def chunks(self) -> Iterator[bytes]:
        """The copy, piece by piece."""
        for block in self.feed.run(self._block):
            self._held += block
            yield from self._flush(self._last)
            if len(self._held) > HELD + self._block:
                raise Refusal("limit_reached", limit="record", value=str(HELD))
        yield from self._flush(self._base + len(self._held))
        if self._held or self._masked or self._dropped or self._records:
            raise Refusal("occultation_failed")

    # -- tokens

    def _token(self, text: bool = False) -> int:
        """Offset of the token that has just begun; closes the segment before it if that one is over."""
        offset = self._last = self.feed.parser.CurrentByteIndex
        self._in_text = self._in_text and text
        if self._close:
            self._close = False
            self._segments.append(_Segment(offset, "keep"))
        return offset

    def _inside(self, offset: int) -> bool:
        """Whether the token lies in a part that goes; the content of a hidden element starts going here."""
        if self._dropped:
            return True
        if self._masked is None:
            return False
        head = self._segments[-1]
        if head.action == "mask":
            self._segments.append(_Segment(offset, "drop"))
        return True

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        offset, tag, depth = self._token(), local(name), len(self.feed.path)
        if self._inside(offset):
            return
        record = self._records[-1] if self._records else None
        if record and tag == UNLESS[record.name][0] and depth == record.depth + 1:
            record.verdicts.append(attributes.get("V") in UNLESS[record.name][1])
        if tag in UNLESS:
            self._records.append(_Record(tag, depth))
        if tag in DROPPED:
            self._dropped = (depth, offset)
            self._segments.append(_Segment(offset, "drop", tag))
        elif tag in ALWAYS or tag in CONDITIONAL:
            self._hide(offset, tag, record, ATTRIBUTES.intersection(map(local, attributes)))
        else:
            named = ATTRIBUTES.intersection(map(local, attributes))
            if named:
                self._segments.append(_Segment(offset, "mask", tag, named))
                self._close = True

    def _hide(self, offset: int, tag: str, record: _Record | None, always: frozenset[str]) -> None:
        conditional = tag not in ALWAYS and record is not None and tag in UNLESS[record.name][2]
        depth = len(self.feed.path)
        parent = self.feed.path[-2] if depth > 1 else ""
        segment = _Segment(offset, "mask", f"{parent}/{tag}", always=always, record=record if conditional else None)
        self._segments.append(segment)
        self._masked = (depth, offset)

    def _end(self, name: str) -> None:
        offset, depth = self._token(), len(self.feed.path)
        if self._dropped:
            if depth == self._dropped[0]:
                self._dropped, self._close = None, True
            return
        if self._masked:
            if depth == self._masked[0]:
                empty, self._masked = offset == self._masked[1], None
                if empty:
                    self._close = True
                else:
                    self._segments.append(_Segment(offset, "keep"))
            elif self._segments[-1].action == "mask":
                self._inside(offset)
        if self._records and self._records[-1].depth == depth and self._records[-1].name == local(name):
            self._records.pop().closed = True

    def _text(self, text: str) -> None:
        offset = self._token(text=True)
        if not self._inside(offset) and text.strip(" \t\r\n"):
            # blanks stay, so that the copy does not depend on where the parser cuts a text
            self._segments.append(_Segment(offset, "blank", "" if self._in_text else "texte"))
            self._close = self._in_text = True

    def _foreign(self, *_: object) -> None:
        offset = self._token()
        if not self._inside(offset):
            self._segments.append(_Segment(offset, "drop", "commentaire"))
            self._close = True

    # -- bytes

    def _flush(self, end: int) -> Iterator[bytes]:
        """Write what is decided, up to ``end`` (the start of a token)."""
        while self._segments:
            segment = self._segments[0]
            if segment.record and not segment.record.closed:
                return
            last = len(self._segments) == 1
            if last and segment.action == "mask":
                return  # its tag may not be complete: the next token tells
            stop = end if last else self._segments[1].offset
            raw = bytes(self._held[: stop - self._base])
            del self._held[: stop - self._base]
            self._base = stop
            yield self._written(segment, raw)
            if last:
                segment.offset = stop
                return
            self._segments.pop(0)

    def _written(self, segment: _Segment, raw: bytes) -> bytes:
        if segment.action == "mask":
            return self._mask(segment, raw)
        if segment.action == "keep":
            return raw
        if segment.label:
            self.counts[segment.label] += 1
            segment.label = ""  # a part written in several pieces counts once
        return b"" if segment.action == "drop" else _TEXT.sub(b"", raw)

    def _mask(self, segment: _Segment, raw: bytes) -> bytes:
        shown = segment.record is not None and segment.record.shown
        if shown and not segment.always:
            return raw
        only = segment.always if shown else segment.only
        if not _TAG.fullmatch(raw):
            raise Refusal("occultation_failed")
        hidden = 0

        def replace(match: re.Match[bytes]) -> bytes:
            nonlocal hidden
            space, name, equals, value = match.groups()
            bare = name.decode("latin-1")
            keep = bare == "xmlns" or bare.startswith("xmlns:")
            if only:
                keep = bare.rpartition(":")[2] not in only
            inner = value[1:-1]
            if keep or not inner.strip() or inner in _ALREADY:
                return match.group()
            hidden += 1
            return space + name + equals + value[:1] + HIDDEN_BYTES + value[-1:]

        masked = _ATTRIBUTE.sub(replace, raw)
        if hidden:
            self.counts[segment.label] += 1
        return masked


_ALREADY = frozenset({HIDDEN_BYTES, HIDDEN.encode(), HIDDEN.encode("latin-1")})
