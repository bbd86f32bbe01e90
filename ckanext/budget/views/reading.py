"""What the reader may see: ``package_show`` decides, and what it refuses does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.budget.registry import budgets
from ckanext.budget.registry.budgets import Budget
from ckanext.budget.registry.models import BudgetDocument

#: datasets that are not public, of which the reader's own are looked for
MOST_PRIVATE = 500


def may_read(package_id: str) -> bool:
    """Whether the reader may see a dataset (asked once a request)."""
    known: dict[str, bool] = tk.g.setdefault("budget_readable", {})
    if package_id not in known:
        try:
            tk.check_access("package_show", Context(user=tk.current_user.name), {"id": package_id})
            known[package_id] = True
        except (tk.NotAuthorized, tk.ObjectNotFound):
            known[package_id] = False
    return known[package_id]


def readable(package_ids: Iterable[str]) -> set[str]:
    """Those of the datasets that the reader may see: public ones are told by one query."""
    asked = set(package_ids)
    public = set(
        model.Session.scalars(sa.select(model.Package.id).where(model.Package.id.in_(list(asked)), _public()))
    )
    return public | {package_id for package_id in asked - public if may_read(package_id)}


def dataset(package_id: str) -> dict[str, Any]:
    """A dataset as ``package_show`` gives it; aborts with 404 when the reader may not see it."""
    try:
        return tk.get_action("package_show")(Context(user=tk.current_user.name), {"id": package_id})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return tk.abort(404, tk._("This budget document does not exist"))


def budgets_named(number: str) -> list[Budget]:
    """The budgets of a SIREN or SIRET that the reader may see, the principal one first."""
    return budgets.budgets_of(number, readable(budgets.datasets_of(number)))


def public_budgets_named(number: str) -> list[Budget]:
    """Those that anyone may see, whoever reads."""
    query = sa.select(model.Package.id).where(
        model.Package.id.in_(list(budgets.datasets_of(number))),
        model.Package.state == "active",
        model.Package.private.is_(False),
    )
    return budgets.budgets_of(number, set(model.Session.scalars(query)))


def visible_datasets() -> sa.sql.ColumnElement[bool]:
    """Condition on ``package``: public datasets, and those that are not but that the reader may see."""
    public = _public()
    if tk.current_user.is_anonymous:
        return public
    query = (
        sa.select(BudgetDocument.package_id)
        .join(model.Package, model.Package.id == BudgetDocument.package_id)
        .where(sa.or_(model.Package.private.is_(True), model.Package.state == "draft"))
        .where(model.Package.state.in_(["active", "draft"]))
        .distinct()
        .limit(MOST_PRIVATE)
    )
    own = readable(model.Session.scalars(query))
    return sa.or_(public, model.Package.id.in_(list(own))) if own else public


def _public() -> sa.sql.ColumnElement[bool]:
    return sa.and_(model.Package.state == "active", model.Package.private.is_(False))
