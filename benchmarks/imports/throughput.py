"""How much faster two workers are than one: whole imports of as many files, in turn, and who used the processors."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.imports import made
from benchmarks.imports.command import Import
from benchmarks.imports.portal import Portal, seconds
from benchmarks.timing import FailedError

#: two workers / one worker
REACH = 1.4


@dataclass(frozen=True)
class Run:
    """``elapsed`` seconds of one import of ``files`` with ``workers``; ``used``, processor seconds by who used them."""

    workers: int
    files: int
    elapsed: float
    used: dict[str, float]

    @property
    def rate(self) -> float:
        """Documents a second."""
        return self.files / self.elapsed

    def line(self) -> str:
        """As it is printed: the shares of all the processor time that the machine had meanwhile."""
        total = self.elapsed * (os.cpu_count() or 1)
        shares = ", ".join(f"{who} {used / total:.0%}" for who, used in self.used.items())
        took = f"{self.files} files in {self.elapsed:.1f} s, {self.rate:.2f} a second"
        return f"{self.workers} worker{'s' if self.workers > 1 else ''}: {took}; {shares}"


def measure(portal: Portal, folder: Path, size: int, pairs: int, first: int) -> list[Run]:
    """Pairs of imports of ``size`` files each, in turn, of the communes from ``first`` on."""
    runs: list[Run] = []
    for number, workers in enumerate(_turns(pairs)):
        made.write(folder / f"slice-{number}", size, first=first)
        first += made.communes(size)
        done = Import(portal, folder / f"slice-{number}", folder / f"slice-{number}.csv", folder / "log", workers)
        runs.append(_measured(done, size))
        print(f"  {runs[-1].line()}", flush=True)
    return runs


def _turns(pairs: int) -> Iterator[int]:
    for number in range(pairs):
        yield from (1, 2) if number % 2 == 0 else (2, 1)


def _measured(done: Import, size: int) -> Run:
    who = _services()
    before, all_before, started = {name: seconds(pids) for name, pids in who.items()}, _busy(), time.perf_counter()
    ours = sum(os.times()[2:4])
    code = done.run()
    elapsed = time.perf_counter() - started
    if code:
        raise FailedError(f"the import ended with {code}: see {done.log}")
    used = {"import": sum(os.times()[2:4]) - ours}
    used |= {name: seconds(pids) - before[name] for name, pids in who.items()}
    used["others on the machine"] = max(0.0, _busy() - all_before - sum(used.values()))
    return Run(done.workers, size, elapsed, used)


def _services() -> dict[str, list[int]]:
    from dev.bootstrap import postgres  # noqa: PLC0415
    from dev.bootstrap.common import SERVICES, alive  # noqa: PLC0415

    found = {"PostgreSQL": [postgres.pid()]}
    for name, title in (("solr", "Solr"), ("redis", "Redis")):
        pid = alive(SERVICES / f"{name}.pid")
        found[title] = [pid] if pid else []
    return found


def _busy() -> float:
    """Processor time that the whole machine has used."""
    with Path("/proc/stat").open() as lines:
        fields = [int(field) for field in lines.readline().split()[1:9]]
    user, nice, system, _idle, _wait, irq, softirq, steal = fields
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def ratios(runs: list[Run]) -> list[float]:
    """Two workers / one worker, by pair."""
    pairs = zip(runs[::2], runs[1::2], strict=True)
    return [max(pair, key=lambda r: r.workers).rate / min(pair, key=lambda r: r.workers).rate for pair in pairs]


def words(runs: list[Run]) -> tuple[str, bool]:
    """The measure, and whether the gate is reached."""
    found = ratios(runs)
    ratio = statistics.median(found)
    size = runs[0].files
    said = f"{ratio:.2f} ({min(found):.2f}–{max(found):.2f}, {len(found)} pairs of {size} files"
    share = [
        statistics.mean(sum(list(r.used.values())[:-1]) / r.elapsed for r in runs if r.workers == n) for n in (1, 2)
    ]
    return f"{said}; processors kept busy by it and its services: {share[0]:.2f} and {share[1]:.2f})", ratio >= REACH
