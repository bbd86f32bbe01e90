"""An outside judge, frictionless, finds every CSV of the corpus valid (a SIRET that the source lacks apart)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from ckanext.budget.convert import convert
from ckanext.budget.errors import Refusal
from tests.conftest import CORPUS, ROOT, needs_corpus

pytestmark = needs_corpus

TOOLS = ROOT / ".venv-tools" / "bin"
SCHEMA = CORPUS / "scdl_schema/budget/latest/schema.json"
CASES = sorted(path.parent.name for path in CORPUS.glob("xml/*/totem.xml"))
#: edited to be faulty: nothing to convert
REFUSED = {"variant-mauvais_totem", "variant-totem_mauvaise_annee"}
#: one process for all the files: importing frictionless costs more than a file
JUDGE = """
import json, sys
from pathlib import Path
from frictionless import Resource, system

verdicts = {}
with system.use_context(trusted=True):
    for path in sorted(Path(sys.argv[2]).glob("*.csv")):
        report = Resource(path=str(path), schema=sys.argv[1], encoding="utf-8").validate(limit_errors=100000)
        faults = report.flatten(["rowNumber", "fieldName", "type", "note"])
        verdicts[path.stem] = {"rows": sum(t.stats.get("rows", 0) for t in report.tasks), "faults": faults}
json.dump(verdicts, sys.stdout)
"""


class Case(NamedTuple):
    """What we made of a file, and what the judge says of it."""

    rows: int
    has_siret: bool
    judged_rows: int
    faults: list[list]


def judge(folder: Path) -> dict[str, dict]:
    if not (TOOLS / "frictionless").exists():
        pytest.fail("frictionless is not there: «make test» installs it, in .venv-tools/")
    command = [TOOLS / "python", "-c", JUDGE, SCHEMA, folder]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, capture_output=True, text=True, env=plain)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    folder = tmp_path_factory.mktemp("csv")
    made: dict[str, tuple[int, bool]] = {}
    for name in CASES:
        target = folder / f"{name}.csv"
        try:
            with (CORPUS / "xml" / name / "totem.xml").open("rb") as source, target.open("w+b") as out:
                report = convert(source, out)
        except Refusal:
            target.unlink()
            continue
        assert report.header is not None
        made[name] = report.rows, report.header.siret is not None
    verdicts = judge(folder)
    assert set(verdicts) == set(made)
    return {name: Case(*made[name], v["rows"], v["faults"]) for name, v in verdicts.items()}


def test_only_the_files_edited_to_be_unreadable_are_missing(cases: dict[str, Case]) -> None:
    assert set(CASES) - set(cases) == REFUSED
    assert len(CASES) == 38


@pytest.mark.parametrize("name", [name for name in CASES if name not in REFUSED])
def test_the_csv_is_valid(cases: dict[str, Case], name: str) -> None:
    case = cases[name]
    assert case.judged_rows == case.rows > 0
    excused = [] if case.has_siret else [fault for fault in case.faults if fault[1] == "BGT_SIRET"]
    assert [fault for fault in case.faults if fault not in excused] == []
    assert len(excused) == (0 if case.has_siret else case.rows)


def test_few_files_of_the_corpus_need_the_excuse(cases: dict[str, Case]) -> None:
    assert {name for name, case in cases.items() if not case.has_siret} == {
        "herault-2019-CA-M52-minimal",
        "variant-totem_mauvais_siret",
    }


def test_the_judge_does_find_faults(tmp_path: Path) -> None:
    with (CORPUS / "xml" / "m3m-2018-CA-parking-M4" / "totem.xml").open("rb") as source:
        out = tmp_path / "spoilt.csv"
        with out.open("w+b") as target:
            convert(source, target)
    out.write_bytes(out.read_bytes().replace(b"compte administratif", b"Compte administratif", 1))
    (fault,) = judge(tmp_path)["spoilt"]["faults"]
    assert fault[1:3] == ["BGT_NATDEC", "constraint-error"]
