"""Damaged variants of real files, through the door and the conversion: each converted whole or refused with a reason.

``python -m benchmarks soak --count 20000``; a failing variant is kept with its recipe, and ``--only NUMBER`` makes it
again.
"""

from __future__ import annotations

import faulthandler
import functools
import io
import multiprocessing
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks import files, generate
from benchmarks.soak.mutate import Variant, variant
from benchmarks.soak.trial import SECONDS, Outcome, judge
from ckanext.budget import convert as conversion
from dev import fixtures

#: small real files make most of the variants; one in a hundred comes from a large one
SMALL, LARGE_SHARE = 400_000, 100
#: every so many, a variant goes through the console script too
BY_COMMAND = 4
#: a worker that says nothing for so long is stuck in C: it is stopped, and says where
STUCK = 60
#: variants given to a worker at once
GROUP = 20


def generated() -> list[tuple[str, bytes]]:
    """Fictitious files of every stage, for everybody."""
    made = {f"fixture {stage}": fixtures.document(stage, 2021) for stage in ("BP", "BS", "DM", "CA")}
    made["fixture M57 in UTF-8"] = fixtures.document("CA", 2022, encoding="UTF-8")
    made["fixture annexe"] = fixtures.document("CA", 2021, annexe=True)
    made["fixture CFU"] = fixtures.document(exercice=2023, cfu=True)
    return list(made.items())


@functools.cache
def sources(*, real: bool = True) -> tuple[list[tuple[str, bytes]], list[tuple[str, bytes]]]:
    """(small, large) files to damage."""
    found = [(path.parent.name, path.read_bytes()) for path in files.real()] if real else []
    small = [*generated(), *((name, data) for name, data in found if len(data) <= SMALL)]
    return small, [(name, data) for name, data in found if len(data) > SMALL]


def made(seed: int, number: int, *, real: bool = True) -> Variant:
    """The variant of a number."""
    small, large = sources(real=real)
    return variant(large if large and number % LARGE_SHARE == LARGE_SHARE - 1 else small, seed, number)


def outcome(seed: int, number: int, *, real: bool = True) -> Outcome:
    """What becomes of the variant of a number."""
    before = tempfile.tempdir
    try:
        with tempfile.TemporaryDirectory() as folder:
            return judge(made(seed, number, real=real), Path(folder), by_command=number % BY_COMMAND == 0)
    finally:
        tempfile.tempdir = before


def table(document: bytes, block: int | None = None) -> bytes:
    """The CSV of a document read in blocks of a size."""
    out = io.BytesIO()
    reader = conversion.Reader
    if block is not None:
        conversion.Reader = functools.partial(reader, block=block)  # type: ignore[misc,assignment]
    try:
        conversion.convert(io.BytesIO(document), out)
    finally:
        conversion.Reader = reader
    return out.getvalue()


def run(count: int, seed: int, jobs: int, failures: Path, *, blocks: int = 0, only: int | None = None) -> int:
    """Judge ``count`` variants on ``jobs`` processes, then block sizes 1 to ``blocks``; prints the counts; 1 when one
    failed."""
    if only is not None:
        found = outcome(seed, only)
        print(made(seed, only).recipe, found.what, f"{found.seconds:.2f} s", found.fault, sep="\n")
        return int(bool(found.fault))
    shutil.rmtree(failures, ignore_errors=True)
    counts: Counter[str] = Counter()
    slowest, failed = (0.0, -1), 0
    for number, found in _outcomes(count, seed, jobs):
        counts[found.what] += 1
        slowest = max(slowest, (found.seconds, number))
        if found.fault:
            failed += 1
            _keep(failures, seed, number, found)
        if number % 1000 == 999:
            print(f"… {sum(counts.values())} judged, {failed} failed", flush=True)
    real = f"{len(files.real())} real and {len(generated())} fictitious files"
    print(f"{count} variants of {real}, seed {seed}:")
    for what, times in counts.most_common():
        print(f"  {times:>6}  {what}")
    print(f"slowest: variant {slowest[1]}, {slowest[0]:.2f} s of processor time (at most {SECONDS:.0f})")
    print(f"{failed} failed" + (f": see {failures}" if failed else ""), flush=True)
    differing = differing_blocks(blocks, jobs) if blocks else []
    print(f"block sizes 1 to {blocks}: {len(differing)} give another CSV {differing[:20] or ''}")
    return int(failed > 0 or bool(differing))


def differing_blocks(sizes: int, jobs: int) -> list[int]:
    """The block sizes, of 1 to ``sizes``, that give another CSV of a file a little longer than the largest."""
    out = io.BytesIO()
    generate.write(generate.SIZES["tiny"], out)
    document = out.getvalue()
    check = functools.partial(_differs, document, table(document))
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        found = pool.imap_unordered(check, range(1, sizes + 1), chunksize=64)
        return sorted(size for size, differs in found if differs)


def _differs(document: bytes, wanted: bytes, size: int) -> tuple[int, bool]:
    return size, table(document, size) != wanted


def _outcomes(count: int, seed: int, jobs: int) -> Iterator[tuple[int, Outcome]]:
    sources()  # read once, before the workers are
    groups = [range(first, min(first + GROUP, count)) for first in range(0, count, GROUP)]
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        found = pool.imap_unordered(functools.partial(_numbered, seed), groups)
        for _ in groups:
            # a worker that was stopped never answers: the run ends in a fault
            yield from found.next(timeout=GROUP * STUCK)


def _numbered(seed: int, numbers: range) -> list[tuple[int, Outcome]]:
    done: list[tuple[int, Outcome]] = []
    for number in numbers:
        faulthandler.dump_traceback_later(STUCK, exit=True)
        done.append((number, outcome(seed, number)))
        faulthandler.cancel_dump_traceback_later()
    return done


def _keep(folder: Path, seed: int, number: int, found: Outcome) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    again = made(seed, number)
    (folder / f"{number}.xml").write_bytes(again.data)
    words = f"{again.recipe}\nseed {seed}, python -m benchmarks soak --seed {seed} --only {number}\n"
    (folder / f"{number}.txt").write_text(f"{words}{found.what}\n{found.fault}\n", encoding="utf-8")
