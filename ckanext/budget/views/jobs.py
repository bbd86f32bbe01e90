"""The page of a conversion: what was done and when, while it goes on and afterwards."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint
from werkzeug.wrappers import Response

from ckanext.budget.registry import core
from ckanext.budget.views import job_page
from ckanext.budget.views.desk import STOP_POLLING

budget_jobs = Blueprint("budget_jobs", __name__, url_prefix="/budgets/documents")


@budget_jobs.route("/<document_id>/journal")
def document(document_id: str) -> Any:
    """The steps of a document's conversion; htmx asks for it until it has ended."""
    page = _page(document_id)
    body = tk.render("budget/job.html", {"page": page})
    polled = tk.request.headers.get("HX-Request") and not page["working"]
    return (body, STOP_POLLING) if polled else body


@budget_jobs.route("/<document_id>/journal", methods=["POST"])
def run(document_id: str) -> Response:
    """Convert it again."""
    _page(document_id)  # who may not see it is told that it does not exist
    try:
        tk.get_action("budget_document_reconvert")({}, {"id": document_id})
    except tk.NotAuthorized:
        return tk.abort(403, tk._("Only those who may edit this budget can do this"))
    except tk.ValidationError as error:
        tk.h.flash_error(". ".join(str(text) for text in error.error_summary.values()))
    return tk.redirect_to("budget_jobs.document", document_id=document_id)


def _page(document_id: str) -> dict[str, Any]:
    try:
        log = tk.get_action("budget_document_log")({}, {"id": document_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("This budget document does not exist"))
    found = core.document(document_id)
    return job_page.page(found, log) if found is not None else tk.abort(404)
