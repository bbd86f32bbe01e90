"""Two portals on the tests' services, with the plugin and without it, as a portal runs them."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from benchmarks.timing import ROOT, FailedError

COUNTING = Path(__file__).with_name("counting")
CKAN = Path(sys.executable).with_name("ckan")
#: of a portal that lives a minute; CKAN keeps the names of removed accounts
ACCOUNT, PASSWORD = f"banc-d-essai-{int(time.time())}", "mot-de-passe-du-banc"  # noqa: S105
PLUGINS = {"with": "budget scheming_datasets activity text_view", "without": "scheming_datasets activity text_view"}


@dataclass
class Portal:
    """A running portal; ``counts`` is the file of the counting plugin."""

    url: str
    process: subprocess.Popen[bytes]
    counts: Path
    session: requests.Session

    def action(self, name: str, upload: tuple[str, bytes] | None = None, /, **data: Any) -> Any:
        """The result of an action."""
        sent: dict[str, Any] = {"data": data, "files": {"upload": upload}} if upload else {"json": data}
        answer = self.session.post(f"{self.url}/api/3/action/{name}", timeout=300, **sent)
        body = answer.json()
        if not body["success"]:
            raise FailedError(f"{name}: {body['error']}")
        return body["result"]

    def counted(self) -> Counter[str]:
        """What was counted so far."""
        return Counter(self.counts.read_text(encoding="ascii").split())

    def seconds(self) -> float:
        """Processor time that the server has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def both(ini: Path, folder: Path) -> Generator[dict[str, Portal]]:
    """The two portals, on one database; what they hold is purged by whoever put it there."""
    with ExitStack() as stack:
        token = _token(_settings(ini, folder, "with", 1))
        found = {name: stack.enter_context(_running(ini, folder, name, token)) for name in PLUGINS}
        try:
            yield found
        finally:
            _ckan(folder / "with.ini", "user", "remove", ACCOUNT)


@contextmanager
def one(ini: Path, folder: Path) -> Generator[Portal]:
    """The portal with the plugin."""
    token = _token(_settings(ini, folder, "with", 1))
    try:
        with _running(ini, folder, "with", token) as portal:
            yield portal
    finally:
        _ckan(folder / "with.ini", "user", "remove", ACCOUNT)


@contextmanager
def _running(ini: Path, folder: Path, name: str, token: str) -> Generator[Portal]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings, counts, log = _settings(ini, folder, name, port), folder / f"{name}.counts", folder / f"{name}.log"
    counts.touch()
    command = [CKAN, "-c", settings, "run", "--host", "127.0.0.1", "--port", str(port), "--disable-reloader"]
    environment = {**_environment(), "BUDGET_BENCH_COUNTS": str(counts)}
    with log.open("wb") as out:
        process = subprocess.Popen(list(map(str, command)), stdout=out, stderr=out, cwd=ROOT, env=environment)
    try:
        portal = Portal(f"http://127.0.0.1:{port}", process, counts, requests.Session())
        portal.session.headers["Authorization"] = token
        _wait(portal, log)
        yield portal
    finally:
        process.terminate()
        process.wait(20)


def _settings(ini: Path, folder: Path, name: str, port: int) -> Path:
    """A configuration file like the tests', of a portal that really serves."""
    text = ini.read_text(encoding="utf-8")
    values = {
        "testing": "false",
        "ckan.site_url": f"http://127.0.0.1:{port}",
        "ckan.storage_path": str(folder / f"storage-{name}"),
        "ckan.plugins": f"{PLUGINS[name]} budget_bench_counter",
        "ckanext.budget.coverage_seconds": "10",
    }
    for key, value in values.items():
        text = re.sub(rf"(?m)^{re.escape(key)}\s*=.*\n", "", text)
        text = text.replace("use = egg:ckan\n", f"use = egg:ckan\n{key} = {value}\n")
    text = re.sub(r"(?m)^ckan\.files\.storage\.extra\..*\n", "", text)
    path = folder / f"{name}.ini"
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path


def _token(settings: Path) -> str:
    _ckan(settings, "user", "add", ACCOUNT, f"email={ACCOUNT}@example.org", f"password={PASSWORD}")
    _ckan(settings, "sysadmin", "add", ACCOUNT)
    return re.findall(r"\beyJ[\w.-]+", _ckan(settings, "user", "token", "add", ACCOUNT, "banc"))[-1]


def _ckan(settings: Path, *arguments: str) -> str:
    command = [str(CKAN), "-c", str(settings), *arguments]
    environment = {**_environment(), "BUDGET_BENCH_COUNTS": os.devnull}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    if done.returncode:
        raise FailedError((done.stdout + done.stderr)[-600:])
    return done.stdout


def _environment() -> dict[str, str]:
    """Without CKAN's own variables, which would override the configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CKAN_")}
    return {**kept, "PYTHONPATH": str(COUNTING)}


def _wait(portal: Portal, log: Path) -> None:
    for _ in range(240):
        if portal.process.poll() is not None:
            break
        try:
            if portal.session.get(f"{portal.url}/api/3/action/status_show", timeout=20).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.5)
    raise FailedError(f"CKAN does not answer: {log.read_text(errors='replace')[-600:]}")
