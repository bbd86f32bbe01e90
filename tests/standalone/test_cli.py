"""The console script budget-scdl: its four commands, exit codes and sentences; what a refusal leaves behind."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ckanext.budget import __version__
from ckanext.budget.quality.report import SCHEMA
from dev import fixtures
from tests.conftest import ROOT

MARKER = "Zéphyrine-Marqueur"
SCRIPT = Path(sys.executable).parent / "budget-scdl"
HEADER = b"BGT_NATDEC,BGT_ANNEE,BGT_SIRET,"


def budget_scdl(*arguments: object, stdin: bytes = b"", umask: int = -1) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "ckanext.budget.standalone", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, input=stdin, capture_output=True, umask=umask)


def sentence(done: subprocess.CompletedProcess[bytes]) -> str:
    """What was said on standard error: one line, that ends with a full stop."""
    (said,) = done.stderr.decode("utf-8").splitlines()
    assert said.endswith(".")
    return said


def in_the_folder(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    path = tmp_path / "ca.xml"
    path.write_bytes(fixtures.document("CA", 2021, marker=MARKER))
    return path


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """Cut in its annexes: its lines have all been read when the fault is found."""
    path = tmp_path / "coupe.xml"
    content = fixtures.document("CA", 2021, marker=MARKER)
    path.write_bytes(content[: content.index(b"<Annexes>") + 300])
    return path


def test_convert_writes_the_csv_the_occulted_copy_and_the_report(ca: Path, tmp_path: Path) -> None:
    csv, copy, report = (tmp_path / name for name in ("o.csv", "o.xml", "o.json"))
    done = budget_scdl("convert", ca, "-o", csv, "--occulted", copy, "--report", report)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert csv.read_bytes().startswith(HEADER)
    assert MARKER.encode("latin-1") in ca.read_bytes()
    assert MARKER.encode("latin-1") not in copy.read_bytes()
    data = json.loads(report.read_text(encoding="utf-8"))
    assert set(json.loads(SCHEMA.read_text(encoding="utf-8"))["required"]) == set(data)
    assert data["conserved"] and data["rows"] == csv.read_bytes().count(b"\r\n") - 1
    assert in_the_folder(tmp_path) == {"ca.xml", "o.csv", "o.xml", "o.json"}


def test_convert_writes_only_what_is_asked_for(ca: Path, tmp_path: Path) -> None:
    assert budget_scdl("convert", ca, "-o", tmp_path / "o.csv").returncode == 0
    assert in_the_folder(tmp_path) == {"ca.xml", "o.csv"}


def test_convert_reads_standard_input_and_writes_standard_output(ca: Path, tmp_path: Path) -> None:
    budget_scdl("convert", ca, "-o", tmp_path / "o.csv")
    expected = (tmp_path / "o.csv").read_bytes()
    for arguments in (["convert", "-"], ["convert", "-", "-o", "-"], ["convert", "/dev/stdin", "-o", "/dev/stdout"]):
        done = budget_scdl(*arguments, stdin=ca.read_bytes())
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, b"")


def test_the_installed_script_is_the_module(ca: Path) -> None:
    done = subprocess.run([SCRIPT, "convert", ca], capture_output=True)
    assert done.returncode == 0
    assert done.stdout == budget_scdl("convert", ca).stdout


def test_a_refusal_leaves_the_report_alone_and_says_why(cut: Path, tmp_path: Path) -> None:
    outputs = ["-o", tmp_path / "o.csv", "--occulted", tmp_path / "o.xml", "--report", tmp_path / "o.json"]
    done = budget_scdl("convert", cut, *outputs)
    assert (done.returncode, done.stdout) == (2, b"")
    assert sentence(done).startswith("Ce fichier s’arrête avant")
    assert in_the_folder(tmp_path) == {"coupe.xml", "o.json"}
    data = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert [f["code"] for f in data["findings"]] == ["xml_cut"]
    assert (data["document"], data["csv_sha256"]) == (None, None)


def test_a_refusal_leaves_nothing_when_no_report_is_asked(cut: Path, tmp_path: Path) -> None:
    for arguments in (
        ("convert", cut, "-o", tmp_path / "o.csv", "--occulted", tmp_path / "o.xml"),
        ("convert", cut),
        ("occult", cut, "-o", tmp_path / "o.xml"),
        ("inspect", cut),
    ):
        done = budget_scdl(*arguments)
        assert (done.returncode, done.stdout) == (2, b"")
        assert "Exportez-le de nouveau" in sentence(done)
        assert in_the_folder(tmp_path) == {"coupe.xml"}


def test_a_refusal_leaves_what_was_there_untouched(cut: Path, tmp_path: Path) -> None:
    csv, copy = tmp_path / "o.csv", tmp_path / "o.xml"
    for path in (csv, copy):
        path.write_bytes(b"a good output of before")
    assert budget_scdl("convert", cut, "-o", csv, "--occulted", copy).returncode == 2
    assert {csv.read_bytes(), copy.read_bytes()} == {b"a good output of before"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Ce fichier est vide"),
        (b"%PDF-1.4", "Ce fichier est un PDF"),
        (b"bonjour", "Ce fichier n’est pas du XML"),
        (b"<a><b/></a>", "pas un budget"),
        (b"<?xml version='1.0'?><!DOCTYPE a><a/>", "DOCTYPE"),
    ],
)
def test_what_is_no_budget_is_refused_with_a_sentence(content: bytes, words: str) -> None:
    for command in (["convert", "-"], ["inspect", "-"], ["occult", "-", "-o", "-"]):
        done = budget_scdl(*command, stdin=content)
        assert (done.returncode, done.stdout) == (2, b"")
        assert words in sentence(done)


def test_inspect_says_whose_budget_it_is(ca: Path) -> None:
    done = budget_scdl("inspect", ca)
    lines = done.stdout.decode().splitlines()
    said = {line[:22].strip(): line[22:].strip() for line in lines}
    assert (done.returncode, done.stderr) == (0, b"")
    assert said["Collectivité"] == fixtures.NAME
    assert (said["SIRET"], said["Exercice"], said["Étape"], said["Budget"]) == (
        fixtures.SIRET,
        "2021",
        "CA",
        "principal",
    )


@pytest.mark.parametrize(
    ("options", "stage"),
    [({"stage": "DM", "dm_number": 2}, "DM n° 2"), ({"stage": "BP", "draft": True}, "BP (projet)")],
)
def test_inspect_says_the_number_of_an_amendment_and_a_draft(options: dict, stage: str) -> None:
    done = budget_scdl("inspect", "-", stdin=fixtures.document(exercice=2021, siret=None, **options))
    text = done.stdout.decode()
    assert f" {stage}\n" in text and " absent ou invalide\n" in text


def test_inspect_in_json_counts_lines_and_subtotals() -> None:
    done = budget_scdl("inspect", "-", "--json", stdin=fixtures.document(exercice=2023, cfu=True))
    data = json.loads(done.stdout)
    assert (data["kind"], data["stage"], data["exercice"]) == ("cfu", "CFU", 2023)
    assert data["lines"] > data["calculated_lines"] > 0


def test_occult_hides_names_and_counts_them(ca: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copie.xml"
    done = budget_scdl("occult", ca, "-o", copy)
    assert (done.returncode, done.stdout) == (0, b"")
    assert sentence(done).endswith("valeurs masquées.") and int(sentence(done).split()[0]) > 1
    assert MARKER.encode("latin-1") not in copy.read_bytes()
    assert budget_scdl("occult", "-", "-o", "-", stdin=ca.read_bytes()).stdout == copy.read_bytes()


def test_check_says_a_good_csv_is_good_and_each_fault_of_a_bad_one(ca: Path, tmp_path: Path) -> None:
    csv = tmp_path / "o.csv"
    budget_scdl("convert", ca, "-o", csv)
    good = budget_scdl("check", csv)
    assert (good.returncode, good.stderr) == (0, b"")
    assert "conforme au schéma SCDL budget 0.8.3" in good.stdout.decode()
    bad = budget_scdl(
        "check", "-", stdin=csv.read_bytes().replace(b",2021,", b",21,", 1).replace(b"recette", b"R", 1)
    )
    said = bad.stdout.decode().splitlines()
    assert (bad.returncode, bad.stderr) == (1, b"")
    assert len(said) == 2
    assert all(line.startswith("Ligne ") and line.endswith(".") for line in said)
    assert "BGT_ANNEE" in said[0] and "BGT_CODRD" in said[1]


def test_the_help_and_the_version_are_no_error() -> None:
    assert budget_scdl("--version").stdout.decode().strip() == f"budget-scdl {__version__}"
    done = budget_scdl("--help")
    assert done.returncode == 0
    assert all(
        command in done.stdout.decode() for command in ("convert", "inspect", "occult", "check", "Codes de sortie")
    )


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_output_has_the_usual_permissions(ca: Path, tmp_path: Path, umask: int) -> None:
    outputs = [tmp_path / name for name in ("o.csv", "o.xml", "o.json")]
    budget_scdl("convert", ca, "-o", outputs[0], "--occulted", outputs[1], "--report", outputs[2], umask=umask)
    assert {stat.S_IMODE(path.stat().st_mode) for path in outputs} == {0o666 & ~umask}


def test_a_link_stays_a_link_and_a_pipe_a_pipe(ca: Path, tmp_path: Path) -> None:
    link, target, pipe = tmp_path / "link.csv", tmp_path / "target.csv", tmp_path / "pipe"
    link.symlink_to(target.name)
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert budget_scdl("convert", ca, "-o", link, "--report", pipe).returncode == 0
        report = os.read(reader, 1 << 16)
    finally:
        os.close(reader)
    assert link.is_symlink() and target.read_bytes().startswith(HEADER)
    assert pipe.is_fifo() and json.loads(report)["conserved"]


def test_a_reader_that_goes_away_is_no_traceback(ca: Path) -> None:
    command = [sys.executable, "-m", "ckanext.budget.standalone", "convert", str(ca)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


HEAVY = ("pandas", "numpy", "ckan", "frictionless", "sqlalchemy", "flask", "lxml", "jsonschema")


def test_converting_loads_neither_pandas_nor_ckan_nor_a_validator(ca: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from ckanext.budget.standalone import main; code = main(sys.argv[1:]);"
        "print(*sorted({name.partition('.')[0] for name in sys.modules})); sys.exit(code)"
    )
    outputs = ["-o", tmp_path / "o.csv", "--occulted", tmp_path / "o.xml", "--report", tmp_path / "o.json"]
    done = subprocess.run(
        [sys.executable, "-c", code, "convert", ca, *outputs], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0
    loaded = set(done.stdout.split())
    assert "ckanext" in loaded
    assert sorted(loaded & set(HEAVY)) == []
