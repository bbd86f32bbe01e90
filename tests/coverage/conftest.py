"""An empty registry, two exercices, the Hérault."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import helpers

from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.reminders.models import BudgetReminder
from tests.coverage.made import EXERCICES


class Herault:
    """The territory, as someone sees it."""

    def coverage(self, user: str = "", **asked: Any) -> dict[str, Any]:
        return helpers.call_action("budget_coverage", {"user": user, "ignore_auth": False}, **asked)

    def row(self, siren: str, user: str = "", **asked: Any) -> dict[str, Any]:
        [row] = self.coverage(user, q=siren, **asked)["rows"]
        return row


@pytest.fixture
def herault(with_plugins: None, non_clean_db: None, ckan_config: Any, monkeypatch: pytest.MonkeyPatch) -> Herault:
    for table in (BudgetDocument, BudgetBatchFile, BudgetBatch, BudgetReminder):
        model.Session.execute(sa.delete(table))
    for group in model.Session.query(model.Group).filter_by(is_organization=True, state="active"):
        group.state = "deleted"  # those of other tests may state a SIREN
    model.Session.commit()
    for name, value in {**EXERCICES, "ckanext.budget.coverage_territory": "34"}.items():
        monkeypatch.setitem(ckan_config, name, value)
    return Herault()
