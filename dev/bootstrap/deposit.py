"""Deposits budgets in a running portal through its API (run with the environment of CKAN, which has requests).

usage: python -m dev.bootstrap.deposit URL FIXTURES_FOLDER [FILE ...]
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from dev import fixtures


class Api:
    """CKAN's actions over HTTP."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.session = url, requests.Session()
        self.session.headers["Authorization"] = token

    def __call__(self, action: str, upload: Path | None = None, **data: Any) -> Any:
        """The result of an action; raises ``Refused`` with the messages of a validation error."""
        url = f"{self.url}/api/3/action/{action}"
        if upload:
            with upload.open("rb") as stream:
                answer = self.session.post(url, data=data, files={"upload": (upload.name, stream)}, timeout=600)
        else:
            answer = self.session.post(url, json=data, timeout=600)
        body = answer.json()
        if not body["success"]:
            raise Refused(body["error"])
        return body["result"]


class Refused(Exception):  # noqa: N818
    """The portal said no."""

    def __init__(self, error: dict[str, Any]) -> None:
        self.error = error
        texts = [
            t
            for name, value in error.items()
            if name != "__type"
            for t in (value if isinstance(value, list) else [value])
        ]
        super().__init__(" ".join(map(str, texts)))


def main(url: str, folder: Path, files: list[Path]) -> int:
    """Publish the fictitious budgets if they are not there, then the files; exit code 1 when one was refused."""
    api = Api(url, os.environ["BUDGET_DEMO_TOKEN"])
    org = _organisation(api, "exemple-sur-meuse", "Commune d’Exemple-sur-Meuse")
    folder.mkdir(parents=True, exist_ok=True)
    for title, paths in fixtures.deposits(folder):
        name = re.sub(
            r"-+", "-", re.sub(r"[^a-z0-9]+", "-", title.lower().replace("’", "-").replace("é", "e"))
        ).strip("-")
        dataset = _dataset(api, name, title, org)
        for path in paths if not dataset["resources"] else []:
            print(f"== dépôt de {path.name}", flush=True)
            _deposit(api, dataset, path)
    done = [_deposit_file(api, path) for path in files]
    return int(not all(done))


def _organisation(api: Api, name: str, title: str) -> str:
    try:
        return api("organization_show", id=name)["id"]
    except Refused:
        users = [{"name": os.environ["BUDGET_DEMO_EDITOR"], "capacity": "editor"}]
        about = "Une commune fictive, pour voir le portail à l’œuvre."
        return api("organization_create", name=name, title=title, description=about, users=users)["id"]


def _dataset(api: Api, name: str, title: str, org: str) -> dict[str, Any]:
    try:
        return api("package_show", id=name)
    except Refused:
        return api("package_create", type="budget", name=name, title=title, owner_org=org)


def _deposit(api: Api, dataset: dict[str, Any], path: Path) -> bool:
    try:
        api("resource_create", path, package_id=dataset["id"])
    except Refused as refused:
        print(f"   {path.name} : {refused}", flush=True)
        return False
    return True


def _deposit_file(api: Api, path: Path) -> bool:
    """Deposit a file in the dataset of its SIRET, found or created."""
    done = subprocess.run(
        [Path(sys.executable).parent / "budget-scdl", "inspect", "--json", path],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"   {path.name} : {done.stderr.strip()}", flush=True)
        return False
    found = json.loads(done.stdout)
    identity = found["siren"] or "sans-siren"
    org = _organisation(api, f"collectivite-{identity}", found["name"].split(" – ")[0])
    title = f"Budget de {found['name']}"
    dataset = _dataset(api, f"budget-{found['siret'] or identity}", title, org)
    print(
        f"== dépôt de {path.parent.name}/{path.name} : {found['name']}, {found['stage']} {found['exercice']}",
        flush=True,
    )
    ok = _deposit(api, dataset, path)
    print(f"   {api.url}/budget/{dataset['name']}", flush=True)
    return ok


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]]))
