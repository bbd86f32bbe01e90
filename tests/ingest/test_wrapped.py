"""Budgets that come compressed or in an envelope: the budget alone is stored, as if it had been sent plain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ckanext.budget.registry import core
from tests.ingest.conftest import Portal, upload
from tests.ingest.made import MARKER, WRAPPED, ca, encoded, enveloped, gzipped
from tests.ingest.test_upload_paths import PATHS

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

Refused = Callable[[Callable[[], Any]], str]


@pytest.mark.parametrize("kind", WRAPPED)
def test_what_is_stored_is_the_occulted_xml_of_the_budget_alone(portal: Portal, refused: Refused, kind: str) -> None:
    dataset = portal.dataset()
    made = portal.deposit(dataset, WRAPPED[kind](ca(marker=MARKER)), "CA 2021.xml.gz")
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    (source,) = portal.resources(dataset, "source")
    assert source["id"] == made["id"]
    assert (source["format"], source["mimetype"]) == ("XML", "application/xml")
    assert source["url"].endswith("/ca-2021.xml")
    stored = portal.stored(source)
    assert stored.startswith(b"<?xml") and b"DocumentBudgetaire" in stored and b"Occult&#233;" in stored
    assert source["size"] == len(stored)
    for left in (b"PES_Aller", b"Signataire>", b"phyrine"):
        assert left not in stored
    (row,) = core.documents_of(dataset["id"])
    assert "unwrapped" in [finding["code"] for finding in row.report["findings"]]
    assert sum(row.occultation.values()) > 0

    again = WRAPPED[kind] if kind == "envelope" else lambda plain: plain  # written in another one, its bytes differ
    sentence = refused(lambda: portal.deposit(dataset, again(ca(marker=MARKER))))
    assert "already published" in sentence
    assert len(portal.resources(dataset)) == 3


def test_a_budget_written_in_an_envelope_is_superseded_by_its_own_file(portal: Portal) -> None:
    """Its bytes are not the same: the later reception supersedes, as with any equal evidence."""
    dataset = portal.dataset()
    portal.deposit(dataset, enveloped(ca()))
    before = portal.stored(portal.resources(dataset)[0])
    portal.deposit(dataset, ca())
    assert portal.documents(dataset) == [("CA", 2021, "superseded"), ("CA", 2021, "converted")]
    assert portal.stored(portal.resources(dataset)[0]) == before


@pytest.mark.parametrize("kind", ["gzip", "base64"])
def test_wrapped_or_not_the_stored_copy_and_the_csv_are_the_same(portal: Portal, kind: str) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, ca(marker=MARKER))
    plain = [portal.stored(r) for r in portal.resources(dataset)]
    (row,) = core.documents_of(dataset["id"])
    evidence = row.source_sha256, row.occulted_sha256, row.occultation
    portal.act("resource_delete", id=source["id"])
    portal.deposit(dataset, WRAPPED[kind](ca(marker=MARKER)))
    assert [portal.stored(r) for r in portal.resources(dataset)] == plain
    (row,) = core.documents_of(dataset["id"])
    assert (row.source_sha256, row.occulted_sha256, row.occultation) == evidence


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_each_path_opens_a_gzip(portal: Portal, path: Callable[..., None]) -> None:
    dataset = portal.dataset()
    path(portal, dataset, gzipped(ca(marker=MARKER)))
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert portal.stored(portal.resources(dataset, "source")[0]).startswith(b"<?xml")


def test_the_same_budget_in_another_wrapping_changes_nothing(portal: Portal) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, ca())
    before = portal.show(dataset)["resources"]
    portal.act("resource_patch", id=source["id"], upload=upload(encoded(ca()), "pes.xml"))
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    after = portal.show(dataset)["resources"]
    assert [(r["id"], r["url"], r["hash"]) for r in after] == [(r["id"], r["url"], r["hash"]) for r in before]


def test_a_gzip_is_occulted_in_any_dataset(portal: Portal) -> None:
    dataset = portal.dataset(type="dataset")
    portal.deposit(dataset, gzipped(ca(marker=MARKER)), "archive.gz")
    (resource,) = portal.resources(dataset)
    assert b"Occult&#233;" in portal.stored(resource) and resource["url"].endswith("/archive.xml")
    assert portal.documents(dataset) == []
