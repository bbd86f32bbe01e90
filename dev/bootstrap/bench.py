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
    """The long proofs: «files» (thousands of damaged files), «imports» (a thousand budgets through kills and restarts);
    both without a name. The exit code is 1 when something does not hold."""
    packages.ensure(browser=False)
    venvs.ckan(DEFAULT)
    if arguments[:1] == ["imports"]:
        return _imports(arguments[1:])
    if arguments:
        return _run("soak", arguments[1:] if arguments[0] == "files" else arguments)
    return max(_run("soak", []), _imports([]))


def _imports(arguments: list[str]) -> int:
    return _run("imports", ["--ini", str(empty.prepare(DEFAULT)), *arguments])


def _run(command: str, arguments: list[str]) -> int:
    say(f"benchmarks: {command}")
    python = str(venv(DEFAULT) / "bin" / "python")
    return subprocess.run(
        [python, "-m", "benchmarks", command, *arguments], cwd=ROOT, env=environment(), check=False
    ).returncode
