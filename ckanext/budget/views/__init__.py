"""What is served: blueprints, the resource view, facets."""

from __future__ import annotations

from ckanext.budget.views import (  # noqa: F401  (their routes)
    agreement,
    compare_routes,
    dashboard,
    desk,
    embed_routes,
    line_routes,
    permanent,
    reminders,
    search_routes,
    view_routes,
)
from ckanext.budget.views.accessibility import budget_accessibility
from ckanext.budget.views.jobs import budget_jobs
from ckanext.budget.views.leaflet import budget_leaflet
from ckanext.budget.views.mandates import budget_mandates
from ckanext.budget.views.notes import budget_notes
from ckanext.budget.views.pages import budget_pages
from ckanext.budget.views.preferences import budget_preferences
from ckanext.budget.views.requests import budget_requests
from ckanext.budget.views.withdrawal import budget_withdrawals
from ckanext.budget.views.words import budget_words

__all__ = [
    "budget_accessibility",
    "budget_jobs",
    "budget_leaflet",
    "budget_mandates",
    "budget_notes",
    "budget_pages",
    "budget_preferences",
    "budget_requests",
    "budget_withdrawals",
    "budget_words",
]
