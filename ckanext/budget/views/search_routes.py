"""Routes of the search, of an account across budgets, and the home of the budgets."""

from __future__ import annotations

import re

import ckan.plugins.toolkit as tk
from flask import Response

from ckanext.budget.views import home_page, search_page
from ckanext.budget.views.pages import budget_pages
from ckanext.budget.views.permanent import Answer

#: a class alone («6») is half of every budget: nobody reads that, and it would read every line
_ACCOUNT = re.compile(r"(?=.*[0-9])[0-9A-Z]{2,10}")


@budget_pages.route("", strict_slashes=False)
@budget_pages.route("/", strict_slashes=False)
def home() -> str:
    """Three doors, a search, what was published last."""
    return tk.render(
        "budget/pages/home.html",
        {
            "page": home_page.build(),
            "canonical": tk.h.url_for("budget_pages.home", _external=True),
            "description": tk._("The budgets of the collectivités: read them, publish them, reuse their data."),
        },
    )


@budget_pages.route("/recherche")
def search() -> str:
    """Collectivités, accounts, functions."""
    return tk.render("budget/pages/search.html", {"page": search_page.search(tk.request.args), "uid": "b"})


@budget_pages.route("/comptes/<code>")
def account(code: str) -> Answer:
    """An account across years and collectivités."""
    given = code.upper()
    page = search_page.account(given, tk.request.args) if _ACCOUNT.fullmatch(given) else None
    if page is None:
        absent = {
            "title": tk._("No budget published here has the account {code}").format(code=code[:20]),
            "years": [],
        }
        body = tk.render("budget/pages/absent.html", {"page": absent})
        return Response(body, status=404, content_type="text/html; charset=utf-8")
    return tk.render(
        "budget/pages/account.html",
        {
            "page": page,
            "uid": "b",
            "canonical": tk.h.url_for("budget_pages.account", code=given, _external=True),
            "description": tk._("Account {code} in the budgets of the collectivités, year after year.").format(
                code=f"{given} {page['label']}".strip()
            ),
        },
    )
