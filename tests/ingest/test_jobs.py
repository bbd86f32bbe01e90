"""Conversions that don't happen in the request: by a worker, for callers that commit later, and when a job is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib.jobs import Worker
from ckan.lib.search.common import SearchIndexError

from ckanext.budget import config
from ckanext.budget.ingest import derived, process
from ckanext.budget.registry import core
from dev import fixtures
from tests.ingest.conftest import Portal, upload

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins", "clean_queues")]

CA = fixtures.document(stage="CA", exercice=2021)


@pytest.fixture
def all_files_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "inline_max_bytes", lambda: 0)


@pytest.fixture
def a_worker_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "worker_listens", lambda: True)


def work() -> None:
    Worker([config.QUEUE]).work(burst=True)


@pytest.mark.usefixtures("all_files_are_large", "a_worker_listens", "with_test_worker")
def test_a_large_file_is_converted_by_a_worker_and_the_page_says_so_meanwhile(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, CA)
    assert portal.documents(dataset) == [("CA", 2021, "received")]
    assert "la conversion est en cours" in app.get(f"/budget/{dataset['name']}").body
    work()
    model.Session.expire_all()
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]


@pytest.mark.usefixtures("all_files_are_large")
def test_without_a_worker_a_large_file_is_converted_at_once(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, CA)
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


@pytest.mark.usefixtures("with_test_worker")
def test_a_caller_that_commits_later_gets_its_conversion_by_a_job(portal: Portal) -> None:
    dataset = portal.dataset()
    context: Any = {"user": portal.user["name"], "defer_commit": True, "return_id_only": True}
    values = {**portal.show(dataset), "resources": [{"url": "", "upload": upload(CA)}]}
    tk.get_action("package_update")(context, values)
    model.Session.commit()
    assert portal.documents(dataset) == [("CA", 2021, "received")]
    work()
    model.Session.expire_all()
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


@pytest.mark.usefixtures("all_files_are_large")
def test_a_lost_job_is_made_good_by_the_next_save(portal: Portal, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = portal.dataset()
    with monkeypatch.context() as patched:
        patched.setattr(process, "worker_listens", lambda: True)
        portal.deposit(dataset, CA)
    (row,) = core.documents_of(dataset["id"])
    row.received = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=1)
    model.Session.commit()
    assert "sa conversion a été interrompue" in app.get(f"/budget/{dataset['name']}").body
    monkeypatch.setattr(process, "worker_listens", lambda: True)
    portal.act("package_patch", id=dataset["id"])
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


def test_a_document_is_converted_once_whoever_asks_again(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, CA)
    (row,) = core.documents_of(dataset["id"])
    monkeypatch.setattr(process, "_convert_into", lambda *_: pytest.fail("converted again"))
    process.job(dataset["id"], [row.id])
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert row.attempts == 1


def test_a_transient_fault_of_the_database_is_tried_again(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    really, calls = derived.write, []

    def write(*args: Any) -> None:
        calls.append(args)
        if len(calls) < 3:
            raise sa.exc.OperationalError("the connection was lost", None, Exception())
        really(*args)

    monkeypatch.setattr(derived, "write", write)
    dataset = portal.dataset()
    portal.deposit(dataset, CA)
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert core.documents_of(dataset["id"])[0].attempts == 3


def test_what_could_not_be_published_is_published_by_the_next_save(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = portal.dataset()
    with monkeypatch.context() as patched:

        def write(*_: Any) -> None:
            raise SearchIndexError("Solr is away")

        patched.setattr(derived, "write", write)
        portal.deposit(dataset, CA)
    assert portal.documents(dataset) == [("CA", 2021, "failed")]
    portal.act("package_patch", id=dataset["id"], notes="On recommence")
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
