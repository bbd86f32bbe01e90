"""Nothing is left of what was deleted, by whatever way; and the command that proves it finds, and mends, what is."""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.cli.cli import ckan
from ckan.tests import factories, helpers

from ckanext.budget.ingest import mending
from ckanext.budget.registry import core, doctor
from ckanext.budget.registry.models import BudgetDocument, BudgetLine, BudgetWithdrawnFile
from dev import fixtures
from tests.ingest.conftest import Portal, upload
from tests.ingest.made import ca
from tests.registry.test_withdrawal import FIRST, SECOND, files_of, rows

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]


@pytest.fixture
def clean(portal: Portal) -> Portal:
    """A portal on which other tests have left nothing."""
    folder = Path(tk.config["ckan.storage_path"])
    assert "test" in folder.name
    shutil.rmtree(folder / "resources", ignore_errors=True)
    for table in (model.ResourceView, model.Resource):
        model.Session.execute(sa.delete(table))
    model.Session.commit()
    assert kinds() == []
    return portal


def kinds() -> list[str]:
    return sorted(fault.kind for fault in doctor.examine())


def two_versions_and_a_budget(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setitem(tk.config, "ckanext.budget.annexes", "emprunts subventions")
    dataset = portal.dataset()
    portal.deposit(dataset, ca(FIRST, change=1200))
    portal.deposit(dataset, ca(SECOND))
    portal.deposit(dataset, fixtures.document(stage="BP", exercice=2021))
    assert len(portal.resources(dataset)) == 13 and kinds() == []
    return dataset


def sysadmin(action: str, **data: Any) -> Any:
    return helpers.call_action(action, {"user": factories.Sysadmin()["name"], "ignore_auth": False}, **data)


def delete_each_resource(portal: Portal, dataset: dict[str, Any]) -> None:
    for resource in portal.resources(dataset, "source"):
        portal.act("resource_delete", id=resource["id"])


def replace_by_others(portal: Portal, dataset: dict[str, Any]) -> None:
    """A PDF, a link, and a list from which one has gone."""
    first, second, _third = portal.resources(dataset, "source")
    portal.act("resource_patch", id=first["id"], upload=upload(b"%PDF-1.4 a note", "note.pdf"))
    portal.act("resource_patch", id=second["id"], url="https://example.org/x.xml", url_type="", clear_upload="true")
    kept = [r for r in portal.resources(dataset) if r["id"] == first["id"]]
    portal.act("package_patch", id=dataset["id"], resources=kept)


def withdraw_each(portal: Portal, dataset: dict[str, Any]) -> None:
    for document in core.documents_of(dataset["id"]):
        portal.act("budget_document_withdraw", id=document.id, reason="Essai", personal_data=True)


def purge_dataset(portal: Portal, dataset: dict[str, Any]) -> None:
    sysadmin("dataset_purge", id=dataset["id"])


def delete_then_purge(portal: Portal, dataset: dict[str, Any]) -> None:
    portal.act("package_delete", id=dataset["id"])
    assert kinds() == [] and rows(BudgetDocument) == 3  # CKAN's own bin: it may come back
    sysadmin("dataset_purge", id=dataset["id"])


def remove_the_organisation(portal: Portal, dataset: dict[str, Any]) -> None:
    with pytest.raises(tk.ValidationError):
        sysadmin("organization_purge", id=portal.org["id"])
    assert kinds() == [] and len(portal.resources(dataset)) == 13
    portal.act("package_delete", id=dataset["id"])
    sysadmin("organization_delete", id=portal.org["id"])
    sysadmin("dataset_purge", id=dataset["id"])
    sysadmin("organization_purge", id=portal.org["id"])


WAYS = [
    delete_each_resource,
    replace_by_others,
    withdraw_each,
    purge_dataset,
    delete_then_purge,
    remove_the_organisation,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nothing_is_left_of_what_was_deleted(clean: Portal, monkeypatch: pytest.MonkeyPatch, way: Any) -> None:
    dataset = two_versions_and_a_budget(clean, monkeypatch)
    paths = files_of(clean.resources(dataset))
    way(clean, dataset)
    left = {p.read_bytes()[:4] for p in paths.values() if p.exists()}
    assert left <= {b"%PDF"}
    assert rows(BudgetLine) == 0 and rows(BudgetWithdrawnFile) == 0
    assert rows(BudgetDocument) == (3 if way is withdraw_each else 0)
    query = sa.select(model.ResourceView.resource_id).where(model.ResourceView.view_type == "budget")
    assert model.Session.scalars(query).all() == []
    assert kinds() == []


def test_a_group_that_goes_takes_no_budget_with_it(clean: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = two_versions_and_a_budget(clean, monkeypatch)
    group = factories.Group()
    helpers.call_action(
        "member_create", id=group["id"], object=dataset["id"], object_type="package", capacity="public"
    )
    sysadmin("group_delete", id=group["id"])
    sysadmin("group_purge", id=group["id"])
    assert len(clean.resources(dataset)) == 13 and kinds() == []


def test_a_deleted_dataset_that_comes_back_has_its_documents(clean: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = two_versions_and_a_budget(clean, monkeypatch)
    clean.act("package_delete", id=dataset["id"])
    sysadmin("package_patch", id=dataset["id"], state="active")
    assert len(clean.resources(dataset)) == 13 and kinds() == []


def break_everything(portal: Portal, dataset: dict[str, Any]) -> list[str]:
    """Each fault, made behind CKAN's back; returns the kinds to be found."""
    old, new, plan = core.documents_of(dataset["id"])
    # two in force
    old.status = "converted"
    # a document whose resource is gone, and what derives from it left behind with a view
    csv = core.csv_id(plan.resource_id)
    model.Session.execute(
        sa.update(model.Resource).where(model.Resource.id == plan.resource_id).values(state="deleted")
    )
    # a document without dataset; lines without document; a kept file of a document that is not withdrawn
    ghost = BudgetDocument(
        package_id=str(uuid.uuid4()), resource_id=str(uuid.uuid4()), exercice=2021, stage="BP",
        source_sha256="0", occulted_sha256="0",
    )  # fmt: skip
    model.Session.add(ghost)
    model.Session.execute(
        sa.text("UPDATE budget_line SET document_id = 'nobody' WHERE document_id = :id"), {"id": old.id}
    )
    model.Session.add(BudgetWithdrawnFile(document_id=new.id, content=b"", resource={}))
    # a file that nobody names, and a view of a deleted resource
    stray = str(uuid.uuid5(uuid.NAMESPACE_OID, "stray"))
    path = files_of([{"id": stray}])[stray]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("BGT_NATDEC")
    model.Session.execute(sa.update(model.Resource).where(model.Resource.id == csv).values(state="deleted"))
    model.Session.commit()
    return [
        "document_without_dataset",
        "document_without_resource",
        "file_without_resource",
        "kept_file_without_document",
        "lines_without_document",
        "two_in_force",
        "view_without_resource",
    ]


def test_the_doctor_finds_each_fault_and_mends_it(clean: Portal, cli: Any) -> None:
    dataset = clean.dataset()
    clean.deposit(dataset, ca(FIRST, change=1200))
    clean.deposit(dataset, ca(SECOND))
    clean.deposit(dataset, fixtures.document(stage="BP", exercice=2021))
    well = cli.invoke(ckan, ["budget", "doctor"])
    assert well.exit_code == 0 and "all agrees" in well.output
    expected = break_everything(clean, dataset)
    found = cli.invoke(ckan, ["budget", "doctor", "--json"])
    assert found.exit_code == 1
    said = json.loads(found.output.splitlines()[-1])
    assert sorted({fault["kind"] for fault in said["faults"]}) == expected
    assert kinds() != []  # it was only looked at
    mended = cli.invoke(ckan, ["budget", "doctor", "--fix"])
    assert mended.exit_code == 0, mended.output
    assert kinds() == []
    assert clean.documents(dataset) == [("CA", 2021, "superseded"), ("CA", 2021, "converted")]


def test_files_of_others_are_left_alone(clean: Portal) -> None:
    stray = str(uuid.uuid4())
    path = files_of([{"id": stray}])[stray]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("somebody’s")
    mending.mend(doctor.examine())
    assert kinds() == [] and path.exists()
    path.unlink()
