"""Runs an attack in a process of its own, and tells what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from functools import lru_cache
from typing import Any

from tests.attacks.xml import INNOCENT, Attack
from tests.conftest import ROOT

#: most memory an attack may take over an innocent file, in KiB
BOUND = 64 << 10


def run(attack: Attack) -> dict[str, Any]:
    """What came of it: ``code`` (empty: taken), ``params``, ``sentence``, ``counts``, ``leaks``, ``peak`` in KiB."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        for piece in attack.pieces():
            file.write(piece)
        file.flush()
        command = [sys.executable, "-m", "tests.attacks.child", file.name, json.dumps(dict(attack.limits))]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise AssertionError(f"{attack.name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


@lru_cache(maxsize=1)
def innocent() -> dict[str, Any]:
    """What comes of an innocent file."""
    return run(INNOCENT)


def growth(found: dict[str, Any]) -> int:
    """Peak over that of an innocent file, in KiB."""
    return max(0, found["peak"] - innocent()["peak"])


def hidden(found: dict[str, Any]) -> dict[str, int]:
    """What was hidden of the attack itself."""
    usual = innocent()["counts"]
    return {name: n - usual.get(name, 0) for name, n in found["counts"].items() if n != usual.get(name, 0)}
