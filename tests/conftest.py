"""What every test stands on: a guard for the databases, the corpus when it is there, our tables."""

from __future__ import annotations

import configparser
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
CORPUS = SHARED / "corpus"

#: plugins of the tests' portal that have tables of their own
MIGRATED = ("activity", "budget")

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real budgets is not beside the project")


def pytest_configure(config: pytest.Config) -> None:
    """CKAN's tests empty the databases they are given: refuse any that is not a test one."""
    ini = config.getoption("ckan_ini", None)
    if not ini:
        return
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ini, encoding="utf-8")
    settings = parser["app:main"]
    overriding = sorted(name for name in os.environ if name.startswith("CKAN_"))
    if overriding:
        pytest.exit(f"these variables would override the tests' configuration, unset them: {overriding}", 3)
    names = (urlparse(settings["sqlalchemy.url"]).path, urlparse(settings["solr_url"]).path.rstrip("/"))
    if not all(name.endswith("_test") for name in names):
        pytest.exit(f"the tests would empty these: their names do not end in _test: {names}", 3)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Where the corpus is present nothing may be skipped."""
    if CORPUS.is_dir() and terminalreporter.stats.get("skipped"):
        terminalreporter.section("skipped tests fail this run: the shared folder is present", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skip hides nothing: with the corpus present it fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if CORPUS.is_dir() and reporter and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = 1


_loaded: dict[str, Any] = {}


@pytest.fixture
def with_plugins(request: pytest.FixtureRequest, ckan_config: Any) -> Iterator[None]:
    """CKAN's own loads the plugins before each test and unloads them after it, most of the time of a suite. Here they
    stay until a test has settings of its own (mark ``ckan_config``)."""
    from ckan import model, plugins

    from ckanext.budget import config

    if any(request.node.iter_markers("ckan_config")):
        _loaded.clear()
        plugins.load_all()
        yield
        getattr(plugins, "unload_non_system_plugins", plugins.unload_all)()  # the former on 2.11
        return
    if not _loaded:
        plugins.load_all()
        _loaded["plugins"] = True
    model.Session.remove()
    config.configure_plans()
    yield


@pytest.fixture
def app(request: pytest.FixtureRequest, make_app: Callable[[], Any]) -> Any:
    """As CKAN's own; the application is made once, a client of it for each test."""
    if any(request.node.iter_markers("ckan_config")) or not _loaded:
        return make_app()
    if "app" not in _loaded:
        _loaded["app"] = make_app().app
    from ckan.tests.helpers import CKANTestApp

    return CKANTestApp(_loaded["app"])


@pytest.fixture
def clean_db(reset_db: Callable[[], None], migrate_db_for: Callable[[str], Any]) -> None:
    """CKAN's own drops our tables and does not bring them back."""
    reset_db()
    for plugin in MIGRATED:
        migrate_db_for(plugin)


@pytest.fixture
def non_clean_db(reset_db_once: None, migrate_db_for: Callable[[str], Any]) -> None:
    """CKAN's own, with our tables."""
    import sqlalchemy as sa
    from ckan import model

    model.repo.init_db()
    if not sa.inspect(model.meta.engine).has_table("budget_document"):
        for plugin in MIGRATED:
            migrate_db_for(plugin)
