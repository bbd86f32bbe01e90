"""Configuration files and databases of the portals: the demo's and the tests', per CKAN version."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlparse

from dev.bootstrap import packages, postgres, services, venvs
from dev.bootstrap.common import DEMO_PORT, ROOT, SERVICES, run, say, secret, stop, venv

OVERRIDES = {
    "sqlalchemy.url": "BUDGET_TEST_SQLALCHEMY_URL",
    "ckan.datastore.write_url": "BUDGET_TEST_DATASTORE_WRITE_URL",
    "ckan.datastore.read_url": "BUDGET_TEST_DATASTORE_READ_URL",
    "solr_url": "BUDGET_TEST_SOLR_URL",
    "ckan.redis.url": "BUDGET_TEST_REDIS_URL",
}


def ini(version: str, use: str) -> Path:
    """Path of a configuration file."""
    return SERVICES / f"{use}-{version}.ini"


def prepare(version: str, use: str) -> Path:
    """Packages, environment, services, databases and configuration; returns the configuration file."""
    packages.ensure(browser=use == "test")
    venvs.ckan(version)
    postgres.start()
    services.start_redis()
    services.start_solr(version)
    new = postgres.create(version, use)
    path = _write(version, use)
    ckan = ckan_command(version, use)
    if new:
        say(f"creating the {use} database")
        run([*ckan, "db", "init"])
    for plugin in ("activity", "budget"):
        run([*ckan, "db", "upgrade", "-p", plugin])
    if new:
        _, datastore = postgres.databases(version, use)
        postgres.as_admin(datastore, f"GRANT CONNECT ON DATABASE {datastore} TO {postgres.READER}")
    return path


def ckan_command(version: str, use: str) -> list[str]:
    """The ``ckan`` command on a configuration file."""
    return [str(venv(version) / "bin" / "ckan"), "-c", str(ini(version, use))]


def _write(version: str, use: str) -> Path:
    values = _values(version, use)
    if use == "test":
        values |= {key: os.environ[name] for key, name in OVERRIDES.items() if os.environ.get(name)}
        _check_test(values, version)
    path = ini(version, use)
    path.touch(mode=0o600)
    path.write_text(changed((ROOT / "test.ini").read_text(encoding="utf-8"), values), encoding="utf-8")
    Path(values["ckan.storage_path"]).mkdir(parents=True, exist_ok=True)
    return path


def changed(text: str, values: Mapping[str, str]) -> str:
    """A configuration with other values."""
    for key, value in values.items():
        text, found = re.subn(rf"(?m)^{re.escape(key)}\s*=.*$", lambda _, k=key, v=value: f"{k} = {v}", text)
        if not found:
            text = text.replace("use = egg:ckan\n", f"use = egg:ckan\n{key} = {value}\n")
    return text


def _values(version: str, use: str) -> dict[str, str]:
    main, datastore = postgres.databases(version, use)
    values = {
        "SECRET_KEY": secret(f"{use}-session"),
        "sqlalchemy.url": postgres.url(postgres.OWNER, main),
        "ckan.datastore.write_url": postgres.url(postgres.OWNER, datastore),
        "ckan.datastore.read_url": postgres.url(postgres.READER, datastore),
        "solr_url": services.solr_url(version, use),
        "ckan.redis.url": services.redis_url(version, use),
        "ckan.site_id": f"budget_{version.replace('.', '')}_{use}",
        "ckan.storage_path": str(SERVICES / f"storage-{use}-{version}"),
    }
    if use == "test":
        values |= {
            "ckanext.budget.coverage_seconds": "0",
            "ckan.files.storage.extra.type": "ckan:fs",
            "ckan.files.storage.extra.path": f"{values['ckan.storage_path']}/extra",
            "ckan.files.storage.extra.initialize": "true",
        }
    if use == "demo":
        values |= {
            "testing": "false",
            "ckan.site_url": f"http://127.0.0.1:{DEMO_PORT}",
            "ckan.site_title": "Portail de démonstration",
            "ckanext.budget.annexes": "subventions emprunts",
        }
    return values


def _check_test(values: dict[str, str], version: str) -> None:
    """Tests empty what they are given: they refuse anything that does not look like theirs."""
    database = urlparse(values["sqlalchemy.url"]).path.lstrip("/")
    core = values["solr_url"].rstrip("/").rpartition("/")[2]
    for what, name in (("database", database), ("Solr core", core)):
        if not name.endswith("_test"):
            stop(
                f"The {what} «{name}» is not a test one: the tests would empty it.",
                "Give one whose name ends in _test.",
            )
    if values["ckan.redis.url"] == services.redis_url(version, "demo"):
        stop(
            "The Redis index is the demo's: the tests would empty it.", "Give another index in BUDGET_TEST_REDIS_URL."
        )
