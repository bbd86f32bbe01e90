"""Lint, types, catalogues: broken windows fail the run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from ckanext.budget.messages import MESSAGES
from tests.conftest import ROOT

BIN = Path(sys.executable).parent
CATALOGUE = ROOT / "ckanext/budget/i18n/fr/LC_MESSAGES/ckanext-budget.po"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True)


def test_ruff_finds_nothing() -> None:
    done = run("ruff", "check", "--output-format", "concise", ".")
    assert done.returncode == 0, done.stdout


def test_the_code_is_formatted() -> None:
    done = run("ruff", "format", "--check", ".")
    assert done.returncode == 0, done.stdout


def test_types_hold() -> None:
    done = run("pyright", "--pythonpath", sys.executable)
    assert done.returncode == 0, done.stdout[-6000:]


def test_every_message_is_extracted_and_translated(tmp_path: Path) -> None:
    pot = tmp_path / "all.pot"
    keywords = ["-k", "N_", "-k", "NP_:1,2"]
    done = run("pybabel", "-q", "extract", "-F", "babel.cfg", *keywords, "-o", str(pot), "ckanext/budget")
    assert done.returncode == 0, done.stderr
    with pot.open("rb") as source, CATALOGUE.open("rb") as french:
        wanted = {message.id for message in read_po(source) if message.id}
        catalogue = {message.id: message for message in read_po(french) if message.id}
    assert sorted(map(str, wanted - set(catalogue))) == []
    translated = {
        i for i, message in catalogue.items() if message.string and not message.fuzzy and all(message.string)
    }
    assert sorted(map(str, wanted - translated)) == []


def test_translations_keep_the_placeholders() -> None:
    with CATALOGUE.open("rb") as french:
        for message in read_po(french):
            if not message.id or isinstance(message.id, tuple):
                continue
            names = set(re.findall(r"\{\w+\}|%\(\w+\)s", message.id))
            assert set(re.findall(r"\{\w+\}|%\(\w+\)s", str(message.string))) == names, message.id


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_a_message_says_what_and_what_to_do(code: str) -> None:
    message = MESSAGES[code]
    assert message.what and message.remedy, code


def test_modules_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "ckanext").rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 350
    }
    assert long == {}


PURE = [
    "annexes",
    "tables",
    "territory",
    "totem",
    "nomenclature",
    "scdl",
    "quality",
    "figures",
    "convert.py",
    "standalone",
    "messages",
    "words",
    "errors.py",
    "digest.py",
    "jsonfile.py",
]


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_never_import_ckan(room: str) -> None:
    path = ROOT / "ckanext/budget" / room
    files = path.rglob("*.py") if path.is_dir() else [path]
    pattern = re.compile(r"^\s*(from|import) ckan(\.|\s|$)", re.MULTILINE)
    assert [str(f) for f in files if pattern.search(f.read_text(encoding="utf-8"))] == []


def test_no_machine_path_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    pattern = re.compile(rb"/(?:root|home)/[a-z]")
    found = [
        name.decode()
        for name in listed
        if name and (ROOT / name.decode()).is_file() and pattern.search((ROOT / name.decode()).read_bytes())
    ]
    assert found == []
