"""Routes of the views to be taken away, as CSV and as XLSX; the state of the view is in the address.

Of a document: ``depenses``, ``flux``, ``chapitres``; of a budget: ``evolution``, ``detail``; and the comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Response

from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import (
    budget_page,
    chapters,
    compare_page,
    document_page,
    evolution,
    line_export,
    line_workbook,
    money_flows,
    purposes,
    reading,
    view_sheets,
)
from ckanext.budget.views.document_page import Shown
from ckanext.budget.views.line_export import Sheet
from ckanext.budget.views.line_routes import VERSION, XLSX, download, with_version
from ckanext.budget.views.pages import budget_pages
from ckanext.budget.views.permanent import BUDGET, DOCUMENT, Answer, with_document
from ckanext.budget.views.view_export import Export

EXTENSION = "<any(csv, xlsx):extension>"
Made = tuple[Sheet, Export]


@budget_pages.route(f"{DOCUMENT}/vues/<any(depenses, flux, chapitres):name>.{EXTENSION}")
def view(number: str, exercice: int, etape: str, name: str, extension: str) -> Answer:
    """A view of the document in force."""
    return with_document(number, exercice, etape, lambda found: _of_document(found, name, extension))


@budget_pages.route(f"{VERSION}/vues/<any(depenses, flux, chapitres):name>.{EXTENSION}")
def view_of_version(document_id: str, name: str, extension: str) -> Answer:
    """A view of a version."""
    return with_version(document_id, lambda found: _of_document(found, name, extension))


@budget_pages.route(f"{BUDGET}/vues/<any(evolution, detail):name>.{EXTENSION}")
def view_of_budget(number: str, name: str, extension: str) -> Answer:
    """A view of a budget over its years."""
    held = budget_page.held(number)
    page = evolution.build(held) if held else None
    if page is None:
        return _nothing()
    made = view_sheets.of_evolution if name == "evolution" else view_sheets.of_parts
    export = page["exports"][name]
    return _file(made(page, export), export, extension)


@budget_pages.route(f"/comparer.{EXTENSION}")
def view_of_comparison(extension: str) -> Answer:
    """The comparison that an address asks for."""
    page = compare_page.build(tk.request.args)
    if not page["compared"]:
        return _nothing()
    return _file(view_sheets.of_comparison(page, page["export"]), page["export"], extension)


def _of_document(document: BudgetDocument, name: str, extension: str) -> Answer:
    package = reading.dataset(document.package_id)
    shown = document_page.read(document, core.documents_of(package["id"]), package)
    made = _MAKERS[name](shown)
    return _file(*made, extension) if made else _nothing()


def _purposes(shown: Shown) -> Made | None:
    page = purposes.build(shown)
    return _of_page(page, view_sheets.of_purposes)


def _flows(shown: Shown) -> Made | None:
    page = money_flows.build(shown)
    return _of_page(page, view_sheets.of_flows) if page else None


def _of_page(page: Mapping[str, Any], make: Callable[[Mapping[str, Any], Export], Sheet]) -> Made | None:
    export = page["export"]
    return (make(page, export), export) if export else None


def _chapters(shown: Shown) -> Made:
    export = chapters.build(shown).export
    return view_sheets.of_chapters(document_page.tables(shown), shown.said, export), export


_MAKERS: Mapping[str, Callable[[Shown], Made | None]] = {
    "depenses": _purposes,
    "flux": _flows,
    "chapitres": _chapters,
}


def _file(sheet: Sheet, export: Export, extension: str) -> Response:
    if extension == "xlsx":
        return download(line_workbook.to_xlsx(sheet), XLSX, f"{export.name}.xlsx")
    body = line_export.to_csv(sheet, french=tk.h.lang().startswith("fr"), about=True)
    return download(body, "text/csv; charset=utf-8", f"{export.name}.csv")


def _nothing() -> Answer:
    return tk.abort(404, tk._("This view shows nothing: there is no file of it"))
