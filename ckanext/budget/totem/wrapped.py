"""Budgets written in base64 inside something else: a PES flux, a signature, a message.

Only the beginning of what is encoded is decoded: a budget names itself in its first tags.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator

from ckanext.budget.totem import sniff

#: shorter texts can't hold a budget; longer ones are judged by their beginning
SHORTEST, LOOKED_AT = 300, 12_000

_ENCODED = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_RUN = re.compile(rb"[A-Za-z0-9+/](?:[A-Za-z0-9+/]|=?[ \t]*\r?\n[ \t]*){300,}")
#: the word before the first encoded line («base64») is no part of it
_LINE = 40


def in_text(text: str, *, strict: bool) -> bool:
    """Whether a text (an element's, an attribute's) is an encoded budget; ``strict``: or an encoded archive."""
    compact = "".join(text[:LOOKED_AT].split())
    if len(compact) < SHORTEST or not _ENCODED.fullmatch(compact):
        return False
    compact = compact.rstrip("=").translate(str.maketrans("-_", "+/"))
    return _is_budget(base64.b64decode(compact[: len(compact) // 4 * 4]), strict=strict)


def in_bytes(head: bytes, *, strict: bool) -> bool:
    """Whether one of the encoded runs of a file that is no XML (PEM, MIME) is a budget."""
    return any(in_text(run, strict=strict) for run in _runs(head))


def _runs(head: bytes) -> Iterator[str]:
    for match in _RUN.finditer(head):
        lines = match.group().decode("ascii").split()
        first = next((n for n, line in enumerate(lines) if len(line) >= _LINE), 0)
        yield "".join(lines[first:])


def _is_budget(data: bytes, *, strict: bool) -> bool:
    kind = sniff.sniff(data)
    if kind == "gzip":
        try:
            data = zlib.decompressobj(47).decompress(data, 1 << 16)
        except zlib.error:
            return strict
    elif kind in ("zip", "tar", "bzip2", "xz", "archive"):
        return strict
    return sniff.names_budget(data)
