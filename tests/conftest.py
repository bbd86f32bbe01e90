"""Fixtures shared by the tests that need CKAN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def clean_db(reset_db: Callable[[], None], migrate_db_for: Callable[[str], Any]) -> None:
    """CKAN's own drops our tables and does not bring them back."""
    reset_db()
    migrate_db_for("budget")


@pytest.fixture
def non_clean_db(reset_db_once: None, migrate_db_for: Callable[[str], Any]) -> None:
    """CKAN's own, with our tables."""
    import sqlalchemy as sa
    from ckan import model

    model.repo.init_db()
    if not sa.inspect(model.meta.engine).has_table("budget_document"):
        migrate_db_for("budget")
