"""Forms of the reminders: ask for them, stop them, also from the link of a mail."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import Context
from werkzeug.wrappers import Response

from ckanext.budget.views.pages import budget_pages


@budget_pages.route("/rappels", methods=["POST"])
def reminders() -> Response:
    """Start or stop, for one collectivité."""
    siren = tk.request.form.get("siren", "")
    context = Context(user=tk.current_user.name)
    try:
        if tk.request.form.get("stop"):
            tk.get_action("budget_reminder_unsubscribe")(context, {"siren": siren})
            tk.h.flash_success(tk._("You are reminded no more."))
        else:
            tk.get_action("budget_reminder_subscribe")(context, {"siren": siren})
            tk.h.flash_success(tk._("You will be reminded by mail, before and after the legal days."))
    except tk.NotAuthorized:
        return tk.abort(403, tk._("Only the members of its organisation are reminded of its documents"))
    except tk.ValidationError as error:
        tk.h.flash_error(". ".join(str(text) for text in error.error_summary.values()))
    return tk.redirect_to("budget_pages.collectivite", siren=siren)


@budget_pages.route("/rappels/arreter")
def stop_reminders() -> str:
    """The link of a mail: it asks first, since programs that read mails follow links."""
    return tk.render("budget/stop_reminders.html", {"token": tk.request.args.get("jeton", ""), "done": False})


@budget_pages.route("/rappels/arreter", methods=["POST"])
def stop_reminders_now() -> str:
    """The person's word."""
    token = tk.request.form.get("jeton", "")
    try:
        tk.get_action("budget_reminder_unsubscribe")(Context(user=""), {"token": token or "-"})
    except tk.NotAuthorized:
        return tk.abort(403, tk._("This link is not one of ours: copy it whole from the mail"))
    return tk.render("budget/stop_reminders.html", {"token": "", "done": True})
