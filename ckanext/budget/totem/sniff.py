"""What a file is, told by its content and never by its name."""

from __future__ import annotations

import re
from typing import BinaryIO, Literal

Kind = Literal["empty", "xml", "zip", "gzip", "tar", "bzip2", "xz", "archive", "pdf", "image", "spreadsheet", "other"]

#: how much of a file is looked at
HEAD = 1 << 20

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),  # zstd
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"\xd0\xcf\x11\xe0", "spreadsheet"),
)

_BUDGET_TAG = re.compile(r"<(?:[\w.-]+:)?(?:DocumentBudgetaire|CompteFinancierUnique)[\s>/]")
_WIDE = (("utf-16-le", b"<\0", b"\xff\xfe"), ("utf-16-be", b"\0<", b"\xfe\xff"))


def read_head(stream: BinaryIO) -> bytes:
    """The first mebibyte of a seekable stream, which is rewound."""
    stream.seek(0)
    head = stream.read(HEAD)
    stream.seek(0)
    return head


def sniff(head: bytes) -> Kind:
    """Kind of a file, from its head."""
    if not head.strip(b"\0 \t\r\n"):
        return "empty"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "tar"
    return "xml" if looks_like_xml(head) else "other"


def looks_like_xml(head: bytes) -> bool:
    """Whether it starts with a tag, behind marks and blanks, or holds an XML declaration near its start."""
    text = text_of(head[:4096]).lstrip("\ufeff \t\r\n\0")
    return text.startswith("<") or "<?xml" in text[:1024]


def names_budget(head: bytes) -> bool:
    """Whether the head names DocumentBudgetaire or CompteFinancierUnique as a tag, in any encoding."""
    return has_budget_tag(text_of(head).replace("\0", ""))  # UTF-32 read as UTF-16 is full of them


def has_budget_tag(text: str) -> bool:
    """Whether a text opens DocumentBudgetaire or CompteFinancierUnique."""
    return bool(_BUDGET_TAG.search(text))


def text_of(head: bytes) -> str:
    """The head as text, good enough to look for ASCII in it."""
    for codec, start, mark in _WIDE:
        if head.startswith((start, mark)) or head[:200].count(b"\0") > len(head[:200]) // 3:
            text = head.decode(codec, "ignore")
            if "<" in text:
                return text
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
