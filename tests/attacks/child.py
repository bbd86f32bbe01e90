"""One attack, in a process of its own: the door, then the conversion; prints what came of it as JSON.

Run as ``python -m tests.attacks.child FILE LIMITS``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from ckanext.budget.convert import convert
from ckanext.budget.errors import Refusal
from ckanext.budget.messages import render
from ckanext.budget.totem.feed import Limits
from ckanext.budget.totem.receive import Received, receive
from ckanext.budget.totem.reread import verify


def peak() -> int:
    """Most memory held so far, in KiB (that of this program alone: ``getrusage`` counts its parent's before it)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def run(path: str, limits: Limits) -> dict[str, object]:
    with open(path, "rb") as source, tempfile.TemporaryFile() as copy, tempfile.TemporaryFile() as csv:
        try:
            received = receive(source, copy, strict=True, limits=limits)
            if not isinstance(received, Received):
                return {"code": "not_taken", "params": {}, "sentence": received.kind}
            verify(copy)
            copy.seek(0)
            convert(copy, csv, limits=limits)
        except Refusal as refusal:
            found = refusal.finding
            return {**found.to_dict(), "sentence": render(found, str).sentence}
        copy.seek(0)
        csv.seek(0)
        leaks = any(b"phyrine-Marqueur" in block for block in iter(lambda: copy.read(1 << 20), b""))
        findings = [finding.code for finding in received.findings]
        return {
            "code": "",
            "counts": dict(received.counts),
            "findings": findings,
            "leaks": leaks,
            "csv": csv.read(4096).decode(),
        }


if __name__ == "__main__":
    result = run(sys.argv[1], Limits(**json.loads(sys.argv[2])))
    print(json.dumps({**result, "peak": peak()}))
