"""Processor time and memory of whole processes, and ratios of runs taken in turn."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class FailedError(Exception):
    """A measured program failed; the text says how."""


@dataclass(frozen=True)
class Cost:
    """``cpu`` in seconds; ``peak`` and ``growth`` (over the program's own imports) in KiB."""

    cpu: float
    peak: int
    growth: int = 0


Measure = Callable[[], Cost]


def whole(command: Sequence[str | Path], output: Path | None = None) -> Cost:
    """A program from its start to its end."""
    with (output or Path(os.devnull)).open("wb") as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen([str(c) for c in command], stdout=out, stderr=errors, cwd=ROOT, env=_environment())
        peak, pause = 0, 0.001
        while True:
            peak = max(peak, _peak(process.pid))
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(pause)
            pause = min(pause * 1.2, 0.02)
        errors.seek(0)
        words = errors.read().decode(errors="replace").strip()[-300:]
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise FailedError(f"exit code {process.returncode}: {words}")
    return Cost(used.ru_utime + used.ru_stime, peak)


def _peak(pid: int) -> int:
    """The highest resident memory so far; 0 once the process is over."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def subject(name: str, path: Path) -> Cost:
    """One of :mod:`benchmarks.subjects`, its imports apart."""
    command = [sys.executable, "-m", "benchmarks.subjects", name, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=_environment())
    if done.returncode:
        raise FailedError((done.stderr.strip().splitlines() or ["no words"])[-1][:300])
    found = json.loads(done.stdout)
    return Cost(found["cpu"], found["peak"], found["peak"] - found["before"])


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass
class Pairs:
    """Two measures taken in turn; :attr:`ratio` is the median of the pairs'."""

    ones: list[Cost] = field(default_factory=list[Cost])
    others: list[Cost] = field(default_factory=list[Cost])

    @property
    def ratios(self) -> list[float]:
        """One a pair, in order."""
        return [one.cpu / other.cpu for one, other in zip(self.ones, self.others, strict=True)]

    @property
    def ratio(self) -> float:
        """Cost of the first for one of the second."""
        return statistics.median(self.ratios)

    @property
    def words(self) -> str:
        """The ratio, and how far the pairs lie apart."""
        low, high = min(self.ratios), max(self.ratios)
        return f"{self.ratio:.2f} ({low:.2f}–{high:.2f}, {len(self.ones)} pairs)"


def in_turn(one: Measure, other: Measure, times: int) -> Pairs:
    """Run both ``times`` times, in turn; each pair starts with the other one."""
    pairs = Pairs()
    for number in range(times):
        first, second = (one, other) if number % 2 == 0 else (other, one)
        costs = first(), second()
        pairs.ones.append(costs[number % 2])
        pairs.others.append(costs[1 - number % 2])
    return pairs


def elapsed_ratios(one: Callable[[], None], other: Callable[[], None], pairs: int, times: int) -> list[float]:
    """Elapsed time of ``times`` calls of the first for one of the second, pair by pair, taken in turn; a first pair
    warms both up."""
    ratios: list[float] = []
    for number in range(pairs + 1):
        taken: dict[int, float] = {}
        for rank in (0, 1) if number % 2 else (1, 0):
            started = time.perf_counter()
            for _ in range(times):
                (one, other)[rank]()
            taken[rank] = time.perf_counter() - started
        if number:
            ratios.append(taken[0] / taken[1])
    return ratios
