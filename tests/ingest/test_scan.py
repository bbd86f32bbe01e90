"""``ckan budget scan``: the files stored before the plugin came."""

from __future__ import annotations

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
