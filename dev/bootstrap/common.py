"""Where things are, what is remembered, and how one speaks to the person at the keyboard."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ROOT / ".services"
LOGS = SERVICES / "logs"
STATE = SERVICES / "state.json"

CKAN = {"2.11": "2.11.6", "2.12": "2.12.0"}
DEFAULT = "2.12"
DEMO_PORT = int(os.environ.get("PORT") or 5000)


def say(text: str) -> None:
    """One line of progress."""
    print(f"== {text}", flush=True)


def stop(what: str, remedy: str) -> NoReturn:
    """Give up: one sentence on what is wrong, one on what to do."""
    print(f"!! {what} {remedy}", file=sys.stderr, flush=True)
    raise SystemExit(1)


def version() -> str:
    """CKAN_VERSION, 2.12 by default."""
    wanted = os.environ.get("CKAN_VERSION") or DEFAULT
    if wanted not in CKAN:
        stop(f"CKAN_VERSION={wanted} is not supported.", f"Use one of: {', '.join(CKAN)}.")
    return wanted


def venv(name: str) -> Path:
    """Folder of a virtual environment: CKAN's of a version, or «tools»."""
    return ROOT / (".venv" if name == DEFAULT else f".venv-{name}")


def environment() -> dict[str, str]:
    """This process's variables without CKAN's own, which would override every configuration file."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CKAN_")}


def run(
    command: Sequence[str | Path], *, quiet: bool = True, check: bool = True, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a command; on failure show the end of what it printed and stop."""
    options.setdefault("env", environment())
    options.setdefault("cwd", ROOT)
    pipe = subprocess.PIPE if quiet else None
    done = subprocess.run(
        [str(c) for c in command],
        check=False,
        stdout=pipe,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        **options,
    )
    if check and done.returncode:
        tail = "\n".join((done.stdout or "").splitlines()[-25:])
        stop(f"This command failed: {' '.join(map(str, command))[:200]}\n{tail}\n", "Its messages are above.")
    return done


def state() -> dict[str, Any]:
    """What is remembered between runs: ports, secrets."""
    return json.loads(STATE.read_text()) if STATE.exists() else {}


def remember(**values: Any) -> None:
    """Keep values for the next runs (readable by this account only)."""
    SERVICES.mkdir(exist_ok=True)
    data = {**state(), **values}
    STATE.touch(mode=0o600)
    STATE.chmod(0o600)
    STATE.write_text(json.dumps(data, indent=1, sort_keys=True))


def secret(name: str) -> str:
    """A random secret, made once."""
    found = state().get("secrets", {})
    if name not in found:
        found[name] = secrets.token_urlsafe(24)
        remember(secrets=found)
    return found[name]


def port(name: str) -> int:
    """A port for a service: chosen free once, then kept."""
    found = state().get("ports", {})
    if name not in found:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            found[name] = probe.getsockname()[1]
        remember(ports=found)
    return found[name]


def forget_port(name: str) -> None:
    """Something else took the port: another is chosen next time."""
    found = state().get("ports", {})
    found.pop(name, None)
    remember(ports=found)


def answers(number: int) -> bool:
    """Whether something listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", number)) == 0


def stamp(folder: Path, *parts: str | bytes) -> tuple[Path, str]:
    """A file that tells what a folder was made from, and the digest it should hold."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() if isinstance(part, str) else part)
    return folder / ".made-from", digest.hexdigest()


def alive(pidfile: Path) -> int | None:
    """Process number of a running background process of ours."""
    try:
        number = int(pidfile.read_text())
        os.kill(number, 0)
    except (OSError, ValueError):
        return None
    return number


def background(name: str, command: Sequence[str | Path], **options: Any) -> None:
    """Start a process that goes on after us; its output goes to a log."""
    LOGS.mkdir(parents=True, exist_ok=True)
    options.setdefault("env", environment())
    with (LOGS / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [str(c) for c in command],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            cwd=ROOT,
            **options,
        )
    (SERVICES / f"{name}.pid").write_text(str(process.pid))


def terminate(name: str) -> bool:
    """Stop a background process and its children; whether there was one."""
    pidfile = SERVICES / f"{name}.pid"
    number = alive(pidfile)
    if number is not None:
        try:
            os.killpg(number, 15)
        except OSError:
            os.kill(number, 15)
    pidfile.unlink(missing_ok=True)
    return number is not None
