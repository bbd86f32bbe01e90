"""What a person wants to receive by mail."""

from __future__ import annotations

from ckan import model

from ckanext.budget.deposit.models import BudgetPreference


def of(user_id: str) -> BudgetPreference:
    """A person's preferences: those that they gave, else every receipt (not in the session then)."""
    return model.Session.get(BudgetPreference, user_id) or BudgetPreference(
        user_id=user_id, receipts="all", language=None
    )


def keep(user_id: str, *, receipts: str, language: str | None) -> BudgetPreference:
    """Write a person's preferences (committed)."""
    kept = model.Session.merge(BudgetPreference(user_id=user_id, receipts=receipts, language=language))
    model.Session.commit()
    return kept
