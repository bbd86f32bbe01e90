"""Other plugins that handle uploads: after ours all is well, before ours CKAN does not start."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from other_uploader import OtherUploaderPlugin

from dev import fixtures
from tests.ingest.conftest import Portal
from tests.ingest.test_upload_paths import MARKER, PATHS

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
