"""Many imports under stress: thousands of small budgets, workers that are killed, a database that goes away.

``make soak ARGS="imports --count 1000"``: what must hold is then proved from outside, claim by claim, and how much
faster two workers are than one is measured.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.imports import made, proof, throughput
from benchmarks.imports.command import Import, kill_a_worker, kill_the_command, restart_postgresql
from benchmarks.imports.portal import Portal
from benchmarks.imports.proof import Claim

#: what happens once such a share of the files is published
MISHAPS: tuple[tuple[float, Callable[[Import], str]], ...] = (
    (0.15, kill_a_worker),
    (0.35, restart_postgresql),
    (0.55, kill_a_worker),
    (0.75, kill_the_command),
)


def run(ini: Path, count: int, pairs: int, size: int) -> int:
    """Import, disturb, prove, measure; 1 when a claim or the gate fails."""
    portal, folder = Portal(ini), ini.parent / "soak-files"
    shutil.rmtree(folder, ignore_errors=True)
    portal.prepare()
    claims, told = endured(portal, folder, count)
    runs, _ = throughput.measure(portal, folder, size, pairs, made.communes(count)) if pairs else ([], [])
    passed = True
    if runs:
        said, passed = throughput.words(runs)
        print(f"two workers / one worker: {said}", flush=True)
    return int(any(claim.against for claim in claims) or not passed)


def endured(portal: Portal, folder: Path, count: int) -> tuple[list[Claim], list[str]]:
    """Import ``count`` files with two workers through all the mishaps; (the claims, what happened)."""
    files = made.write(folder / "files", count)
    print(f"{count:,} files of {made.communes(count)} budgets, two workers", flush=True)
    done = Import(portal, folder / "files", folder / "ledger.csv", folder / "log", 2)
    code = done.run([(int(share * count), mishap) for share, mishap in MISHAPS])
    for line in done.happened:
        print(f"  {line}", flush=True)
    claims = [
        Claim("the import ended with 0", () if code == 0 else (f"exit code {code}",)),
        *proof.prove(portal, files, [done.ledger]),
    ]
    for claim in claims:
        print(claim.line(), flush=True)
    return claims, done.happened
