"""Facets of the budget dataset type: years, stages, charts of accounts, kind of budget, territory."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.config import DATASET_TYPE
from ckanext.budget.views import wording

#: dataset field → multi-valued Solr field (CKAN's schema makes «vocab_*» multi-valued)
FIELDS = {
    name: f"vocab_budget_{name}"
    for name in ("exercices", "etapes", "nomenclatures", "budget_type", "departement", "epci")
}

#: values that are codes, as the list of budgets names them
KINDS = {"principal": "Budget principal", "annexe": "Budget annexe", **wording.NOMENCLATURES}


class BudgetFacets:
    """IFacets and the indexing half of IPackageController."""

    def dataset_facets(self, facets_dict: dict[str, str], package_type: str) -> dict[str, str]:
        """On the budget listing, budget facets come first."""
        if package_type != DATASET_TYPE:
            return facets_dict
        ours = {
            FIELDS["exercices"]: tk._("Years"),
            FIELDS["etapes"]: tk._("Budget stages"),
            FIELDS["nomenclatures"]: tk._("Charts of accounts"),
            FIELDS["budget_type"]: tk._("Principal or annexe"),
            FIELDS["departement"]: tk._("Départements"),
            FIELDS["epci"]: tk._("Intercommunal bodies"),
        }
        kept = ("organization", "tags", "license_id")
        return {**ours, **{name: title for name, title in facets_dict.items() if name in kept}}

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """Index lists as lists."""
        if pkg_dict.get("type") != DATASET_TYPE:
            return pkg_dict
        for name, field in FIELDS.items():
            values = [KINDS.get(value, value) for value in _values(pkg_dict.get(name))]
            if values:
                pkg_dict[field] = values
        return pkg_dict


def _values(value: Any) -> list[str]:
    if not value:
        return []
    if isinstance(value, str) and value.startswith("["):
        value = json.loads(value)
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]
