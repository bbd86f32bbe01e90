"""An occulted copy that passes the door again, some time after its file was received (the deposit desk).

The door looks at it as at any file; what the file itself was (its SHA-256, what was hidden in it) is known from the
first time. Only our own code can make such an upload: what comes by HTTP is a plain ``FileStorage``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from werkzeug.datastructures import FileStorage

from ckanext.budget.errors import Finding
from ckanext.budget.totem.receive import Received


@dataclass(frozen=True)
class Origin:
    """What was known when the file was received, as in :class:`Received`."""

    source_sha256: str
    counts: Mapping[str, int]
    findings: tuple[Finding, ...]
    mapping: tuple[tuple[str, str | None], ...] = ()


class OccultedCopy(FileStorage):
    """The copy of a file that was received before."""

    def __init__(self, stream: BinaryIO, filename: str, origin: Origin) -> None:
        super().__init__(stream=stream, filename=filename)
        self.origin = origin


def as_received(upload: FileStorage, found: Received) -> Received:
    """What the door found, completed with what the file was when it was received."""
    if not isinstance(upload, OccultedCopy):
        return found
    origin = upload.origin
    return replace(
        found,
        source_sha256=origin.source_sha256,
        counts=origin.counts,
        findings=origin.findings,
        mapping=origin.mapping,
    )
