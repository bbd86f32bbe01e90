"""A budget dataset of the fictitious commune, and the ways to put a file in it."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories, helpers
from werkzeug.datastructures import FileStorage

from ckanext.budget.ingest import files
from ckanext.budget.registry import core
from ckanext.budget.registry.models import (
    BudgetCodeTotal,
    BudgetDocument,
    BudgetLine,
    BudgetLog,
    BudgetWithdrawnFile,
)

pytestmark = pytest.mark.ckan


def upload(content: bytes, name: str = "budget.xml") -> FileStorage:
    return FileStorage(stream=io.BytesIO(content), filename=name)


class Portal:
    """What a depositor can do, and what is then there."""

    def __init__(self) -> None:
        self.user = factories.User()
        self.org = factories.Organization(users=[{"name": self.user["name"], "capacity": "editor"}])

    def act(self, action: str, **data: Any) -> Any:
        return helpers.call_action(action, {"user": self.user["name"], "ignore_auth": False}, **data)

    def dataset(self, **fields: Any) -> dict[str, Any]:
        name = factories.Dataset.stub().name
        values = {"type": "budget", "title": "Budget d’essai", "name": name, "owner_org": self.org["id"], **fields}
        return self.act("package_create", **values)

    def deposit(
        self, dataset: dict[str, Any], content: bytes, name: str = "budget.xml", **fields: Any
    ) -> dict[str, Any]:
        return self.act("resource_create", package_id=dataset["id"], upload=upload(content, name), **fields)

    def show(self, dataset: dict[str, Any]) -> dict[str, Any]:
        return helpers.call_action("package_show", id=dataset["id"])

    def resources(self, dataset: dict[str, Any], role: str | None = None) -> list[dict[str, Any]]:
        found = self.show(dataset)["resources"]
        return [r for r in found if r.get("budget_role") == role] if role else found

    def documents(self, dataset: dict[str, Any]) -> list[tuple[str, int, str]]:
        return [(d.stage, d.exercice, d.status) for d in core.documents_of(dataset["id"])]

    def stored(self, resource: dict[str, Any]) -> bytes:
        with files.open_resource(resource) as stream:
            return stream.read()

    def roles(self, dataset: dict[str, Any]) -> list[str | None]:
        return [r.get("budget_role") for r in self.resources(dataset)]


@pytest.fixture
def portal(with_plugins: None, non_clean_db: None) -> Portal:
    """A registry without documents (a file is published once on a whole portal), a new organisation."""
    return empty_portal()


def empty_portal() -> Portal:
    """The same, for fixtures that keep what they deposit for several tests."""
    for table in (BudgetLine, BudgetCodeTotal, BudgetWithdrawnFile, BudgetLog, BudgetDocument):
        model.Session.execute(sa.delete(table))
    model.Session.commit()
    for logger in logging.root.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.disabled = False  # the migration of CKAN's «activity» silences all those that it does not name
    return Portal()


@pytest.fixture
def refused() -> Callable[..., str]:
    """Run a deposit that must be refused; return the sentence on «upload»."""

    def run(action: Callable[[], Any]) -> str:
        with pytest.raises(tk.ValidationError) as caught:
            action()
        error = caught.value.error_dict
        assert set(error) == {"upload"}, error
        return " ".join(error["upload"])

    return run
