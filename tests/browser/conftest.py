"""A portal that really serves, and a browser that really clicks."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import MIGRATED, ROOT

PASSWORD = "mot-de-passe-d-essai"
#: no request leaves for the outside: the portal and the pages are all there is
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


#: a busy machine is no fault of the page
expect.set_options(timeout=30_000)


class Portal:
    """A running portal: its address, an administrator's API, an editor of one organisation."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.headers["Authorization"] = token
        self.editor = "agent-essai"
        self("user_create", name=self.editor, email="agent-essai@example.org", password=PASSWORD)
        users = [{"name": self.editor, "capacity": "editor"}]
        self.organisation = "Commune d’essai"
        self("organization_create", name="commune-d-essai", title=self.organisation, users=users)

    def __call__(self, action: str, upload: tuple[str, bytes] | None = None, **data: Any) -> Any:
        url = f"{self.url}/api/3/action/{action}"
        sent = {"data": data, "files": {"upload": upload}} if upload else {"json": data}
        answer = self._session.post(url, timeout=120, **sent)
        body = answer.json()
        assert body["success"], body
        return body["result"]

    def dataset(self, title: str, *files: tuple[str, bytes]) -> dict[str, Any]:
        made = self("package_create", type="budget", title=title, owner_org="commune-d-essai")
        for file in files:
            self("resource_create", upload=file, package_id=made["id"])
        return self("package_show", id=made["id"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _ckan(ini: Path, *arguments: str) -> str:
    command = [str(Path(sys.executable).parent / "ckan"), "-c", str(ini), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="package")
def portal(
    pytestconfig: pytest.Config, reset_db_once: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    """Server and worker on the tests' database, as a portal runs them (CSRF protection on)."""
    folder, port = tmp_path_factory.mktemp("portal"), _free_port()
    text = Path(pytestconfig.getoption("ckan_ini")).read_text(encoding="utf-8")
    values = {"testing": "false", "ckan.site_url": f"http://127.0.0.1:{port}", "ckan.storage_path": str(folder / "s")}
    for key, value in values.items():
        text = re.sub(rf"(?m)^{re.escape(key)}\s*=.*\n", "", text)
        text = text.replace("use = egg:ckan\n", f"use = egg:ckan\n{key} = {value}\n")
    ini = folder / "live.ini"
    ini.write_text(text, encoding="utf-8")
    for plugin in MIGRATED:
        _ckan(ini, "db", "upgrade", "-p", plugin)
    _ckan(ini, "search-index", "clear")
    _ckan(ini, "user", "add", "admin-essai", "email=admin-essai@example.org", f"password={PASSWORD}")
    _ckan(ini, "sysadmin", "add", "admin-essai")
    printed = _ckan(ini, "user", "token", "add", "admin-essai", "essai")
    ckan = [str(Path(sys.executable).parent / "ckan"), "-c", str(ini)]
    with (folder / "log").open("wb") as log:
        running = [
            subprocess.Popen([*ckan, *command], stdout=log, stderr=log, cwd=ROOT)
            for command in (
                # threaded: a browser opens connections that it does not use, above all for frames
                ("run", "--host", "127.0.0.1", "--port", str(port), "--disable-reloader", "--threaded"),
                ("jobs", "worker", "default", "budget"),
            )
        ]
        try:
            _wait_for(values["ckan.site_url"], running[0], folder / "log")
            yield Portal(values["ckan.site_url"], re.findall(r"\beyJ[\w.-]+", printed)[-1])
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(20)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        assert server.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            if requests.get(f"{url}/api/3/action/status_show", timeout=20).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.5)
    raise AssertionError(log.read_text(errors="replace")[-3000:])


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's browser, without a window."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Debian's chromium is missing: make test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, portal: Portal) -> Iterator[Open]:
    """Open a path of the portal in a new window; a fault of a script fails the test."""
    contexts, faults = [], []

    def run(path: str = "/", *, width: int = 1200, scripts: bool = True) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(portal.url + path)
        return page

    yield run
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def as_editor(open_page: Open, portal: Portal) -> Page:
    """The portal as an agent of the organisation sees it, logged in through the form."""
    page = open_page("/user/login")
    page.fill("input[name=login]", portal.editor)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/(dashboard|user|$)"))
    return page


class Picture:
    """Keeps screenshots for those who look (BUDGET_SCREENSHOTS chooses the folder)."""

    def __init__(self) -> None:
        self.folder = Path(os.environ.get("BUDGET_SCREENSHOTS") or ROOT / ".services" / "screenshots")
        self.folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, page: Page, name: str) -> None:
        """The whole page."""
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    def top(self, page: Page, name: str, selector: str, height: int) -> None:
        """The beginning of one element."""
        box = page.locator(selector).bounding_box()
        assert box
        clip = {"x": box["x"] - 12, "y": box["y"], "width": box["width"] + 24, "height": min(box["height"], height)}
        page.screenshot(path=self.folder / f"{name}.png", full_page=True, clip=clip)


@pytest.fixture
def picture() -> Picture:
    return Picture()
