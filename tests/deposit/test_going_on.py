"""A batch survives what stops it: a killed process, a failing database, two at once, a full disk, time."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.jobs import Worker
from sqlalchemy.exc import OperationalError

from ckanext.budget import config
from ckanext.budget.deposit import batches, locks, publish, row, store
from ckanext.budget.deposit.models import now
from ckanext.budget.ingest import drain, process
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from dev import fixtures
from tests.deposit.conftest import Desk, statuses, zipped

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins", "clean_queues")]

YEARS = {f"CA-{year}.xml": fixtures.document(stage="CA", exercice=year) for year in range(2017, 2022)}
CA = YEARS["CA-2021.xml"]


class Killed(BaseException):
    """What no handler of ours sees, as a kill."""


def truths() -> int:
    return model.Session.scalar(sa.select(sa.func.count()).select_from(BudgetDocument)) or 0


@pytest.mark.parametrize("when", ["stored", "registered", "dataset"])
def test_what_a_killed_process_left_is_found_again(desk: Desk, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    batch = desk.send(CA, publish=False)

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    target = {"stored": (drain, "drain"), "registered": (row, "_conclude"), "dataset": (row, "_create_resource")}[
        when
    ]
    removed = row.datasets.remove_if_empty
    with monkeypatch.context() as patched:
        patched.setattr(*target, die)
        patched.setattr(row.datasets, "remove_if_empty", lambda _: None)  # nobody cleans up after a kill
        with pytest.raises(Killed):
            desk.publish(batch)
    assert removed is row.datasets.remove_if_empty
    model.Session.rollback()
    assert statuses(desk.batch(batch)) == ["queued"]
    done = desk.publish(batch)
    assert (done["state"], statuses(done)) == ("done", ["published"])
    assert truths() == 1
    document = core.document(done["documents"][0]["document_id"])
    assert document is not None
    assert (document.status, document.source_sha256) == ("converted", hashlib.sha256(CA).hexdigest())
    assert desk.roles({"id": document.package_id}) == ["consolidated", "csv", "source"]
    assert model.Session.query(model.Package).filter_by(type="budget", state="active").count() == 1


@pytest.mark.usefixtures("with_test_worker")
def test_a_large_batch_is_a_job_which_another_worker_takes_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "worker_listens", lambda: True)
    batch = desk.send(zipped(YEARS), "annees.zip")
    assert (batch["state"], set(statuses(batch))) == ("publishing", {"queued"})
    told: list[str] = []
    original = row.publish_row

    def two_then_die(row_id: str) -> None:
        if len(told) == 2:
            raise RuntimeError("killed")
        told.append(row_id)
        original(row_id)

    with monkeypatch.context() as patched:
        patched.setattr(publish, "publish_row", two_then_die)
        Worker([config.QUEUE]).work(burst=True)
    model.Session.rollback()
    assert sorted(statuses(desk.batch(batch))) == ["published"] * 2 + ["queued"] * 3
    found = batches.get(batch["batch_id"])
    assert found is not None
    found.touched = now() - dt.timedelta(minutes=5)
    model.Session.commit()
    assert desk.batch(batch)["state"] == "publishing"  # looking at it has a worker take it up
    Worker([config.QUEUE]).work(burst=True)
    model.Session.rollback()
    done = desk.batch(batch)
    assert (done["state"], set(statuses(done)), truths()) == ("done", {"published"}, 5)


def test_a_failing_database_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [OperationalError("x", {}, Exception()), OperationalError("x", {}, Exception())]
    original = row._publish

    def fail_first(*arguments: Any) -> None:
        if failures:
            raise failures.pop()
        original(*arguments)

    monkeypatch.setattr(row, "_publish", fail_first)
    assert statuses(desk.send(CA)) == ["published"]


def test_a_fault_of_ours_is_said_and_can_be_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("boom")

    with monkeypatch.context() as patched:
        patched.setattr(row, "_publish", fail)
        batch = desk.send(CA)
    assert statuses(batch) == ["failed"]
    assert "boom" not in str(batch)
    assert statuses(desk.publish(batch)) == ["published"]


def test_a_failed_conversion_is_no_success(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("boom")

    with monkeypatch.context() as patched:
        patched.setattr(process, "_convert_into", fail)
        batch = desk.send(CA)
    assert statuses(batch) == ["failed"]
    assert batch["documents"][0]["message"]["code"] == "conversion_failed"
    assert statuses(desk.publish(batch)) == ["published"]
    assert truths() == 1


def test_a_full_disk_refuses_the_file_and_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.shutil, "copyfileobj", full)
    document = desk.send(CA)["documents"][0]
    assert (document["status"], document["message"]["code"]) == ("refused", "deposit_full")
    assert list(folder.iterdir()) == []


def test_a_dataset_deleted_meanwhile_is_made_again(desk: Desk) -> None:
    dataset = desk.dataset(siret=fixtures.SIRET)
    batch = desk.send(CA, publish=False)
    assert batch["documents"][0]["plan"]["will"] == "add"
    desk.act("package_delete", id=dataset["id"])
    done = desk.publish(batch)["documents"][0]
    assert done["status"] == "published"
    assert done["package_id"] != dataset["id"]


def test_a_copy_that_was_tampered_with_is_not_published(desk: Desk, folder: Path) -> None:
    batch = desk.send(CA, publish=False)
    (copy,) = folder.iterdir()
    copy.write_bytes(fixtures.document(stage="CA", exercice=2021, marker="Zéphyrine-Marqueur"))
    document = desk.publish(batch)["documents"][0]
    assert (document["status"], document["message"]["code"]) == ("refused", "file_changed")
    assert truths() == 0


def test_what_nobody_publishes_is_removed_in_time(desk: Desk, folder: Path) -> None:
    batch = desk.send(CA, publish=False)
    found = batches.get(batch["batch_id"])
    assert found is not None
    found.touched = now() - config.deposit_keep() - dt.timedelta(days=1)
    model.Session.commit()
    batches.tidy()
    assert list(folder.iterdir()) == []
    shown = desk.batch(batch)
    assert (shown["state"], statuses(shown)) == ("expired", ["expired"])
    assert statuses(desk.publish(batch)) == ["expired"]


def test_a_lock_is_held_by_one_and_freed_with_its_holder(desk: Desk) -> None:
    with locks.held("budget essai", wait=0) as first, locks.held("budget essai", wait=0) as second:
        assert (first, second) == (True, False)
        assert locks.is_held("budget essai")
    assert not locks.is_held("budget essai")


def _at_once(desk: Desk, contents: list[bytes]) -> list[dict[str, Any]]:
    from ckan.tests import helpers

    answers: list[dict[str, Any]] = []
    application = helpers._get_test_app().flask_app

    def run(content: bytes) -> None:
        with application.test_request_context():
            try:
                answers.append(desk.send(content))
            finally:
                model.Session.remove()

    threads = [threading.Thread(target=run, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    model.Session.rollback()
    return answers


def test_the_same_document_deposited_many_times_at_once_is_one_truth(desk: Desk) -> None:
    answers = _at_once(desk, [CA] * 8)
    told = sorted(statuses(answer)[0] for answer in answers)
    assert told == ["already"] * 7 + ["published"]
    assert truths() == 1


def test_documents_of_one_budget_deposited_at_once_are_all_there(desk: Desk) -> None:
    answers = _at_once(desk, list(YEARS.values()))
    assert [statuses(answer) for answer in answers] == [["published"]] * 5
    (dataset,) = {answer["documents"][0]["package_id"] for answer in answers}
    assert desk.roles({"id": dataset}) == ["consolidated", *["csv", "source"] * 5]
