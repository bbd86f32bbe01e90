"""Links from CKAN's own pages to those of the budgets: from a dataset, from an organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument as Document
from ckanext.budget.views import addresses, budget_grid, reading

Page = dict[str, Any]
#: budgets that the page of an organisation lists (a region that publishes for all has thousands)
LISTED = 12


def of_dataset(package: Mapping[str, Any]) -> Page | None:
    """``years`` (documents in force, the latest first) and ``url``, the page of all the years; None when nothing is in
    force."""
    documents = core.documents_of(package["id"]) if package.get("id") else []
    years = budget_grid.in_force_by_year(documents)
    if not years:
        return None
    siret = next((d.siret for d in reversed(documents) if d.status == "converted"), None)
    return {"years": years, "url": addresses.of_budget(siret) if siret else None}


def of_organization(organization_id: str) -> Page | None:
    """``rows`` of its budgets that the reader may see (``name``, ``url``, ``years``), the principal ones first, and how
    many ``more``; None when it has none."""
    first, last = sa.func.min(Document.exercice), sa.func.max(Document.exercice)
    annexe = sa.func.bool_and(Document.is_annexe)
    query = (
        sa.select(Document.siret, sa.func.max(Document.name), first, last)
        .join(model.Package, model.Package.id == Document.package_id)
        .where(model.Package.owner_org == organization_id, reading.visible_datasets())
        .where(Document.status == "converted", Document.siret.is_not(None))
        .group_by(Document.siret)
        .order_by(annexe, sa.func.max(Document.name), Document.siret)
    )
    found = model.Session.execute(query).all()
    if not found:
        return None
    rows = [
        {"name": name, "url": addresses.of_budget(siret), "years": str(to) if since == to else f"{since}–{to}"}
        for siret, name, since, to in found[:LISTED]
    ]
    return {"rows": rows, "more": max(0, len(found) - LISTED)}
