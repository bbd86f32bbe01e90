"""Portals that really serve, on the tests' database: processes of their own, each with threads."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from tests.conftest import ROOT

CKAN = Path(sys.executable).parent / "ckan"


@contextmanager
def servers(ini: Path, folder: Path, count: int, **settings: str) -> Iterator[list[str]]:
    """Addresses of ``count`` servers of one portal, whose files are in ``folder``."""
    with ExitStack() as stack:
        started = [_started(stack, ini, folder, number, settings) for number in range(count)]
        for url, process, log in started:
            _wait_for(url, process, log)
        yield [url for url, _, _ in started]


def _started(
    stack: ExitStack, ini: Path, folder: Path, number: int, settings: dict[str, str]
) -> tuple[str, subprocess.Popen[bytes], Path]:
    port = _free_port()
    url, path, log = f"http://127.0.0.1:{port}", folder / f"live-{number}.ini", folder / f"log-{number}"
    values = {
        "testing": "false",
        "ckan.site_url": url,
        "ckan.storage_path": str(folder / "storage"),
        "ckanext.budget.deposit_path": str(folder / "waiting"),
        **{name.replace("__", "."): value for name, value in settings.items()},
    }
    text = ini.read_text(encoding="utf-8")
    for key, value in values.items():
        text = re.sub(rf"(?m)^{re.escape(key)}\s*=.*\n", "", text)
        text = text.replace("use = egg:ckan\n", f"use = egg:ckan\n{key} = {value}\n")
    path.write_text(text, encoding="utf-8")
    command = [str(CKAN), "-c", str(path), "run", "--host", "127.0.0.1", "--port", str(port), "-r", "-t"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=ROOT)
    stack.callback(process.wait, 20)
    stack.callback(process.terminate)
    return url, process, log


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        assert server.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            if requests.get(f"{url}/api/3/action/status_show", timeout=20).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.5)
    raise AssertionError(log.read_text(errors="replace")[-3000:])
