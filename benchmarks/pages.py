"""What the public pages of a budget cost beside CKAN's own dataset page: ten years of 1,500 lines, over HTTP."""

from __future__ import annotations

import io
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from benchmarks import generate
from benchmarks.portal import Portal, both
from benchmarks.timing import FailedError, elapsed_ratios
from dev.fixtures import SIRET, identity

YEARS, LINES = range(2013, 2023), 1_500
#: pairs, and requests of each
PAIRS, TIMES = 9, 4
REACH = 1.5
#: of no other document of the portal
NUMBER = identity.siret(2_000)


def measure(ini: Path) -> tuple[str, bool, None]:
    """(what was measured, whether the gate is reached, nothing to profile)."""
    with tempfile.TemporaryDirectory() as folder, both(ini, Path(folder)) as portals:
        ours, theirs = portals["with"], portals["without"]
        organisation = theirs.action("organization_create", name=f"banc-{int(time.time())}")["id"]
        made: list[tuple[Portal, str]] = []
        try:
            budget = _budget(ours, organisation)
            made.append((ours, budget["id"]))
            plain = _plain(theirs, organisation, budget)
            made.append((theirs, plain["id"]))
            pages = {"all its years": f"/budgets/{NUMBER}", "a document": f"/budgets/{NUMBER}/{YEARS[-1]}/ca"}
            ratios = {
                name: elapsed_ratios(_get(ours, path), _get(theirs, f"/dataset/{plain['name']}"), PAIRS, TIMES)
                for name, path in pages.items()
            }
        finally:
            for portal, dataset in made:
                portal.action("dataset_purge", id=dataset)
            theirs.action("organization_purge", id=organisation)
    return _words(ratios, len(budget["resources"]))


def _words(ratios: Mapping[str, list[float]], resources: int) -> tuple[str, bool, None]:
    told = [
        f"{name} {statistics.median(found):.2f} ({min(found):.2f}–{max(found):.2f})" for name, found in ratios.items()
    ]
    words = f"{', '.join(told)}; {PAIRS} pairs of {TIMES} requests, both datasets of {resources} resources"
    return words, all(statistics.median(found) <= REACH for found in ratios.values()), None


def _budget(portal: Portal, organisation: str) -> dict[str, Any]:
    """Ten accounts of one budget, deposited."""
    dataset = portal.action("package_create", type="budget", name=f"banc-{NUMBER}", owner_org=organisation)
    for year in YEARS:
        portal.action("resource_create", (f"{year}.xml", account(year)), package_id=dataset["id"])
    found = portal.action("package_show", id=dataset["id"])
    if len(found["resources"]) <= 2 * len(YEARS):
        raise FailedError(f"{len(found['resources'])} resources: some accounts were not converted")
    return found


def account(year: int) -> bytes:
    """A generated account of a year."""
    out = io.BytesIO()
    generate.write(generate.Size(LINES, 100_000), out, seed=year)
    body = out.getvalue().replace(SIRET.encode(), NUMBER.encode())
    body = body.replace(f'V="{generate.YEAR}"'.encode(), f'V="{year}"'.encode(), 1)
    return body.replace(f"{generate.YEAR + 1}-".encode(), f"{year + 1}-".encode())


def _plain(portal: Portal, organisation: str, budget: Mapping[str, Any]) -> dict[str, Any]:
    """A dataset of CKAN's own with as many resources, named and described alike."""
    kept = ("name", "description", "format", "url")
    resources = [{name: resource.get(name) or "" for name in kept} for resource in budget["resources"]]
    return portal.action(
        "package_create",
        name=f"banc-plain-{NUMBER}",
        title=budget["title"],
        notes=budget.get("notes") or "",
        owner_org=organisation,
        resources=resources,
    )


def _get(portal: Portal, path: str) -> Any:
    session = requests.Session()

    def get() -> None:
        answer = session.get(portal.url + path, timeout=120)
        if not answer.ok:
            raise FailedError(f"{path}: {answer.status_code}")

    return get
