"""Tables that the portal makes from the annexes of a document: which they are, under which privacy rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.annexes.specs import SPECS
from ckanext.budget.registry.models import BudgetDocument

ROLE = "annexe"


def words(resource: Mapping[str, Any]) -> dict[str, str]:
    """``title`` and ``rule`` of a table, in the reader's language; a table that this version does not know keeps the
    words it was stored with."""
    spec = SPECS.get(resource.get("budget_table") or "")
    if spec is not None:
        return {"title": tk._(spec.title), "rule": tk._(spec.rule)}
    return {
        "title": resource.get("title") or resource.get("name") or "",
        "rule": resource.get("rule") or "",
    }


def of_document(document: BudgetDocument, package: Mapping[str, Any]) -> list[dict[str, str]]:
    """The tables made from a document: ``title``, ``rule`` and ``url`` of their page."""
    return [
        {
            **words(resource),
            "url": tk.h.url_for(f"{package['type']}_resource.read", id=package["name"], resource_id=resource["id"]),
        }
        for resource in package.get("resources", [])
        if resource.get("budget_role") == ROLE and resource.get("budget_document_id") == document.id
    ]
