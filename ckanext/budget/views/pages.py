"""Routes under ``/budgets``."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context
from flask import Blueprint, Response

from ckanext.budget.config import DATASET_TYPE
from ckanext.budget.views import definitions

budget_pages = Blueprint("budget_pages", __name__, url_prefix="/budgets")

#: most datasets of the reader that the first page of the desk lists
LISTED = 50


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


@budget_pages.route("/deposer")
def deposit() -> str:
    """Where to find the files, what is accepted, and the way to the reader's own budgets."""
    return tk.render("budget/deposit.html", {"mine": _mine(), "may_create": _may_create()})


def _may_create() -> bool:
    try:
        tk.check_access("package_create", Context(user=tk.current_user.name), {"type": DATASET_TYPE})
    except tk.NotAuthorized:
        return False
    return True


def _mine() -> dict[str, Any] | None:
    """Budget datasets of the organisations in which the reader may deposit: ``count`` and the first ones, ``results``,
    by title. None for a reader who is not logged in."""
    if tk.current_user.is_anonymous:
        return None
    context = Context(user=tk.current_user.name)
    organisations = tk.get_action("organization_list_for_user")(context, {"permission": "update_dataset"})
    if not organisations:
        return {"count": 0, "results": []}
    owners = " OR ".join(f'"{organisation["id"]}"' for organisation in organisations)
    return tk.get_action("package_search")(
        context,
        {
            "fq": f"dataset_type:{DATASET_TYPE} AND owner_org:({owners})",
            "include_private": True,
            "rows": LISTED,
            "sort": "title_string asc",
        },
    )
