"""The datasets of a collectivité come from the organisation that published them to its own."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.budget.registry.models import BudgetDocument


def move(siren: str, source: str | None, target: str, user: str) -> list[str]:
    """Move what ``source`` holds of a SIREN's budgets; ids of the datasets moved. Each is moved whole, and committed;
    its public mention follows."""
    moved: list[str] = []
    for package_id in _datasets(siren, source):
        tk.get_action("package_patch")(Context(user=user, ignore_auth=True), {"id": package_id, "owner_org": target})
        moved.append(package_id)
    return moved


def _datasets(siren: str, source: str | None) -> list[str]:
    query = (
        sa.select(model.Package.id)
        .join(BudgetDocument, BudgetDocument.package_id == model.Package.id)
        .where(BudgetDocument.siren == siren, model.Package.owner_org == source, model.Package.state == "active")
    )
    return sorted(set(model.Session.scalars(query)))
