"""Archives: is there a budget inside (the door), and safe reading of a zip member by member (the desk, the console).

Nothing is ever written under a member's own name, so that names play no part in safety: they are only shown.
"""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, cast

from ckanext.budget.errors import Refusal
from ckanext.budget.totem import compressed, sniff, wrapped
from ckanext.budget.totem.feed import BLOCK, Limits
from ckanext.budget.totem.zips import ERRORS, ZipEntry, entries


@dataclass(frozen=True)
class ArchiveLimits:
    """Bounds on an archive, nested ones included: members, bytes (uncompressed) of one and of all, times that a member
    may grow, archives one inside the other below the first."""

    members: int = 20_000
    member_bytes: int = 512 << 20
    total_bytes: int = 8 << 30
    ratio: int = compressed.RATIO
    nesting: int = 2
    seconds: int = 300


DEFAULT_ARCHIVE_LIMITS = ArchiveLimits()
#: the door only looks at the beginning of each member, within a request
DOOR_LIMITS = ArchiveLimits(members=2000, member_bytes=64 << 20)


@dataclass(frozen=True)
class Member:
    """A file of an archive: its ``name``, for display; its content, seekable, until the next one is asked for; or the
    ``refusal`` of this one."""

    name: str
    stream: BinaryIO | None
    refusal: Refusal | None = None


def members(stream: BinaryIO, *, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> Iterator[Member]:
    """The files of a zip (seekable), those of the zips inside it and what gzip holds, in the order of the archive.

    Folders and what macOS and Windows add are passed over. Raises :class:`Refusal` for what stops the whole archive:
    damaged, overlapping entries, too many members or bytes.
    """
    yield from _Walk(limits).zip(stream, "", 0)


class _Walk:
    """One archive and those inside it; what is counted is counted over all of them."""

    def __init__(self, limits: ArchiveLimits) -> None:
        self._limits = limits
        self._left = limits.members
        self._bytes = 0

    def zip(self, stream: BinaryIO, folder: str, depth: int) -> Iterator[Member]:
        """The members of one zip, shown below ``folder``."""
        for entry in entries(stream):
            self._left -= 1
            if self._left < 0:
                raise Refusal("zip_members", value=str(self._limits.members))
            if entry.shown:
                yield from self._entry(entry, folder + entry.name, depth)

    def _entry(self, entry: ZipEntry, name: str, depth: int) -> Iterator[Member]:
        with tempfile.TemporaryFile() as content:
            try:
                self._unpack(entry, content)
            except Refusal as refusal:
                if refusal.finding.code == "zip_bytes":
                    raise
                yield Member(name, None, refusal)
                return
            yield from self._content(content, name, depth, unpacked=False)

    def _content(self, content: BinaryIO, name: str, depth: int, *, unpacked: bool) -> Iterator[Member]:
        head = sniff.read_head(content)
        kind = sniff.sniff(head)
        if kind == "zip" and not sniff.is_office(head):
            yield from self._nested(content, name, depth + 1)
        elif kind in sniff.COMPRESSED:
            yield from self._compressed(content, kind, name, depth, unpacked=unpacked)
        else:
            yield Member(name, content)

    def _nested(self, content: BinaryIO, name: str, depth: int) -> Iterator[Member]:
        if depth > self._limits.nesting:
            yield Member(name, None, Refusal("zip_nested", value=str(self._limits.nesting)))
            return
        try:
            yield from self.zip(content, f"{name}/", depth)
        except Refusal as refusal:
            if refusal.finding.code in ("zip_bytes", "zip_members"):
                raise
            yield Member(name, None, refusal)

    def _compressed(
        self, content: BinaryIO, kind: sniff.Kind, name: str, depth: int, *, unpacked: bool
    ) -> Iterator[Member]:
        if unpacked:
            yield Member(name, None, Refusal("wrapped_deep"))
            return
        bounds = Limits(bytes=self._limits.member_bytes, seconds=self._limits.seconds)
        with tempfile.TemporaryFile() as inner:
            try:
                for piece in compressed.decompressed(content, kind, bounds):
                    self._count(len(piece))
                    inner.write(piece)
            except Refusal as refusal:
                if refusal.finding.code == "zip_bytes":
                    raise
                yield Member(name, None, refusal)
                return
            inner.seek(0)
            yield from self._content(inner, name, depth, unpacked=True)

    def _unpack(self, entry: ZipEntry, content: BinaryIO) -> None:
        """Decompress a member into a temporary file. Raises :class:`Refusal` of the member, or ``zip_bytes``."""
        limits = self._limits
        if entry.size > limits.member_bytes:
            raise Refusal("unpacked_bytes", value=f"{limits.member_bytes >> 20} Mio")
        growth = compressed.Growth(Limits(bytes=limits.member_bytes, seconds=limits.seconds), limits.ratio)
        growth.read = entry.compressed
        try:
            with entry.open() as member:
                while piece := member.read(BLOCK):
                    self._count(len(piece))
                    growth.add(len(piece))
                    content.write(piece)
        except ERRORS as error:
            raise Refusal("member_damaged") from error
        if growth.written != entry.size:
            raise Refusal("member_damaged")
        content.seek(0)

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._bytes > self._limits.total_bytes:
            raise Refusal("zip_bytes", value=f"{self._limits.total_bytes >> 20} Mio")


# -- the door: only the beginning of each member is looked at


class _UnreadableError(Exception):
    """Too deep, too big, too many, or an archive of a kind that can't be read."""


_UNREADABLE = (*ERRORS, tarfile.TarError, Refusal, _UnreadableError)


def refuse_budgets(source: BinaryIO, kind: sniff.Kind, *, strict: bool, limits: ArchiveLimits = DOOR_LIMITS) -> None:
    """Refuse an archive (zip, tar, or compressed) that holds budgets, saying how many; with ``strict``, one that can't
    be looked at. The stream is rewound."""
    look = _Look(limits)
    look.archive(source, kind, 0)
    source.seek(0)
    if look.budgets == 1 and not look.doubt:
        raise Refusal("archive_budget")
    if look.budgets:
        raise Refusal("archive_budgets", count=f"{look.budgets}{'+' if look.doubt else ''}")
    if look.doubt and strict:
        raise Refusal("archive_unreadable")


class _Look:
    """``budgets`` seen in an archive and those inside it; ``doubt``: something could not be looked at."""

    def __init__(self, limits: ArchiveLimits) -> None:
        self.budgets, self.doubt = 0, False
        self._limits, self._left = limits, limits.members

    def archive(self, stream: BinaryIO, kind: sniff.Kind, depth: int) -> None:
        try:
            for opener in self._files(stream, kind):
                if self._left <= 0:
                    raise _UnreadableError
                self._left -= 1
                self._file(opener, depth)
        except _UNREADABLE:
            self.doubt = True

    def _file(self, opener: Callable[[], BinaryIO], depth: int) -> None:
        try:
            with closing(opener()) as member:
                head = member.read(sniff.HEAD)
                kind = sniff.sniff(head)
                if kind in sniff.PACKED:
                    self._nested(head, member, kind, depth + 1)
                elif kind == "archive":
                    self.doubt = True
                elif kind in ("xml", "other") and wrapped.names_budget(head):
                    self.budgets += 1
        except _UNREADABLE:
            self.doubt = True

    def _nested(self, head: bytes, member: BinaryIO, kind: sniff.Kind, depth: int) -> None:
        if depth > self._limits.nesting:
            raise _UnreadableError
        with tempfile.TemporaryFile() as nested:
            piece, size = head, 0
            while piece:
                size += len(piece)
                if size > self._limits.member_bytes:
                    raise _UnreadableError
                nested.write(piece)
                piece = member.read(BLOCK)
            self.archive(nested, kind, depth)

    def _files(self, stream: BinaryIO, kind: sniff.Kind) -> Iterator[Callable[[], BinaryIO]]:
        """How to open each file."""
        stream.seek(0)
        if kind == "zip":
            yield from (entry.open for entry in entries(stream, bombs=True) if entry.file)
        elif kind == "tar":
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                for info in archive:
                    if info.isfile():
                        yield partial(_tar_member, archive, info)
        else:
            bounds = Limits(bytes=self._limits.member_bytes, seconds=self._limits.seconds)
            yield lambda: cast("BinaryIO", compressed.Reading(stream, kind, bounds))


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo) -> BinaryIO:
    return cast("BinaryIO", archive.extractfile(info))
