"""The benchmark and the soak: what they are measured beside is installed first."""

from __future__ import annotations

import subprocess

from dev.bootstrap import packages, portal, venvs
from dev.bootstrap import soak as empty
from dev.bootstrap.common import DEFAULT, ROOT, environment, say, venv

#: libxml2's bare parser and XSLT processor, which others' converters stand on
PEERS = ("libxml2-utils", "xsltproc")


def bench(arguments: list[str]) -> int:
    """Measure everything and write benchmarks/RESULTS.md; the exit code is 1 when a gate is not reached."""
    packages.ensure(browser=False, more=PEERS)
    venvs.tools()
    if "--quick" not in arguments:
        arguments = ["--ini", str(portal.prepare(DEFAULT, "test")), *arguments]
    else:
        venvs.ckan(DEFAULT)
    return _run("run", arguments)


def soak(arguments: list[str]) -> int:
    """The long proofs: «files» (thousands of damaged files), «imports» (a thousand budgets through kills and restarts),
    «outages» (a full disk, no Redis, no database); all without a name. The exit code is 1 when something does not
    hold."""
    packages.ensure(browser=False)
    venvs.ckan(DEFAULT)
    name, rest = (arguments[0], arguments[1:]) if arguments[:1] and arguments[0] in _SOAKS else ("files", arguments)
    return _SOAKS[name](rest) if arguments else max(work([]) for work in _SOAKS.values())


def _on_empty_portal(command: str, arguments: list[str]) -> int:
    return _run(command, ["--ini", str(empty.prepare(DEFAULT)), *arguments])


_SOAKS = {
    "files": lambda rest: _run("soak", rest),
    "imports": lambda rest: _on_empty_portal("imports", rest),
    "outages": lambda rest: _on_empty_portal("outages", rest),
}


def _run(command: str, arguments: list[str]) -> int:
    say(f"benchmarks: {command}")
    python = str(venv(DEFAULT) / "bin" / "python")
    return subprocess.run(
        [python, "-m", "benchmarks", command, *arguments], cwd=ROOT, env=environment(), check=False
    ).returncode
