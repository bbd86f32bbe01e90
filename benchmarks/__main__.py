"""Command line of the benchmark."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import generate


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code is 1 when a gate is not reached or a variant fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=sys.modules["benchmarks"].__doc__)
    commands = parser.add_subparsers(required=True)

    command = commands.add_parser("generate", help="write a realistic fictitious budget")
    command.add_argument("size", choices=generate.SIZES)
    command.add_argument("-o", "--output", type=Path, required=True)
    command.add_argument("--seed", type=int, default=1)
    command.set_defaults(run=_generate)

    command = commands.add_parser("run", help="measure, print the gates, write RESULTS.md")
    command.add_argument("--quick", action="store_true", help="small sizes, two pairs, no portal; writes nothing")
    command.add_argument("--ini", type=Path, help="configuration of a portal of its own, for the upload gate")
    command.set_defaults(run=_run)

    command = commands.add_parser(
        "dashboard", help="measure the region's dashboard alone; writes its line of RESULTS.md"
    )
    command.add_argument("--ini", type=Path, required=True, help="configuration of a portal of its own")
    command.set_defaults(run=_dashboard)

    command = commands.add_parser(
        "pages", help="measure the public pages of a budget alone; writes their line of RESULTS.md"
    )
    command.add_argument("--ini", type=Path, required=True, help="configuration of a portal of its own")
    command.set_defaults(run=_pages)

    command = commands.add_parser("soak", help="damaged variants of real files, each converted whole or refused")
    command.add_argument("--count", type=int, default=20_000)
    command.add_argument("--seed", type=int, default=1)
    command.add_argument("--jobs", type=int, default=2)
    command.add_argument("--blocks", type=int, default=1 << 16, help="largest block size tried (0: none)")
    command.add_argument("--only", type=int, help="one variant alone, by number, to see it fail")
    command.add_argument("--failures", type=Path, default=Path(".services/soak-failures"))
    command.set_defaults(run=_soak)

    command = commands.add_parser("imports", help="bulk imports through kills and a restart of the database, proved")
    command.add_argument("--ini", type=Path, required=True, help="configuration of an empty portal of its own")
    command.add_argument("--count", type=int, default=1000, help="files imported through the mishaps")
    command.add_argument(
        "--pairs", type=int, default=3, help="pairs of imports with one worker and with two (0: none)"
    )
    command.add_argument("--size", type=int, default=160, help="files of each of those imports")
    command.set_defaults(run=_imports)

    command = commands.add_parser("outages", help="a full disk, no Redis, no database, a killed worker: proved")
    command.add_argument("--ini", type=Path, required=True, help="configuration of an empty portal of its own")
    command.add_argument("--count", type=int, default=300, help="files of the zip, seven of them bad")
    command.add_argument("--small", type=int, default=48, help="files imported onto the disk that fills")
    command.set_defaults(run=_outages)

    options = parser.parse_args(arguments)
    return options.run(options)


def _generate(options: argparse.Namespace) -> int:
    with options.output.open("wb") as out:
        generate.write(generate.SIZES[options.size], out, seed=options.seed)
    return 0


def _run(options: argparse.Namespace) -> int:
    from benchmarks.run import run  # noqa: PLC0415

    return run(quick=options.quick, ini=options.ini)


def _dashboard(options: argparse.Namespace) -> int:
    from benchmarks.run import dashboard, only  # noqa: PLC0415

    return only(dashboard(options.ini))


def _pages(options: argparse.Namespace) -> int:
    from benchmarks.run import only, pages  # noqa: PLC0415

    return only(pages(options.ini))


def _soak(options: argparse.Namespace) -> int:
    from benchmarks.soak import run  # noqa: PLC0415

    return run(options.count, options.seed, options.jobs, options.failures, blocks=options.blocks, only=options.only)


def _imports(options: argparse.Namespace) -> int:
    from benchmarks.imports import run  # noqa: PLC0415

    return run(options.ini, options.count, options.pairs, options.size)


def _outages(options: argparse.Namespace) -> int:
    from benchmarks.imports import outages  # noqa: PLC0415

    return outages.run(options.ini, options.count, options.small)


if __name__ == "__main__":
    raise SystemExit(main())
