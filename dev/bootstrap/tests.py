"""The tests: everything on CKAN 2.12; the CKAN tests and one path in a browser on 2.11."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from dev.bootstrap import portal, venvs
from dev.bootstrap.common import CKAN, DEFAULT, ROOT, environment, say, venv, version

_SERVICES = "ckan or browser or smoke"
_OTHER_CKAN = "ckan or smoke"


def test(arguments: list[str]) -> int:
    """Run pytest: with ``CKAN_VERSION`` on that CKAN, with arguments on the default one, else all there is on both.

    Returns the first exit code that is not 0.
    """
    one = bool(os.environ.get("CKAN_VERSION") or arguments)
    inis = {name: portal.prepare(name, "test") for name in ([version()] if one else sorted(CKAN, reverse=True))}
    venvs.tools()
    runs = [run for name, ini in inis.items() for run in _runs(name, ini, arguments)]
    say(f"tests on CKAN {', '.join(inis)}")
    return _side_by_side(runs)


def _runs(name: str, ini: Path, arguments: list[str]) -> list[list[str]]:
    """The pytest commands of a CKAN version: those that need a portal, and the pure rooms'."""
    python = [str(venv(name) / "bin" / "python"), "-m", "pytest"]
    of_portal = [*python, f"--ckan-ini={ini}"]
    if name != DEFAULT:
        return [[*of_portal, "-m", _OTHER_CKAN, *arguments]]
    if arguments:
        return [[*of_portal, *arguments]]
    pure = [*python, "-m", f"not ({_SERVICES})", "-p", "no:ckan", "-p", "no:ckan_fixtures"]
    return [[*of_portal, "-m", _SERVICES], pure]


def _side_by_side(runs: Sequence[Sequence[str]]) -> int:
    """The first is seen at work, the output of the others follows it: they mostly wait for services."""
    with ExitStack() as stack:
        others = [(run, stack.enter_context(tempfile.TemporaryFile("w+"))) for run in runs[1:]]
        started = [_started(runs[0]), *(_started(run, shown) for run, shown in others)]
        try:
            codes = [process.wait() for process in started]
        finally:
            for process in started:
                process.kill()
        for _, shown in others:
            shown.seek(0)
            print(shown.read(), flush=True)
    return next((code for code in codes if code), 0)


def _started(command: Sequence[str], shown: IO[str] | None = None) -> subprocess.Popen[bytes]:
    name = next(name for name in CKAN if str(venv(name) / "bin") in command[0])
    settings = {**environment(), "BUDGET_TEST_CKAN": name}
    return subprocess.Popen(
        command, cwd=ROOT, env=settings, stdout=shown, stderr=subprocess.STDOUT if shown else None
    )
