"""The deposit desk: drop, look, publish, keep the receipt. Plain forms first; a script adds dropping and progress."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context
from flask import Response, jsonify
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from ckanext.budget.config import DATASET_TYPE
from ckanext.budget.deposit import rights
from ckanext.budget.mandates import access, described, store
from ckanext.budget.views import agreement, batch_page, collectivite_grid, coverage_words, forms, mandate_words
from ckanext.budget.views.pages import budget_pages

#: most datasets of the reader that the first page of the desk lists
LISTED = 50
#: htmx stops asking when it gets this status
STOP_POLLING = 286


@budget_pages.route("/deposer")
def deposit() -> str:
    """Where to drop the files and find them, what is accepted, the reader's own budgets and deposits."""
    may_deposit = forms.allowed("budget_deposit")
    mine = rights.organisations(tk.current_user.name) if may_deposit else []
    asked = tk.request.args
    return tk.render(
        "budget/deposit.html",
        {
            "awaited": coverage_words.awaited(
                asked.get("siren", ""), asked.get("exercice", ""), asked.get("etape", "")
            ),
            "grids": collectivite_grid.of_desk(mine),
            "mine": _mine(),
            "may_create": forms.allowed("package_create", type=DATASET_TYPE),
            "may_deposit": may_deposit,
            "organisations": mine,
            "chosen": asked.get("organisation"),
            "batches": batch_page.listed(tk.get_action("budget_batch_list")({}, {})) if may_deposit else [],
            "waiting": agreement.waiting(),
            **_mandates(),
        },
    )


def _mandates() -> dict[str, Any]:
    """For whom the reader deposits, and their requests."""
    user = model.User.get(tk.current_user.name) if not tk.current_user.is_anonymous else None
    if user is None:
        return {"mandates": [], "requests": []}
    mandates = described.mandates(access.in_force(user.id))
    asked = [described.request(r) for r in store.requests_of(user.id)]
    return {
        "mandates": [mandate_words.mandate(m) for m in mandates],
        "requests": [mandate_words.request(r) for r in asked],
    }


@budget_pages.route("/deposer", methods=["POST"])
def receive() -> AnyResponse:
    """Files of the form, or one file of the script (which asks for JSON): looked at, not published."""
    uploads = [upload for upload in tk.request.files.getlist("upload") if upload.filename]
    wants_json = tk.request.accept_mimetypes.best == "application/json"
    try:
        batch_id = _received(uploads)
    except tk.NotAuthorized:
        return _refuse(
            tk._("Your account may not deposit budgets: ask the administrators of the portal"), 403, wants_json
        )
    except tk.ObjectNotFound:
        return _refuse(tk._("This deposit does not exist"), 404, wants_json)
    except tk.ValidationError as error:
        said = ". ".join(str(text) for text in error.error_summary.values())
        return _refuse(said, 409, wants_json)
    url = tk.url_for("budget_pages.batch", batch_id=batch_id)
    return jsonify({"batch_id": batch_id, "url": url}) if wants_json else tk.redirect_to(url)


def _received(uploads: list[FileStorage]) -> str:
    if not uploads:
        raise tk.ValidationError({"upload": [tk._("Choose at least one file")]})
    batch_id = tk.request.form.get("batch_id") or ""
    for upload in uploads:
        sent = {
            "upload": upload,
            "owner_org": tk.request.form.get("owner_org"),
            "publish": False,
            "batch_id": batch_id,
        }
        batch_id = tk.get_action("budget_deposit")({}, sent)["batch_id"]
    return batch_id


def _refuse(said: str, status: int, wants_json: bool) -> AnyResponse:
    if wants_json:
        answer = jsonify({"error": said})
        answer.status_code = status
        return answer
    tk.h.flash_error(said)
    return tk.redirect_to("budget_pages.deposit")


@budget_pages.route("/depots/<batch_id>")
def batch(batch_id: str) -> Any:
    """A deposit: what each file is and will become; then its receipt."""
    page = batch_page.page(_shown(batch_id))
    body = tk.render("budget/batch.html", {"page": page})
    polled = tk.request.headers.get("HX-Request") and not page["working"]
    return (body, STOP_POLLING) if polled else body


@budget_pages.route("/depots/<batch_id>/publier", methods=["POST"])
def publish(batch_id: str) -> AnyResponse:
    """The depositor's word."""
    try:
        tk.get_action("budget_batch_publish")({}, {"id": batch_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("This deposit does not exist"))
    return tk.redirect_to("budget_pages.batch", batch_id=batch_id)


@budget_pages.route("/depots/<batch_id>/recu.csv")
def receipt(batch_id: str) -> Response:
    """The receipt as a table."""
    body = batch_page.receipt(_shown(batch_id))
    headers = {"Content-Disposition": f'attachment; filename="depot-{batch_id[:8]}.csv"'}
    return Response(body, content_type="text/csv; charset=utf-8", headers=headers)


def _shown(batch_id: str) -> dict[str, Any]:
    """A deposit that the reader may see; another's does not exist for them."""
    try:
        return tk.get_action("budget_batch_show")({}, {"id": batch_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("This deposit does not exist"))


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
