"""The entries of one zip, looked at before anything is decompressed."""

from __future__ import annotations

import io
import lzma
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO, cast

from ckanext.budget.errors import Refusal

#: most bytes of a zip's table of contents (about 130 by member; each takes 0.6 kB of memory once read)
CONTENTS = 4 << 20
#: most characters of a name that is shown
_NAME = 200

#: what zipfile and its decompressors raise
ERRORS = (
    OSError, EOFError, RuntimeError, NotImplementedError, ValueError, KeyError, MemoryError,
    zipfile.BadZipFile, zipfile.LargeZipFile, lzma.LZMAError, zlib.error,
)  # fmt: skip

_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_ENCRYPTED = 0x1 | 0x40 | 0x2000
#: what systems add beside the files: resource forks of macOS, thumbnails of Windows
_ADDED = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)")
_LOCAL_HEADER = 30


@dataclass(frozen=True)
class ZipEntry:
    """One entry: its name made safe to show, its declared sizes in bytes (uncompressed, compressed);
    ``file``: no folder, ``shown``: not something that systems add either."""

    name: str
    size: int
    compressed: int
    file: bool
    shown: bool
    _info: zipfile.ZipInfo
    _archive: zipfile.ZipFile

    def open(self) -> BinaryIO:
        """Its content; raises :class:`Refusal` when it is encrypted or compressed in an unknown way, and ``ERRORS``."""
        if self._info.flag_bits & _ENCRYPTED:
            raise Refusal("member_encrypted")
        if self._info.compress_type not in _METHODS:
            raise Refusal("member_method")
        return cast("BinaryIO", self._archive.open(self._info))


def entries(stream: BinaryIO, *, bombs: bool = False) -> Iterator[ZipEntry]:
    """The entries of a zip (seekable), folders and what systems add included (not ``shown``).

    Raises :class:`Refusal`: damaged, a table of contents too long, entries that overlap (unless ``bombs``, for who
    reads but the beginning of each).
    """
    try:
        archive = zipfile.ZipFile(cast("BinaryIO", _Bounded(stream)))
    except ERRORS as error:
        raise Refusal("zip_damaged") from error
    with archive:
        infos = archive.infolist()
        if not bombs:
            _check_overlap(infos, archive.start_dir)
        for info in infos:
            file = not info.is_dir()
            shown = file and not _ADDED.search(info.filename)
            name = shown_name(info.filename)
            yield ZipEntry(name, info.file_size, info.compress_size, file, shown, info, archive)


def shown_name(name: str) -> str:
    """A name to show: no ``..``, root or drive, no control character, not too long."""
    parts = [
        "".join(c for c in part if unicodedata.category(c)[0] != "C").strip()
        for part in name.replace("\\", "/").split("/")
    ]
    kept = "/".join(p for p in parts if p not in ("", ".", "..") and not re.fullmatch("[A-Za-z]:", p))
    return kept if 0 < len(kept) <= _NAME else "…" + kept[-_NAME:]


def _check_overlap(infos: list[zipfile.ZipInfo], end: int) -> None:
    """Entries that share bytes: a bomb that no ratio tells (older versions of zipfile let them pass)."""
    spans = sorted((info.header_offset, info.header_offset + _LOCAL_HEADER + info.compress_size) for info in infos)
    for (_, stop), (start, _) in pairwise([*spans, (end, end)]):
        if stop > start:
            raise Refusal("zip_overlap")


class _Bounded(io.RawIOBase):
    """A stream that gives no more than ``CONTENTS`` bytes at once: zipfile reads a table of contents whole."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(CONTENTS + 1 if size < 0 else min(size, CONTENTS + 1))
        if len(data) > CONTENTS:
            raise Refusal("zip_contents")
        return data
