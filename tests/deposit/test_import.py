"""``ckan budget import``: a ledger with one line a file, whatever stops it."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.cli.cli import ckan

from ckanext.budget.deposit.models import BudgetBatch
from ckanext.budget.registry.models import BudgetDocument
from dev import fixtures
from tests.conftest import ROOT
from tests.deposit.conftest import Desk, zipped

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]


@pytest.fixture
def budgets(tmp_path: Path) -> Path:
    folder = tmp_path / "budgets"
    (folder / "2021").mkdir(parents=True)
    (folder / "2021" / "CA.xml").write_bytes(fixtures.document(stage="CA", exercice=2021))
    (folder / "2021" / "BP.xml").write_bytes(fixtures.document(stage="BP", exercice=2021))
    (folder / "lot.zip").write_bytes(
        zipped(
            {
                "a/BP.xml": fixtures.document(stage="BP", exercice=2020, annexe=True),
                "a/note.pdf": b"%PDF-1.4 x",
            }
        )
    )
    return folder


class Import:
    def __init__(self, cli: Any, desk: Desk, path: Path) -> None:
        self.cli, self.path, self.ledger = cli, path, path.parent / "ledger.csv"
        self.options = ["--user", desk.user["name"], "--ledger", str(self.ledger)]

    def __call__(self, *more: str) -> Any:
        return self.cli.invoke(ckan, ["budget", "import", str(self.path), *self.options, *more])

    def told(self) -> dict[str, str]:
        with self.ledger.open(encoding="utf-8") as lines:
            return {row["filename"]: row["status"] for row in csv.DictReader(lines)}


@pytest.fixture
def run(cli: Any, desk: Desk, budgets: Path) -> Import:
    return Import(cli, desk, budgets)


def counted(table: Any) -> int:
    model.Session.rollback()
    return model.Session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


PUBLISHED = {
    "2021/BP.xml": "published",
    "2021/CA.xml": "published",
    "lot.zip/a/BP.xml": "published",
    "lot.zip/a/note.pdf": "refused",
}


def test_a_folder_is_published_and_the_ledger_has_a_line_a_file(run: Import) -> None:
    done = run()
    assert (done.exit_code, run.told()) == (1, PUBLISHED), done.output
    assert "3 published, 1 refused" in done.output
    assert "Ce fichier est un PDF" in run.ledger.read_text(encoding="utf-8")
    again = run()
    assert again.exit_code == 1
    assert set(run.told().values()) == {"already", "refused"}
    assert counted(BudgetDocument) == 3


def test_a_dry_run_leaves_nothing(run: Import, folder: Path) -> None:
    done = run("--dry-run")
    assert set(run.told().values()) == {"ready", "refused"}, done.output
    assert (counted(BudgetDocument), counted(BudgetBatch)) == (0, 0)
    assert list(folder.iterdir()) == []


def test_wrong_uses_are_said(run: Import) -> None:
    assert run("--user", "nobody-of-that-name").exit_code == 2
    assert run("--organization", "no-such-organisation").exit_code == 2
    assert run("--resume").exit_code == 2


def test_an_import_that_was_stopped_is_resumed(run: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    from ckanext.budget.deposit import examine, publish

    original = examine._look

    def stop_after_one(*arguments: Any, **options: Any) -> Any:
        if counted(BudgetBatch) and looked:
            raise KeyboardInterrupt
        looked.append(1)
        return original(*arguments, **options)

    looked: list[int] = []
    with monkeypatch.context() as patched:
        patched.setattr(examine, "_look", stop_after_one)
        patched.setattr(publish, "work", lambda _: None)
        assert run().exit_code != 0
    done = run("--resume")
    assert run.told() == PUBLISHED, done.output
    assert counted(BudgetBatch) == 1


def test_a_resumed_import_waits_for_the_workers_that_go_on(run: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a command that was killed hold the budgets that they publish."""
    from ckanext.budget.deposit import batches, locks, publish

    with monkeypatch.context() as patched:
        patched.setattr(publish, "work", lambda _: None)
        assert run().exit_code == 1
    assert set(run.told().values()) == {"queued", "refused"}
    (batch,) = model.Session.scalars(sa.select(BudgetBatch))
    names = [f"batch {batch.id}", *(f"batch {batch.id} {row.siret}" for row in batches.rows(batch.id, "queued"))]
    with ExitStack() as others, monkeypatch.context() as patched:
        for name in dict.fromkeys(names):
            assert others.enter_context(locks.held(name, wait=0, shared=True))
        patched.setattr(publish.time, "sleep", lambda _: others.close())
        done = run("--resume")
    assert (done.exit_code, run.told()) == (1, PUBLISHED), done.output


def test_two_workers_one_of_which_is_killed_lose_and_double_nothing(
    desk: Desk, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for year in range(2017, 2022):
        (folder / f"CA-{year}.xml").write_bytes(fixtures.document(stage="CA", exercice=year))
        if year > 2019:
            content = fixtures.document(stage="CA", exercice=year, annexe=True)
            (folder / f"CA-{year}-annexe.xml").write_bytes(content)
    ledger = tmp_path / "ledger.csv"
    command = [
        str(Path(sys.executable).parent / "ckan"), "-c", str(pytestconfig.getoption("ckan_ini")), "budget", "import",
        str(folder), "--user", desk.user["name"], "--ledger", str(ledger), "--workers", "2",
    ]  # fmt: skip
    running = subprocess.Popen(command, cwd=ROOT)
    killed = 0
    while running.poll() is None:
        children = _children(running.pid)
        if not killed and children and counted(BudgetDocument) >= 1:
            os.kill(children[0], signal.SIGKILL)
            killed += 1
        time.sleep(0.2)
    assert (running.returncode, killed) == (0, 1)
    with ledger.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["status"] for row in rows] == ["published"] * 7
    assert len({row["document_id"] for row in rows}) == counted(BudgetDocument) == 7
    for dataset in {row["package_id"] for row in rows}:
        sources = [row for row in rows if row["package_id"] == dataset]
        assert desk.roles({"id": dataset}) == ["consolidated", *["csv", "source"] * len(sources)]


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(line) for line in listed.split()]
