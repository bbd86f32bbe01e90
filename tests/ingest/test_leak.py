"""No personal value survives anywhere: a unique marker in each field of the list, after every path and refusal.

The marker is looked for in the storage, a dump of both databases, Redis, Solr, the logs and the temporary folder.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import ckan.plugins.toolkit as tk
import pytest
import requests
from ckan.lib.redis import connect_to_redis

from ckanext.budget.annexes.specs import SPECS
from ckanext.budget.ingest import process
from dev import fixtures
from tests.annexes import made as annexed
from tests.ingest import made
from tests.ingest.conftest import Portal, upload
from tests.ingest.test_table import BAD
from tests.ingest.test_upload_paths import MARKER, PATHS, by_create, by_revise_update

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

#: the marker as any encoding may write it (its accent apart)
NEEDLES = (b"phyrine-Marqueur", "phyrine-Marqueur".encode("utf-16-le"), "phyrine-Marqueur".encode("utf-16-be"))


#: looked for by the test of the search itself: what it leaves behind is no marker
CONTROL = b"controle-de-la-recherche"


class Everywhere:
    """Every place where a value could have stayed."""

    def __init__(self, temporary: Path, logs: Callable[[], str]) -> None:
        self.temporary, self.logs = temporary, logs

    def leaks(self, *needles: bytes) -> list[str]:
        """The places that hold a marker (or one of the given texts)."""
        wanted = needles or NEEDLES
        places: dict[str, Iterator[bytes]] = {
            "storage": self._files(Path(tk.config["ckan.storage_path"])),
            "temporary folder": self._files(self.temporary),
            "database": self._dump("sqlalchemy.url"),
            "datastore": self._dump("ckan.datastore.write_url"),
            "redis": self._redis(),
            "solr": self._solr(),
            "logs": iter([self.logs().encode()]),
        }
        return [name for name, chunks in places.items() if any(n in chunk for chunk in chunks for n in wanted)]

    def _files(self, folder: Path) -> Iterator[bytes]:
        for path in folder.rglob("*"):
            if path.is_file():
                yield path.read_bytes()

    def _dump(self, option: str) -> Iterator[bytes]:
        url = urlparse(tk.config[option])
        done = subprocess.run(
            ["pg_dump", f"--dbname={url.geturl()}", "--no-owner"], capture_output=True, check=True, env={**os.environ}
        )
        assert b"PostgreSQL database dump" in done.stdout
        yield done.stdout

    def _redis(self) -> Iterator[bytes]:
        redis = connect_to_redis()
        readers: dict[bytes, Callable[[bytes], Any]] = {
            b"string": redis.get,
            b"hash": redis.hgetall,
            b"list": lambda key: redis.lrange(key, 0, -1),
            b"set": redis.smembers,
            b"zset": lambda key: redis.zrange(key, 0, -1),
            b"stream": redis.xrange,
        }
        for key in redis.keys("*"):
            yield key
            yield from _flat(readers[redis.type(key)](key))

    def _solr(self) -> Iterator[bytes]:
        answer = requests.get(
            tk.config["solr_url"] + "/select", params={"q": "*:*", "rows": 1000, "wt": "json"}, timeout=30
        )
        answer.raise_for_status()
        yield answer.content


def _flat(value: Any) -> Iterator[bytes]:
    """Every text in what Redis answers; jobs are compressed."""
    if isinstance(value, bytes):
        yield value
        with contextlib.suppress(zlib.error):
            yield zlib.decompress(value)
    elif isinstance(value, dict):
        yield from _flat([*value, *value.values()])
    elif isinstance(value, list | set | tuple):
        for item in value:
            yield from _flat(item)


@pytest.fixture
def everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Everywhere:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return Everywhere(tmp_path, lambda: caplog.text)


def named_label() -> bytes:
    """A budget whose lines have labels that name someone."""
    lines = [dict(annexed.LINE, LibCpte=f"Indemnité à M. {MARKER}", MtReal="12.00")]
    return fixtures.document(stage="CA", exercice=2021, lines=lines)


#: each wrapping, each table: what is to be hidden, and what is to be left behind
SENT: dict[str, Callable[[], bytes]] = {
    **{kind: lambda wrap=wrap: wrap(made.ca(marker=MARKER)) for kind, wrap in made.WRAPPED.items()},
    "CSV with a column too many": made.csv,
    "workbook with names all over it": made.workbook,
    "labels of lines": named_label,
}

DOCUMENTS = {
    "totem": lambda: fixtures.document(stage="CA", exercice=2021, marker=MARKER),
    "cfu": lambda: fixtures.document(exercice=2023, cfu=True, marker=MARKER),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_fixture_is_full_of_markers(kind: str) -> None:
    assert DOCUMENTS[kind]().count(b"phyrine-Marqueur") >= 10


def test_the_search_would_find_a_leak(portal: Portal, everywhere: Everywhere) -> None:
    dataset = portal.dataset(notes=f"une fuite : {CONTROL.decode()}")
    portal.deposit(dataset, CONTROL, "note.txt")
    for name in ("test", process.__name__):
        logging.getLogger(name).info("%s by %s", CONTROL.decode(), name)
    assert f"by {process.__name__}" in everywhere.logs()
    (everywhere.temporary / "left").write_bytes(CONTROL)
    connect_to_redis().set("leak", CONTROL, ex=60)
    found = set(everywhere.leaks(CONTROL))
    assert found >= {"storage", "database", "redis", "solr", "logs", "temporary folder"}
    assert everywhere.leaks() == []


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_no_marker_after_an_upload(
    portal: Portal, everywhere: Everywhere, path: Callable[..., None], kind: str
) -> None:
    dataset = portal.dataset()
    path(portal, dataset, DOCUMENTS[kind]())
    assert portal.documents(dataset)
    assert everywhere.leaks() == []


@pytest.mark.parametrize("case", BAD)
def test_no_marker_after_a_refusal(portal: Portal, everywhere: Everywhere, case: str, monkeypatch: Any) -> None:
    really = fixtures.document
    monkeypatch.setattr(fixtures, "document", lambda **more: really(marker=MARKER, **more))
    dataset = portal.dataset()
    with pytest.raises(tk.ValidationError):
        portal.deposit(dataset, BAD[case]())
    assert everywhere.leaks() == []


@pytest.mark.parametrize("path", [by_create, by_revise_update], ids=lambda path: path.__name__)
@pytest.mark.parametrize("kind", SENT)
def test_no_marker_of_what_came_wrapped_or_as_a_table(
    portal: Portal, everywhere: Everywhere, path: Callable[..., None], kind: str
) -> None:
    content = SENT[kind]()
    assert kind in ("gzip", "base64", "workbook with names all over it") or b"phyrine-Marqueur" in content
    dataset = portal.dataset()
    path(portal, dataset, content)
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert everywhere.leaks() == []


@pytest.mark.parametrize("kind", SENT)
def test_no_marker_when_it_is_refused(portal: Portal, everywhere: Everywhere, kind: str) -> None:
    """As another collectivité's: nothing is stored of it, nor said."""
    dataset = portal.dataset(siret="21990000800018")
    with pytest.raises(tk.ValidationError):
        portal.deposit(dataset, SENT[kind]())
    assert portal.resources(dataset) == []
    assert everywhere.leaks() == []


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_no_marker_in_the_tables_of_annexes(
    portal: Portal, everywhere: Everywhere, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tk.config, "ckanext.budget.annexes", " ".join(SPECS))
    dataset = portal.dataset()
    portal.deposit(dataset, DOCUMENTS[kind]())
    assert len(portal.resources(dataset, "annexe")) >= 3
    assert everywhere.leaks() == []


def test_no_marker_of_names_in_annexes_of_legal_persons(
    portal: Portal, everywhere: Everywhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Free texts that stay readable are checked: objects, labels, lenders."""
    monkeypatch.setitem(tk.config, "ckanext.budget.annexes", " ".join(SPECS))
    someone = f"Mme {MARKER}"
    records = (
        annexed.grant(),
        annexed.grant(ObjSubv=f"Bourse de {someone}"),
        annexed.grant(LibOrgaBenef=someone),
        annexed.record("EMPRUNT", CodTypEmpr="01", LibOrgaPreteur=someone, MtCapitalRestDu_31_12="9.00"),
        annexed.record("PATRIMOINE", CodVariPatrim="01", CodEntreeSorti="E", LibBien=f"Terrain de {someone}"),
        annexed.record("APCP", CodTypAutori="P", CodSTypAutori="S", LibAutori=f"Indemnité {someone}", Chapitre="21"),
    )
    dataset = portal.dataset()
    portal.deposit(dataset, annexed.document(*records))
    assert len(portal.resources(dataset, "annexe")) == 4
    assert everywhere.leaks() == []


def test_no_marker_after_a_refused_form(portal: Portal, everywhere: Everywhere) -> None:
    dataset = portal.dataset()
    with pytest.raises(tk.ValidationError):
        # accepted by the door, then refused by validation
        portal.act(
            "package_revise",
            match={"id": dataset["id"]},
            update={"name": "x"},
            update__resources__extend=[{"url": "", "upload": upload(DOCUMENTS["totem"]())}],
        )
    assert portal.resources(dataset) == []
    assert everywhere.leaks() == []


def test_no_marker_after_a_failed_conversion(portal: Portal, everywhere: Everywhere, monkeypatch: Any) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the converter broke")

    monkeypatch.setattr(process, "convert", broken)
    dataset = portal.dataset()
    portal.deposit(dataset, DOCUMENTS["totem"]())
    assert portal.documents(dataset) == [("CA", 2021, "failed")]
    assert everywhere.leaks() == []


def test_no_marker_after_an_unexpected_fault_of_the_door(
    portal: Portal, everywhere: Everywhere, monkeypatch: Any
) -> None:
    from ckanext.budget.ingest import door

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the door broke")

    monkeypatch.setattr(door, "receive", broken)
    dataset = portal.dataset()
    with pytest.raises(tk.ValidationError):
        portal.deposit(dataset, DOCUMENTS["totem"]())
    assert portal.resources(dataset) == []
    assert everywhere.leaks() == []


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("given", [bytes, io.BytesIO, upload], ids=["bytes", "stream", "upload"])
def test_no_marker_in_the_files_of_ckan_2_12(
    everywhere: Everywhere, portal: Portal, kind: str, given: Callable[[bytes], Any]
) -> None:
    if not tk.check_ckan_version(min_version="2.12"):
        with pytest.raises(KeyError):
            tk.get_action("file_create")
        return
    name = f"{kind}-{given.__name__}-{portal.org['name']}.xml"
    values = {"name": name, "storage": "extra", "upload": given(DOCUMENTS[kind]())}
    made = tk.get_action("file_create")({"ignore_auth": True, "user": portal.user["name"]}, values)
    assert made["size"] > 1000
    assert everywhere.leaks() == []
