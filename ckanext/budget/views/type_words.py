"""What CKAN's own screens call a budget: a complete phrase for each of its purposes, in both languages.

CKAN builds these phrases from pieces («Add {type}», «{type}s») that have no French.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.config import DATASET_TYPE
from ckanext.budget.messages import N_, NP_

PHRASES = {
    "add link": N_("Add a budget"),
    "add association link": N_("Add to a budget"),
    "breadcrumb": N_("Budgets"),
    "content tab": N_("Budget"),
    "create label": N_("Add a budget"),
    "create title": N_("Add a budget"),
    "delete confirmation": N_("Delete this budget and all its files?"),
    "description placeholder": N_("What this budget covers"),
    "edit label": N_("Edit the budget"),
    "facet label": N_("Budgets"),
    "form label": N_("Budget"),
    "main nav": N_("Budgets"),
    "my label": N_("My budgets"),
    "view label": N_("See the budget"),
    "name placeholder": N_("budget-of-my-commune"),
    "no any objects": N_("No budget is published yet."),
    "no associated label": N_("No budget is linked to this dataset."),
    "no description": N_("This budget has no description."),
    "no label": N_("No budget"),
    "page title": N_("Budgets"),
    "save label": N_("Save the budget"),
    "search placeholder": N_("Search the budgets…"),
    "update label": N_("Save the budget"),
    "you not member": N_("You follow no budget."),
}

#: what CKAN's template of search results asks for, word for word (singular, plural)
RESULTS = (
    NP_('{number} budget found for "{query}"', '{number} budgets found for "{query}"'),
    NP_("{number} budget found", "{number} budgets found"),
    N_('No budgets found for "{query}"'),
    N_("No budgets found"),
)

#: words of CKAN's form that its French catalogue lacks
FORM = (N_("Publish"), N_("Profile settings"))


def humanize(core: Callable[..., Any], entity_type: str, object_type: str, purpose: str) -> str | None:
    """CKAN's ``humanize_entity_type``, with whole phrases for budgets."""
    if (entity_type, object_type) == ("package", DATASET_TYPE) and purpose in PHRASES:
        return tk._(PHRASES[purpose])
    return core(entity_type, object_type, purpose)
