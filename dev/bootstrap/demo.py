"""The demonstration portal: server, worker, accounts, and the fictitious commune's budgets."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from pathlib import Path

from dev.bootstrap import portal
from dev.bootstrap.common import (
    DEMO_PORT,
    SERVICES,
    alive,
    answers,
    background,
    remember,
    run,
    say,
    secret,
    state,
    stop,
    terminate,
    venv,
)

ADMIN, EDITOR = "admin", "agent"
URL = f"http://127.0.0.1:{DEMO_PORT}"


def demo(version: str, files: list[str]) -> None:
    """Bring the portal up, publish the fictitious budgets and the given files, print how to get in."""
    paths = [Path(name).resolve() for name in files]
    for path in paths:
        if not path.is_file():
            stop(f"The file {path} does not exist.", "Check the names given in FILES.")
    _check_port(version)
    portal.prepare(version, "demo")
    _serve(version)
    token = _accounts(version)
    command = [venv(version) / "bin" / "python", "-m", "dev.bootstrap.deposit", URL, SERVICES / "fixtures", *paths]
    refused = run(command, quiet=False, check=False, env=_with_token(token)).returncode
    _print(token)
    if refused:
        raise SystemExit(1)


def stop_portal() -> list[str]:
    """Stop server and worker."""
    return [name for name in ("demo-server", "demo-worker") if terminate(name)]


def _with_token(token: str) -> dict[str, str]:
    from dev.bootstrap.common import environment  # noqa: PLC0415

    return {**environment(), "BUDGET_DEMO_TOKEN": token, "BUDGET_DEMO_EDITOR": EDITOR}


def _check_port(version: str) -> None:
    running = alive(SERVICES / "demo-server.pid")
    if running and state().get("demo_version") != version:
        say(f"stopping the demo of CKAN {state().get('demo_version')}")
        stop_portal()
        time.sleep(2)
    elif not running and answers(DEMO_PORT):
        stop(
            f"The port {DEMO_PORT} is already taken by another program.",
            f"Stop that program, or choose another port: PORT={DEMO_PORT + 1} make demo.",
        )


def _serve(version: str) -> None:
    ckan = portal.ckan_command(version, "demo")
    if not alive(SERVICES / "demo-server.pid"):
        say("starting CKAN and a job worker")
        background(
            "demo-server", [*ckan, "run", "--host", "127.0.0.1", "--port", str(DEMO_PORT), "--disable-reloader", "-t"]
        )
        remember(demo_version=version)
    if not alive(SERVICES / "demo-worker.pid"):
        background("demo-worker", [*ckan, "jobs", "worker", "default", "budget"])
    for _ in range(240):
        if _status():
            return
        if not alive(SERVICES / "demo-server.pid"):
            stop("CKAN did not start.", "Read .services/logs/demo-server.log.")
        time.sleep(0.5)
    stop("CKAN does not answer.", "Read .services/logs/demo-server.log.")


def _status() -> bool:
    try:
        with urllib.request.urlopen(f"{URL}/api/3/action/status_show", timeout=20) as answer:
            return bool(json.load(answer)["success"])
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _accounts(version: str) -> str:
    """Administrator and editor; returns an API token of the administrator."""
    ckan = portal.ckan_command(version, "demo")
    known = state().get(f"demo_token_{version}")
    if known and _valid(known):
        return known
    for name in (ADMIN, EDITOR):
        if run([*ckan, "user", "show", name], check=False).stdout.strip().endswith("None"):
            run([*ckan, "user", "add", name, f"email={name}@example.org", f"password={secret('demo-' + name)}"])
    run([*ckan, "sysadmin", "add", ADMIN])
    printed = run([*ckan, "user", "token", "add", ADMIN, "demo"]).stdout
    token = re.findall(r"\beyJ[\w.-]+|\b[\w-]{40,}\b", printed)[-1]
    remember(**{f"demo_token_{version}": token})
    return token


def _valid(token: str) -> bool:
    request = urllib.request.Request(f"{URL}/api/3/action/user_show?id={ADMIN}", headers={"Authorization": token})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return "apikey" in answer.read().decode() or answer.status == 200
    except urllib.error.URLError:
        return False


def _print(token: str) -> None:
    print(
        f"""
Le portail de démonstration est prêt : {URL}
  les budgets          {URL}/budget
  la commune fictive   {URL}/budget/budget-d-exemple-sur-meuse
  administrateur       {ADMIN} / {secret("demo-" + ADMIN)}
  agent (éditeur)      {EDITOR} / {secret("demo-" + EDITOR)}
  jeton d’API (admin)  {token}
Pour l’arrêter : make stop
"""
    )
