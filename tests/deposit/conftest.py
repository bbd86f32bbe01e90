"""A portal without deposits, and zips of fictitious budgets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile
from tests.ingest.conftest import Portal, upload
from tests.ingest.conftest import portal as ingest_portal  # noqa: F401  (a fixture that ours builds on)


class Desk(Portal):
    """What a depositor can do at the desk."""

    def send(self, content: bytes, name: str = "budget.xml", **options: Any) -> dict[str, Any]:
        return self.act("budget_deposit", upload=upload(content, name), **options)

    def publish(self, batch: dict[str, Any]) -> dict[str, Any]:
        return self.act("budget_batch_publish", id=batch["batch_id"])

    def batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        return self.act("budget_batch_show", id=batch["batch_id"])


@pytest.fixture
def folder(tmp_path: Path, ckan_config: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where copies wait for their publication."""
    monkeypatch.setitem(ckan_config, "ckanext.budget.deposit_path", str(tmp_path / "waiting"))
    return tmp_path / "waiting"


@pytest.fixture
def desk(ingest_portal: Portal, folder: Path) -> Desk:  # noqa: F811
    for table in (BudgetBatchFile, BudgetBatch):
        model.Session.execute(sa.delete(table))
    for package in model.Session.query(model.Package).filter_by(type="budget", state="active"):
        package.state = "deleted"  # a budget has one dataset: those of other tests are not ours
    model.Session.commit()
    return Desk()


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def statuses(batch: dict[str, Any]) -> list[str]:
    return [document["status"] for document in batch["documents"]]
