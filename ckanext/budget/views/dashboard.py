"""The region's dashboard, the grid of one collectivité, why a file was refused."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from ckan.types import Context
from flask import Response

from ckanext.budget.coverage.asked import MOST
from ckanext.budget.views import collectivite_grid, dashboard_page, dashboard_table
from ckanext.budget.views.pages import budget_pages


@budget_pages.route("/tableau-de-bord")
def dashboard() -> str:
    """Who has published what; filters, order and page in the address."""
    address = dashboard_page.Address(tk.request.args)
    try:
        found = tk.get_action("budget_coverage")(_context(), address.asked())
    except tk.ValidationError as error:
        return tk.abort(400, ". ".join(str(text) for text in error.error_summary.values()))
    return tk.render("budget/dashboard.html", {"page": dashboard_page.page(found, address)})


@budget_pages.route("/tableau-de-bord.csv")
def dashboard_csv() -> Response:
    """Every row of the same view, as a table."""
    asked = {**dashboard_page.Address(tk.request.args).asked(), "limit": MOST, "offset": 0, "details": False}
    try:
        found = tk.get_action("budget_coverage")(_context(), asked)
    except tk.ValidationError as error:
        return tk.abort(400, ". ".join(str(text) for text in error.error_summary.values()))
    headers = {"Content-Disposition": 'attachment; filename="tableau-de-bord.csv"'}
    return Response(dashboard_table.write(found), content_type="text/csv; charset=utf-8", headers=headers)


@budget_pages.route("/tableau-de-bord/<siren>")
def collectivite(siren: str) -> str:
    """All the budgets of one collectivité, by exercice and étape."""
    grid = collectivite_grid.build(siren)
    if grid is None:
        return tk.abort(404, tk._("No local government of this SIREN is known"))
    return tk.render("budget/collectivite.html", {"grid": grid})


@budget_pages.route("/refus/<row_id>")
def refusal(row_id: str) -> str:
    """Why a deposited file was refused, for those who may know."""
    try:
        found = collectivite_grid.refusal(row_id)
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404, tk._("This refusal does not exist"))
    return tk.render("budget/refusal.html", {"refusal": found})


def _context() -> Context:
    return Context(user=tk.current_user.name)
