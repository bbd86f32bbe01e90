"""Virtual environments: one per CKAN version, one for the outside judges."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from dev.bootstrap.common import CKAN, ROOT, run, say, stamp, stop, venv

TEST_TOOLS = (
    "pytest",
    "pytest-timeout",
    "hypothesis",
    "ruff",
    "pyright[nodejs]",
    "lxml-stubs",
    "playwright",
    "requests",
    "build",
    "pytest-factoryboy",
    "ckanapi",
    "axe-playwright-python",
    "openpyxl",
)
JUDGES = ("frictionless==5.18.1", "yatotem2scdl==0.1.5")


def ckan(version: str) -> Path:
    """The environment of a CKAN version, with the extension in editable mode and the tools of the tests."""
    _check_python()
    folder = venv(version)
    constraints = ROOT / "dev" / f"constraints-{version}.txt"
    made, digest = stamp(
        folder, constraints.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version, *TEST_TOOLS
    )
    if not (made.exists() and made.read_text() == digest):
        say(f"installing CKAN {CKAN[version]} in {folder.name}/ (a few minutes)")
        python = _new(folder)
        pip = [python, "-m", "pip", "install", "-q", "-c", constraints]
        run([*pip, "-U", "setuptools<81", "wheel"])
        run([*pip, f"ckan[requirements]=={CKAN[version]}", "babel", *TEST_TOOLS])
        run([*pip, "--no-build-isolation", "-e", f"{ROOT}[pdf]"])
        made.write_text(digest)
    compile_catalogues(folder)
    return folder


def tools() -> Path:
    """The outside judges."""
    folder = venv("tools")
    made, digest = stamp(folder, sys.version, *JUDGES)
    if not (made.exists() and made.read_text() == digest):
        say("installing the outside judges in .venv-tools/")
        run([_new(folder), "-m", "pip", "install", "-q", "setuptools<81", *JUDGES])
        made.write_text(digest)
    return folder


def compile_catalogues(folder: Path) -> None:
    """Compile the translations for the editable install (the wheel compiles its own)."""
    run([folder / "bin" / "pybabel", "-q", "compile", "-d", ROOT / "ckanext/budget/i18n", "-D", "ckanext-budget"])


def _new(folder: Path) -> Path:
    python = folder / "bin" / "python"
    if not (python.exists() and run([python, "-m", "pip", "--version"], check=False).returncode == 0):
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", folder])
    return python


def _check_python() -> None:
    if sys.version_info < (3, 10):  # noqa: UP036  (this runs with whatever Python the machine has)
        stop(
            f"Python {sys.version.split()[0]} is too old.",
            "Install Python 3.10 or later and run make PYTHON=python3.x …",
        )
