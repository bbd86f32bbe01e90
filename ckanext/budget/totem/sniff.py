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

#: what holds one file behind a compression
COMPRESSED: frozenset[Kind] = frozenset({"gzip", "bzip2", "xz"})
#: what holds other files
PACKED: frozenset[Kind] = frozenset({"zip", "tar", *COMPRESSED})

_TAG_NAME = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)(?=[\s>/])")
_BUDGET_TAG = re.compile(r"<(?:[\w.-]+:)?(?:DocumentBudgetaire|CompteFinancierUnique)[\s>/]")
#: comments and instructions before the root, beyond which it is not «plain»
_PROLOG = 8
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
    if is_pkcs7(head):
        return "other"
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


def is_office(head: bytes) -> bool:
    """Whether a zip is a spreadsheet or a text of an office suite."""
    return b"[Content_Types].xml" in head or b"application/vnd.oasis" in head[:200]


def is_pkcs7(head: bytes) -> bool:
    """Whether it is a binary signature or encryption (PKCS#7, .p7m): a DER or BER sequence that names it."""
    return head[:1] == b"\x30" and b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07" in head[:64]


def root_of(head: bytes) -> str:
    """Local name of the root element; empty when the head does not show it plainly (a DOCTYPE is not plain)."""
    text = text_of(head)
    position = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    for opening, closing in (("<?xml", "?>"), *(("<!--", "-->"), ("<?", "?>")) * _PROLOG):
        if text.startswith(opening, position):
            end = text.find(closing, position + len(opening))
            if end < 0:
                return ""
            position = end + len(closing)
            while text[position : position + 1] in ("\t", "\r", "\n", " "):
                position += 1
    match = _TAG_NAME.match(text, position)
    return match.group(1) if match else ""
