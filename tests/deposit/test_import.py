"""``ckan budget import``: a ledger with one line a file, whatever stops it."""

from __future__ import annotations

import csv
import errno
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.cli.cli import ckan

from benchmarks.imports import proof
from benchmarks.imports.command import Import as SoakImport
from benchmarks.imports.command import kill_a_worker
from benchmarks.imports.made import write
from benchmarks.imports.portal import Portal as SoakPortal
from ckanext.budget.deposit.models import BudgetBatch
from ckanext.budget.registry.models import BudgetDocument
from dev import fixtures
from dev.bootstrap.portal import changed
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


def test_what_a_full_disk_refused_is_received_by_the_resumed_import(
    run: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.budget.deposit import examine

    original = examine.receive

    def full(stream: Any, *arguments: Any, filename: str, **more: Any) -> Any:
        if filename == "CA.xml":
            raise OSError(errno.ENOSPC, "No space left on device")
        return original(stream, *arguments, filename=filename, **more)

    with monkeypatch.context() as patched:
        patched.setattr(examine, "receive", full)
        assert run().exit_code == 1
    assert run.told() == {**PUBLISHED, "2021/CA.xml": "refused"}
    assert "disque" in run.ledger.read_text(encoding="utf-8")
    run("--resume")
    assert run.told() == PUBLISHED
    assert counted(BudgetDocument) == 3


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


@pytest.fixture
def empty(desk: Desk, tmp_path: Path, pytestconfig: pytest.Config) -> SoakPortal:
    """A portal as that of the soak: files and index of its own, on the tests' database."""
    for table in (model.ResourceView, model.Resource):
        model.Session.execute(sa.delete(table))
    model.Session.commit()
    values = {
        "ckan.site_id": f"soak_{tmp_path.name}",
        "ckan.storage_path": str(tmp_path / "storage"),
        "ckanext.budget.deposit_path": str(tmp_path / "waiting"),
    }
    text = Path(str(pytestconfig.getoption("ckan_ini"))).read_text(encoding="utf-8")
    (tmp_path / "soak.ini").write_text(changed(text, values), encoding="utf-8")
    (tmp_path / "storage").mkdir()
    return SoakPortal(tmp_path / "soak.ini", desk.user["name"], desk.org["name"])


def test_a_sample_of_the_soak(empty: SoakPortal, tmp_path: Path) -> None:
    """Two workers, one of which is killed: the claims of ``make soak``, on a few files."""
    files = [file for number in range(2) for file in write(tmp_path / "files", 6, first=number)]
    done = SoakImport(empty, tmp_path / "files", tmp_path / "ledger.csv", tmp_path / "log", 2)
    assert done.run([(3, kill_a_worker)]) == 0, done.log.read_text()[-3000:]
    assert len(done.happened) == 1
    claims = proof.prove(empty, files, [done.ledger])
    assert [claim.line() for claim in claims if claim.against] == []
    done.ledger.write_text(
        done.ledger.read_text(encoding="utf-8").replace("published", "queued", 1), encoding="utf-8"
    )
    (empty.storage / "resources" / "abc").mkdir()
    (empty.storage / "resources" / "abc" / "stray").touch()
    against = [claim.text for claim in proof.prove(empty, files[1:], [done.ledger]) if claim.against]
    assert len(against) >= 4, against  # a judge that sees nothing proves nothing
