"""A streaming copy of a budget in which what may name a person is hidden, every other byte untouched.

expat tells where each token starts; original bytes are patched there, never re-serialised. Only what waits for a
decision is held: a record whose condition may come after the field (CONCOURS). Comments, processing instructions and
text (TotEM keeps its values in attributes) are dropped: they could hold anything. Free labels that look like a
person's are hidden.

Runs of plain elements are not parsed: their bytes show what they hold (:mod:`.lexical`).

Occulting an occulted copy gives the same bytes; what was already hidden is not counted again.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO

from ckanext.budget.annexes.persons import doubtful, looks_like_person
from ckanext.budget.errors import Refusal
from ckanext.budget.totem import lexical
from ckanext.budget.totem.feed import BLOCK, DEFAULT_LIMITS, Encoding, Feed, Limits, local
from ckanext.budget.totem.occult_rules import ALWAYS, ATTRIBUTES, CONDITIONAL, DROPPED, LABELS, UNLESS
from ckanext.budget.totem.segments import Copy, Record, Segment

_DECLARATION = re.compile(rb"(<\?xml[^>]*?encoding\s*=\s*[\"'])[A-Za-z0-9._:-]+")

#: most bytes held while a record waits for its condition
HELD = 4 << 20
#: most labels remembered as naming nobody
_LABELS_KEPT = 2_000
_BLANK = b" \t\r\n"
#: how U+FFFE and U+FFFF, which no XML may hold, begin in UTF-8
_NO_CHARACTER = b"\xef\xbf"
#: attributes of nearly every element
_USUAL = {"V", "Code"}


@dataclass
class OccultResult:
    """How many values were hidden, by «ELEMENT/Field» (a part dropped whole counts one, by its name)."""

    counts: dict[str, int] = field(default_factory=dict[str, int])


def occult(source: BinaryIO, out: BinaryIO, limits: Limits = DEFAULT_LIMITS, block: int = BLOCK) -> OccultResult:
    """Write the occulted copy of ``source`` (seekable) to ``out``, in the same encoding.

    Raises :class:`Refusal` when the file can't be read to its end; what was written then counts for nothing. A reader
    must go through the source or the copy, too: a broken reference inside a plain value is not seen here.
    """
    work = _Occulter(source, limits, block)
    write = _writer(source, out, work.encoding)
    for chunk in work.chunks():
        write(chunk)
    return OccultResult(dict(sorted(work.copy.counts.items())))


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


class _Occulter(Feed):
    """One pass: parses piece by piece, and decides what becomes of each token."""

    _elements: int

    def __init__(self, source: BinaryIO, limits: Limits, block: int) -> None:
        super().__init__(source, limits)
        self.copy = Copy()
        self._block = block
        self._records: list[Record] = []
        self._masked: tuple[int, int] | None = None  # (depth, offset) of the open element whose content is hidden
        self._dropped: tuple[int, int] | None = None  # likewise, of an element dropped whole
        self._in_cdata = False
        self._nobody: set[bytes] = set()  # labels known to name nobody
        self._is_person = lru_cache(_LABELS_KEPT)(looks_like_person)  # forgotten with the file
        self.on_start, self.on_end, self.on_text = self._opens, self._closes, self._says
        parser = self.parser
        parser.buffer_text = False  # every token has its own offset
        parser.CommentHandler = self._foreign
        parser.ProcessingInstructionHandler = self._foreign
        parser.StartCdataSectionHandler = self._cdata
        parser.EndCdataSectionHandler = self._foreign

    def chunks(self) -> Iterator[bytes]:
        """The copy, block by block."""
        copy, offset = self.copy, 0
        plain = lexical.within(self.limits) and self.encoding.known
        for data in self.blocks(self._block):
            copy.held += data
            if plain and _NO_CHARACTER not in data:
                self._read(data, offset)
            else:
                self.parse(data)
            offset += len(data)
            yield copy.written()
            if len(copy.held) > HELD + self._block:
                if not self._records:  # a tag or a comment without end
                    self._over("text", self.limits.text)
                raise Refusal("limit_reached", limit="record", value=str(HELD))
        self.parse(b"", final=True)
        yield copy.rest()
        if copy.held or self._masked or self._dropped or self._records:
            raise Refusal("occultation_failed")

    # -- plain runs

    def _read(self, data: bytes, offset: int) -> None:
        """Parse a block: plain runs in silence, what lies between them token by token."""
        done = 0
        for run, labels in self._runs(data):
            for first, end in self._plain_runs(run, labels):
                start = done + len(data[done:first].rstrip(_BLANK))
                if start > done:
                    self.parse(data[done:start])
                if end > start:
                    self._read_run(data[start:end], offset + start)
                done = max(end, start)
        if done < len(data):
            self.parse(data[done:])

    def _runs(self, data: bytes) -> list[tuple[re.Match[bytes], list[bytes]]]:
        """The plain runs of a block and their labels, after those that hold no naming word were told at once."""
        runs = [(run, lexical.LABEL.findall(data, *run.span())) for run in lexical.RUN.finditer(data)]
        if len(self._nobody) > _LABELS_KEPT:
            self._nobody.clear()
        new = [*set[bytes]().union(*(labels for _, labels in runs)).difference(self._nobody)]
        texts = self._decoded(b"\n".join(new)).split("\n")
        if len(texts) != len(new):  # a label has several lines
            texts = [*map(self._decoded, new)]
        asked = frozenset(doubtful(texts))
        self._nobody.update(label for label, text in zip(new, texts, strict=True) if text not in asked)
        return runs

    def _read_run(self, run: bytes, offset: int) -> None:
        elements = lexical.elements(run)
        if not self._may_be_silent(offset, run, elements):
            self.parse(run)
            return
        self.copy.token(offset)
        if not self._dropped and lexical.HIDE.search(run):
            self.copy.patch(Segment(offset, "run", self.path[-1]))
        self.skip(run)
        self._elements += elements
        blanks = run[run.rindex(b">") + 1 :]
        self._text = len(blanks) - blanks.count(b"\r\n")
        self.copy.token(offset + len(run))

    def _plain_runs(self, run: re.Match[bytes], labels: list[bytes]) -> Iterator[tuple[int, int]]:
        """A run without what holds a label that may name a person: the parser will tell of that."""
        data, start, end = run.string, *run.span()
        if not self._nobody.issuperset(labels) and not all(map(self._names_nobody, labels)):
            parts = lexical.LABEL if run["records"] is None else lexical.RECORD
            for part in parts.finditer(data, start, end):
                if not all(map(self._names_nobody, lexical.LABEL.findall(data, *part.span()))):
                    yield start, part.start()
                    start = part.end() if run["records"] else data.index(b">", part.end()) + 1
        if data[end - 1] == 13:  # the parser waits for what follows a carriage return
            end = data.rindex(b">", 0, end) + 1
        if end > start:
            yield start, end

    def _names_nobody(self, label: bytes) -> bool:
        if label in self._nobody:
            return True
        if self._is_person(self._decoded(label)):
            return False
        self._nobody.add(label)
        return True

    def _decoded(self, label: bytes) -> str:
        text = label.decode(self.encoding.name or self.encoding.declared, "replace")
        return html.unescape(text) if "&" in text else text  # as the parser would tell it

    def _may_be_silent(self, offset: int, run: bytes, elements: int) -> bool:
        """Whether the parser, which is to read a plain run, stands between two tokens, inside an element that is not
        hidden; and whether the run keeps within the limits."""
        limits = self.limits
        return (
            elements > 0
            and self.offset == offset
            and 0 < len(self.path) < limits.depth - 1  # a run of records is two deep
            and not self._masked
            and not self._in_cdata
            and self._elements + elements <= limits.elements
            and self._text + run.find(b"<") <= limits.text
        )

    # -- tokens

    def _inside(self, offset: int) -> bool:
        """Whether the token lies in a part that goes; the content of a hidden element starts going here."""
        if self._dropped:
            return True
        if self._masked is None:
            return False
        if self.copy.last.action == "mask":
            self.copy.open(Segment(offset, "drop"))
        return True

    def _opens(self, name: str, attributes: dict[str, str]) -> None:
        offset, tag, depth = self.copy.token(self.offset), self.path[-1], len(self.path)
        if self._inside(offset):
            return
        record = self._records[-1] if self._records else None
        if record and tag == UNLESS[record.name][0] and depth == record.depth + 1:
            record.verdicts.append(attributes.get("V") in UNLESS[record.name][1])
        if tag in UNLESS:
            self._records.append(Record(tag, depth))
        named = self._naming(tag, attributes)
        if tag in DROPPED:
            self._dropped = (depth, offset)
            self.copy.open(Segment(offset, "drop", tag))
        elif tag in ALWAYS or tag in CONDITIONAL:
            conditional = tag not in ALWAYS and record is not None and tag in UNLESS[record.name][2]
            waits_for = record if conditional else None
            self.copy.open(Segment(offset, "mask", self._place(tag), always=named, record=waits_for))
            self._masked = (depth, offset)
        elif named:
            self.copy.patch(Segment(offset, "mask", self._place(tag) if tag in LABELS else tag, named))

    def _naming(self, tag: str, attributes: dict[str, str]) -> frozenset[str]:
        """Attributes of an element that name a person: those of the rules, and labels that look like it."""
        if tag in LABELS:
            return frozenset(
                local(name)
                for name, value in attributes.items()
                if local(name) in ATTRIBUTES or (name != "Code" and self._is_person(value))
            )
        return frozenset() if attributes.keys() <= _USUAL else ATTRIBUTES.intersection(map(local, attributes))

    def _place(self, tag: str) -> str:
        return f"{self.path[-2] if len(self.path) > 1 else ''}/{tag}"

    def _closes(self, name: str) -> None:
        offset, depth = self.copy.token(self.offset), len(self.path)
        if self._dropped:
            if depth == self._dropped[0]:
                self._dropped = None
                self.copy.close()
            return
        if self._masked:
            if depth == self._masked[0]:
                empty, self._masked = offset == self._masked[1], None
                if empty:
                    self.copy.close()
                else:
                    self.copy.open(Segment(offset, "keep"))
            elif self.copy.last.action == "mask":
                self._inside(offset)
        if self._records and self._records[-1].depth == depth and self._records[-1].name == self.path[-1]:
            self._records.pop().closed = True

    def _says(self, text: str) -> None:
        offset = self.copy.token(self.offset, text=True)
        if not self._inside(offset) and text.strip(" \t\r\n"):
            # blanks stay, so that the copy does not depend on where the parser cuts a text
            self.copy.patch(Segment(offset, "blank", "" if self.copy.in_text else "texte"))
            self.copy.in_text = True

    def _foreign(self, *_: object) -> None:
        self._in_cdata = False
        offset = self.copy.token(self.offset)
        if not self._inside(offset):
            self.copy.patch(Segment(offset, "drop", "commentaire"))

    def _cdata(self) -> None:
        self._foreign()
        self._in_cdata = True
