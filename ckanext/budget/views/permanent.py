"""Routes of the permanent addresses: a budget, its documents; as pages, as CSV, as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Response, jsonify
from werkzeug.wrappers import Response as AnyResponse

from ckanext.budget.registry import budgets
from ckanext.budget.registry.budgets import Budget, stage_of
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.territory.directory import directory
from ckanext.budget.views import (
    addresses,
    budget_grid,
    budget_page,
    citation,
    document_view,
    machine,
    reading,
    wording,
)
from ckanext.budget.views.citation import LASTING
from ckanext.budget.views.pages import budget_pages
from ckanext.budget.views.withdrawal import gone

Answer = AnyResponse | str
BUDGET = "/<budget_number:number>"
DOCUMENT = "/<budget_number:number>/<budget_year:exercice>/<budget_etape:etape>"


@budget_pages.route(BUDGET)
def budget(number: str) -> Answer:
    """A budget over its years: a SIRET names one, a SIREN the principal budget, its annexes beside it."""
    held = budget_page.held(number)
    if held is None:
        return _no_budget(number)
    page = budget_page.build(held)
    return tk.render(
        "budget/pages/budget.html",
        {
            "page": page,
            "uid": "b",
            "depth": 1,
            "alone": True,
            "machine": machine.dataset_of_budget(number, page, held.package),
            "description": machine.description_of_budget(page),
            "canonical": addresses.of_budget(number, _external=True),
            "alternates": [
                (kind, tk.h.url_for(f"budget_pages.budget_{name}", number=number, **LASTING))
                for kind, name in ((machine.CSV, "csv"), (machine.JSON, "json"))
                if name == "json" or page["links"]["csv"]
            ]
            + (citation.oembed(page["cite"]["address"]) if page["cite"]["embed"] else []),
        },
    )


@budget_pages.route(BUDGET + ".csv")
def budget_csv(number: str) -> Answer:
    """The consolidated CSV of a budget."""
    held = budget_page.held(number)
    url = budget_page.build(held)["links"]["csv"] if held else None
    return tk.redirect_to(url) if url else _no_budget(number)


@budget_pages.route(BUDGET + ".json")
def budget_json(number: str) -> Answer:
    """The documents in force of a budget."""
    held = budget_page.held(number)
    if held is None:
        return _no_json()
    return jsonify(machine.of_budget(held.budget, budget_page.build(held), held.package))


@budget_pages.route(DOCUMENT)
def document(number: str, exercice: int, etape: str) -> Answer:
    """The document in force of an étape."""
    return with_document(number, exercice, etape, document_view.show)


@budget_pages.route(DOCUMENT + ".csv")
def document_csv(number: str, exercice: int, etape: str) -> Answer:
    """The standard CSV of the document in force."""

    def leave(found: BudgetDocument) -> Answer:
        page, _ = document_view.page_of(found)
        url = page["links"]["csv"]
        return tk.redirect_to(url) if url else _no_json()

    return with_document(number, exercice, etape, leave)


@budget_pages.route(DOCUMENT + ".json")
def document_json(number: str, exercice: int, etape: str) -> Answer:
    """The figures of the document in force."""

    def figures(found: BudgetDocument) -> Answer:
        page, package = document_view.page_of(found)
        return jsonify(machine.of_document(found, page, package))

    return with_document(number, exercice, etape, figures)


def with_document(number: str, exercice: int, etape: str, answer: Callable[[BudgetDocument], Answer]) -> Answer:
    """The answer on the document in force that an address names; of one that was withdrawn, that it was (410); else
    what there is instead (404)."""
    named = budgets.named(reading.budgets_named(number), number)
    stage = stage_of(etape)
    if named is None or stage is None:
        return _no_budget(number)
    versions = named.at(exercice, *stage)
    current = next((d for d in versions if d.status == "converted"), None)
    if current is not None:
        return answer(current)
    if versions and versions[-1].status == "withdrawn":
        return gone(versions[-1])
    return _no_document(named, exercice, *stage, waiting=bool(versions))


def _no_budget(number: str) -> Response:
    """404: whose number it is, if the directory knows."""
    known = directory().by_siren(number[:9])
    return _absent(
        {
            "title": tk._("No budget is published here under this number"),
            "number": number,
            "who": known.name if known else None,
            "years": [],
        }
    )


def _no_document(named: Budget, exercice: int, stage: str, dm_number: int, *, waiting: bool) -> Response:
    title = (
        tk._("{stage} {year}: this document is being converted")
        if waiting
        else tk._("{stage} {year}: not published here")
    )
    return _absent(
        {
            "title": title.format(stage=wording.stage_name(stage, dm_number), year=exercice),
            "who": named.name,
            "budget": addresses.of_budget(named.siret),
            "years": budget_grid.in_force_by_year(named.documents),
        }
    )


def _absent(page: dict[str, Any]) -> Response:
    body = tk.render("budget/pages/absent.html", {"page": page})
    return Response(body, status=404, content_type="text/html; charset=utf-8")


def _no_json() -> Answer:
    answer = jsonify({"error": tk._("This budget document does not exist")})
    answer.status_code = 404
    return answer
