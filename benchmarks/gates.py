"""The gates: what must hold, what was measured, pass or fail."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import files, peers
from benchmarks.peers import NotMeasuredError
from benchmarks.timing import Cost, FailedError, Pairs, in_turn, subject, whole

#: most growth of the resident memory, and most difference between the largest and the smallest size, in KiB
GROWTH, FLAT = 32 << 10, 2 << 10

OURS = Path(sys.executable).with_name("budget-scdl")


@dataclass(frozen=True)
class Gate:
    """``passed`` is None when it was not measured; ``profile`` names the subject and file that tell why it failed."""

    title: str
    reach: str
    measured: str
    passed: bool | None
    profile: tuple[str, Path] | None = None

    @property
    def verdict(self) -> str:
        """In one word."""
        return {True: "pass", False: "FAIL", None: "not measured"}[self.passed]


def measured(title: str, reach: str, measure: Callable[[], tuple[str, bool, tuple[str, Path] | None]]) -> Gate:
    """A gate; what stops the measure is told in its place (a fault of ours fails it)."""
    try:
        words, passed, profile = measure()
    except NotMeasuredError as reason:
        return Gate(title, reach, str(reason), None)
    except FailedError as reason:
        return Gate(title, reach, f"failed: {reason}", False)
    return Gate(title, reach, words, passed, None if passed else profile)


def converter(*, quick: bool) -> Iterator[Gate]:
    """The gates of the pure rooms, in the order of the table."""
    pairs = 2 if quick else 5
    yield _yardstick("conversion alone / bare pyexpat pass, 20k lines", "conversion", "20k", 2.0, pairs)
    if quick:
        yield Gate("conversion alone / bare pyexpat pass, 1M lines", "≤ 4.0", "not in a quick run", None)
    else:
        yield _yardstick("conversion alone / bare pyexpat pass, 1M lines", "conversion", "1M", 4.0, pairs)
    yield measured("yatotem2scdl / ours, everyday files, whole process", "≥ 10", lambda: _everyday(quick, pairs))
    if quick:
        yield Gate("yatotem2scdl / ours, 20k lines, whole process", "≥ 40", "not in a quick run", None)
    else:
        yield measured("yatotem2scdl / ours, 20k lines, whole process", "≥ 40", lambda: _beyond(pairs))
    yield from _memory(("2k", "20k") if quick else ("2k", "20k", "200k", "1M"))
    yield _yardstick(
        "conversion + proof + occultation + re-reading / bare pyexpat pass, 20k lines", "proved", "20k", 6.0, pairs
    )


def _yardstick(title: str, name: str, size: str, most: float, times: int) -> Gate:
    def measure() -> tuple[str, bool, tuple[str, Path]]:
        path = files.generated(size)
        pairs = in_turn(lambda: subject(name, path), lambda: subject("pyexpat", path), times)
        return pairs.words, pairs.ratio <= most, (name, path)

    return measured(title, f"≤ {most}", measure)


def _against_yatotem(path: Path, times: int) -> Pairs:
    out = files.WORK / "out.csv"
    ours = lambda: whole([OURS, "convert", path, "-o", out])  # noqa: E731
    return in_turn(lambda: peers.yatotem(path), ours, times)


def _everyday(quick: bool, times: int) -> tuple[str, bool, tuple[str, Path]]:
    """Real files of 1,400–1,800 lines (else the generated one of 2,000): the median file decides."""
    real = files.everyday(files.real())
    chosen = (real[:1] if quick else real) or [files.generated("2k")]
    ratios = {path: _against_yatotem(path, times).ratio for path in chosen}
    median = statistics.median(ratios.values())
    kind = f"{len(chosen)} real files" if real else "the generated file of 2,000 lines, no corpus here"
    words = f"{median:.1f} ({min(ratios.values()):.1f}–{max(ratios.values()):.1f}, {kind}, {times} pairs each)"
    return words, median >= 10, ("reported", chosen[0])


def _beyond(times: int) -> tuple[str, bool, tuple[str, Path]]:
    path = files.generated("20k")
    pairs = _against_yatotem(path, times)
    return pairs.words, pairs.ratio >= 40, ("reported", path)


def _memory(sizes: tuple[str, ...]) -> Iterator[Gate]:
    """Of the whole pipeline (conversion, proof, occultation, re-reading), not of the conversion alone."""
    costs: dict[str, Cost] = {}

    def growth() -> tuple[str, bool, None]:
        costs.update({size: subject("proved", files.generated(size)) for size in sizes})
        words = ", ".join(f"{size} {cost.growth / 1024:.1f}" for size, cost in costs.items())
        return f"{words} MiB", max(cost.growth for cost in costs.values()) <= GROWTH, None

    def flat() -> tuple[str, bool, None]:
        if len(costs) < len(sizes):
            raise NotMeasuredError("the sizes were not all measured")
        difference = costs[sizes[-1]].peak - costs[sizes[0]].peak
        return f"{difference / 1024:.1f} MiB ({sizes[0]} and {sizes[-1]})", difference <= FLAT, None

    yield measured("peak memory of the whole pipeline, growth over its imports, any size", "≤ 32 MiB", growth)
    yield measured("peak memory of the whole pipeline, largest size − smallest", "≤ 2 MiB", flat)
