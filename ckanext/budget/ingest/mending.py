"""What mends the faults that :mod:`ckanext.budget.registry.doctor` finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.budget.ingest import process, remains, trip
from ckanext.budget.mandates.models import BudgetMandate, BudgetMandateFile, BudgetRequest, now
from ckanext.budget.notes import core as notes
from ckanext.budget.notes.models import BudgetNote
from ckanext.budget.registry import core, logbook
from ckanext.budget.registry.doctor import Fault
from ckanext.budget.registry.models import BudgetDocument, BudgetWithdrawnFile
from ckanext.budget.reminders.models import BudgetReminder


def mend(faults: Iterable[Fault]) -> None:
    """Make good what can be: what belongs to nothing goes, datasets are brought in line with the registry. Commits."""
    datasets: set[str] = set()
    for fault in faults:
        if fault.kind in _REMOVALS:
            _REMOVALS[fault.kind](fault.id)
        elif fault.package_id is not None:
            if fault.kind in ("two_in_force", "none_in_force"):
                _settle(fault.id)
            datasets.add(fault.package_id)
        model.Session.commit()
    with trip.own_writes():
        for package_id in datasets:
            process.process(package_id, [])


def _forget(document_id: str) -> None:
    core.forget(d for d in [core.document(document_id)] if d is not None)


def _forget_note(note_id: str) -> None:
    notes.forget(n for n in [model.Session.get(BudgetNote, note_id)] if n is not None)


def _end(mandate_id: str) -> None:
    model.Session.execute(sa.update(BudgetMandate).where(BudgetMandate.id == mandate_id).values(ended=now()))


def _delete(column: Any) -> Callable[[str], None]:
    def delete(found: str) -> None:
        model.Session.execute(sa.delete(column.table).where(column == found))

    return delete


#: what belongs to nothing, by what removes it
_REMOVALS: dict[str, Callable[[str], object]] = {
    "document_without_dataset": _forget,
    "note_without_dataset": _forget_note,
    "lines_without_document": core.delete_lines,
    "kept_file_without_document": _delete(BudgetWithdrawnFile.__table__.c.document_id),
    "log_without_subject": lambda subject: logbook.forget([subject]),
    "reminder_without_account": _delete(BudgetReminder.__table__.c.id),
    "preference_without_account": _delete(sa.table("budget_preference", sa.column("user_id")).c.user_id),
    "file_without_resource": remains.remove_file,
    "view_without_resource": _delete(sa.table("resource_view", sa.column("id")).c.id),
    "mandate_without_holder": _end,
    "act_without_mandate": _delete(BudgetMandateFile.__table__.c.mandate_id),
    "request_without_requester": _delete(BudgetRequest.__table__.c.id),
}


def _settle(document_id: str) -> None:
    document = model.Session.get(BudgetDocument, document_id)
    if document is not None:
        core.settle(core.Key.of(document))
