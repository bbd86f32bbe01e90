"""Budgets written in base64 inside something else: a PES flux, a signature, a message.

A text is judged by its beginning, a budget naming itself in its first tags; what is taken out is decoded as a stream.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Literal

from ckanext.budget.errors import Refusal
from ckanext.budget.totem import sniff

Verdict = Literal["budget", "archive", ""]

#: shorter texts can't hold a budget; longer ones are judged by their beginning
SHORTEST, LOOKED_AT = 300, 12_000

#: the most of a line of a message that is read at once
_LINE_READ = 1 << 16
#: the word before the first encoded line («base64») is no part of it
_LINE = 40

_ENCODED = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_RUN = re.compile(rb"[A-Za-z0-9+/](?:[A-Za-z0-9+/]|=?[ \t]*\r?\n[ \t]*){300,}")
_ENCODED_LINE = re.compile(rb"[ \t]*[A-Za-z0-9+/]+={0,2}[ \t]*\r?\n?")
_MESSAGE = re.compile(rb"-----BEGIN |^(?:MIME-Version|Content-[A-Za-z-]+):", re.MULTILINE | re.IGNORECASE)
_BLANKS = str.maketrans("-_", "+/", " \t\r\n")


def verdict(text: str) -> Verdict:
    """Whether a text (an element's, an attribute's) is an encoded budget, or an encoded archive that may hold one."""
    compact = "".join(text[:LOOKED_AT].split())
    if len(compact) < SHORTEST or not _ENCODED.fullmatch(compact):
        return ""
    compact = compact.rstrip("=").translate(_BLANKS)
    return _judge(base64.b64decode(compact[: len(compact) // 4 * 4]))


def _judge(data: bytes) -> Verdict:
    kind = sniff.sniff(data)
    if kind == "gzip":
        try:
            data = zlib.decompressobj(47).decompress(data, 1 << 16)
        except zlib.error:
            return "archive"
        return _judge(data)
    if kind in sniff.PACKED or kind == "archive":
        return "archive"
    return "budget" if names_budget(data) else ""


def in_bytes(head: bytes) -> Verdict:
    """The same of the encoded runs of a file that is no XML (PEM, MIME, JSON)."""
    verdicts = {verdict(run) for run in _runs(head)}
    return "budget" if "budget" in verdicts else "archive" if "archive" in verdicts else ""


def names_budget(head: bytes) -> bool:
    """Whether the beginning of a file names a budget, in clear or encoded."""
    return sniff.names_budget(head) or in_bytes(head) == "budget"


def _runs(head: bytes) -> Iterator[str]:
    for match in _RUN.finditer(head):
        lines = match.group().decode("ascii").split()
        first = next((n for n, line in enumerate(lines) if len(line) >= _LINE), 0)
        yield "".join(lines[first:])


def decoded(pieces: Iterator[str]) -> Iterator[bytes]:
    """What a base64 text (in its two alphabets, with blanks) encodes. Raises :class:`Refusal` when it is damaged."""
    held, over = "", False
    for piece in pieces:
        held += piece.translate(_BLANKS)
        whole = len(held) // 4 * 4
        data, held = held[:whole], held[whole:]
        if data and over:
            raise Refusal("base64_damaged")
        over = data.endswith("=")
        yield _decode(data)
    if held:
        yield _decode(held + "=" * (-len(held) % 4))


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("base64_damaged") from error


def parts(source: BinaryIO, head: bytes) -> list[tuple[int, int]]:
    """The whole lines of base64, from byte to byte, that are budgets in a file that is no XML (PEM, MIME). Of a file
    that does not look like a message, only those that begin in its head."""
    message = bool(_MESSAGE.search(head))
    found: list[tuple[int, int]] = []
    position, first, text = 0, 0, ""
    source.seek(0)
    while line := source.readline(_LINE_READ):
        begin, position = position, position + len(line)
        if (text or len(line) > _LINE) and _ENCODED_LINE.fullmatch(line):
            first = first if text else begin
            text += line.decode("ascii") if len(text) < LOOKED_AT else ""
            continue
        if verdict(text) == "budget":
            found.append((first, begin))
        text = ""
        if not message and position > sniff.HEAD:
            break
    if verdict(text) == "budget":
        found.append((first, position))
    source.seek(0)
    return found


def between(source: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """What the base64 from byte to byte encodes."""

    def pieces() -> Iterator[str]:
        source.seek(start)
        while source.tell() < end:
            yield source.read(min(_LINE_READ, end - source.tell())).decode("ascii")

    return decoded(pieces())
