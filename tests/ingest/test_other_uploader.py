"""Other plugins that handle uploads: after ours all is well, before ours CKAN does not start."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import ckan.plugins.toolkit as tk
import pytest
from other_uploader import OtherUploaderPlugin

from dev import fixtures
from tests.ingest.conftest import Portal
from tests.ingest.test_upload_paths import MARKER, PATHS
from tests.test_wheel import UPLOAD, run

pytestmark = pytest.mark.ckan

PLUGINS = Path(__file__).parents[1] / "plugins"


def test_another_uploader_before_ours_stops_ckan_and_the_line_is_named(
    pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    ini = Path(pytestconfig.getoption("ckan_ini")).read_text()
    faulty = tmp_path / "faulty.ini"
    faulty.write_text(
        re.sub(r"(?m)^ckan\.plugins\s*=.*$", "ckan.plugins = other_uploader budget scheming_datasets", ini)
    )
    run = subprocess.run(
        [sys.executable, "-c", "from ckan.cli.cli import ckan; ckan()", "-c", str(faulty), "db", "version"],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(PLUGINS), "PATH": "/usr/bin:/bin"},
    )
    assert run.returncode != 0
    assert "ckan.plugins = budget other_uploader scheming_datasets" in run.stdout + run.stderr


@pytest.mark.ckan_config("ckan.plugins", "budget scheming_datasets other_uploader")
@pytest.mark.usefixtures("with_plugins")
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_another_uploader_after_ours_stores_the_occulted_copy(portal: Portal, path: Callable[..., None]) -> None:
    before = OtherUploaderPlugin.calls
    dataset = portal.dataset()
    path(portal, dataset, fixtures.document(stage="CA", exercice=2021, marker=MARKER))
    assert OtherUploaderPlugin.calls > before
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert MARKER.encode("latin-1") not in portal.stored(portal.resources(dataset, "source")[0])


def test_a_budget_goes_through_the_storages_of_ckan_2_12(
    portal: Portal, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    """Where resources are kept by file-keeper, files have no path: they are read back as a stream."""
    if not tk.check_ckan_version(min_version="2.12"):
        with pytest.raises(ImportError):
            importlib.import_module("ckan.lib.files")
        return
    ini = Path(pytestconfig.getoption("ckan_ini")).read_text()
    storage = {"type": "ckan:fs", "path": str(tmp_path / "kept"), "initialize": "true"}
    lines = "".join(f"ckan.files.storage.default.{name} = {value}\n" for name, value in storage.items())
    kept = tmp_path / "kept.ini"
    kept.write_text(ini.replace("use = egg:ckan\n", f"use = egg:ckan\n{lines}"))
    (tmp_path / "upload.py").write_text(UPLOAD.replace("organisation-de-la-roue", "organisation-du-gardien"))
    (tmp_path / "budget.xml").write_bytes(fixtures.document(stage="CA", exercice=2016, marker=MARKER))
    printed = run(sys.executable, "upload.py", str(kept), "budget.xml", cwd=tmp_path)
    _, roles, states = json.loads(printed.partition("RESULT ")[2].splitlines()[0])
    assert (roles, states) == (["consolidated", "csv", "source"], ["converted"])
    stored = [path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert len(stored) == 3
    assert not any(MARKER.encode("latin-1") in content for content in stored)
