"""budget-scdl used wrongly: exit code 2, a sentence in French that names what is wrong, no file written or lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ckanext.budget.standalone import main
from dev import fixtures


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "ca.xml").write_bytes(fixtures.document("CA", 2021))
    (tmp_path / "dossier").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said, on standard error alone."""
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    return said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "il manque COMMANDE"),
        (["convert"], "il manque FICHIER"),
        (["occult", "ca.xml"], "il manque -o/--output"),
        (["convertir", "ca.xml"], "COMMANDE inconnue, 'convertir'"),
        (["convert", "ca.xml", "--raport", "r.json"], "argument inconnu, --raport r.json"),
        (["convert", "ca.xml", "-o"], "-o/--output attend une valeur"),
    ],
)
def test_a_wrong_command_is_said_in_french_with_the_way_to_the_help(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    said = refused(capsys, *arguments)
    assert f"Commande incorrecte : {words}\n" in said
    assert said.rstrip().endswith("--help")
    assert {path.name for path in folder.iterdir()} == {"ca.xml", "dossier"}


@pytest.mark.parametrize("command", ["convert", "inspect", "check"])
def test_a_missing_file_is_named(folder: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    said = refused(capsys, command, "absent.xml")
    assert said == "Fichier inaccessible : absent.xml (introuvable). Vérifiez le nom et les droits.\n"


@pytest.mark.parametrize(
    ("arguments", "name", "reason"),
    [
        (["convert", "dossier"], "dossier", "c’est un dossier"),
        (["convert", "ca.xml", "-o", "dossier"], "dossier", "c’est un dossier"),
        (["convert", "ca.xml", "-o", ""], "", "c’est un dossier"),
        (["convert", "ca.xml", "-o", "nulle/part.csv"], "nulle/part.csv", "introuvable"),
        (["convert", "ca.xml", "-o", "ca.xml/part.csv"], "ca.xml/part.csv", "introuvable"),
        (["convert", "ca.xml", "-o", "o.csv", "--report", "nulle/part.json"], "nulle/part.json", "introuvable"),
        (["occult", "ca.xml", "-o", "nulle/part.xml"], "nulle/part.xml", "introuvable"),
    ],
)
def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], name: str, reason: str
) -> None:
    said = refused(capsys, *arguments)
    assert said == f"Fichier inaccessible : {name} ({reason}). Vérifiez le nom et les droits.\n"
    assert {path.name for path in folder.iterdir()} == {"ca.xml", "dossier"}


@pytest.mark.parametrize(
    "outputs",
    [
        ["-o", "a", "--occulted", "a"],
        ["-o", "a", "--report", "./a"],
        ["--occulted", "a", "--report", "dossier/../a"],
        ["--report", "-"],
        ["--occulted", "-"],
        ["-o", "ca.xml"],
        ["--report", "ca.xml"],
    ],
)
def test_an_output_overwrites_neither_another_nor_the_source(
    folder: Path, capsys: pytest.CaptureFixture[str], outputs: list[str]
) -> None:
    before = (folder / "ca.xml").read_bytes()
    assert "(ce nom sert deux fois)" in refused(capsys, "convert", "ca.xml", *outputs)
    assert {path.name for path in folder.iterdir()} == {"ca.xml", "dossier"}
    assert (folder / "ca.xml").read_bytes() == before


def test_what_the_system_forbids_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, os.strerror(13), "tmpx1y2z3")

    monkeypatch.setattr("ckanext.budget.standalone.files.tempfile.NamedTemporaryFile", forbidden)
    said = refused(capsys, "convert", "ca.xml", "-o", "o.csv")
    assert said == "Fichier inaccessible : o.csv (accès refusé). Vérifiez le nom et les droits.\n"


def test_totals_that_differ_refuse_the_csv(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.budget.quality.report import Report

    monkeypatch.setattr(Report, "conserved", property(lambda _: False))
    assert "totaux du CSV" in refused(capsys, "convert", "ca.xml", "-o", "o.csv", "--occulted", "o.xml")
    assert {path.name for path in folder.iterdir()} == {"ca.xml", "dossier"}
