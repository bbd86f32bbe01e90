"""``ckan budget plans``: what an administrator reads, exit codes, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ckan.exceptions import CkanConfigurationException

from ckanext.budget import config
from ckanext.budget.cli.plans import plans as command
from ckanext.budget.nomenclature import plans, table
from tests.nomenclature.conftest import write, xml


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, own: Path) -> dict[str, Any]:
    """CKAN's configuration, which the command reads."""
    made: dict[str, Any] = {"ckanext.budget.plans_path": str(own), "ckan.storage_path": None}
    monkeypatch.setattr(config.tk, "config", made)
    return made


class Ran(NamedTuple):
    exit_code: int
    stdout: str
    stderr: str


Run = Callable[..., Ran]


@pytest.fixture
def run(settings: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> Run:
    """The command, run with these arguments."""

    def ran(*arguments: str | Path) -> Ran:
        code = command.main([str(each) for each in arguments], standalone_mode=False)
        return Ran(code or 0, *capsys.readouterr())

    return ran


def test_an_import_then_what_is_known(tmp_path: Path, run: Run, settings: dict[str, Any]) -> None:
    done = run("import", write(tmp_path / "2030/X9/X9_T", xml()))
    assert done.exit_code == 0 and done.stdout.startswith("X9-X9_T 2030 : nouveau plan (2 chapitres par nature, 3 co")
    listed = run("list").stdout.splitlines()
    (line,) = [line for line in listed if line.startswith("X9-X9_T ")]
    assert line.split(maxsplit=4) == ["X9-X9_T", "2030", "3", "comptes", "importé (2030/X9/X9_T/planDeCompte.xml)"]
    assert any(line.split()[:2] == ["M52-M52", "2013–2024"] and line.endswith("livré") for line in listed)
    assert listed[-1] == f"Version des plans : {plans.plans_version()}"
    assert "déjà là" in run("import", tmp_path / "2030/X9/X9_T/planDeCompte.xml").stdout


def test_an_override_is_listed_apart(tmp_path: Path, run: Run, settings: dict[str, Any]) -> None:
    assert run("import", write(tmp_path, xml(2024, norm="M52", name="M52"))).exit_code == 0
    rows = [row for row in json.loads(run("list", "--json").stdout)["plans"] if row["norm"] == "M52"]
    assert [(row["years"][-1], row["imported"], row["replaces"]) for row in rows] == [
        (2023, False, False),
        (2024, True, True),
    ]
    assert "remplace le plan livré" in run("list").stdout


def test_json_of_an_import_is_whole(tmp_path: Path, run: Run, settings: dict[str, Any]) -> None:
    path = write(tmp_path, xml())
    tried = json.loads(run("import", "--dry-run", "--json", path).stdout)
    assert tried["dry_run"] and not (Path(tried["table"])).exists()
    done = json.loads(run("import", "--json", path).stdout)
    assert {**done, "dry_run": True} == tried
    assert [each["code"] for each in done["plans"][0]["changes"]["added"]] == ["6", "651", "652", "65", "66"]
    assert done["version"] == plans.plans_version()


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (("M52-M52", "2020", "60611"), ["M52-M52 2020, compte 60611 : Eau et assainissement"]),
        (("M52", "2020", "011"), ["M52-M52 2020, chapitre par nature 011 : ", "    Section : fonctionnement"]),
        (("M52", "2020", "60611999"), ["M52-M52 2020, compte 60611", "    60611999 n’est pas au plan : son parent"]),
        (("M57_D", "2027", "60611"), ["M57-M57_D 2027, compte 60611", "    Absent du plan 2027 : lu dans celui de 20"]),
        (("m57_a",), ["M57-M57_A :", "    2022 : ", "    2023 : ", "    2024 : "]),
        (("M52", "2013"), ["M52-M52 2013 : ", "    Première année connue de ce plan : rien à comparer."]),
        (("M52", "2014"), ["M52-M52 2014 : ", "    Par rapport au plan 2013 :"]),
        (("M57", "2018"), ["M57-M57 2018 : "]),
    ],
)  # fmt: skip
def test_what_is_shown(run: Run, arguments: tuple[str, ...], lines: list[str]) -> None:
    shown = run("show", *arguments)
    assert shown.exit_code == 0, shown.stderr
    assert all(line.startswith(start) for line, start in zip(shown.stdout.splitlines(), lines, strict=False))


def test_an_account_shows_its_chapters_and_its_parent(run: Run) -> None:
    (shown,) = json.loads(run("show", "M14-M14_COM_SUP3500", "2022", "2313", "--json").stdout)
    assert shown["chapters"]["DOIS"] == {"code": "041", "label": shown["chapters"]["ROIS"]["label"], "section": "I"}
    assert (shown["parent"]["code"], shown["equipment"]) == ("231", "DR")
    text = run("show", "M14-M14_COM_SUP3500", "2022", "2313").stdout
    assert "    Dépense réelle : chapitre 23 " in text and "(investissement)" in text
    assert "    Parent : 231 " in text and "    Compte de dépense d’équipement" in text


@pytest.mark.parametrize(
    "arguments",
    [("show", "M99"), ("show", "M52", "2031"), ("show", "M52", "2020", "0000"), ("import", "nowhere.xml")],
)
def test_a_refusal_is_a_sentence_and_exit_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    refused = run(*arguments)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.endswith(".\n") and "Traceback" not in refused.stderr


def test_without_a_folder_an_import_is_refused(tmp_path: Path, run: Run, settings: dict[str, Any]) -> None:
    settings["ckanext.budget.plans_path"] = ""
    assert run("import", write(tmp_path, xml())).exit_code == 2
    assert run("list").exit_code == 0


def test_the_default_folder_lies_under_the_storage(tmp_path: Path, run: Run, settings: dict[str, Any]) -> None:
    settings |= {"ckanext.budget.plans_path": "", "ckan.storage_path": str(tmp_path)}
    assert run("import", write(tmp_path, xml())).exit_code == 0
    assert (tmp_path / "budget_plans" / table.NAME).is_file()


@pytest.mark.parametrize("folder", ["relative", "{storage}/storage/plans", "{storage}/resources"])
def test_a_folder_that_is_relative_or_served_stops_the_portal(
    tmp_path: Path, settings: dict[str, Any], folder: str
) -> None:
    settings |= {"ckanext.budget.plans_path": folder.format(storage=tmp_path), "ckan.storage_path": str(tmp_path)}
    with pytest.raises(CkanConfigurationException, match="plans_path"):
        config.configure_plans()
