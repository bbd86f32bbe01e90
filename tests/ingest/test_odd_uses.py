"""What editors, scripts and neighbours do that nobody planned: the registry stays true and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.budget.ingest import derived, process, trip
from ckanext.budget.registry import core
from dev import fixtures
from tests.ingest.conftest import Portal, upload

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

Refused = Callable[[Callable[[], Any]], str]
CA = {"stage": "CA", "exercice": 2021}


def ca(seal: str = "2022-05-03T10:00:00", **more: Any) -> bytes:
    return fixtures.document(**CA, seal_date=seal, **more)


def test_nobody_replaces_a_published_budget_from_another_dataset(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    intruder = Portal()
    theirs = intruder.dataset(private=True)
    sentence = refused(lambda: intruder.deposit(theirs, ca("2023-01-01T10:00:00")))
    assert fixtures.SIRET in sentence and dataset["name"] in sentence
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert intruder.resources(theirs) == []


def test_the_dataset_of_a_private_budget_is_not_named_to_others(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset(private=True)
    portal.deposit(dataset, ca())
    intruder = Portal()
    theirs = intruder.dataset()
    for content in (ca(), ca("2023-01-01T10:00:00")):
        sentence = refused(lambda content=content: intruder.deposit(theirs, content))
        assert dataset["name"] not in sentence and dataset["title"] not in sentence


@pytest.mark.parametrize(
    "content", [ca("2023-01-01T10:00:00"), b"%PDF-1.4", b"a,b\n1,2\n"], ids=["xml", "pdf", "csv"]
)
def test_a_file_that_the_portal_makes_takes_no_upload(portal: Portal, refused: Refused, content: bytes) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    for role in ("csv", "consolidated"):
        (made,) = portal.resources(dataset, role)
        before = portal.stored(made)
        assert "made by the portal" in refused(
            lambda made=made: portal.act("resource_patch", id=made["id"], upload=upload(content, "x.csv"))
        )
        assert portal.stored(made) == before


def test_a_copied_resource_that_claims_to_be_ours_stays_in_the_dataset(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    (made,) = portal.resources(dataset, "csv")
    copy = {"url": "https://example.org/x.csv", "name": "Copie", "budget_role": made["budget_role"]}
    portal.act("resource_create", package_id=dataset["id"], **copy)
    portal.deposit(dataset, fixtures.document(stage="BP", exercice=2021))
    assert [r["name"] for r in portal.resources(dataset) if r["name"] == "Copie"] == ["Copie"]


def test_a_client_that_rewrites_the_list_without_our_files_gets_them_again(portal: Portal) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, ca())
    csv = portal.stored(portal.resources(dataset, "csv")[0])
    shown = portal.show(dataset)
    mine = [r for r in shown["resources"] if r["id"] == source["id"]]
    portal.act("package_update", **{**shown, "resources": mine})
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    assert portal.stored(portal.resources(dataset, "csv")[0]) == csv
    portal.deposit(dataset, fixtures.document(stage="BP", exercice=2021))
    assert portal.documents(dataset) == [("CA", 2021, "converted"), ("BP", 2021, "converted")]


@pytest.mark.parametrize("role", ["csv", "consolidated"])
def test_a_csv_that_becomes_a_link_is_made_again(portal: Portal, role: str) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    (made,) = portal.resources(dataset, role)
    content = portal.stored(made)
    portal.act("resource_patch", id=made["id"], url="https://example.org/other.csv", url_type="")
    (again,) = portal.resources(dataset, role)
    assert again["url_type"] == "upload" and "example.org" not in again["url"]
    assert portal.stored(again) == content


def test_a_fault_of_a_neighbour_after_the_file_was_stored_loses_no_document(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = portal.dataset()
    with monkeypatch.context() as patched:

        def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError("a neighbour plugin broke")

        patched.setattr("ckan.plugins.interfaces.IResourceController.after_resource_create", broken)
        patched.setattr("ckan.logic.action.create.resource_create_default_resource_views", broken, raising=False)
        patched.setattr("ckan.lib.datapreview.add_views_to_resource", broken)
        with pytest.raises(RuntimeError, match="neighbour"):
            portal.deposit(dataset, ca())
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert len(portal.resources(dataset, "source")) == 1


def test_a_refusing_view_is_no_failure_of_the_conversion(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no view today")

    monkeypatch.setattr(derived, "_create_views", broken)
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]


def test_the_good_version_can_be_put_back_after_a_failed_one(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, ca())
    with monkeypatch.context() as patched:
        patched.setattr(process, "_convert_into", lambda *_: 1 / 0)
        portal.act("resource_update", id=source["id"], upload=upload(ca("2022-06-01T10:00:00")))
    assert portal.documents(dataset)[-1][2] == "failed"
    portal.act("resource_update", id=source["id"], upload=upload(ca()))
    assert portal.documents(dataset)[-1] == ("CA", 2021, "converted")
    assert b"2022-05-03" in portal.stored(portal.resources(dataset, "source")[0])


def test_one_faulty_document_leaves_the_others_of_the_upload_alone(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = portal.dataset()
    really = process._store_lines

    def broken(document_id: str, lines: Any) -> None:
        document = core.document(document_id)
        if document is not None and document.stage == "BP":
            model.Session.execute(sa.text("INSERT INTO budget_line (document_id) VALUES (NULL)"))
        really(document_id, lines)

    monkeypatch.setattr(process, "_store_lines", broken)
    portal.act(
        "package_revise",
        match={"id": dataset["id"]},
        update__resources__extend=[
            {"url": "", "upload": upload(fixtures.document(stage="BP", exercice=2021))},
            {"url": "", "upload": upload(ca())},
        ],
    )
    assert sorted(portal.documents(dataset)) == [("BP", 2021, "failed"), ("CA", 2021, "converted")]


def test_a_file_of_another_collectivite_is_refused_while_the_first_one_waits(
    portal: Portal, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = portal.dataset()
    with monkeypatch.context() as patched:
        patched.setattr("ckanext.budget.config.inline_max_bytes", lambda: 0)
        patched.setattr(process, "worker_listens", lambda: True)
        portal.deposit(dataset, ca())
    other = fixtures.document(**CA, siret="21990000800018", name="Autreville")
    assert "Autreville" in refused(lambda: portal.deposit(dataset, other))


def test_emptying_the_siret_does_not_open_the_dataset_to_others(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    portal.act("package_patch", id=dataset["id"], siret="")
    other = fixtures.document(**CA, siret="21990000800018", name="Autreville")
    assert "Autreville" in refused(lambda: portal.deposit(dataset, other))


def test_deleting_a_dataset_puts_back_in_force_what_it_had_replaced(portal: Portal) -> None:
    first, second = portal.dataset(), portal.dataset()
    portal.deposit(first, ca())
    with trip.own_writes():  # as two datasets of one budget could be, before they were forbidden
        portal.act("package_patch", id=first["id"], state="draft")
    portal.deposit(second, ca("2022-06-01T10:00:00"))
    with trip.own_writes():
        portal.act("package_patch", id=first["id"], state="active")
        process.process(first["id"], [])
    assert portal.documents(first) == [("CA", 2021, "superseded")]
    tk.get_action("package_delete")({"user": portal.user["name"]}, {"id": second["id"]})
    assert portal.documents(first) == [("CA", 2021, "converted")]
    assert len(portal.resources(first, "consolidated")) == 1
