"""What goes wrong around a deposit: each ends in a stated outcome, nothing lost, nothing doubled."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.lib import uploader
from ckan.tests import factories, helpers
from redis.exceptions import ConnectionError as RedisGoneError

from ckanext.budget.deposit import row, store
from ckanext.budget.ingest import files, process, transient
from ckanext.budget.registry import core, doctor
from dev import fixtures
from tests.deposit.conftest import Desk, statuses, zipped
from tests.deposit.test_going_on import truths

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins", "clean_queues")]

CA = fixtures.document(stage="CA", exercice=2021)
YEARS = {f"CA-{year}.xml": fixtures.document(stage="CA", exercice=year) for year in range(2018, 2022)}


def full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def whole(desk: Desk, package_id: str, documents: int) -> None:
    """The dataset has all its files, and nothing disagrees."""
    assert desk.roles({"id": package_id}) == ["consolidated", *["csv", "source"] * documents]
    assert [fault for fault in doctor.examine() if fault.package_id == package_id] == []


def test_seven_bad_files_stop_none_of_the_good_ones(desk: Desk) -> None:
    """Of a zip of three hundred, in the soak."""
    bad = {
        "lettre.txt": b"Bonjour",
        "rapport.pdf": b"%PDF-1.4 x",
        "vide.xml": b"",
        "coupe.xml": CA[: len(CA) // 2],
        "dtd.xml": CA.replace(b"?>", b'?><!DOCTYPE a SYSTEM "a">', 1),
        "annee.xml": CA.replace(b'<Exer V="2021"', b'<Exer V="20XX"'),
        "etape.xml": CA.replace(b'<NatDec V="09"', b'<NatDec V="99"'),
    }
    names = [*list(bad)[:3], *YEARS, *list(bad)[3:]]
    answer = desk.send(zipped({name: {**bad, **YEARS}[name] for name in names}), "lot.zip")
    told = {d["filename"]: d for d in answer["documents"]}
    assert list(told) == names
    assert {name: told[name]["status"] for name in YEARS} == dict.fromkeys(YEARS, "published")
    assert {name: told[name]["status"] for name in bad} == dict.fromkeys(bad, "refused")
    assert all(told[name]["message"]["what"] and told[name]["message"]["remedy"] for name in bad)
    assert truths() == len(YEARS)


def test_a_disk_that_fills_while_a_file_is_received(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """Where the copy is made, before it is set aside."""
    from ckanext.budget.deposit import examine

    with monkeypatch.context() as patched:
        patched.setattr(examine, "receive", full)
        document = desk.send(CA)["documents"][0]
    assert (document["status"], document["message"]["code"]) == ("refused", "deposit_full")
    assert not folder.exists() or list(folder.iterdir()) == []
    assert statuses(desk.send(CA)) == ["published"]
    assert truths() == 1


@pytest.mark.parametrize("nth", [1, 2], ids=["the deposited file", "what is made from it"])
def test_a_disk_that_fills_while_a_file_is_published(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, folder: Path, nth: int
) -> None:
    """The good files before it stay, its copy is kept, and it is published once there is room."""
    first = desk.send(YEARS["CA-2018.xml"])["documents"][0]
    with monkeypatch.context() as patched:
        _fills(patched, nth)
        batch = desk.send(CA)
    (document,) = batch["documents"]
    assert (document["status"], document["message"]["code"]) == ("failed", "publication_failed")
    assert document["message"]["remedy"] and "space" not in str(document)
    assert len(list(folder.iterdir())) == 1
    live = [d for d in core.documents_of(first["package_id"]) if d.status == "converted"]
    assert [d.id for d in live] == [first["document_id"]]
    assert desk.stored({"id": first["resource_id"]})

    done = desk.publish(batch)["documents"][0]
    assert (done["status"], done["package_id"]) == ("published", first["package_id"])
    assert list(folder.iterdir()) == []
    assert truths() == 2
    whole(desk, first["package_id"], 2)
    assert files.holds(done["resource_id"], core.document(done["document_id"]).occulted_sha256)  # type: ignore[union-attr]


def _fills(patched: pytest.MonkeyPatch, nth: int) -> None:
    """CKAN's storage has no room from its n-th file on."""
    stored: list[str] = []
    for name in ("ResourceUpload", "FKResourceUpload"):  # the second is 2.12's
        kind = getattr(uploader, name, None)
        if kind is None or "upload" not in vars(kind):
            continue

        def upload(self: Any, id: str, *rest: Any, original: Any = kind.upload, **more: Any) -> Any:
            if getattr(self, "upload_file", None) or getattr(self, "filename", None):
                stored.append(id)
                if len(stored) >= nth:
                    full()
            return original(self, id, *rest, **more)

        patched.setattr(kind, "upload", upload)


def test_redis_that_goes_away_once_a_worker_was_seen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are published at once, within the request: nobody waits for a job that does not exist."""

    def gone(*_: Any, **__: Any) -> None:
        raise RedisGoneError("Connection refused")

    monkeypatch.setattr(process, "worker_listens", lambda: True)
    monkeypatch.setattr(process.tk, "enqueue_job", gone)
    answer = desk.send(zipped(YEARS), "lot.zip")
    assert (answer["state"], statuses(answer)) == ("done", ["published"] * len(YEARS))
    monkeypatch.setattr("ckanext.budget.config.inline_max_bytes", lambda: 0)
    dataset = {"id": answer["documents"][0]["package_id"]}
    desk.deposit(dataset, fixtures.document(stage="BP", exercice=2021))
    assert desk.documents(dataset)[-1] == ("BP", 2021, "converted")


@pytest.mark.parametrize("siret", [fixtures.SIRET, None], ids=["with SIRET", "without SIRET"])
def test_a_dataset_renamed_meanwhile_takes_the_file_all_the_same(desk: Desk, siret: str | None) -> None:
    first = desk.send(fixtures.document(stage="BP", exercice=2021, siret=siret))["documents"][0]
    batch = desk.send(fixtures.document(stage="CA", exercice=2021, siret=siret), publish=False)
    assert batch["documents"][0]["plan"]["will"] == "add"
    name = factories.Dataset.stub().name
    desk.act("package_patch", id=first["package_id"], title="Les comptes de la commune", name=name)
    done = desk.publish(batch)["documents"][0]
    assert (done["status"], done["package_id"]) == ("published", first["package_id"])
    assert desk.show({"id": name})["title"] == "Les comptes de la commune"
    whole(desk, first["package_id"], 2)


@pytest.mark.parametrize("how", ["package_delete", "dataset_purge"])
def test_a_dataset_that_goes_while_a_file_is_published(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, folder: Path, how: str
) -> None:
    """Between the last look and the writing: it is not put where nobody sees it, another dataset is made."""
    first = desk.send(fixtures.document(stage="BP", exercice=2021))["documents"][0]
    batch = desk.send(CA, publish=False)
    original, going = store.open_copy, [first["package_id"]]

    def then_goes(*arguments: Any) -> Any:
        if going:
            helpers.call_action(how, {"user": factories.Sysadmin()["name"]}, id=going.pop())
        return original(*arguments)

    monkeypatch.setattr(row.store, "open_copy", then_goes)
    monkeypatch.setattr(transient, "RETRY_SECONDS", 0)
    done = desk.publish(batch)["documents"][0]
    assert done["status"] == "published" and done["package_id"] != first["package_id"]
    whole(desk, done["package_id"], 1)
    assert model.Session.query(model.Package).filter_by(type="budget", state="active").count() == 1


def test_the_same_batch_sent_twice_before_it_is_published(desk: Desk) -> None:
    one, other = (desk.send(zipped(YEARS), "lot.zip", publish=False) for _ in range(2))
    assert statuses(desk.publish(one)) == ["published"] * len(YEARS)
    again = desk.publish(other)
    assert (again["state"], statuses(again)) == ("done", ["already"] * len(YEARS))
    assert truths() == len(YEARS)
