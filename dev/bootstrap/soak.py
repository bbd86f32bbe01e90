"""A portal for the soak of imports: the tests' services, an empty database and empty folders of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

from dev.bootstrap import portal, postgres
from dev.bootstrap.common import SERVICES, run, say, venv


def prepare(version: str) -> Path:
    """Empty it and make it anew; returns the configuration file."""
    tests = portal.prepare(version, "test")
    short = version.replace(".", "")
    database, folder, path = (
        f"budget_{short}_soak_test",
        SERVICES / f"soak-{version}",
        SERVICES / f"soak-{version}.ini",
    )
    shutil.rmtree(folder, ignore_errors=True)
    values = {
        "testing": "false",
        "sqlalchemy.url": postgres.url(postgres.OWNER, database),
        "ckan.site_id": f"budget_{short}_soak",
        "ckan.storage_path": str(folder / "storage"),
        "ckanext.budget.deposit_path": str(folder / "waiting"),
    }
    text = tests.read_text(encoding="utf-8")
    path.touch(mode=0o600)
    path.write_text(portal.changed(text, values), encoding="utf-8")
    (folder / "storage").mkdir(parents=True)
    say("emptying the soak's database")
    postgres.fresh(database)
    ckan = [str(venv(version) / "bin" / "ckan"), "-c", str(path)]
    run([*ckan, "db", "init"])
    for plugin in ("activity", "budget"):
        run([*ckan, "db", "upgrade", "-p", plugin])
    run([*ckan, "search-index", "clear"])
    return path
