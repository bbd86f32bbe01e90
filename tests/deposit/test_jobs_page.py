"""Jobs that tell the truth: steps with their hours, passing faults tried three times, what a killed worker left."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.jobs import get_queue
from ckan.lib.search.common import SearchIndexError
from ckan.tests import factories, helpers
from rq.registry import FailedJobRegistry
from sqlalchemy.exc import OperationalError

from ckanext.budget import config
from ckanext.budget.deposit import publish, row
from ckanext.budget.ingest import derived, process, revival, transient
from ckanext.budget.registry import doctor, logbook
from ckanext.budget.registry.models import BudgetDocument, BudgetLog
from dev import fixtures
from tests.conftest import ROOT
from tests.deposit.conftest import Desk, statuses

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins", "clean_queues")]

CA = fixtures.document(stage="CA", exercice=2021)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transient, "RETRY_SECONDS", 0)


@pytest.fixture
def by_a_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files are large, and a worker is said to listen."""
    with monkeypatch.context() as patched:
        patched.setattr(config, "inline_max_bytes", lambda: 0)
        patched.setattr(process, "worker_listens", lambda: True)
        yield


def the_document() -> BudgetDocument:
    model.Session.rollback()
    model.Session.expire_all()
    return model.Session.scalars(sa.select(BudgetDocument)).one()


def steps(subject: str) -> list[str]:
    model.Session.rollback()
    return [step.step for step in logbook.steps(subject)]


def quiet(subject: str) -> None:
    """It was long ago."""
    past = dt.datetime.now(dt.timezone.utc) - dt.timedelta(minutes=5)
    model.Session.execute(sa.update(BudgetLog).where(BudgetLog.subject == subject).values(at=past))
    model.Session.commit()


def test_a_document_tells_its_steps(desk: Desk) -> None:
    batch = desk.send(CA)
    document = the_document()
    log = desk.act("budget_document_log", id=document.id)
    assert [step["step"] for step in log["steps"]] == ["received", "reading", "writing", "published"]
    assert (log["status"], log["working"], log["interrupted"], log["attempts"]) == ("converted", False, False, 1)
    assert [step["step"] for step in desk.batch(batch)["steps"]] == ["received", "publishing", "ended"]


def test_what_failed_tells_why(desk: Desk, monkeypatch: pytest.MonkeyPatch, app: Any) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(process, "_convert_into", fail)
    desk.deposit(desk.dataset(), CA)
    document = the_document()
    assert steps(document.id) == ["received", "reading", "failed"]
    page = app.get(f"/budgets/documents/{document.id}/journal").body
    assert "La conversion a échoué" in page and "boom" not in page and "Lecture du fichier" in page


@pytest.mark.parametrize(
    ("fault", "kind"), [(OperationalError("x", {}, Exception()), "database"), (SearchIndexError("x"), "search")]
)
def test_listed_faults_are_tried_three_times_and_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, fault: Exception, kind: str
) -> None:
    def fail(*_: Any) -> None:
        raise fault

    dataset = desk.dataset()
    with monkeypatch.context() as patched:
        patched.setattr(derived, "write", fail)
        desk.deposit(dataset, CA)
    document = the_document()
    assert (document.status, document.attempts) == ("failed", 3)
    told = [(step.step, step.detail.get("fault")) for step in logbook.steps(document.id)]
    assert [one for one in told if one[0] in ("again", "failed")] == [("again", kind)] * 2 + [("failed", None)]
    desk.act("package_patch", id=dataset["id"], notes="On recommence")
    assert the_document().status == "converted"


def test_another_fault_is_told_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(derived, "write", fail)
    desk.deposit(desk.dataset(), CA)
    document = the_document()
    assert (document.status, document.attempts) == ("failed", 1)
    assert "again" not in steps(document.id)


def test_a_fault_while_reading_is_no_failure_of_the_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    faults: list[Exception] = [OperationalError("x", {}, Exception())]
    really = process._convert_into

    def fail_first(*arguments: Any) -> None:
        if faults:
            raise faults.pop()
        really(*arguments)

    monkeypatch.setattr(process, "_convert_into", fail_first)
    desk.deposit(desk.dataset(), CA)
    assert (the_document().status, the_document().attempts) == ("converted", 2)


def test_a_passing_fault_of_a_batch_is_told_with_its_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    faults: list[Exception] = [SearchIndexError("x")]
    really = row._publish

    def fail_first(*arguments: Any) -> None:
        if faults:
            raise faults.pop()
        really(*arguments)

    monkeypatch.setattr(row, "_publish", fail_first)
    batch = desk.send(CA, "CA.xml")
    assert statuses(batch) == ["published"]
    told = {step["step"]: step["detail"] for step in desk.batch(batch)["steps"]}
    assert told["again"] == {"fault": "search", "attempt": 1, "file": "CA.xml"}


@pytest.mark.usefixtures("by_a_worker")
def test_the_page_follows_a_conversion_and_stops(desk: Desk, app: Any) -> None:
    dataset = desk.dataset()
    desk.deposit(dataset, CA)
    document = the_document()
    url = f"/budgets/documents/{document.id}/journal"
    assert url in app.get(f"/budget/{dataset['name']}").body
    polled = app.get(url, headers={"HX-Request": "true"})
    assert polled.status_code == 200
    for part in ("Attend un service du portail", 'hx-trigger="every 2s"', 'aria-live="polite"', f'href="{url}"'):
        assert part in polled.body
    process.job(document.package_id, [document.id])
    ended = app.get(url, headers={"HX-Request": "true"}, status=286)
    assert "hx-trigger" not in ended.body and "Publié" in ended.body
    assert app.get(url).status_code == 200


@pytest.mark.usefixtures("by_a_worker")
def test_a_lost_job_is_taken_up_by_who_looks(desk: Desk, app: Any) -> None:
    desk.deposit(desk.dataset(), CA)
    document_id = the_document().id
    url = f"/budgets/documents/{document_id}/journal"
    app.get(url)
    quiet(document_id)
    app.get(url)  # its job waits: nothing to do
    assert len(get_queue(config.QUEUE)) == 1
    get_queue(config.QUEUE).empty()
    quiet(document_id)
    assert "il est repris" in app.get(url).body
    assert len(get_queue(config.QUEUE)) == 1
    assert steps(document_id)[-2:] == ["taken_up", "waiting"]


def test_without_a_worker_a_lost_conversion_is_offered_to_who_may_edit(
    desk: Desk, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(config, "inline_max_bytes", lambda: 0)
        patched.setattr(process, "worker_listens", lambda: True)
        desk.deposit(desk.dataset(), CA)
    document_id = the_document().id
    quiet(document_id)
    url = f"/budgets/documents/{document_id}/journal"
    token = helpers.call_action("api_token_create", {"ignore_auth": True}, user=desk.user["name"], name="x")["token"]
    headers = {"Authorization": token}
    page = app.get(url, headers=headers).body
    assert "La conversion a été interrompue" in page and "Convertir de nouveau" in page
    assert "Convertir de nouveau" not in app.get(url).body
    assert app.post(url, status=403)
    app.post(url, headers=headers, follow_redirects=False)
    assert the_document().status == "converted"


@pytest.mark.usefixtures("by_a_worker")
def test_any_job_sees_to_what_another_left(desk: Desk) -> None:
    desk.deposit(desk.dataset(), CA)
    left = the_document()
    get_queue(config.QUEUE).empty()
    quiet(left.id)
    received = dt.datetime.now(dt.timezone.utc) - dt.timedelta(minutes=5)
    model.Session.execute(sa.update(BudgetDocument).values(received=received))
    model.Session.commit()
    process.job(left.package_id, ["another"])
    assert steps(left.id)[-2:] == ["taken_up", "waiting"]


def test_who_may_see_the_steps(desk: Desk, app: Any) -> None:
    desk.deposit(desk.dataset(private=True), CA)
    document_id = the_document().id
    stranger = factories.User()["name"]
    for user in (stranger, ""):
        with pytest.raises(tk.NotAuthorized):
            helpers.call_action("budget_document_log", {"user": user, "ignore_auth": False}, id=document_id)
    assert desk.act("budget_document_log", id=document_id)["status"] == "converted"
    assert app.get(f"/budgets/documents/{document_id}/journal", status=404)
    assert app.get("/budgets/documents/none/journal", status=404)


def test_steps_go_with_their_document(desk: Desk) -> None:
    dataset = desk.dataset()
    desk.deposit(dataset, CA)
    document_id = the_document().id
    helpers.call_action("dataset_purge", {"user": factories.Sysadmin()["name"]}, id=dataset["id"])
    assert steps(document_id) == []
    logbook.tell(["nobody"], "received")
    assert [fault.id for fault in doctor.examine() if fault.kind == "log_without_subject"] == ["nobody"]
    logbook.forget(["nobody"])
    model.Session.commit()


def test_a_conversion_whose_process_is_killed_is_taken_up_by_a_real_worker(
    desk: Desk, app: Any, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job's process is killed (-9) while it waits for the dataset; the page has the worker take the document up."""
    queue, dataset = get_queue(config.QUEUE), desk.dataset()
    with monkeypatch.context() as patched:
        patched.setattr(config, "inline_max_bytes", lambda: 0)
        patched.setattr(process, "worker_listens", lambda: True)
        desk.deposit(dataset, CA)
    document_id = the_document().id
    url = f"/budgets/documents/{document_id}/journal"
    command = [
        str(Path(sys.executable).parent / "ckan"), "-c", str(pytestconfig.getoption("ckan_ini")), "jobs", "worker",
        config.QUEUE,
    ]  # fmt: skip
    with model.meta.engine.connect() as other:
        other.execute(sa.text("SELECT 1 FROM package WHERE id = :id FOR UPDATE"), {"id": dataset["id"]})
        worker = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
        wait(lambda: the_document().attempts == 1)
        for pid in children(worker.pid):
            os.kill(pid, signal.SIGKILL)
        wait(lambda: FailedJobRegistry(queue=queue).get_job_ids())
    try:
        assert the_document().status == "received"
        quiet(document_id)
        # until PostgreSQL has seen that the killed process is gone, its lock says that somebody is at work
        wait(lambda: app.get(url).status_code == 200 and the_document().status != "received")
        assert (the_document().status, the_document().attempts) == ("converted", 2)
        assert steps(document_id) == [
            "received", "waiting", "taken_up", "waiting", "reading", "writing", "published",
        ]  # fmt: skip
        assert "Publié" in app.get(url).body
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait()


def wait(condition: Any) -> None:
    while not condition():
        time.sleep(0.2)


def children(pid: int) -> set[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return {int(line) for line in listed.split()}


def test_a_stalled_batch_is_stuck_and_freed(desk: Desk, cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ckan.cli.cli import ckan

    from ckanext.budget.deposit import batches
    from ckanext.budget.deposit.models import now

    batch = desk.send(CA, publish=False)
    found = batches.get(batch["batch_id"])
    assert found is not None
    publish.queue(found)
    found.touched = now() - dt.timedelta(minutes=5)
    model.Session.commit()
    said = cli.invoke(ckan, ["budget", "stuck"])
    assert said.exit_code == 1 and batch["batch_id"] in said.output
    assert cli.invoke(ckan, ["budget", "stuck", "--fix"]).exit_code == 0
    assert statuses(desk.batch(batch)) == ["published"]
    assert revival.dead([the_document()]) == []
