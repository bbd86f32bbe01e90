"""The region's dashboard beside CKAN's own list of datasets: a portal with 5,000 collectivités × 10 exercices."""

from __future__ import annotations

import configparser
import json
import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa

from benchmarks.portal import Portal, one
from benchmarks.timing import FailedError, elapsed_ratios
from ckanext.budget.territory.directory import directory
from ckanext.budget.territory.obligations import shipped
from dev import fixtures

COLLECTIVITES, EXERCICES = 5_000, range(2015, 2025)
PAIRS, TIMES = 9, 8
DASHBOARD, LIST = "/budgets/tableau-de-bord", "/dataset/"
#: of 100 documents, how many are there
THERE = 80


def measure(ini: Path) -> tuple[str, bool, None]:
    """(what was measured, whether the gate is reached, nothing to profile)."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(ini, encoding="utf-8")
    engine, solr = sa.create_engine(settings["app:main"]["sqlalchemy.url"]), settings["app:main"]["solr_url"]
    with tempfile.TemporaryDirectory() as name, one(ini, Path(name)) as portal:
        organisation = portal.action("organization_create", name=f"banc-{int(time.time())}")["id"]
        try:
            documents = _generate(engine, portal, organisation)
            _index(solr, organisation)
            _vacuum(engine)
            public, inside = _compare(portal, signed=False), _compare(portal, signed=True)
        finally:
            _remove(engine, organisation)
            portal.action("dataset_purge", id=organisation)
            portal.action("organization_purge", id=organisation)
            _solr(solr, {"delete": {"query": f"owner_org:{organisation}"}})
    ratio = statistics.median(public)
    words = (
        f"{ratio:.2f} ({min(public):.2f}–{max(public):.2f}, {len(public)} pairs of {TIMES} requests, "
        f"{documents:,} documents; as an administrator {statistics.median(inside):.2f})"
    )
    return words, ratio <= 2, None


def _compare(portal: Portal, *, signed: bool) -> list[float]:
    """Ratios of the elapsed times, pair by pair."""
    with requests.Session() as session:
        if signed:
            session.headers.update(portal.session.headers)

        def get(path: str) -> None:
            answer = session.get(portal.url + path, timeout=120)
            if not answer.ok:
                raise FailedError(f"{path}: {answer.status_code}")

        return elapsed_ratios(lambda: get(DASHBOARD), lambda: get(LIST), PAIRS, TIMES)


def collectivites() -> list[tuple[str, str]]:
    """SIREN and name of those that are likely concerned, and of small communes up to the number."""
    rules, everyone = shipped(), [place for place in directory() if place.siren]
    everyone.sort(key=lambda place: (rules.concern(place) != "likely", -(place.population or 0), place.siren))
    return [(place.siren, place.name) for place in everyone[:COLLECTIVITES]]


def _generate(engine: sa.engine.Engine, portal: Portal, organisation: str) -> int:
    """A dataset for each, copied from a real one, and its documents; how many documents."""
    dataset = portal.action(
        "package_create", type="budget", title="Modèle", name=organisation, owner_org=organisation
    )
    portal.action(
        "resource_create", ("bp.xml", fixtures.document(stage="BP", exercice=2022)), package_id=dataset["id"]
    )
    sirens, names = zip(*collectivites(), strict=True)
    given = {"sirens": list(sirens), "names": list(names), "model": dataset["id"], "there": THERE}
    given |= {"first": EXERCICES[0], "last": EXERCICES[-1]}
    each = "FROM {table} AS t, unnest(CAST(:sirens AS text[]), CAST(:names AS text[])) AS c(siren, name)"
    years = "generate_series(:first, :last) AS y(year), (VALUES ('BP'), ('CA')) AS s(stage)"
    with engine.begin() as connection:
        copy = _Copy(connection)
        copy(
            "package",
            {"id": "'banc-' || c.siren", "name": "'banc-' || c.siren", "title": "'Budget de ' || c.name"},
            each + " WHERE t.id = :model",
            given,
        )
        copy(
            "resource",
            {"id": "'banc-' || c.siren || t.id", "package_id": "'banc-' || c.siren"},
            each + " WHERE t.package_id = :model",
            given,
        )
        document = {
            "id": "md5(c.siren || y.year || s.stage)", "package_id": "'banc-' || c.siren", "siren": "c.siren",
            "siret": "c.siren || '00015'", "name": "c.name", "exercice": "y.year", "stage": "s.stage",
            "report": "'{}'", "header": "'{}'", "source_sha256": "md5(c.siren || y.year || s.stage)",
        }  # fmt: skip
        there = "abs(hashtext(c.siren || y.year || s.stage)) % 100 < :there"
        return copy("budget_document", document, f"{each}, {years} WHERE t.package_id = :model AND {there}", given)


def _vacuum(engine: sa.engine.Engine) -> None:
    """As autovacuum does a minute after so many rows have come: their index can be read alone."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE budget_document"))


def _index(solr: str, organisation: str) -> None:
    """Put the datasets in the search engine as CKAN puts the model there (its own way takes ten minutes for 5,000)."""
    query = {"q": f"owner_org:{organisation}", "wt": "json"}
    found = requests.get(f"{solr}/select", params=query, timeout=60).json()["response"]["docs"][0]
    found = {name: value for name, value in found.items() if name != "_version_"}
    model = found["id"]
    documents: list[dict[str, Any]] = []
    for siren, name in collectivites():
        new = {
            "id": f"banc-{siren}",
            "name": f"banc-{siren}",
            "title": f"Budget de {name}",
            "index_id": f"banc-{siren}",
        }
        told = {key: _renamed(found[key], model, new) for key in ("data_dict", "validated_data_dict") if key in found}
        documents.append({**found, **new, **told})
    for start in range(0, len(documents), 500):
        _solr(solr, documents[start : start + 500])


def _renamed(text: str, model: str, new: dict[str, str]) -> str:
    """A dataset as CKAN keeps it in the search engine, with another id, name and title."""
    dataset = json.loads(text.replace(model, new["id"]))
    return json.dumps({**dataset, **{name: new[name] for name in ("id", "name", "title")}})


def _solr(solr: str, body: Any) -> None:
    answer = requests.post(f"{solr}/update", params={"commit": "true"}, json=body, timeout=300)
    if not answer.ok:
        raise FailedError(f"Solr: {answer.text[:300]}")


class _Copy:
    """Copies rows of a table, some columns changed: whatever columns each CKAN has."""

    def __init__(self, connection: sa.engine.Connection) -> None:
        self._connection = connection

    def __call__(self, table: str, changed: dict[str, str], source: str, given: dict[str, Any]) -> int:
        names = [c["name"] for c in sa.inspect(self._connection).get_columns(table)]
        values = [changed.get(name, f't."{name}"') for name in names]
        text = f"INSERT INTO {table} ({_quoted(names)}) SELECT {', '.join(values)} {source.format(table=table)}"  # noqa: S608
        used = {name: value for name, value in given.items() if f":{name}" in text}
        copied = self._connection.execute(sa.text(text), used).rowcount
        self._connection.execute(sa.text(f"ANALYZE {table}"))
        return copied


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _remove(engine: sa.engine.Engine, organisation: str) -> None:
    """What was generated (the model is a dataset like another)."""
    packages = "SELECT id FROM package WHERE owner_org = :organisation AND id LIKE 'banc-%'"
    documents = f"SELECT id FROM budget_document WHERE package_id IN ({packages})"  # noqa: S608
    resources = f"SELECT id FROM resource WHERE package_id IN ({packages})"  # noqa: S608
    with engine.begin() as connection:
        for table, which in (
            ("budget_line", f"document_id IN ({documents})"),
            ("budget_document", f"package_id IN ({packages})"),
            ("resource_view", f"resource_id IN ({resources})"),
            ("resource", f"package_id IN ({packages})"),
            ("package", "id LIKE 'banc-%' AND owner_org = :organisation"),
        ):
            connection.execute(sa.text(f"DELETE FROM {table} WHERE {which}"), {"organisation": organisation})  # noqa: S608
