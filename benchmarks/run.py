"""The whole benchmark: the gates, the table, and benchmarks/RESULTS.md."""

from __future__ import annotations

import cProfile
import io
import platform
import pstats
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from xml.parsers import expat

from benchmarks import files, gates, results
from benchmarks.gates import Gate
from benchmarks.peers import ROWS, NotMeasuredError
from benchmarks.subjects import SUBJECTS
from benchmarks.timing import ROOT, Cost, FailedError

SIZES = {"2k": "2k lines (6 MB)", "20k": "20k (61 MB)", "200k": "200k (139 MB)", "1M": "1M (488 MB)"}
PACKAGES = ("lxml", "pandas", "ckan")


def run(*, quick: bool, ini: Path | None) -> int:
    """Measure, print as it goes, and write the results (not for a quick run); 1 when a gate is not reached."""
    found: list[Gate] = []
    for gate in gates.converter(quick=quick):
        found.append(gate)
        _say(gate)
    for gate in (_upload(ini), pages(ini), dashboard(ini)):
        found.append(gate)
        _say(gate)
    lines = _table(("2k",) if quick else tuple(SIZES))
    print("\n".join(lines), flush=True)
    profiles = [text for gate in found if (text := profile(gate))]
    if quick:
        print("\n\n".join(profiles))
    else:
        results.RESULTS.write_text(document(found, lines, profiles), encoding="utf-8")
        print(f"written: {results.RESULTS.relative_to(ROOT)}")
    return int(any(gate.passed is False for gate in found))


def _say(gate: Gate) -> None:
    print(f"{gate.verdict:<13} {gate.title}: {gate.measured} (reach {gate.reach})", flush=True)


def _upload(ini: Path | None) -> Gate:
    title, reach = "upload of a real 3.5 MB file → CSV downloadable / the same without the plugin", "≤ 4.0"
    if ini is None:
        return Gate(title, reach, "no portal was given: make bench starts one", None)
    from benchmarks.upload import measure  # noqa: PLC0415  (needs requests, which the tools of the tests bring)

    return gates.measured(title, f"{reach}, one package_revise and one index update more", lambda: measure(ini))


def pages(ini: Path | None) -> Gate:
    """The public pages of a budget beside CKAN's own page of a dataset."""
    title, reach = "public budget page, warm, 10 years × 1,500 lines / CKAN’s own dataset page", "≤ 1.5"
    if ini is None:
        return Gate(title, reach, "no portal was given: make bench starts one", None)
    from benchmarks.pages import measure  # noqa: PLC0415  (needs requests, which the tools of the tests bring)

    return gates.measured(title, reach, lambda: measure(ini))


def dashboard(ini: Path | None) -> Gate:
    """The region's dashboard beside CKAN's own list of datasets."""
    title, reach = "dashboard, 5,000 collectivités × 10 exercices, first page / CKAN’s own dataset list", "≤ 2.0"
    if ini is None:
        return Gate(title, reach, "no portal was given: make bench starts one", None)
    from benchmarks.coverage import measure  # noqa: PLC0415  (needs requests, which the tools of the tests bring)

    return gates.measured(title, reach, lambda: measure(ini))


def only(gate: Gate) -> int:
    """Say it, and write its line into the results that are there."""
    _say(gate)
    text = results.RESULTS.read_text(encoding="utf-8")
    results.RESULTS.write_text(results.with_row(text, gate.title, row(gate)), encoding="utf-8")
    return int(gate.passed is False)


def row(gate: Gate) -> str:
    """Its line of the results."""
    return f"| {gate.title} | {gate.reach} | {gate.measured} | **{gate.verdict}** |"


def _table(sizes: tuple[str, ...]) -> list[str]:
    """CPU as multiples of the yardstick's on the same file, and peak memory of the process."""
    lines = [
        "| CPU / yardstick · peak MiB | " + " | ".join(SIZES[s] for s in sizes) + " |",
        "|---" * (len(sizes) + 1) + "|",
    ]
    yardstick = {size: ROWS["pyexpat"].at(size) for size in sizes}
    for name, row in ROWS.items():
        cells = [_cell(name, size, yardstick[size]) for size in sizes]
        lines.append(f"| {row.title} | " + " | ".join(cells) + " |")
    return lines


def _cell(name: str, size: str, yardstick: Cost) -> str:
    try:
        cost = yardstick if name == "pyexpat" else ROWS[name].at(size)
    except NotMeasuredError as reason:
        return f"not measured: {reason}"
    except FailedError as reason:
        return f"failed: {str(reason)[:80]}"
    return f"{cost.cpu / yardstick.cpu:.2f} · {cost.peak / 1024:.0f}"


def profile(gate: Gate) -> str:
    """Where the time goes, for a gate that is not reached."""
    if gate.profile is None:
        return ""
    name, path = gate.profile
    work, profiler, out = SUBJECTS[name](), cProfile.Profile(), io.StringIO()
    profiler.runcall(work, path)
    pstats.Stats(profiler, stream=out).sort_stats("tottime").print_stats(15)
    text = out.getvalue().replace(f"{ROOT}/", "").split("\n\n", 2)[-1]
    kept = [line for line in text.splitlines() if "/lib/python" not in line or "site-packages" not in line]
    return f"### {gate.title}\n\n```\n" + "\n".join(kept).strip() + "\n```"


def document(found: list[Gate], table: list[str], profiles: list[str]) -> str:
    versions = [f"Python {platform.python_version()}", f"{expat.EXPAT_VERSION}"]
    versions += [f"{name} {_version(name)}" for name in ("ckanext-budget", *PACKAGES)]
    corpus = "with the corpus of real files" if files.real() else "without the corpus of real files"
    rows = [row(gate) for gate in found]
    imports, sections = results.kept()
    return "\n".join([
        "# What was measured",
        "",
        f"{datetime.now(timezone.utc):%Y-%m-%d}, {corpus}; {', '.join(versions)}. Made by `make bench`",
        "(`python -m benchmarks generate SIZE -o FILE` writes a file alone; `make soak` is the other long proof).",
        "",
        "CPU time (user + system), runs taken in turn; a ratio is the median of the pairs, its extremes in brackets.",
        "",
        "| gate | reach | measured | |",
        "|---|---|---|---|",
        *rows,
        imports,
        "",
        "## The table",
        "",
        "One run a cell; ours, lxml and pyexpat from the end of their imports on, the others as whole processes.",
        "",
        *table,
        "",
        *(["## Profiles of the gates that are not reached", "", *profiles, ""] if profiles else []),
        *(line for section in sections for line in (section, "")),
    ])  # fmt: skip


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "(absent)"
