"""gzip, bzip2 and xz: one file behind a compression, undone as a stream and within limits."""

from __future__ import annotations

import bz2
import lzma
import time
import zlib
from collections.abc import Callable, Generator
from typing import BinaryIO, Protocol

from ckanext.budget.errors import Refusal
from ckanext.budget.totem.feed import BLOCK, Limits

#: most times a compressed file may grow (a budget: 10 to 60), counted once it has grown to ``HARMLESS`` bytes
RATIO, HARMLESS = 250, 16 << 20
#: most memory that an xz may ask for, in bytes
XZ_MEMORY = 64 << 20

ERRORS = (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError, MemoryError)


class _Engine(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


_ENGINES: dict[str, Callable[[], _Engine]] = {
    "gzip": lambda: zlib.decompressobj(31),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=XZ_MEMORY),
}


def decompressed(source: BinaryIO, kind: str, limits: Limits) -> Generator[bytes]:
    """The content of a ``gzip``, ``bzip2`` or ``xz`` (seekable), piece by piece.

    Raises :class:`Refusal`: cut, damaged, several files in a row, something behind it, or over a limit (bytes, ratio,
    seconds).
    """
    source.seek(0)
    engine = _ENGINES[kind]()
    growth = Growth(limits)
    rest = b""
    try:
        while not engine.eof:
            data = rest or _more(source, engine)
            rest = b""
            if data:
                growth.read += len(data)
            elif getattr(engine, "needs_input", True):
                raise Refusal("compressed_cut")
            piece = engine.decompress(data, BLOCK)
            rest = getattr(engine, "unconsumed_tail", b"")
            growth.read -= len(rest)
            growth.add(len(piece))
            yield piece
    except ERRORS as error:
        raise Refusal("compressed_damaged") from error
    _check_end(source, engine)


def _more(source: BinaryIO, engine: _Engine) -> bytes:
    """The next bytes to give; none while the engine still holds output of the last ones."""
    return source.read(BLOCK) if getattr(engine, "needs_input", True) else b""


class Growth:
    """What was read and what came out of it, bounded."""

    def __init__(self, limits: Limits, ratio: int = RATIO) -> None:
        self.read = self.written = 0
        self._limits, self._ratio = limits, ratio
        self._end = time.monotonic() + limits.seconds

    def add(self, size: int) -> None:
        """``size`` more bytes came out. Raises :class:`Refusal` over a limit."""
        self.written += size
        if self.written > self._limits.bytes:
            raise Refusal("unpacked_bytes", value=f"{self._limits.bytes >> 20} Mio")
        if self.written > HARMLESS and self.written > self._ratio * max(self.read, 1):
            raise Refusal("unpacked_ratio", value=str(self._ratio))
        if time.monotonic() > self._end:
            raise Refusal("unpacked_seconds", value=str(self._limits.seconds))


def _check_end(source: BinaryIO, engine: _Engine) -> None:
    """Nothing but padding may follow."""
    behind = engine.unused_data
    while behind or (behind := source.read(BLOCK)):
        content = behind.lstrip(b"\0")
        if content:
            another = content.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ"))
            raise Refusal("compressed_members" if another else "compressed_trailing")
        behind = b""


class Reading:
    """A compressed content to read from its beginning, as a file."""

    def __init__(self, source: BinaryIO, kind: str, limits: Limits) -> None:
        self._pieces = decompressed(source, kind, limits)
        self._held = b""

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, fewer at the end only."""
        held = bytearray(self._held)
        while len(held) < size and (piece := next(self._pieces, None)) is not None:
            held += piece
        self._held = bytes(held[size:])
        return bytes(held[:size])

    def close(self) -> None:
        """The source stays open."""
        self._pieces.close()
