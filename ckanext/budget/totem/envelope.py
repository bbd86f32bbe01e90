"""A budget inside another XML: where it is (an element, an encoded or escaped text), and how to take it out.

Only the budget's own bytes are taken, with the namespaces it borrows; signatures, certificates and names around it
are left behind.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Literal
from xml.sax.saxutils import escape

from ckanext.budget.errors import Refusal
from ckanext.budget.totem import sniff, wrapped
from ckanext.budget.totem.feed import Encoding, Feed, Limits, blocks, local
from ckanext.budget.totem.reader import ROOTS

_ENCRYPTED = "http://www.w3.org/2001/04/xmlenc# EncryptedData"
_ROOT_TAG = re.compile(rb"<[^\s/>]+")
_UNPREFIXED = re.compile(rb"<[^\s/>:!?]+[\s/>]")
_QUOTES = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")

#: most of the beginning of an escaped budget held while its declaration is looked for
_DECLARED_WITHIN = 1024


@dataclass(frozen=True)
class Find:
    """A budget in an envelope. ``element``: from byte ``start`` of what is fed to the parser to the end of the tag
    that begins at ``stop``, with the namespaces (prefix → URI) in scope around it. ``encoded`` (base64) or
    ``escaped``: the text of rank ``run``. ``hidden``: where it can't be taken out (a comment, an attribute)."""

    kind: Literal["element", "encoded", "escaped", "hidden"]
    start: int = 0
    stop: int = 0
    run: int = 0
    namespaces: tuple[tuple[str, str], ...] = ()


class Search:
    """One pass over an XML: ``finds``, the budgets it holds; ``archive``, whether a text is an encoded archive, which
    may hold some; ``encrypted``, whether a part is. ``is_budget``: its own ``root`` is a budget's."""

    def __init__(self, source: BinaryIO, limits: Limits) -> None:
        self.finds: list[Find] = []
        self.archive = self.encrypted = self.is_budget = False
        self.root = ""
        # an encoded budget is one long text, which is never held: it has no bound of its own
        self._feed = feed = Feed(source, replace(limits, text=limits.bytes))
        self.encoding = feed.encoding
        self._run, self._text, self._tail = 0, "", ""
        self._scopes: list[dict[str, str]] = [{}]
        self._declared: dict[str, str] = {}
        self._open: tuple[int, Find] | None = None  # the depth of the element being passed over
        self._children = False  # whether it has any
        feed.on_start, feed.on_text, feed.on_end = self._start, self._characters, self._end
        feed.parser.StartNamespaceDeclHandler = self._namespace
        feed.parser.CommentHandler = self._attribute

    def run(self) -> None:
        """Look at the whole file, or stop at a root that is a budget's. Raises :class:`Refusal` as a reader does."""
        try:
            for _ in self._feed.run():
                pass
        except _Root:
            self.is_budget = True

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        self._declared[prefix or ""] = uri or ""
        if len(self._declared) > self._feed.limits.attributes:
            raise Refusal("limit_reached", limit="attributes", value=str(self._feed.limits.attributes))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        around = self._scopes[-1]
        self._scopes.append({**around, **self._declared} if self._declared else around)
        own, self._declared = self._declared, {}
        self._close_text()
        if self._open:
            self._children = True
            return
        self.root = self.root or local(name)
        if local(name) in ROOTS:
            depth, self._children = len(self._feed.path), False
            if depth == 1:
                raise _Root
            borrowed = tuple((p, u) for p, u in sorted(around.items()) if p not in own and u)
            self._open = (depth, Find("element", self._feed.parser.CurrentByteIndex, namespaces=borrowed))
            return
        self.encrypted = self.encrypted or name == _ENCRYPTED
        for value in attributes.values():
            self._attribute(value)

    def _end(self, _: str) -> None:
        self._scopes.pop()
        self._close_text()
        if self._open and self._open[0] == len(self._feed.path):
            self.finds.append(replace(self._open[1], stop=self._feed.parser.CurrentByteIndex))
            self._open = None
            if not self._children:
                raise Refusal("no_budget", line=self._feed.parser.CurrentLineNumber)

    def _characters(self, more: str) -> None:
        if self._open:
            return
        self._tail = self._tail[-100:] + more  # a tag may be cut between two pieces
        if len(self._text) < wrapped.LOOKED_AT:
            self._text += more
        if sniff.has_budget_tag(self._tail):
            whole = self._text.lstrip("\ufeff \t\r\n").startswith("<")
            self._found(Find("escaped", run=self._run) if whole else Find("hidden"))
            self._tail = ""
        elif "&lt;" in self._tail and sniff.has_budget_tag(self._tail.replace("&lt;", "<")):
            self._found(Find("hidden"))  # escaped twice
            self._tail = ""

    def _found(self, find: Find) -> None:
        if find.kind != "escaped" or find not in self.finds:  # an escaped CFU names itself, then its budget
            self.finds.append(find)

    def _close_text(self) -> None:
        """A tag ends the text before it, if any; texts are numbered by the tags before them."""
        if self._text:
            verdict = wrapped.verdict(self._text)
            if verdict == "budget":
                self._found(Find("encoded", run=self._run))
            self.archive = self.archive or verdict == "archive"
            self._text = self._tail = ""
        self._run += 1

    def _attribute(self, value: str) -> None:
        if self._open:
            return
        verdict = wrapped.verdict(value)
        if verdict == "budget" or sniff.has_budget_tag(value):
            self.finds.append(Find("hidden"))
        self.archive = self.archive or verdict == "archive"


class _Root(Exception):  # noqa: N818  (a way out of the parser, not an error)
    """The root is that of a budget."""


def extract(source: BinaryIO, find: Find, encoding: Encoding, limits: Limits) -> Iterator[bytes]:
    """The bytes of a find: a whole XML (``element``, ``escaped``), or what was encoded."""
    source.seek(0)
    if find.kind == "element":
        return _element(source, find, encoding)
    texts = _Texts(source, find.run, limits)
    return wrapped.decoded(texts.pieces()) if find.kind == "encoded" else _unescaped(texts.pieces())


def _element(source: BinaryIO, find: Find, encoding: Encoding) -> Iterator[bytes]:
    name = encoding.name or encoding.declared
    yield f'<?xml version="1.0" encoding="{"UTF-8" if name == "utf-8" else name}"?>\n'.encode("ascii")
    spaces = _borrowed(source, find, encoding).encode(codecs.lookup(name).name, "xmlcharrefreplace")
    pieces, tag = _span(source, find, encoding), b""
    for piece in pieces:
        tag += piece
        match = _ROOT_TAG.match(tag)
        if match and match.end() < len(tag):  # its name is complete
            yield match.group() + spaces + tag[match.end() :]
            break
    yield from pieces


def _borrowed(source: BinaryIO, find: Find, encoding: Encoding) -> str:
    """Declarations of the namespaces of the envelope that an element uses, and no other: they could say anything."""
    codec = codecs.lookup(encoding.name or encoding.declared).name
    waiting = {
        prefix: re.compile(re.escape(f"{prefix}:".encode(codec, "replace"))) if prefix else _UNPREFIXED
        for prefix, _ in find.namespaces
    }
    tail = b""
    for piece in _span(source, find, encoding) if waiting else ():
        window = tail + piece
        waiting = {prefix: pattern for prefix, pattern in waiting.items() if not pattern.search(window)}
        tail = window[-100:]
        if not waiting:
            break
    return "".join(
        f' xmlns{":" + prefix if prefix else ""}="{escape(uri, _QUOTES)}"'
        for prefix, uri in find.namespaces
        if prefix not in waiting
    )


def _span(source: BinaryIO, find: Find, encoding: Encoding) -> Iterator[bytes]:
    """The bytes fed to the parser, from the start of an element to the end of its last tag."""
    source.seek(0)
    position = 0
    for block in blocks(source, encoding):
        first, position = position, position + len(block)
        if position <= find.start:
            continue
        end = block.find(b">", max(find.stop - first, 0)) + 1 if position > find.stop else 0
        yield block[max(find.start - first, 0) : end or None]
        if end:
            return


class _Texts:
    """The text of rank ``run`` of an XML, piece by piece."""

    def __init__(self, source: BinaryIO, run: int, limits: Limits) -> None:
        self._feed = feed = Feed(source, replace(limits, text=limits.bytes))
        self._wanted, self._run, self._depth = run, 0, 0
        self._pieces: list[str] = []
        feed.on_start, feed.on_end, feed.on_text = self._start, self._end, self._characters

    def pieces(self) -> Iterator[str]:
        for _ in self._feed.run():
            pieces, self._pieces = self._pieces, []
            yield from pieces
            if self._run > self._wanted:
                return

    def _start(self, *_: object) -> None:
        self._run += 1

    def _end(self, *_: object) -> None:
        self._run += 1

    def _characters(self, text: str) -> None:
        if self._run == self._wanted:
            self._pieces.append(text)


def _unescaped(pieces: Iterator[str]) -> Iterator[bytes]:
    """An escaped XML; what its declaration says of its encoding is no longer true."""
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    head: str | None = ""
    for piece in pieces:
        if head is None:
            yield piece.encode()
            continue
        head += piece
        if len(head) > _DECLARED_WITHIN:
            yield _DECLARATION.sub("", head).encode()
            head = None
    if head:
        yield _DECLARATION.sub("", head).encode()
