"""Routes of the pages that set several budgets side by side: the comparison, a territory."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.budget.views import compare_page
from ckanext.budget.views.pages import budget_pages


@budget_pages.route("/comparer")
def compare() -> str:
    """Two to six collectivités, or one within a group; the state is in the address."""
    return tk.render("budget/pages/compare.html", {"page": compare_page.build(tk.request.args), "uid": "b"})
