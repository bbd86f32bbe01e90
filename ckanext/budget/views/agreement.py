"""What a helper has prepared for the reader's collectivité: look, publish, or say why not."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from werkzeug.wrappers import Response

from ckanext.budget.views import batch_page, forms, mandate_words
from ckanext.budget.views.pages import budget_pages


def waiting() -> list[dict[str, Any]]:
    """What waits for the reader's word, for the first page of the desk."""
    if tk.current_user.is_anonymous:
        return []
    return [
        {
            "url": tk.url_for("budget_pages.agreement", batch_id=entry["batch_id"]),
            "created": mandate_words.day(entry["created"]),
            "by": entry["by"],
            "whose": ", ".join(entry["for"]),
            "count": len(entry["documents"]),
        }
        for entry in tk.get_action("budget_batch_waiting")(forms.context(), {})
    ]


@budget_pages.route("/depots/<batch_id>/accord")
def agreement(batch_id: str) -> str:
    """The files of a deposit that wait for the reader's word."""
    return _shown(batch_id, {})


def _shown(batch_id: str, errors: forms.Errors) -> str:
    forms.log_in_first()
    entries = forms.call("budget_batch_waiting")
    entry = next((e for e in entries if e["batch_id"] == batch_id), None)
    if entry is None:
        return tk.abort(404, tk._("Nothing in this deposit waits for your word"))
    page = {
        "id": batch_id,
        "by": entry["by"],
        "whose": ", ".join(entry["for"]),
        "created": mandate_words.day(entry["created"]),
        "rows": [{**batch_page.row(document), "waits": ""} for document in entry["documents"]],
        "errors": errors,
        "reason": tk.request.form.get("reason", ""),
    }
    return tk.render("budget/agreement.html", {"page": page})


@budget_pages.route("/depots/<batch_id>/accord/publier", methods=["POST"])
def agree(batch_id: str) -> Response:
    """Publish them."""
    documents, errors = forms.attempt("budget_batch_approve", {"id": batch_id})
    if errors:
        tk.h.flash_error(forms.told(errors))
    elif any(d["status"] in ("refused", "failed") for d in documents):
        said = [
            f"{d['filename']}: {d['message'].get('what', '')}. {d['message'].get('remedy', '')}." for d in documents
        ]
        tk.h.flash_error(" ".join(said))
    elif any(d["status"] == "queued" for d in documents):
        tk.h.flash_success(tk._("Publication is under way: you may close this page."))
    else:
        tk.h.flash_success(tk._("The files are published."))
    return tk.redirect_to("budget_pages.deposit")


@budget_pages.route("/depots/<batch_id>/accord/refuser", methods=["POST"])
def disagree(batch_id: str) -> Response | str:
    """Do not publish them, and say why."""
    _, errors = forms.attempt("budget_batch_refuse", {"id": batch_id, "reason": tk.request.form.get("reason", "")})
    if errors:
        return _shown(batch_id, errors)
    tk.h.flash_success(tk._("The files are refused. Whoever prepared them will read why."))
    return tk.redirect_to("budget_pages.deposit")
