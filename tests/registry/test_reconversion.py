"""Documents converted anew, the state of the portal, what is stuck: by actions and on the command line."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.cli.cli import ckan
from ckan.lib.jobs import Worker, get_queue
from sqlalchemy.orm import Session

from ckanext.budget import config
from ckanext.budget.ingest import derived, process, queue, reconversion
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from tests.ingest.conftest import Portal
from tests.ingest.made import ca

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins", "clean_queues")]


def one(portal: Portal) -> tuple[dict[str, Any], BudgetDocument]:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    return dataset, row


def the_converter_was_wrong(document: BudgetDocument) -> None:
    """As if an older version had made it: other lines, another CSV."""
    lines = "UPDATE budget_line SET mtreal = mtreal + 10 WHERE document_id = :id AND number = 1"
    model.Session.execute(sa.text(lines), {"id": document.id})
    document.converter_version, document.csv_sha256 = "0.0.1", "0" * 64
    model.Session.commit()


def test_what_comes_out_the_same_is_not_written_again(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, row = one(portal)
    before = portal.show(dataset)
    row.converter_version = "0.0.1"
    model.Session.commit()
    done = portal.act("budget_document_reconvert", id=row.id)
    assert (done["status"], done["changed"], done["difference"], done["error"]) == ("converted", False, None, None)
    assert portal.show(dataset)["resources"] == before["resources"]
    assert reconversion.stale() == []


def test_what_comes_out_otherwise_is_published_with_its_difference(portal: Portal) -> None:
    dataset, row = one(portal)
    (csv,) = portal.resources(dataset, "csv")
    good = portal.stored(csv)
    portal.act("resource_patch", id=row.resource_id, description="Écrit à la main")
    portal.act("package_patch", id=dataset["id"], notes="À nous")
    the_converter_was_wrong(row)
    done = portal.act("budget_document_reconvert", id=row.id)
    assert done["changed"] and done["difference"]["accounts"] == 1
    total = [Decimal(c["change"]) for c in (*done["difference"]["blocks"], *done["difference"]["beside"])]
    assert sum(total) == -10
    assert portal.stored(portal.resources(dataset, "csv")[0]) == good
    shown = portal.show(dataset)
    assert shown["notes"] == "À nous"
    assert next(r for r in shown["resources"] if r["id"] == row.resource_id)["description"] == "Écrit à la main"


def test_a_failure_leaves_what_was_published(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, row = one(portal)
    before = {r["id"]: portal.stored(r) for r in portal.resources(dataset)}
    with monkeypatch.context() as patched:
        patched.setattr(process, "convert", lambda *_, **__: 1 / 0)
        done = portal.act("budget_document_reconvert", id=row.id)
    assert done["error"]["code"] == "conversion_failed" and done["status"] == "converted"
    assert {r["id"]: portal.stored(r) for r in portal.resources(dataset)} == before
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert portal.act("budget_document_reconvert", id=row.id)["error"] is None


def test_a_replaced_version_is_converted_anew_and_stays_replaced(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca("2022-05-03T10:00:00", change=5))
    portal.deposit(dataset, ca("2022-06-01T10:00:00"))
    old, _new = core.documents_of(dataset["id"])
    the_converter_was_wrong(old)
    assert portal.act("budget_document_reconvert", id=old.id)["status"] == "superseded"
    assert portal.documents(dataset) == [("CA", 2021, "superseded"), ("CA", 2021, "converted")]


def test_what_is_gone_or_withdrawn_is_not_converted(portal: Portal) -> None:
    _dataset, row = one(portal)
    portal.act("budget_document_withdraw", id=row.id, reason="Essai")
    with pytest.raises(tk.ValidationError, match="withdrawn"):
        portal.act("budget_document_reconvert", id=row.id)
    with pytest.raises(tk.ObjectNotFound):
        portal.act("budget_document_reconvert", id="nothing")


@pytest.mark.usefixtures("with_test_worker")
def test_a_large_document_is_converted_anew_by_a_worker(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, row = one(portal)
    the_converter_was_wrong(row)
    monkeypatch.setattr(config, "inline_max_bytes", lambda: 0)
    monkeypatch.setattr(process, "worker_listens", lambda: True)
    assert portal.act("budget_document_reconvert", id=row.id)["queued"]
    assert portal.documents(dataset) == [("CA", 2021, "converted")]  # meanwhile, what was there
    Worker([config.QUEUE]).work(burst=True)
    model.Session.expire_all()
    assert reconversion.stale() == [] and portal.documents(dataset) == [("CA", 2021, "converted")]


def test_reconvert_on_the_command_line(portal: Portal, cli: Any) -> None:
    dataset, row = one(portal)
    document_id = row.id
    assert cli.invoke(ckan, ["budget", "reconvert"]).exit_code == 2
    nothing = cli.invoke(ckan, ["budget", "reconvert", "--stale"])
    assert nothing.exit_code == 0 and "nothing to convert anew" in nothing.output
    the_converter_was_wrong(core.documents_of(dataset["id"])[0])  # the command has closed the session
    done = cli.invoke(ckan, ["budget", "reconvert", "--stale", "--json"])
    assert done.exit_code == 0, done.output
    (said,) = json.loads(done.output.splitlines()[-1])["documents"]
    assert said["id"] == document_id and said["changed"]
    again = cli.invoke(ckan, ["budget", "reconvert", dataset["name"]])
    assert again.exit_code == 0 and f"{document_id}: unchanged" in again.output
    unknown = cli.invoke(ckan, ["budget", "reconvert", "nothing"])
    assert unknown.exit_code == 1


def test_status_says_what_is_there_and_what_is_wrong(portal: Portal, cli: Any) -> None:
    dataset, _row = one(portal)
    well = cli.invoke(ckan, ["budget", "status", "--json"])
    assert well.exit_code == 0, well.output
    said = json.loads(well.output.splitlines()[-1])
    assert said["documents"]["converted"] == 1 and said["stuck"] == [] and said["stale"] == 0
    (row,) = core.documents_of(dataset["id"])
    row.status, row.received = "received", dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=1)
    model.Session.commit()
    wrong = cli.invoke(ckan, ["budget", "status"])
    assert wrong.exit_code == 1 and "stuck: " in wrong.output


def test_what_is_stuck_is_found_and_freed(portal: Portal, cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = portal.dataset()
    with monkeypatch.context() as patched:
        patched.setattr(config, "inline_max_bytes", lambda: 0)
        patched.setattr(process, "worker_listens", lambda: True)
        portal.deposit(dataset, ca())
    get_queue(config.QUEUE).empty()  # the job is lost
    (row,) = core.documents_of(dataset["id"])
    fresh = cli.invoke(ckan, ["budget", "stuck"])
    assert fresh.exit_code == 0, fresh.output
    row = core.documents_of(dataset["id"])[0]
    row.received, row.attempts = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=1), 3
    model.Session.commit()
    found = cli.invoke(ckan, ["budget", "stuck", "--json"])
    assert found.exit_code == 1
    assert len(json.loads(found.output.splitlines()[-1])["documents"]) == 1
    freed = cli.invoke(ckan, ["budget", "stuck", "--fix"])
    assert freed.exit_code == 0, freed.output
    model.Session.expire_all()
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


@pytest.mark.usefixtures("with_test_worker")
def test_a_dead_job_is_found_and_forgotten(portal: Portal, cli: Any) -> None:
    tk.enqueue_job(process.job, [None, None], queue=config.QUEUE)
    Worker([config.QUEUE]).work(burst=True)
    assert len(queue.dead_jobs()) == 1
    assert cli.invoke(ckan, ["budget", "stuck"]).exit_code == 1
    freed = cli.invoke(ckan, ["budget", "stuck", "--fix"])
    assert freed.exit_code == 0, freed.output
    assert queue.dead_jobs() == []


def test_purge_on_the_command_line(portal: Portal, cli: Any) -> None:
    _dataset, row = one(portal)
    document_id = row.id
    refused = cli.invoke(ckan, ["budget", "purge", "--yes", document_id])
    assert refused.exit_code == 1 and "not withdrawn" in refused.output
    portal.act("budget_document_withdraw", id=document_id, reason="Essai")
    assert cli.invoke(ckan, ["budget", "purge", document_id], input="n\n").exit_code == 1
    done = cli.invoke(ckan, ["budget", "purge", "--yes", "--forget", document_id])
    assert done.exit_code == 0, done.output
    assert core.document(document_id) is None


def test_a_document_is_left_to_the_job_that_has_it(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its advisory lock is another connection's: nothing is converted, nor counted as an attempt."""
    dataset = portal.dataset()
    with monkeypatch.context() as patched:
        patched.setattr(config, "inline_max_bytes", lambda: 0)
        patched.setattr(process, "worker_listens", lambda: True)
        portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    row.received = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=1)
    model.Session.commit()
    with Session(model.meta.engine) as other:
        key = sa.func.hashtextextended(f"budget_document {row.id}", 0)
        other.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
        process.job(dataset["id"], [row.id])
        assert (row.status, row.attempts) == ("received", 0)
        assert queue.stuck()["documents"] == []  # somebody is at work on it
    assert len(queue.stuck()["documents"]) == 1
    process.job(dataset["id"], [row.id])
    assert (row.status, row.attempts) == ("converted", 1)


def test_a_document_that_kills_its_worker_is_given_up_after_three_attempts(portal: Portal) -> None:
    dataset, row = one(portal)
    row.status, row.attempts = "received", process.MAX_ATTEMPTS
    model.Session.commit()
    process.job(dataset["id"], [row.id])
    assert row.status == "failed" and row.error["code"] == "conversion_failed"


def test_a_fault_of_the_database_is_not_tried_for_ever(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def write(*_: Any) -> None:
        calls.append(1)
        raise sa.exc.OperationalError("the connection was lost", None, Exception())

    monkeypatch.setattr(derived, "write", write)
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    assert len(calls) == process.MAX_ATTEMPTS
    assert portal.documents(dataset) == [("CA", 2021, "failed")]
