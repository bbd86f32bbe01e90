"""Routes of the line table: of the document in force of an étape, and of a version; as a page, as CSV, as XLSX."""

from __future__ import annotations

from collections.abc import Callable

import ckan.plugins.toolkit as tk
from flask import Response

from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses, line_choice, line_export, line_page, line_workbook, reading
from ckanext.budget.views.pages import budget_pages
from ckanext.budget.views.permanent import DOCUMENT, Answer, with_document
from ckanext.budget.views.withdrawal import gone

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VERSION = "/documents/<document_id>"


@budget_pages.route(DOCUMENT + "/lignes")
def lines(number: str, exercice: int, etape: str) -> Answer:
    """Every line of the document in force."""
    return with_document(number, exercice, etape, _page)


@budget_pages.route(DOCUMENT + "/lignes.csv")
def lines_csv(number: str, exercice: int, etape: str) -> Answer:
    """The lines that are shown, as CSV."""
    return with_document(number, exercice, etape, _csv)


@budget_pages.route(DOCUMENT + "/lignes.xlsx")
def lines_xlsx(number: str, exercice: int, etape: str) -> Answer:
    """The lines that are shown, as XLSX."""
    return with_document(number, exercice, etape, _xlsx)


@budget_pages.route(VERSION + "/lignes")
def lines_of_version(document_id: str) -> Answer:
    """Every line of a version."""
    return with_version(document_id, _page)


@budget_pages.route(VERSION + "/lignes.csv")
def lines_csv_of_version(document_id: str) -> Answer:
    """The lines of a version that are shown, as CSV."""
    return with_version(document_id, _csv)


@budget_pages.route(VERSION + "/lignes.xlsx")
def lines_xlsx_of_version(document_id: str) -> Answer:
    """The lines of a version that are shown, as XLSX."""
    return with_version(document_id, _xlsx)


def with_version(document_id: str, answer: Callable[[BudgetDocument], Answer]) -> Answer:
    """The answer on a version that the reader may see; of a withdrawn one, that it was (410)."""
    found = core.document(document_id)
    if found is None or not reading.may_read(found.package_id):
        return tk.abort(404, tk._("This budget document does not exist"))
    return gone(found) if found.status == "withdrawn" else answer(found)


def _page(document: BudgetDocument) -> Answer:
    """The whole page, or the table alone when the script asks for it."""
    partial = bool(tk.request.headers.get("HX-Request")) and not tk.request.headers.get("HX-History-Restore-Request")
    page = line_page.build(document, line_choice.read(tk.request.args))
    template = "budget/lines/table.html" if partial else "budget/pages/lines.html"
    more = {
        "uid": "b",
        "partial": partial,
        "canonical": addresses.of_document(document, "lines", _external=True),
        "alternates": [("text/csv", page["urls"]["csv"]), (XLSX, page["urls"]["xlsx"])],
        "description": f"{page['title']}, {page['name']}. {page['said']}",
    }
    answer = Response(tk.render(template, {"page": page, **more}), content_type="text/html; charset=utf-8")
    answer.vary.add("HX-Request")
    if partial:
        answer.headers["HX-Replace-Url"] = page["urls"]["here"]
    return answer


def _csv(document: BudgetDocument) -> Answer:
    choice = line_choice.read(tk.request.args)
    body = line_export.to_csv(line_export.of_selection(document, choice), french=tk.h.lang().startswith("fr"))
    return download(body, "text/csv; charset=utf-8", line_export.file_name(document, choice, "csv"))


def _xlsx(document: BudgetDocument) -> Answer:
    choice = line_choice.read(tk.request.args)
    body = line_workbook.to_xlsx(line_export.of_selection(document, choice))
    return download(body, XLSX, line_export.file_name(document, choice, "xlsx"))


def download(body: bytes, kind: str, name: str) -> Response:
    """A file to be saved under a name."""
    answer = Response(body, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
