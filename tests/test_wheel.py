"""The wheel is whole: its members, its tables, and one upload, with nothing of the checkout in reach."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from dev import fixtures
from tests.conftest import ROOT

pytestmark = pytest.mark.ckan

PACKAGE = "ckanext/budget/"
WANTED = (
    "config_declaration.yaml",
    "schemas/budget.yaml",
    "i18n/fr/LC_MESSAGES/ckanext-budget.mo",
    "i18n/fr/LC_MESSAGES/ckanext-budget.po",
    "nomenclature/data/plans.tsv.gz",
    "nomenclature/data/README.md",
    "scdl/schema/budget-0.8.3.json",
    "territory/data/territory.tsv.gz",
    "territory/data/obligations.json",
    "territory/data/README.md",
    "territory/obligations.schema.json",
    "quality/report.schema.json",
    "assets/webassets.yml",
    "assets/budget.css",
    "migration/budget/alembic.ini",
    "migration/budget/env.py",
    "migration/budget/script.py.mako",
    "migration/budget/versions/0001_documents_and_lines.py",
    "templates/budget/document.html",
    "templates/budget/snippets/document_state.html",
    "templates/package/snippets/resource_item.html",
    "templates/scheming/form_snippets/budget_hidden.html",
)

UPLOAD = """
import io, json, sys
from ckan.config.middleware import make_app
from ckan.cli import load_config
app = make_app(load_config(sys.argv[1]))
import ckan.plugins.toolkit as tk
import ckanext.budget
from ckan import model
from werkzeug.datastructures import FileStorage
with app._wsgi_app.test_request_context():
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    context = lambda: {"ignore_auth": True, "user": user}
    org = tk.get_action("organization_create")(context(), {"name": "organisation-de-la-roue"})
    data = {"type": "budget", "title": "La roue", "owner_org": org["id"]}
    made = tk.get_action("package_create")(context(), data)
    upload = FileStorage(stream=open(sys.argv[2], "rb"), filename="budget.xml")
    tk.get_action("resource_create")(context(), {"package_id": made["id"], "upload": upload})
    shown = tk.get_action("package_show")(context(), {"id": made["id"]})
    documents = tk.get_action("budget_document_list")(context(), {"package_id": made["id"]})
    print("RESULT", json.dumps([
        ckanext.budget.__file__,
        [r["budget_role"] for r in shown["resources"]],
        [d["status"] for d in documents],
    ]))
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what git knows: nothing left over in the checkout gets in."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    names = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).splitlines()
    for name in names:
        if not name.startswith(("tests/", "dev/", "docs/")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, cwd=copy)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """An environment with the wheel; CKAN and the dependencies are those of the tests' own, the checkout is not."""
    folder = tmp_path / "venv"
    run(sys.executable, "-m", "venv", folder, cwd=tmp_path)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    own = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path).strip())
    # a plain path: the .pth files in it (the checkout's editable install) are not followed; CKAN's folder holds a
    # module «types», so the standard one comes first (in a usual environment other .pth files have loaded it)
    (own / "ckan-of-the-tests.pth").write_text(f"{sysconfig.get_path('purelib')}\nimport typing\n")
    return python


def test_the_wheel_has_all_its_members_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert [name for name in WANTED if PACKAGE + name not in names] == []
    tracked = run("git", "ls-files", "-co", "--exclude-standard", "ckanext/budget", cwd=ROOT).splitlines()
    assert sorted(set(tracked) - names) == []
    odd = [
        n for n in names if not n.startswith(("ckanext/budget/", "ckanext_budget-")) and n != "ckanext/__init__.py"
    ]
    assert odd == []


def test_the_wheel_declares_what_it_imports(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = next(archive.read(n).decode() for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
    required = {
        line.split()[1].split(">")[0].split(";")[0].lower()
        for line in metadata.splitlines()
        if "Requires-Dist" in line
    }
    assert {"ckanext-scheming", "lxml", "jsonschema", "pandas", "python-stdnum"} <= required
    assert "ckan" not in required, "CKAN is the host: installing the plugin must not move it"


def test_the_console_script_of_the_wheel_works_without_ckan(wheel: Path, tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    run(sys.executable, "-m", "venv", folder, cwd=tmp_path)
    run(folder / "bin/python", "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel, cwd=tmp_path)
    own = Path(
        run(
            folder / "bin/python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path
        ).strip()
    )
    stdnum = Path(sysconfig.get_path("purelib")) / "stdnum"
    (own / "stdnum").symlink_to(stdnum)
    (tmp_path / "b.xml").write_bytes(fixtures.document(stage="CA", exercice=2021))
    out = run(folder / "bin/budget-scdl", "convert", "b.xml", "-o", "b.csv", cwd=tmp_path)
    assert out == ""
    assert (tmp_path / "b.csv").read_bytes().startswith(b"BGT_NATDEC,")
    assert "conforme" in run(folder / "bin/budget-scdl", "check", "b.csv", cwd=tmp_path)


def test_the_wheel_upgrades_the_database_and_takes_a_budget(
    installed: Path, tmp_path: Path, pytestconfig: pytest.Config, reset_db_once: None
) -> None:
    import sqlalchemy as sa
    from ckan import model

    with model.meta.engine.begin() as connection:
        for table in sa.inspect(connection).get_table_names():
            if table.startswith("budget_"):
                connection.execute(sa.text(f'DROP TABLE "{table}" CASCADE'))
    ini = str(Path(pytestconfig.getoption("ckan_ini")).resolve())
    ckan = (installed, "-c", "from ckan.cli.cli import ckan; ckan()", "-c", ini)
    for plugin in ("activity", "budget"):
        run(*ckan, "db", "upgrade", "-p", plugin, cwd=tmp_path)
    assert sa.inspect(model.meta.engine).has_table("budget_document")
    (tmp_path / "budget.xml").write_bytes(fixtures.document(stage="CA", exercice=2021))
    (tmp_path / "upload.py").write_text(UPLOAD)
    printed = run(installed, "upload.py", ini, "budget.xml", cwd=tmp_path)
    file, roles, states = json.loads(printed.partition("RESULT ")[2].splitlines()[0])
    assert Path(file).is_relative_to(tmp_path)
    assert roles == ["consolidated", "csv", "source"]
    assert states == ["converted"]
