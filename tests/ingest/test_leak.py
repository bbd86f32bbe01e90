"""No personal value survives anywhere: a unique marker in each field of the list, after every path and refusal.

The marker is looked for in the storage, a dump of both databases, Redis, Solr, the logs and the temporary folder.
"""

from __future__ import annotations

import logging
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import ckan.plugins.toolkit as tk
import pytest
import requests
from ckan.lib.redis import connect_to_redis

from ckanext.budget.ingest import process
from dev import fixtures
from tests.ingest.conftest import Portal, upload
from tests.ingest.test_table import BAD
from tests.ingest.test_upload_paths import MARKER, PATHS

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

#: the marker as any encoding may write it (its accent apart)
NEEDLES = (b"phyrine-Marqueur", "phyrine-Marqueur".encode("utf-16-le"), "phyrine-Marqueur".encode("utf-16-be"))


def holds(data: bytes) -> bool:
    return any(needle in data for needle in NEEDLES)


class Everywhere:
    """Every place where a value could have stayed."""

    def __init__(self, temporary: Path, logs: Callable[[], str]) -> None:
        self.temporary, self.logs = temporary, logs

    def leaks(self) -> list[str]:
        places: dict[str, Iterator[bytes]] = {
            "storage": self._files(Path(tk.config["ckan.storage_path"])),
            "temporary folder": self._files(self.temporary),
            "database": self._dump("sqlalchemy.url"),
            "datastore": self._dump("ckan.datastore.write_url"),
            "redis": self._redis(),
            "solr": self._solr(),
            "logs": iter([self.logs().encode()]),
        }
        return [name for name, chunks in places.items() if any(holds(chunk) for chunk in chunks)]

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
        for key in redis.keys("*"):
            yield key
            yield redis.dump(key) or b""

    def _solr(self) -> Iterator[bytes]:
        answer = requests.get(
            tk.config["solr_url"] + "/select", params={"q": "*:*", "rows": 1000, "wt": "json"}, timeout=30
        )
        answer.raise_for_status()
        yield answer.content


@pytest.fixture
def everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Everywhere:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return Everywhere(tmp_path, lambda: caplog.text)


DOCUMENTS = {
    "totem": lambda: fixtures.document(stage="CA", exercice=2021, marker=MARKER),
    "cfu": lambda: fixtures.document(exercice=2023, cfu=True, marker=MARKER),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_fixture_is_full_of_markers(kind: str) -> None:
    assert DOCUMENTS[kind]().count(b"phyrine-Marqueur") >= 10


def test_the_search_would_find_a_leak(portal: Portal, everywhere: Everywhere) -> None:
    dataset = portal.dataset(notes=f"une fuite : {MARKER}")
    portal.deposit(dataset, MARKER.encode(), "note.txt")
    logging.getLogger("test").info(MARKER)
    (everywhere.temporary / "left").write_bytes(MARKER.encode())
    assert {"storage", "database", "solr", "logs", "temporary folder"} <= set(everywhere.leaks())
    portal.act("package_delete", id=dataset["id"])
    tk.get_action("dataset_purge")({"ignore_auth": True}, {"id": dataset["id"]})
    for path in Path(tk.config["ckan.storage_path"]).rglob("*"):
        if path.is_file() and holds(path.read_bytes()):
            path.unlink()


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
