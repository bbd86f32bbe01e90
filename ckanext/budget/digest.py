"""The SHA-256 by which a file is known."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

BLOCK = 1 << 20


def sha256(stream: BinaryIO) -> str:
    """SHA-256 of a seekable stream, in hexadecimal; the stream is rewound."""
    digest = hashlib.sha256()
    stream.seek(0)
    for block in iter(lambda: stream.read(BLOCK), b""):
        digest.update(block)
    stream.seek(0)
    return digest.hexdigest()
