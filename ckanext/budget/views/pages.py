"""Routes under ``/budgets``."""

from __future__ import annotations

import json

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response

from ckanext.budget.views import addresses, definitions

budget_pages = Blueprint("budget_pages", __name__, url_prefix="/budgets")
budget_pages.record(addresses.teach)


@budget_pages.route("/documents/<document_id>/rapport.json")
def report(document_id: str) -> Response:
    """The conversion report of a document, as visible as its dataset; of a withdrawn one, when and why (410)."""
    try:
        document = tk.get_action("budget_document_show")({}, {"id": document_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("This budget document does not exist"))
    withdrawn = document["status"] == "withdrawn"
    body = json.dumps(document["withdrawal"] if withdrawn else document["report"], ensure_ascii=False, indent=2)
    return Response(body, 410 if withdrawn else 200, content_type="application/json; charset=utf-8")


@budget_pages.route("/qualite")
def quality() -> str:
    """What the quality levels and the controls mean."""
    return tk.render("budget/quality.html", {"page": definitions.page()})
