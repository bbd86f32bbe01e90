"""The A4 sheet of a document: the figures of its page, its source, no claim; the same as PDF when it can be made."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from typing import Any

import pytest
from ckan import model

from ckanext.budget.figures import formulas, queries
from ckanext.budget.registry import core
from ckanext.budget.views import pdf, wording
from dev import fixtures
from tests.ingest.conftest import Portal
from tests.views.test_pages import csv_page, document, text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

AMOUNT = re.compile(r"[−+]?\d[\d\u202f]*,\d\d\u202f€")


def sheet_of(portal: Portal, content: bytes, **dataset: Any) -> tuple[dict[str, Any], str]:
    made = portal.dataset(**dataset)
    portal.deposit(made, content)
    (row,) = core.documents_of(made["id"])
    return made, f"/budgets/documents/{row.id}/a4"


def inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


@pytest.mark.parametrize("stage", ["BP", "DM", "CA", "CFU"])
def test_the_sheet_says_the_amounts_of_the_page_and_where_they_come_from(
    portal: Portal, app: Any, stage: str
) -> None:
    dataset, address = sheet_of(portal, document(stage))
    sheet, page = app.get(address).body, app.get(csv_page(portal, dataset)).body
    said = set(AMOUNT.findall(sheet))
    assert len(said) > 5
    stored = queries.of_document(model.Session(), core.documents_of(dataset["id"])[0].id)
    balance = formulas.still_to_do(stored, "R") - formulas.still_to_do(stored, "D")  # the page rounds it
    assert said - set(AMOUNT.findall(page)) <= {wording.amount(balance, "fr")}
    read = text(sheet)
    joined = "compte" if stage in ("CA", "CFU") else "budget"
    assert f"un modèle à joindre au {joined} soumis au vote" in read
    assert "Elle ne suffit pas à remplir l’obligation" in read
    received = core.documents_of(dataset["id"])[0].received
    assert f"reçu le {received.day}" in read and str(dt.date.today().year) in read  # noqa: DTZ011
    assert re.search(r'href="http://[^"]+/budgets/documents/[\w-]+"', sheet)
    assert address in page


def test_the_pdf_is_tagged_of_two_pages_at_most_and_made_once(
    portal: Portal, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = sheet_of(portal, document("CA"))
    made = app.get(f"{address}.pdf")
    assert made.content_type == "application/pdf" and made.data.startswith(b"%PDF-")
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made.data, re.DOTALL)
    inside = b"\n".join([made.data, *map(inflated, streams)])
    assert 1 <= len(re.findall(rb"/Type /Page\b(?!s)", inside)) <= 2
    assert b"/MarkInfo" in inside and b"/Lang (fr)" in inside and b"pdfuaid" in inside
    monkeypatch.setattr(pdf, "write", lambda _: pytest.fail("made twice"))
    assert app.get(f"{address}.pdf").data == made.data


def test_without_the_library_the_page_prints_and_promises_no_pdf(
    portal: Portal, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = sheet_of(portal, document("BP"))
    assert "a4.pdf" in app.get(address).body
    monkeypatch.setattr(pdf, "_weasyprint", lambda: None)
    assert "a4.pdf" not in app.get(address).body
    assert "imprimez la feuille" in app.get(f"{address}.pdf", status=404).body


def test_a_pdf_fetches_nothing() -> None:
    image = '<img alt="" src="file:///etc/passwd">'
    made = pdf.write(f'<html lang="fr"><title>x</title><body>{image}<p>Un mot</p></body></html>')
    assert made.startswith(b"%PDF-") and b"/Image" not in made


def test_the_sheet_of_a_private_budget_is_its_editors(portal: Portal, app: Any) -> None:
    _, address = sheet_of(portal, fixtures.document(stage="BP", exercice=2021), private=True)
    assert app.get(address, status=404)
    assert app.get(f"{address}.pdf", status=404)
    assert app.get("/budgets/documents/inconnu/a4", status=404)
