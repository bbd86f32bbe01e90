"""``ckan budget watch``: what is dropped is deposited once, whatever stops it, and filed with its receipt."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.cli.cli import ckan

from ckanext.budget import config
from ckanext.budget.deposit import folder as watched_folder
from ckanext.budget.deposit import publish, row
from ckanext.budget.deposit.models import BudgetBatch
from ckanext.budget.registry.models import BudgetDocument
from dev import fixtures
from tests.conftest import ROOT
from tests.deposit.conftest import Desk, zipped

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

CA = fixtures.document(stage="CA", exercice=2021)
BP = fixtures.document(stage="BP", exercice=2021)


class Watch:
    """A folder, and ``ckan budget watch --once`` on it."""

    def __init__(self, cli: Any, desk: Desk, path: Path) -> None:
        self.cli, self.desk, self.path = cli, desk, path
        path.mkdir()

    def __call__(self, *more: str) -> Any:
        options = ["--user", self.desk.user["name"], "--once", "--still", "0.1", *more]
        return self.cli.invoke(ckan, ["budget", "watch", str(self.path), *options])

    def drop(self, name: str, content: bytes) -> None:
        (self.path / name).write_bytes(content)

    def there(self) -> list[str]:
        return sorted(path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file())

    def receipt(self, name: str) -> list[dict[str, str]]:
        with (self.path / f"{name}.recu.csv").open(encoding="utf-8") as lines:
            return list(csv.DictReader(lines))


@pytest.fixture
def watch(cli: Any, desk: Desk, tmp_path: Path) -> Watch:
    return Watch(cli, desk, tmp_path / "depot")


def events(done: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.output.splitlines() if line.startswith("{")]


def counted(table: Any) -> int:
    model.Session.rollback()
    return model.Session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_what_is_dropped_is_deposited_filed_and_receipted(watch: Watch) -> None:
    watch.drop("CA.xml", CA)
    watch.drop("note.pdf", b"%PDF-1.4 x")
    watch.drop("lot.zip", zipped({"BP.xml": BP, "CA.xml": CA}))
    watch.drop("BP.xml.part", BP[:100])
    done = watch()
    assert done.exit_code == 1, done.output
    assert watch.there() == [
        "BP.xml.part",
        "fait/CA.xml",
        "fait/CA.xml.recu.csv",
        "fait/lot.zip",
        "fait/lot.zip.recu.csv",
        "refuse/note.pdf",
        "refuse/note.pdf.recu.csv",
    ]
    assert [line["status"] for line in watch.receipt("fait/lot.zip")] == ["published", "already"]
    (refusal,) = watch.receipt("refuse/note.pdf")
    assert refusal["status"] == "refused" and "Ce fichier est un PDF" in refusal["message"]
    told = {event.get("file"): event for event in events(done)}
    assert (told["CA.xml"]["event"], told["CA.xml"]["counts"]) == ("fait", {"published": 1})
    assert told["note.pdf"]["event"] == "refuse"
    assert counted(BudgetDocument) == 2
    assert watch().exit_code == 0  # nothing is left


def test_the_same_file_dropped_again_is_already_published_beside_the_first(watch: Watch) -> None:
    for _ in range(2):
        watch.drop("CA.xml", CA)
        assert watch().exit_code == 0
    assert watch.there() == ["fait/CA-2.xml", "fait/CA-2.xml.recu.csv", "fait/CA.xml", "fait/CA.xml.recu.csv"]
    assert watch.receipt("fait/CA-2.xml")[0]["status"] == "already"
    assert counted(BudgetDocument) == 1


@pytest.mark.parametrize("where", ["publish.work", "Folder._file", "batches.remember"])
def test_what_was_stopped_is_gone_on_with_and_deposited_once(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise SystemExit(9)

    watch.drop("CA.xml", CA)
    targets: dict[str, Any] = {
        "publish.work": (publish, "work"),
        "Folder._file": (watched_folder.Folder, "_file"),
        "batches.remember": (watched_folder.batches, "remember"),
    }
    with monkeypatch.context() as patched:
        patched.setattr(*targets[where], die)
        assert watch().exit_code == 9
    assert watch().exit_code == 0
    assert watch.there() == ["fait/CA.xml", "fait/CA.xml.recu.csv"]
    assert watch.receipt("fait/CA.xml")[0]["status"] == "published"
    assert (counted(BudgetDocument), counted(BudgetBatch)) == (1, 1)


def test_a_fault_of_the_portal_is_tried_three_times_then_filed(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(row, "_publish", fail)
    watch.drop("CA.xml", CA)
    for _ in range(2):
        assert watch().exit_code == 1
        assert watch.there() == ["CA.xml"]
    assert watch().exit_code == 1
    assert watch.there() == ["refuse/CA.xml", "refuse/CA.xml.recu.csv"]
    assert counted(BudgetBatch) == 1


def test_a_file_that_grows_is_left_until_it_stops(desk: Desk, tmp_path: Path) -> None:
    growing = tmp_path / "CA.xml"
    growing.write_bytes(CA[:100])
    found = watched_folder.Folder(tmp_path, "x", None, 0.0, lambda *_: None, lambda *_: None)
    assert list(found.ready()) == [growing]  # no time at all is asked for
    growing.write_bytes(CA)
    assert list(found.ready()) == []
    assert list(found.ready()) == [growing]


def test_wrong_uses_are_said(watch: Watch, cli: Any, tmp_path: Path) -> None:
    assert watch("--user", "nobody-of-that-name").exit_code == 2
    served = Path(config.tk.config["ckan.storage_path"]) / "resources" / "watched"
    served.mkdir(parents=True, exist_ok=True)
    done = cli.invoke(ckan, ["budget", "watch", str(served), "--user", watch.desk.user["name"], "--once"])
    served.rmdir()
    assert done.exit_code == 2
    assert cli.invoke(ckan, ["budget", "watch", str(tmp_path / "none"), "--user", "x"]).exit_code == 2


def test_a_watch_that_is_asked_to_stop_has_finished_its_file(
    desk: Desk, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    (tmp_path / "CA.xml").write_bytes(CA)
    command = [
        str(Path(sys.executable).parent / "ckan"), "-c", str(pytestconfig.getoption("ckan_ini")), "budget", "watch",
        str(tmp_path), "--user", desk.user["name"], "--still", "0.1", "--every", "0.2",
    ]  # fmt: skip
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    told: list[str] = []
    for line in running.stdout:
        if line.startswith("{"):
            told.append(json.loads(line)["event"])
        if told[-1:] == ["fait"]:
            os.kill(running.pid, signal.SIGTERM)
    assert (running.wait(), told) == (0, ["watching", "fait", "stopped"])
    assert (tmp_path / "fait" / "CA.xml").read_bytes() == CA
