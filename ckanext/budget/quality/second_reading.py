"""The data lines of a budget, read a second time and more simply than by the reader, which has judged the file already.

:func:`as_parsed` asks an XML parser; :func:`as_written` looks at the bytes as text. Both give tag → value for each line
directly below ``DocumentBudgetaire/Budget``, calculated ones apart, and stop where the lines are over.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Collection, Iterator
from typing import BinaryIO
from xml.parsers import expat

from ckanext.budget.totem.feed import BLOCK, Encoding, blocks, detect_encoding

Fields = dict[str, str]

_PREFIX = rb"(?:[\w.-]+:)?"
_DOCUMENT = re.compile(rb"<" + _PREFIX + rb"DocumentBudgetaire[\s>]")
_BUDGET = re.compile(rb"<" + _PREFIX + rb"Budget[\s>]")
_OVER = re.compile(rb"</" + _PREFIX + rb"Budget\s*>|<" + _PREFIX + rb"Annexes[\s/>]")
_ATTRIBUTES = rb"((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*"
#: a line that holds something (what says nothing is a subtotal, or was refused)
_LINE = re.compile(rb"<" + _PREFIX + rb"LigneBudget" + _ATTRIBUTES + rb">")
_LINE_END = re.compile(rb"</" + _PREFIX + rb"LigneBudget\s*>")
#: what holds no line: how it begins, and ends
_FOREIGN = re.compile(rb"<!--|<\?|<!\[CDATA\[")
_FOREIGN_END = {b"<!--": b"-->", b"<?": b"?>", b"<![CDATA[": b"]]>"}
_LONGEST = max(map(len, _FOREIGN_END))
#: a field as nearly every software writes it, and any other
_FIELD = re.compile(rb'<(\w+) V="([^"<&]*)"/>')
_ANY_FIELD = re.compile(rb"<" + _PREFIX + rb"(\w+)" + _ATTRIBUTES + rb"/?>")
_ATTRIBUTE = re.compile(rb"\s([\w:.-]+)\s*=\s*(?:\"([^\"<]*)\"|'([^'<]*)')")
_CALCULATED = re.compile(rb"\scalculated\s*=\s*[\"'](?:true|1)[\"']")


#: longest beginning of a tag that tells which it is
_TAG = 80


def as_parsed(source: BinaryIO) -> Iterator[Fields]:
    """Lines, from an XML parser's events. The stream is rewound."""
    encoding = detect_encoding(source)
    events = _Events(encoding)
    for block in blocks(source, encoding):
        yield from events.lines(block)
        if events.over:
            break
    source.seek(0)


class _Events:
    """``path`` is that of the open elements, inside a line it stays the line's; ``inside`` is the depth below it."""

    def __init__(self, encoding: Encoding) -> None:
        self.over = False
        self._path: list[str] = []
        self._line: Fields | None = None
        self._inside = 0
        self._done: list[Fields] = []
        self._parser = expat.ParserCreate(encoding.name, " ")
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._end

    def lines(self, block: bytes) -> list[Fields]:
        self._parser.Parse(block, False)
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: Fields) -> None:
        if self._line is not None:
            self._inside += 1
            if self._inside == 1 and "V" in attributes:
                self._line.setdefault(name.rpartition(" ")[2], attributes["V"])
            return
        tag = name.rpartition(" ")[2]
        self._path.append(tag)
        place = self._path[-3:]
        if place == ["DocumentBudgetaire", "Budget", "LigneBudget"] and len(self._path) <= 4 and not self.over:
            self._line = {"": "1"} if attributes.get("calculated") in ("true", "1") else {}
        elif place == ["DocumentBudgetaire", "Budget", "Annexes"] and len(self._path) <= 4:
            self.over = True

    def _end(self, name: str) -> None:
        if self._line is not None and self._inside:
            self._inside -= 1
            return
        self._path.pop()
        if self._line is not None:
            if "" not in self._line:
                self._done.append(self._line)
            self._line = None


def as_written(source: BinaryIO) -> Iterator[Fields]:
    """Lines, from the bytes as text. The stream is rewound."""
    for attributes, body in _elements(source):
        if attributes and _CALCULATED.search(attributes):
            continue
        found = _FIELD.findall(body)
        line = dict(found)
        if body.count(b"<") != len(found) or len(line) != len(found):
            line = _otherwise(body)
        yield {name.decode("latin-1"): value.decode("latin-1") for name, value in line.items()}


def _otherwise(body: bytes) -> dict[bytes, bytes]:
    """A line written otherwise: prefixes, other attributes, quotes, references, end tags."""
    line: dict[bytes, bytes] = {}
    for name, attributes in _ANY_FIELD.findall(body):
        for attribute, double, single in _ATTRIBUTE.findall(attributes):
            if attribute == b"V":
                line.setdefault(
                    name, html.unescape((double or single).decode("latin-1")).encode("latin-1", "replace")
                )
    return line


def _elements(source: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """(attributes, content) of each LigneBudget of the Budget of the DocumentBudgetaire."""
    wanted = [_DOCUMENT, _BUDGET]
    held = b""
    for block in _without_foreign(_bytes(source)):
        held += block
        while wanted and (match := wanted[0].search(held)):
            wanted.pop(0)
            held = held[match.end() - 1 :]
        if wanted:
            held = held[max(held.rfind(b"<"), 0) :]
            continue
        over = _OVER.search(held) if b"Annexes" in held or b"Budget" in held else None
        *lines, rest = _LINE_END.split(held[: over.start()] if over else held)
        for line in lines:
            match = _LINE.search(line)
            if match:
                yield match.group(1), line[match.end() :]
        if over:
            break
        held = rest


def _without_foreign(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Without comments, instructions and CDATA, however long."""
    held, end = b"", b""
    for block in blocks:
        data, held, at = held + block, b"", 0
        shown: list[bytes] = []
        while at < len(data):
            if end:
                over = data.find(end, at)
                if over < 0:
                    held = data[max(at, len(data) - len(end) + 1) :]
                    break
                at, end = over + len(end), b""
            found = _FOREIGN.search(data, at)
            if not found:
                begun = data.rfind(b"<", max(at, len(data) - _LONGEST + 1))
                held = data[begun:] if begun >= 0 else b""
                shown.append(data[at : len(data) - len(held)])
                break
            shown.append(data[at : found.start()])
            at, end = found.end(), _FOREIGN_END[found.group()]
        yield b"".join(shown)
    yield held if not end else b""


def records_as_written(source: BinaryIO, kind: str, fields: Collection[str]) -> Iterator[Fields]:
    """These fields of each record of an annexe, from the bytes as text. The stream is rewound.

    Much cheaper than :func:`ckanext.budget.annexes.reader.records`, for controls only: a record that stands in a
    comment would be seen.
    """
    name, wanted = kind.encode(), b"|".join(field.encode() for field in fields)
    end = re.compile(rb"</" + _PREFIX + name + rb"\s*>")
    start = re.compile(rb"<" + _PREFIX + name + rb"[\s>]")
    field = re.compile(rb"[<:](" + wanted + rb")\s+V\s*=\s*(?:\"([^\"<]*)\"|'([^'<]*)')")
    held = b""
    for block in _bytes(source):
        held += block
        if name in held:
            *found, held = end.split(held)
            for record in found:
                values = field.findall(record)
                yield {tag.decode(): (double or single).decode("latin-1") for tag, double, single in values}
        if name not in held or not start.search(held):
            held = held[-_TAG:]


def _bytes(source: BinaryIO) -> Iterator[bytes]:
    """The source in an encoding that extends ASCII; the stream is rewound before and after."""
    encoding = detect_encoding(source)
    source.seek(0)
    if encoding.utf16 is None and "<Budget V='1'/>".encode(encoding.codec, "replace") != b"<Budget V='1'/>":
        decoder = codecs.getincrementaldecoder(encoding.codec)("replace")
        yield from (decoder.decode(block).encode() for block in iter(lambda: source.read(BLOCK), b""))
    else:
        yield from blocks(source, encoding)
    source.seek(0)
