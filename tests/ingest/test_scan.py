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
