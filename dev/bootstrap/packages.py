"""Debian packages, installed without starting the services they bring."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from dev.bootstrap.common import run, say, stop

BASE = (
    "python3-venv",
    "python3-dev",
    "gcc",
    "libpq-dev",
    "libmagic1",
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "ca-certificates",
    "postgresql",
    "redis-server",
    "maven",
)
BROWSER = ("chromium", "fonts-dejavu-core")
JDKS = ("openjdk-17-jdk-headless", "openjdk-21-jdk-headless", "default-jdk-headless")

POLICY = Path("/usr/sbin/policy-rc.d")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/ckanext-budget.conf")


def ensure(*, browser: bool, more: tuple[str, ...] = ()) -> None:
    """Install what is missing; nothing is asked of apt when all is there."""
    wanted = [*BASE, *(BROWSER if browser else ()), *more]
    missing = [name for name in wanted if not _installed(name)]
    if not shutil.which("javac"):
        missing.append(next((name for name in JDKS if _known(name)), JDKS[-1]))
    if not missing:
        return
    if not shutil.which("apt-get"):
        stop("This machine has no apt-get.", f"Install by hand: {', '.join(missing)}.")
    say(f"installing Debian packages: {' '.join(missing)}")
    prefix = _as_root(missing)
    with _quiet_services(prefix):
        _apt(prefix, "update")
        if "javac" not in missing and not shutil.which("javac"):
            missing = [m for m in missing if m not in JDKS] + [next((n for n in JDKS if _known(n)), JDKS[-1])]
        _apt(prefix, "install", "-y", "--no-install-recommends", *missing)


def _installed(name: str) -> bool:
    done = run(["dpkg-query", "-W", "-f=${Status}", name], check=False)
    return "install ok installed" in (done.stdout or "")


def _known(name: str) -> bool:
    done = run(["apt-cache", "show", name], check=False)
    return done.returncode == 0


def _as_root(missing: list[str]) -> list[str]:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-v"], check=False).returncode == 0:
        return ["sudo"]
    return stop(
        "Packages are missing and this account may not install them.",
        f"Ask an administrator to run: apt-get install {' '.join(missing)}",
    )


def _apt(prefix: list[str], *arguments: str) -> None:
    """apt fails now and then: three tries."""
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", *arguments]
    for pause in (5, 15, 0):
        done = run(command, check=False)
        if done.returncode == 0:
            return
        time.sleep(pause)
    stop(
        "\n".join((done.stdout or "").splitlines()[-15:]) + "\napt-get failed three times.",
        "Check the network and try again.",
    )


class _quiet_services:  # noqa: N801  (used as a context manager)
    """Within it, packages start no service and make no PostgreSQL cluster; both settings are restored."""

    def __init__(self, prefix: list[str]) -> None:
        self._prefix = prefix
        self._saved: str | None = None

    def __enter__(self) -> None:
        self._saved = POLICY.read_text() if POLICY.exists() else None
        self._write(POLICY, "#!/bin/sh\nexit 101\n", "755")
        self._write(NO_CLUSTER, "create_main_cluster = false\n", "644")

    def __exit__(self, *_: object) -> None:
        if self._saved is None:
            run([*self._prefix, "rm", "-f", POLICY])
        else:
            self._write(POLICY, self._saved, "755")
        run([*self._prefix, "rm", "-f", NO_CLUSTER])

    def _write(self, path: Path, text: str, mode: str) -> None:
        with tempfile.NamedTemporaryFile("w", delete=False) as source:
            source.write(text)
        run([*self._prefix, "install", "-D", "-m", mode, source.name, path])
        Path(source.name).unlink()
