"""Archives: is there a budget inside? Members are sniffed by their head, within limits; nothing is extracted."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from ckanext.budget.totem import sniff

#: most members looked at, deepest nesting, most bytes of a nested archive held
MEMBERS = 2000
NESTING = 2
NESTED_BYTES = 64 << 20

_ERRORS = (
    OSError, EOFError, RuntimeError, NotImplementedError, ValueError, KeyError,
    zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error,
)  # fmt: skip


class UnreadableError(Exception):
    """A member could not be looked at (encrypted, damaged, too deep, too many)."""


def holds_budget(stream: BinaryIO, kind: sniff.Kind, depth: int = 0) -> bool:
    """Whether an archive holds a budget. The stream is rewound.

    Raises :class:`UnreadableError` when no budget was seen but something could not be looked at.
    """
    doubt = False
    try:
        for count, member in enumerate(_members(stream, kind)):
            if count >= MEMBERS:
                raise UnreadableError
            try:
                if _member_holds(member, depth):
                    return True
            except UnreadableError:
                doubt = True
    except _ERRORS as error:
        raise UnreadableError from error
    finally:
        stream.seek(0)
    if doubt:
        raise UnreadableError
    return False


def _member_holds(member: BinaryIO | None, depth: int) -> bool:
    if member is None:
        raise UnreadableError
    try:
        head = member.read(sniff.HEAD)
        kind = sniff.sniff(head)
        if kind in ("zip", "gzip", "tar", "bzip2", "xz"):
            return _nested(head, member, kind, depth)
    except _ERRORS as error:
        raise UnreadableError from error
    if kind == "archive":
        raise UnreadableError
    return kind in ("xml", "other") and sniff.names_budget(head)


def _nested(head: bytes, member: BinaryIO, kind: sniff.Kind, depth: int) -> bool:
    if depth >= NESTING:
        raise UnreadableError
    data = head + member.read(NESTED_BYTES + 1 - len(head))
    if len(data) > NESTED_BYTES:
        raise UnreadableError
    return holds_budget(io.BytesIO(data), kind, depth + 1)


def _members(stream: BinaryIO, kind: sniff.Kind) -> Iterator[BinaryIO | None]:
    """The members, opened for reading in turn (None: can't be opened)."""
    stream.seek(0)
    if kind == "zip":
        yield from _zip_members(stream)
    elif kind == "tar":
        yield from _tar_members(stream)
    else:
        opener = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}[kind]
        with opener(stream, "rb") as single:
            yield cast("BinaryIO", single)


def _zip_members(stream: BinaryIO) -> Iterator[BinaryIO | None]:
    with zipfile.ZipFile(stream) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & 1:  # encrypted
                yield None
                continue
            try:
                member = archive.open(info)
            except _ERRORS:
                yield None
                continue
            with member:
                yield cast("BinaryIO", member)


def _tar_members(stream: BinaryIO) -> Iterator[BinaryIO | None]:
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        for info in archive:
            if info.isfile():
                yield cast("BinaryIO | None", archive.extractfile(info))
