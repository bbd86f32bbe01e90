"""The tests: everything on CKAN 2.12; the CKAN tests and one path in a browser on 2.11."""

from __future__ import annotations

import subprocess
import tempfile
from typing import IO

from dev.bootstrap import portal, venvs
from dev.bootstrap.common import DEFAULT, ROOT, environment, say, venv

_SERVICES = "ckan or browser or smoke"


def test(version: str, arguments: list[str]) -> int:
    """Run pytest; returns its exit code."""
    ini = portal.prepare(version, "test")
    venvs.tools()
    portal_tests = [f"--ckan-ini={ini}"]
    if version != DEFAULT:
        say(f"tests on CKAN {version}")
        return _started(version, [*portal_tests, "-m", "ckan or smoke", *arguments]).wait()
    if arguments:
        say(f"tests on CKAN {version}")
        return _started(version, [*portal_tests, *arguments]).wait()
    return _side_by_side(version, portal_tests)


def _side_by_side(version: str, portal_tests: list[str]) -> int:
    """Those that need a portal, and the others meanwhile, whose output follows."""
    say(f"tests on CKAN {version}; those of the pure rooms run meanwhile and are shown after them")
    with tempfile.TemporaryFile("w+") as shown:
        pure = _started(version, ["-m", f"not ({_SERVICES})", "-p", "no:ckan", "-p", "no:ckan_fixtures"], shown)
        try:
            code = _started(version, [*portal_tests, "-m", _SERVICES]).wait()
            pure_code = pure.wait()
        finally:
            pure.kill()
        shown.seek(0)
        print(shown.read(), flush=True)
    return code or pure_code


def _started(version: str, arguments: list[str], shown: IO[str] | None = None) -> subprocess.Popen[bytes]:
    command = [str(venv(version) / "bin" / "python"), "-m", "pytest", *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**environment(), "BUDGET_TEST_CKAN": version},
        stdout=shown,
        stderr=subprocess.STDOUT if shown else None,
    )
