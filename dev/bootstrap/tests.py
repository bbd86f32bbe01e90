"""The tests: everything on CKAN 2.12; the CKAN tests and one path in a browser on 2.11."""

from __future__ import annotations

import subprocess

from dev.bootstrap import portal, venvs
from dev.bootstrap.common import DEFAULT, ROOT, environment, say, venv


def test(version: str, arguments: list[str]) -> int:
    """Run pytest; returns its exit code."""
    ini = portal.prepare(version, "test")
    venvs.tools()
    chosen = [] if version == DEFAULT else ["-m", "ckan or smoke"]
    say(f"tests on CKAN {version}")
    command = [str(venv(version) / "bin" / "python"), "-m", "pytest", f"--ckan-ini={ini}", *chosen, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**environment(), "BUDGET_TEST_CKAN": version}, check=False
    ).returncode
