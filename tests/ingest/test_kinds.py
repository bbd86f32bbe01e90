"""Files that are no budget are kept as they are, and the resource remembers what the door took them for."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.budget import messages
from tests.ingest.conftest import Portal, upload
from tests.ingest.made import ca, csv

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

PDF = b"%PDF-1.4 a note"
BALANCE = "EXER;IDENT;NDEPT;LBUDG;INSEE;CBUDG;CTYPE;NOMEN;COMPTE;BEDEB;SD;SC\r\n2021;1;055;X;1;1;1;M14;6042;1;2;3\r\n"
FILES = {
    "kind_pdf": (PDF, "note.pdf"),
    "kind_image": (b"\x89PNG\r\n\x1a\n" + bytes(32), "plan.png"),
    "kind_balance_dgfip": (BALANCE.encode(), "balance.csv"),
    "kind_pes_depense": (
        b'<?xml version="1.0"?><PES_Aller><PES_DepenseAller><Bordereau/></PES_DepenseAller></PES_Aller>',
        "pes.xml",
    ),
    "kind_table": (b"nom;lieu;date\r\na;b;c\r\n", "liste.csv"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_no_budget_is_stored_as_it_is_and_named(portal: Portal, kind: str) -> None:
    content, name = FILES[kind]
    dataset = portal.dataset()
    made = portal.deposit(dataset, content, name)
    (resource,) = portal.resources(dataset)
    assert portal.stored(made) == content
    assert resource["budget_kind"] == kind and kind in messages.MESSAGES
    assert not resource.get("budget_role") and portal.documents(dataset) == []


def test_elsewhere_nothing_is_said(portal: Portal) -> None:
    dataset = portal.dataset(type="dataset")
    portal.deposit(dataset, PDF, "note.pdf")
    assert "budget_kind" not in portal.resources(dataset)[0]


def by_patch(portal: Portal, dataset: dict[str, Any], resource: dict[str, Any], content: bytes, name: str) -> None:
    portal.act("resource_patch", id=resource["id"], upload=upload(content, name))


def by_update(portal: Portal, dataset: dict[str, Any], resource: dict[str, Any], content: bytes, name: str) -> None:
    shown = portal.act("resource_show", id=resource["id"])
    portal.act("resource_update", **{**shown, "upload": upload(content, name)})


def by_revise(portal: Portal, dataset: dict[str, Any], resource: dict[str, Any], content: bytes, name: str) -> None:
    fields = {"match": {"id": dataset["id"]}, f"update__resources__{resource['id']}__upload": upload(content, name)}
    portal.act("package_revise", **fields)


REPLACING = pytest.mark.parametrize("way", [by_patch, by_update, by_revise], ids=lambda way: way.__name__)


@REPLACING
@pytest.mark.parametrize("content", [ca(), csv()], ids=["xml", "csv"])
def test_once_replaced_by_a_budget_it_is_no_longer_named(portal: Portal, way: Any, content: bytes) -> None:
    dataset = portal.dataset()
    note = portal.deposit(dataset, PDF, "note.pdf")
    assert portal.resources(dataset)[0]["budget_kind"] == "kind_pdf"
    way(portal, dataset, note, content, "ca")
    (source,) = portal.resources(dataset, "source")
    assert source["id"] == note["id"] and not source.get("budget_kind")
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


@REPLACING
@pytest.mark.parametrize("content", [ca(), csv()], ids=["xml", "csv"])
def test_a_budget_replaced_by_something_else_keeps_none_of_our_words(
    portal: Portal, way: Any, content: bytes
) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, content, "ca")
    way(portal, dataset, source, PDF, "note.pdf")
    (now,) = portal.resources(dataset)
    assert portal.stored(now) == PDF and portal.documents(dataset) == []
    assert (now["budget_kind"], now["name"], now["format"]) == ("kind_pdf", "note.pdf", "PDF")
    assert now["mimetype"] == "application/pdf"
    assert not now["description"] and not now.get("budget_role") and not now.get("budget_state")
