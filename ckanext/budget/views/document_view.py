"""The page of a document on its own, at an address that lasts."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses, citation, document_page, machine, reading, state
from ckanext.budget.views.citation import LASTING


def page_of(document: BudgetDocument) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the page of a document shows, and its dataset; 404 when the reader may not see it."""
    package = reading.dataset(document.package_id)
    return document_page.of_document(document, core.documents_of(package["id"]), package), package


def show(document: BudgetDocument) -> str:
    """The page, in the portal's frame."""
    page, package = page_of(document)
    return tk.render(
        "budget/pages/document.html",
        {
            "page": page,
            "uid": "b",
            "depth": 1,
            "alone": True,
            "package": package,
            "description": f"{state.title(document)}, {document.name}. {page['meaning']}",
            "machine": machine.dataset_of_document(document, page, package),
            "canonical": addresses.of_document(document, _external=True),
            "alternates": _alternates(document, package),
        },
    )


def _alternates(document: BudgetDocument, package: dict[str, Any]) -> list[tuple[str, str]]:
    """Type and address of the same document for machines."""
    if not machine.has_address(document):
        return []
    given = addresses.parts(document)
    found = [
        (kind, tk.h.url_for(f"budget_pages.document_{name}", **given, **LASTING))
        for kind, name in ((machine.CSV, "csv"), (machine.JSON, "json"))
    ]
    if citation.may_be_embedded(document, package):
        found += citation.oembed(addresses.of_document(document, **LASTING))
    return found
