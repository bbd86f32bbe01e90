"""What mends the faults that :mod:`ckanext.budget.registry.doctor` finds."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from ckan import model

from ckanext.budget.ingest import process, remains, trip
from ckanext.budget.registry import core
from ckanext.budget.registry.doctor import Fault
from ckanext.budget.registry.models import BudgetDocument, BudgetLine, BudgetWithdrawnFile


def mend(faults: Iterable[Fault]) -> None:
    """Make good what can be: what belongs to nothing goes, datasets are brought in line with the registry. Commits."""
    datasets: set[str] = set()
    for fault in faults:
        if fault.kind == "document_without_dataset":
            core.forget(d for d in [core.document(fault.id)] if d is not None)
        elif fault.kind == "lines_without_document":
            model.Session.execute(sa.delete(BudgetLine).where(BudgetLine.document_id == fault.id))
        elif fault.kind == "kept_file_without_document":
            model.Session.execute(sa.delete(BudgetWithdrawnFile).where(BudgetWithdrawnFile.document_id == fault.id))
        elif fault.kind == "file_without_resource":
            remains.remove_file(fault.id)
        elif fault.kind == "view_without_resource":
            model.Session.execute(sa.delete(model.ResourceView).where(model.ResourceView.id == fault.id))
        elif fault.package_id is not None:
            if fault.kind in ("two_in_force", "none_in_force"):
                _settle(fault.id)
            datasets.add(fault.package_id)
        model.Session.commit()
    with trip.own_writes():
        for package_id in datasets:
            process.process(package_id, [])


def _settle(document_id: str) -> None:
    document = model.Session.get(BudgetDocument, document_id)
    if document is not None:
        core.settle(core.Key.of(document))
