"""Feeding expat: encodings, limits, DOCTYPE, and faults in the user's words.

expat is not lxml: a DOCTYPE is refused at once (it could define entities), and depth, text,
attributes, elements, bytes and seconds are bounded here (design decision 10).
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from ckanext.budget.errors import Finding, Refusal

BLOCK = 1 << 16
#: most different names of elements and attributes (a budget has some hundreds)
NAMES = 20_000

#: C1 controls in ISO-8859-1, printable in windows-1252; and the five bytes windows-1252 leaves undefined.
_C1 = bytes(range(0x80, 0xA0))
_CP1252_HOLES = b"\x81\x8d\x8f\x90\x9d"
_NOT_C1 = bytes(b for b in range(256) if b not in _C1)

_CUT = {
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
}
_UNKNOWN_ENCODING = {
    expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING],
    expat.errors.codes[expat.errors.XML_ERROR_INCORRECT_ENCODING],
}


@dataclass(frozen=True)
class Limits:
    """Bounds on what is read; going over one is a refusal that names it."""

    bytes: int = 512 << 20
    depth: int = 64
    text: int = 1 << 20
    attributes: int = 64
    attribute: int = 1 << 16
    elements: int = 50_000_000
    seconds: int = 300


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Encoding:
    """How the bytes are to be read: ``name`` overrides the declaration when not None; ``utf16`` is the codec of a
    file to be transcoded (its Unicode text is fed as UTF-8)."""

    name: str | None
    declared: str
    utf16: str | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def codec(self) -> str:
        """Python's name of the encoding in which the bytes are read."""
        return _canonical(self.utf16 or self.name or self.declared)

    @property
    def known(self) -> bool:
        """Whether Python can read it (else the parser refuses the file)."""
        try:
            codecs.lookup(self.codec)
        except LookupError:
            return False
        return True


def detect_encoding(stream: BinaryIO) -> Encoding:
    """Read the whole (seekable) stream once and say how to decode it; the stream is rewound.

    Bytes that hold non-ASCII and are valid UTF-8 throughout are UTF-8 whatever is declared; ISO-8859-1 with
    bytes 0x80–0x9F is windows-1252 in truth; UTF-8 that is not valid UTF-8 is read as windows-1252.
    """
    stream.seek(0)
    head = stream.read(1024)
    stream.seek(0)
    if utf16 := _utf16_codec(head):
        return Encoding("utf-8", utf16, utf16)
    match = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._:-]+)", head)
    declared = match.group(1).decode("ascii") if match else "UTF-8"
    ascii_only, utf8, c1 = _scan(stream)
    stream.seek(0)
    canonical = _canonical(declared)
    if ascii_only:
        return Encoding("utf-8", declared)
    if utf8:
        findings = () if canonical == "utf-8" else (Finding("encoding_utf8", params={"declared": declared}),)
        return Encoding("utf-8", declared, findings=findings)
    if canonical == "utf-8":
        return Encoding("windows-1252", declared, findings=(_wrong(declared),))
    if canonical == "iso8859-1":
        as_cp1252 = bool(c1) and not any(hole in c1 for hole in _CP1252_HOLES)
        return (
            Encoding("windows-1252", declared, findings=(_wrong(declared),))
            if as_cp1252
            else Encoding("iso-8859-1", declared)
        )
    return Encoding(None, declared)


def _wrong(declared: str) -> Finding:
    return Finding("encoding_declared_wrong", params={"declared": declared, "actual": "windows-1252"})


def _canonical(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name.lower()


def _utf16_codec(head: bytes) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, b"<\0")):
        return "utf-16-le"
    if head.startswith((codecs.BOM_UTF16_BE, b"\0<")):
        return "utf-16-be"
    return None


def _scan(stream: BinaryIO) -> tuple[bool, bool, bytes]:
    """(ASCII only, valid UTF-8, the C1 bytes seen)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    ascii_only, utf8, c1 = True, True, set[int]()
    for block in iter(lambda: stream.read(BLOCK), b""):
        if not block.isascii():
            ascii_only = False
            c1.update(block.translate(None, _NOT_C1))
        if utf8:
            utf8 = _decodes(decoder, block)
    return ascii_only, utf8 and _decodes(decoder, b"", final=True), bytes(sorted(c1))


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def blocks(stream: BinaryIO, encoding: Encoding, size: int = BLOCK) -> Iterator[bytes]:
    """The bytes to feed: the stream's own, or UTF-8 when it is UTF-16 (without its BOM)."""
    if encoding.utf16 is None:
        yield from iter(lambda: stream.read(size), b"")
        return
    decoder = codecs.getincrementaldecoder(encoding.utf16)()
    first = True
    try:
        for block in iter(lambda: stream.read(size), b""):
            text = decoder.decode(block)
            if first and text:
                text, first = text.removeprefix("\ufeff"), False
            yield text.encode("utf-8")
        decoder.decode(b"", True)
    except UnicodeError as error:
        raise Refusal("xml_cut") from error


def ends_of_line(text: bytes, start: int = 0, end: int | None = None) -> int:
    """How many, as the parser counts them: a carriage return is one, unless a line feed follows."""
    found = text.count(b"\n", start, end)
    if b"\r" in text:
        found += text.count(b"\r", start, end) - text.count(b"\r\n", start, end)
    return found


def local(name: str) -> str:
    """Local part of a name reported by the parser («uri local», or the name alone)."""
    return name.rpartition(" ")[2]


class Feed:
    """An expat parser with our limits; set ``on_start``, ``on_end``, ``on_text`` before :meth:`run`.

    ``on_start(name, attributes)`` and ``on_end(name)`` receive names as expat reports them with namespaces
    («uri local»); :func:`local` gives the local part. ``path`` holds the local names of the open elements.
    """

    def __init__(self, stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.encoding = detect_encoding(stream)
        self.path: list[str] = []
        self.on_start: Callable[[str, dict[str, str]], None] | None = None
        self.on_end: Callable[[str], None] | None = None
        self.on_text: Callable[[str], None] | None = None
        self._stream = stream
        self._elements = 0
        self._text = 0
        self._blind = False
        self._since_tag = self._fed = self._skipped = 0
        self._started = time.monotonic()
        self.parser = expat.ParserCreate(self.encoding.name, " ")
        self.parser.buffer_text = True
        self.see()
        self.parser.StartDoctypeDeclHandler = self._doctype

    def blind(self) -> None:
        """From here on, only check that bytes are well-formed (and within the limits on bytes, seconds and text)."""
        parser = self.parser
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
        self._blind = True

    def see(self) -> None:
        """Look at elements again, ``path`` being where the parser stands."""
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self._blind = False

    def blocks(self, size: int = BLOCK) -> Iterator[bytes]:
        """The bytes to give to :meth:`parse`."""
        return blocks(self._stream, self.encoding, size)

    @property
    def fed(self) -> int:
        """How many bytes were parsed."""
        return self._fed

    def parse(self, data: bytes, *, final: bool = False) -> None:
        """Parse some more. Raises :class:`Refusal`."""
        self._take(len(data))
        if self._blind:
            self._look_for_tags(data)
        try:
            self.parser.Parse(data, final)
            if len(self.parser.intern) > NAMES:  # the parser keeps each name to the end
                self._over("names", NAMES)
        except expat.ExpatError as error:
            raise self._refusal(error, self._fed) from error
        except (LookupError, ValueError) as error:
            raise Refusal("xml_encoding_unknown", encoding=self.encoding.declared) from error

    def skip(self, data: bytes) -> None:
        """Bytes that stand between two tokens, and of which nothing but the line ends need be known to the parser.

        Raises :class:`Refusal`.
        """
        self._take(len(data))
        lines = b"\n" * ends_of_line(data)
        self.blind()
        self.parser.Parse(lines, False)
        self.see()
        self._skipped += len(data) - len(lines)

    @property
    def offset(self) -> int:
        """Where the parser stands, in bytes from the beginning of what was given."""
        return self.parser.CurrentByteIndex + self._skipped

    def _take(self, size: int) -> None:
        self._fed += size
        if self._fed > self.limits.bytes:
            self._over("bytes", self.limits.bytes)
        if time.monotonic() - self._started > self.limits.seconds:
            self._over("seconds", self.limits.seconds)

    def run(self, size: int = BLOCK) -> Iterator[bytes]:
        """Parse the whole stream, yielding each block after it was parsed. Raises :class:`Refusal`."""
        for block in self.blocks(size):
            self.parse(block)
            yield block
        self.parse(b"", final=True)
        yield b""

    def _refusal(self, error: expat.ExpatError, fed: int) -> Refusal:
        element = "/".join(self.path[1:3]) or None
        if fed == 0:
            return Refusal("empty_file")
        if error.code in _UNKNOWN_ENCODING:
            return Refusal("xml_encoding_unknown", encoding=self.encoding.declared)
        if not self.path and self._elements == 0:
            return Refusal("not_xml")
        return Refusal("xml_cut" if error.code in _CUT else "xml_broken", line=error.lineno, element=element)

    def _look_for_tags(self, block: bytes) -> None:
        """A text or a tag without end would fill the parser's memory."""
        last = block.rfind(b"<")
        self._since_tag = self._since_tag + len(block) if last < 0 else len(block) - last
        if self._since_tag > self.limits.text + BLOCK:
            self._over("text", self.limits.text)

    def _over(self, limit: str, value: int) -> None:
        raise Refusal("limit_reached", line=self.parser.CurrentLineNumber, limit=limit, value=str(value))

    def _doctype(self, *_: object) -> None:
        raise Refusal("xml_doctype", line=self.parser.CurrentLineNumber)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        limits = self.limits
        self._elements += 1
        self._text = 0
        if self._elements > limits.elements:
            self._over("elements", limits.elements)
        if len(attributes) > limits.attributes:
            self._over("attributes", limits.attributes)
        for value in attributes.values():
            if len(value) > limits.attribute:
                self._over("attribute", limits.attribute)
        self.path.append(local(name))
        if len(self.path) > limits.depth:
            self._over("depth", limits.depth)
        if self.on_start:
            self.on_start(name, attributes)

    def _end(self, name: str) -> None:
        if self.on_end:
            self.on_end(name)
        self.path.pop()
        self._text = 0

    def _characters(self, text: str) -> None:
        self._text += len(text)
        if self._text > self.limits.text:
            self._over("text", self.limits.text)
        if self.on_text:
            self.on_text(text)
