"""Routes of the pages that set several budgets side by side: the comparison, a territory."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Response

from ckanext.budget.views import compare_page, territory_page
from ckanext.budget.views.pages import budget_pages
from ckanext.budget.views.permanent import Answer


@budget_pages.route("/comparer")
def compare() -> str:
    """Two to six collectivités, or one within a group; the state is in the address."""
    return tk.render("budget/pages/compare.html", {"page": compare_page.build(tk.request.args), "uid": "b"})


@budget_pages.route("/territoires/<code>")
def territory(code: str) -> Answer:
    """A région, a département or an EPCI: who publishes there."""
    given = tk.request.args.get("page", "1")
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 6 else 1
    page = territory_page.build(code, number)
    if page is None:
        absent = {"title": tk._("No territory has the code {code}").format(code=code[:20]), "years": []}
        body = tk.render("budget/pages/absent.html", {"page": absent})
        return Response(body, status=404, content_type="text/html; charset=utf-8")
    return tk.render(
        "budget/pages/territory.html",
        {
            "page": page,
            "uid": "b",
            "canonical": tk.h.url_for("budget_pages.territory", code=page["code"], _external=True),
            "description": tk._("Who publishes their budgets in {name}.").format(name=page["name"]),
        },
    )
