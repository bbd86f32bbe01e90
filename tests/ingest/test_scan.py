"""``ckan budget scan``: the files stored before the plugin came."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.cli.cli import ckan

from ckanext.budget.ingest import trip
from dev import fixtures
from tests.ingest import made
from tests.ingest.conftest import Portal
from tests.ingest.test_upload_paths import MARKER

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")]


@pytest.fixture
def before_the_plugin(portal: Portal) -> Iterator[dict[str, Any]]:
    storage = Path(tk.config["ckan.storage_path"])
    assert "test" in storage.name
    shutil.rmtree(storage / "resources", ignore_errors=True)  # what other tests left
    dataset = portal.dataset()
    with trip.own_writes():  # the door stands aside, as if it were not installed
        portal.deposit(dataset, fixtures.document(stage="CA", exercice=2021, marker=MARKER))
    yield dataset
    for path in exposed():
        path.unlink()


def exposed() -> list[Path]:
    """Stored files that hold the marker."""
    files = (path for path in Path(tk.config["ckan.storage_path"]).rglob("*") if path.is_file())
    return [path for path in files if MARKER.encode("latin-1") in path.read_bytes()]


def test_scan_names_what_is_exposed_and_changes_nothing(portal: Portal, before_the_plugin: Any, cli: Any) -> None:
    (resource,) = portal.resources(before_the_plugin)
    result = cli.invoke(ckan, ["budget", "scan"])
    assert result.exit_code == 1
    assert resource["id"] in result.output
    assert MARKER not in result.output
    assert MARKER.encode("latin-1") in portal.stored(resource)
    assert len(exposed()) == 1


def test_scan_fix_occults_and_converts(portal: Portal, before_the_plugin: Any, cli: Any) -> None:
    result = cli.invoke(ckan, ["budget", "scan", "--fix"])
    assert result.exit_code == 0, result.output
    assert portal.roles(before_the_plugin) == ["consolidated", "csv", "source"]
    assert exposed() == []
    again = cli.invoke(ckan, ["budget", "scan"])
    assert again.exit_code == 0, again.output


def test_scan_sees_the_file_behind_a_resource_that_became_a_link(
    portal: Portal, before_the_plugin: Any, cli: Any
) -> None:
    (resource,) = portal.resources(before_the_plugin)
    with trip.own_writes():
        portal.act("resource_patch", id=resource["id"], url="https://example.org/budget.xml", url_type="")
    assert exposed()
    assert cli.invoke(ckan, ["budget", "scan"]).exit_code == 1
    assert cli.invoke(ckan, ["budget", "scan", "--fix"]).exit_code == 0
    assert exposed() == []


def test_scan_sees_the_files_that_no_resource_names(portal: Portal, before_the_plugin: Any, cli: Any) -> None:
    tk.get_action("package_delete")({"user": portal.user["name"]}, {"id": before_the_plugin["id"]})
    tk.get_action("dataset_purge")({"ignore_auth": True}, {"id": before_the_plugin["id"]})
    (left,) = exposed()
    found = cli.invoke(ckan, ["budget", "scan"])
    assert (found.exit_code, str(left) in found.output) == (1, True)
    assert cli.invoke(ckan, ["budget", "scan", "--fix"]).exit_code == 0
    assert exposed() == []


def stored_before(portal: Portal, content: bytes, name: str, **fields: Any) -> dict[str, Any]:
    shutil.rmtree(Path(tk.config["ckan.storage_path"]) / "resources", ignore_errors=True)
    dataset = portal.dataset(**fields)
    with trip.own_writes():
        portal.deposit(dataset, content, name, format=name.rpartition(".")[2].upper())
    return dataset


@pytest.mark.parametrize("kind", made.WRAPPED)
@pytest.mark.parametrize("type_", ["budget", "dataset"])
def test_scan_opens_what_is_wrapped(portal: Portal, cli: Any, kind: str, type_: str) -> None:
    dataset = stored_before(portal, made.WRAPPED[kind](made.ca(marker=MARKER)), "ca-2021.xml.gz", type=type_)
    (resource,) = portal.resources(dataset)
    found = cli.invoke(ckan, ["budget", "scan"])
    assert found.exit_code == 1 and "1 exposed" in found.output and MARKER not in found.output
    fixed = cli.invoke(ckan, ["budget", "scan", "--fix"])
    assert fixed.exit_code == 0, fixed.output
    now = next(r for r in portal.resources(dataset) if r["id"] == resource["id"])
    stored = portal.stored(now)
    assert stored.startswith(b"<?xml") and b"phyrine" not in stored and b"Occult&#233;" in stored
    assert now["url"].endswith("/ca-2021.xml") and (now["format"], now["mimetype"]) == ("XML", "application/xml")
    assert now["size"] == len(stored)
    roles = ["consolidated", "csv", "source"] if type_ == "budget" else [None]
    assert portal.roles(dataset) == roles
    assert cli.invoke(ckan, ["budget", "scan"]).exit_code == 0


@pytest.mark.parametrize(("given", "name"), [(made.csv, "ca.csv"), (made.workbook, "ca.xlsx")], ids=["csv", "xlsx"])
def test_scan_treats_a_table_as_the_door_does(portal: Portal, cli: Any, given: Any, name: str) -> None:
    content = given()  # a workbook holds the time when it was made
    dataset = stored_before(portal, content, name)
    found = cli.invoke(ckan, ["budget", "scan"])
    assert found.exit_code == 1 and "may hold other things" in found.output and "1 table" in found.output
    assert portal.stored(portal.resources(dataset)[0]) == content
    fixed = cli.invoke(ckan, ["budget", "scan", "--fix"])
    assert fixed.exit_code == 0 and "standard's order" in fixed.output, fixed.output
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    (source,) = portal.resources(dataset, "source")
    assert source["format"] == "CSV" and source["url"].endswith("/ca.csv")
    assert portal.stored(source) == portal.stored(portal.resources(dataset, "csv")[0])
    again = cli.invoke(ckan, ["budget", "scan"])
    assert again.exit_code == 0, again.output


def test_scan_leaves_a_table_of_another_dataset_alone(portal: Portal, cli: Any) -> None:
    content = made.csv(tiers="Divers")
    dataset = stored_before(portal, content, "ca.csv", type="dataset")
    result = cli.invoke(ckan, ["budget", "scan", "--fix"])
    assert result.exit_code == 0, result.output
    assert portal.stored(portal.resources(dataset)[0]) == content


def test_scan_does_not_take_what_the_portal_makes_for_deposits(
    portal: Portal, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two years: their consolidated CSV is a table of two documents, which the door would refuse."""
    monkeypatch.setitem(tk.config, "ckanext.budget.annexes", "subventions emprunts")
    shutil.rmtree(Path(tk.config["ckan.storage_path"]) / "resources", ignore_errors=True)
    dataset = portal.dataset()
    portal.deposit(dataset, made.ca())
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2020))
    before = [(r["id"], r["hash"]) for r in portal.resources(dataset)]
    for command in (["budget", "scan", "--fix"], ["budget", "scan"]):
        result = cli.invoke(ckan, command)
        assert result.exit_code == 0, result.output
    assert sorted(portal.documents(dataset)) == [("CA", 2020, "converted"), ("CA", 2021, "converted")]
    assert [(r["id"], r["hash"]) for r in portal.resources(dataset)] == before


def test_a_file_that_nobody_foresaw_does_not_hide_the_others(
    portal: Portal, before_the_plugin: Any, cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = importlib.import_module("ckanext.budget.cli.scan")
    really, seen = scan.receive, []

    def broken(*args: Any, **more: Any) -> Any:
        seen.append(args)
        if len(seen) == 1:
            raise RuntimeError("unforeseen")
        return really(*args, **more)

    with trip.own_writes():
        portal.deposit(before_the_plugin, fixtures.document(stage="BP", exercice=2021, marker=MARKER), "bp.xml")
    monkeypatch.setattr(scan, "receive", broken)
    result = cli.invoke(ckan, ["budget", "scan"])
    assert result.exit_code == 1
    assert "1 exposed" in result.output and "1 unreadable" in result.output
