"""The resource view «budget»."""

from __future__ import annotations

from typing import Any


class BudgetView:
    """IResourceView on the CSV of a budget document."""

    def info(self) -> dict[str, Any]:
        """What CKAN asks of a view type."""
        return {"name": "budget", "title": "Budget", "icon": "bar-chart", "iframed": False, "always_available": False}

    def can_view(self, data_dict: dict[str, Any]) -> bool:
        """On the standard CSV of a document."""
        return data_dict["resource"].get("budget_role") == "csv"

    def setup_template_variables(self, context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
        """Nothing yet."""
        return {}

    def view_template(self, context: Any, data_dict: dict[str, Any]) -> str:
        """Template."""
        return "budget/view.html"

    def form_template(self, context: Any, data_dict: dict[str, Any]) -> str:
        """Template."""
        return ""
