"""What a deposit costs a portal: the same upload with the plugin and without it, in turn, over HTTP."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks import files
from benchmarks.portal import Portal, both
from benchmarks.timing import FailedError
from dev.fixtures import identity

#: the real file of about 3.5 MB
REAL = "montreuil-2018-CA-M14"
PAIRS = 7
#: most seconds that a CSV may take to come when it is not made at once
PATIENCE = 60


@dataclass(frozen=True)
class Deposit:
    """``elapsed`` from the request to the CSV (or to the answer, without the plugin); ``cpu`` of the server, in
    seconds; what was ``counted`` meanwhile."""

    elapsed: float
    cpu: float
    counted: Counter[str]


def measure(ini: Path, pairs: int = PAIRS) -> tuple[str, bool, tuple[str, Path]]:
    """(what was measured, whether the gate is reached, what to profile)."""
    path, siret = _document()
    body = path.read_bytes()
    with tempfile.TemporaryDirectory() as folder, both(ini, Path(folder)) as portals:
        one = portals["without"]
        organisation = one.action("organization_create", name=f"banc-{int(time.time())}")["id"]
        try:
            done = _in_turn(portals, organisation, body, siret, pairs)
        finally:
            one.action("organization_purge", id=organisation)
    elapsed = [a.elapsed / b.elapsed for a, b in zip(done["with"], done["without"], strict=True)]
    cpu = [a.cpu / b.cpu for a, b in zip(done["with"], done["without"], strict=True)]
    more = {what: _most(done["with"], what) - _most(done["without"], what) for what in ("package_revise", "index")}
    ratio = statistics.median(elapsed)
    words = (
        f"{ratio:.2f} ({min(elapsed):.2f}–{max(elapsed):.2f}, {pairs} pairs; CPU of the server "
        f"{statistics.median(cpu):.2f}), {more['package_revise']} package_revise and {more['index']} index update more"
    )
    return words, ratio <= 4 and max(more.values()) <= 1, ("deposit", path)


def _document() -> tuple[Path, bytes]:
    """The file, and the SIRET in it (replaced by another for each deposit: nothing is published twice)."""
    for path in files.real():
        if path.parent.name == REAL:
            return path, path.read_bytes().partition(b'<IdEtab V="')[2][:14]
    return files.generated("3.5 MB"), identity.SIRET.encode()


def _in_turn(
    portals: dict[str, Portal], organisation: str, body: bytes, siret: bytes, pairs: int
) -> dict[str, list[Deposit]]:
    done: dict[str, list[Deposit]] = {name: [] for name in portals}
    for number in range(pairs + 1):  # the first pair warms both up
        for name in sorted(portals, reverse=number % 2 == 0):
            other = body.replace(siret, identity.siret(1000 + number).encode())
            found = _deposit(portals[name], organisation, other, number, plugin=name == "with")
            if number:
                done[name].append(found)
    return done


def _deposit(portal: Portal, organisation: str, body: bytes, number: int, *, plugin: bool) -> Deposit:
    kind = "budget" if plugin else "dataset"
    name = f"{kind}-{number}-{time.time_ns()}"
    dataset = portal.action("package_create", type=kind, name=name, title=name, owner_org=organisation)["id"]
    before, cpu, started = portal.counted(), portal.seconds(), time.perf_counter()
    try:
        portal.action("resource_create", ("totem.xml", body), package_id=dataset, name="totem")
        if plugin:
            _download(portal, dataset, started)
        elapsed = time.perf_counter() - started
        return Deposit(elapsed, portal.seconds() - cpu, portal.counted() - before)
    finally:
        portal.action("dataset_purge", id=dataset)


def _download(portal: Portal, dataset: str, started: float) -> None:
    """Until the first bytes of the CSV come."""
    while time.perf_counter() - started < PATIENCE:
        resources = portal.action("package_show", id=dataset)["resources"]
        made = [resource["url"] for resource in resources if resource["format"].upper() == "CSV"]
        if made and portal.session.get(made[0], timeout=60).content.startswith(b"BGT_NATDEC"):
            return
        time.sleep(0.05)
    raise FailedError("no CSV came")


def _most(deposits: list[Deposit], what: str) -> int:
    return max(deposit.counted[what] for deposit in deposits)
