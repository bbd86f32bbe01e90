"""Many imports under stress: thousands of small budgets, workers that are killed, a database that goes away.

``make soak ARGS="imports --count 1000"``: what must hold is then proved from outside, claim by claim, and how much
faster two workers are than one is measured.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

from benchmarks import results
from benchmarks.imports import made, proof, throughput
from benchmarks.imports.command import Import, kill_a_worker, kill_the_command, restart_postgresql
from benchmarks.imports.portal import Portal
from benchmarks.imports.proof import Claim
from benchmarks.timing import ROOT

#: what happens once such a share of the files is published
MISHAPS: tuple[tuple[float, Callable[[Import], str]], ...] = (
    (0.15, kill_a_worker),
    (0.35, restart_postgresql),
    (0.55, kill_a_worker),
    (0.75, kill_the_command),
)


def run(ini: Path, count: int, pairs: int, size: int) -> int:
    """Import, disturb, prove, measure; written into RESULTS.md. 1 when a claim or the gate fails."""
    portal, folder = Portal(ini), ini.parent / "soak-files"
    shutil.rmtree(folder, ignore_errors=True)
    portal.prepare()
    done, claims = endured(portal, folder, count)
    results.write_soak(None, section(count, done.happened, claims, []))
    runs = throughput.measure(portal, folder, size, pairs, made.communes(count)) if pairs else []
    said, passed = throughput.words(runs) if runs else ("", True)
    row = results.row(said, "pass" if passed else "FAIL") if runs else None
    results.write_soak(row, section(count, done.happened, claims, runs))
    if runs:
        print(f"two workers / one worker: {said} (reach {results.REACH})")
    print(f"written: {results.RESULTS.relative_to(ROOT)}", flush=True)
    return int(any(claim.against for claim in claims) or not passed)


def endured(portal: Portal, folder: Path, count: int) -> tuple[Import, list[Claim]]:
    """Import ``count`` files with two workers through all the mishaps, and prove what must hold."""
    files = made.write(folder / "files", count)
    print(f"{count:,} files of {made.communes(count)} budgets, two workers", flush=True)
    done = Import(portal, folder / "files", folder / "ledger.csv", folder / "log", 2)
    code = done.run([(int(share * count), mishap) for share, mishap in MISHAPS])
    ended = Claim("the import ended with 0", () if code == 0 else (f"exit code {code}",))
    claims = [ended, *proof.prove(portal, files, [done.ledger])]
    print("\n".join(claim.line() for claim in claims), flush=True)
    return done, claims


def section(count: int, happened: list[str], claims: list[Claim], runs: list[throughput.Run]) -> str:
    """What was seen, for RESULTS.md."""
    ckan = metadata.version("ckan")
    return "\n".join([
        results.SECTION,
        "",
        f"{datetime.now(timezone.utc):%Y-%m-%d}, ckan {ckan}, {os.cpu_count()} processors that also run the services",
        f'and whatever else the machine does. Made by `make soak ARGS="imports --count {count}"`.',
        "",
        f"{count:,} fictitious files of {made.communes(count)} budgets, two workers. After so many truths:",
        "",
        *(f"- {line}" for line in happened),
        "",
        "Then:",
        "",
        *(f"- {claim.line()}" for claim in claims),
        *(["", "Imports with one worker and with two, in turn (shares of all the processors):", ""] if runs else []),
        *(f"- {run.line()}" for run in runs),
    ])  # fmt: skip
