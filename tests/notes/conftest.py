"""The portal of the door's tests, on which nothing is pinned."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.budget.notes.models import BudgetNote, BudgetNoteRevision
from tests.ingest.conftest import Portal
from tests.ingest.conftest import portal as ingest_portal  # noqa: F401  (a fixture that ours builds on)


@pytest.fixture
def portal(ingest_portal: Portal) -> Portal:  # noqa: F811
    for table in (BudgetNoteRevision, BudgetNote):
        model.Session.execute(sa.delete(table))
    model.Session.commit()
    return ingest_portal
