"""Other plugins that handle uploads: after ours all is well, before ours CKAN does not start."""

from __future__ import annotations

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import pytest

from ckanext.budget import startup
from dev import fixtures
from tests.ingest.conftest import Portal
from tests.ingest.test_upload_paths import MARKER

pytestmark = pytest.mark.ckan


@pytest.mark.usefixtures("with_plugins")
def test_another_uploader_before_ours_stops_ckan_and_the_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other(p.SingletonPlugin):
        name = "cloud_storage"

    budget = p.get_plugin("budget")
    monkeypatch.setattr(startup.p, "PluginImplementations", lambda _interface: iter([Other, budget]))
    monkeypatch.setitem(tk.config, "ckan.plugins", "cloud_storage budget scheming_datasets")
    with pytest.raises(tk.CkanConfigurationException) as caught:
        startup.check(budget)
    assert "ckan.plugins = budget cloud_storage scheming_datasets" in str(caught.value)
