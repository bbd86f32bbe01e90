"""The resource view ``budget``: a document, readable, on the page of its standard CSV."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.budget.views import document_page, overview

VIEW_TYPE = "budget"


class BudgetView:
    """IResourceView: to be inherited by the plugin."""

    def info(self) -> dict[str, Any]:
        """The view as CKAN lists it; server-rendered in the page itself, no DataStore needed."""
        return {
            "name": VIEW_TYPE,
            "title": tk._("Budget"),
            "default_title": tk._("Budget"),
            "icon": "chart-bar",
            "iframed": False,
            "always_available": False,
            "preview_enabled": False,
            "requires_datastore": False,
        }

    def can_view(self, data_dict: DataDict) -> bool:
        """Only the CSV files that the portal makes: of one budget document, or of all."""
        return data_dict["resource"].get("budget_role") in ("csv", "consolidated")

    def setup_template_variables(self, context: Context, data_dict: DataDict) -> dict[str, Any]:
        """``page``: what the template shows (None when the document is not in the registry), ``uid`` for its ids."""
        resource, package = data_dict["resource"], data_dict["package"]
        page = overview.build(package) if _of_all_years(resource) else document_page.build(resource, package)
        return {"page": page, "uid": f"b{data_dict['resource_view'].get('id', 'preview')[:8]}", "depth": 2}

    def view_template(self, context: Context, data_dict: DataDict) -> str:
        """Path of the template."""
        return "budget/overview.html" if _of_all_years(data_dict["resource"]) else "budget/document.html"

    def form_template(self, context: Context, data_dict: DataDict) -> str:
        """There is nothing to set."""
        return "budget/snippets/view_form.html"


def _of_all_years(resource: DataDict) -> bool:
    return resource.get("budget_role") == "consolidated"
