"""What one receives by mail."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint
from werkzeug.wrappers import Response

budget_preferences = Blueprint("budget_preferences", __name__, url_prefix="/budgets/preferences")


@budget_preferences.route("")
def show() -> Response | str:
    """The form."""
    if tk.current_user.is_anonymous:
        return tk.redirect_to("user.login", came_from=tk.url_for("budget_preferences.show"))
    page = {
        **tk.get_action("budget_preference_show")({}, {}),
        "email": tk.current_user.email,
        "account": tk.url_for("user.edit", id=tk.current_user.name),
    }
    return tk.render("budget/preferences.html", {"page": page})


@budget_preferences.route("", methods=["POST"])
def update() -> Response:
    """What was chosen."""
    chosen = {"receipts": tk.request.form.get("receipts"), "language": tk.request.form.get("language")}
    try:
        tk.get_action("budget_preference_update")({}, chosen)
    except tk.NotAuthorized:
        return tk.abort(403, tk._("Log in to choose what you receive by mail"))
    except tk.ValidationError as error:
        tk.h.flash_error(". ".join(str(text) for text in error.error_summary.values()))
    else:
        tk.h.flash_success(tk._("Your choice is kept."))
    return tk.redirect_to("budget_preferences.show")
