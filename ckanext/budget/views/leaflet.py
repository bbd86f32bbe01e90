"""The A4 sheet of a document, a model of «présentation brève et synthétique» (art. L. 2313-1 CGCT): a page to print,
and the same as PDF. Its figures are those of the page of the document."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.redis import connect_to_redis
from flask import Blueprint, Response

from ckanext.budget.figures.document import described
from ckanext.budget.figures.statement import Block, Chapter
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import document_page, inhabitants, pdf, wording
from ckanext.budget.views.withdrawal import gone
from ckanext.budget.words import glossary

log = logging.getLogger(__name__)

budget_leaflet = Blueprint("budget_leaflet", __name__, url_prefix="/budgets/documents")

Page = dict[str, Any]

#: chapters named in each block; the others are one row
NAMED = 5
#: how long a PDF is kept, in seconds (a changed sheet has another key)
KEPT = 24 * 3600


@budget_leaflet.route("/<document_id>/a4")
def sheet(document_id: str) -> Response | str:
    """The sheet, to read and to print."""
    document = _readable(document_id)
    if document.status == "withdrawn":
        return gone(document)
    return tk.render("budget/a4.html", {"page": _page(document), "paper": False})


@budget_leaflet.route("/<document_id>/a4.pdf")
def sheet_pdf(document_id: str) -> Response:
    """The same as PDF, when the portal can make one."""
    document = _readable(document_id)
    if document.status == "withdrawn":
        return gone(document)
    if not pdf.available():
        return tk.abort(404, tk._("This portal makes no PDF: print the sheet from your browser"))
    page = _page(document)
    body = _made(tk.render("budget/a4.html", {"page": page, "paper": True}))
    name = f"{document.exercice}-{document.stage.lower()}-{document.siret or document.id[:8]}-a4.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "X-Robots-Tag": "noindex"}
    return Response(body, content_type="application/pdf", headers=headers)


def _made(html: str) -> bytes:
    """The PDF of a sheet, made once."""
    redis: Any = connect_to_redis()
    key = f"ckanext-budget:a4:{hashlib.sha256(html.encode()).hexdigest()}"
    kept = redis.get(key)
    if kept:
        return kept
    made = pdf.write(html)
    redis.set(key, made, ex=KEPT)
    return made


def _page(document: BudgetDocument) -> Page:
    package = tk.get_action("package_show")({"user": tk.current_user.name}, {"id": document.package_id})
    resource = {"id": document.csv_resource_id, "budget_document_id": document.id}
    page = document_page.build(resource, package)
    if page is None or not document.csv_resource_id:
        return tk.abort(404, tk._("The figures of this document are not available at the moment."))
    said = page["said"]
    people = inhabitants.of_document(document, described(document))
    terms = glossary.terms(glossary.language(tk.h.lang()))
    words = ["operation-reelle", "ordre", "epargne-brute", "rar" if said.account else "report", "chapitre"]
    return {
        **page,
        "blocks": [_block(block, document) for block in said.blocks],
        "per": {n: people.per(getattr(said, n)) for n in ("expenditure", "receipts")} if people else {},
        "debt": page["ratios"]["debt"] if page["ratios"] else {},
        "scale": max((block.total for block in said.blocks), default=Decimal(0)),
        "words": [terms[word] for word in words],
        "url": tk.h.url_for("budget_withdrawals.document", document_id=document.id, _external=True),
        "glossary_url": tk.h.url_for("budget_words.glossary", _external=True),
        "pdf_url": tk.h.url_for("budget_leaflet.sheet_pdf", document_id=document.id) if pdf.available() else None,
        "publisher": tk.config.get("ckan.site_title", ""),
        "nomenclature": wording.nomenclature(document.nomenclature),
    }


def _block(block: Block, document: BudgetDocument) -> Page:
    """The largest chapters of a block by name, the others as one row, and the total."""
    named = list(block.chapters[:NAMED]) if len(block.chapters) > NAMED + 1 else list(block.chapters)
    others = block.chapters[len(named) :]
    section = wording.section_name(block.section, document.nomenclature)
    return {
        "section": block.section,
        "sense": block.sense,
        "title": tk._("{section}: {sense}").format(section=section, sense=wording.sense_name(block.sense).lower()),
        "total": block.total,
        "rows": [(f"{c.code} {c.label}", c.amount, block.share(c)) for c in named],
        "others": _others(block, others) if others else None,
    }


def _others(block: Block, others: Sequence[Chapter]) -> Page:
    amount = sum((c.amount for c in others), Decimal(0))
    share = None if block.share(block.chapters[0]) is None else amount / block.total
    return {"count": len(others), "amount": amount, "share": share}


def _readable(document_id: str) -> BudgetDocument:
    document = core.document(document_id)
    try:
        tk.check_access("budget_document_show", {"user": tk.current_user.name}, {"id": document_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        document = None
    if document is None or model.Package.get(document.package_id) is None:
        return tk.abort(404, tk._("This budget document does not exist"))
    return document
