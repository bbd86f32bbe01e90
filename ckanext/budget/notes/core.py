"""Pinned texts: read, written, removed, with their history. The caller commits, and has asked who may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from ckan import model

from ckanext.budget.notes.items import Place
from ckanext.budget.notes.models import BudgetNote, BudgetNoteRevision
from ckanext.budget.registry import core as registry


class OvertakenError(Exception):
    """Somebody else changed the text since it was read: ``note`` is as it is now."""

    def __init__(self, note: BudgetNote | None) -> None:
        super().__init__("overtaken")
        self.note = note


def owner(package_id: str) -> str:
    """Whose texts they are: the SIRET that the documents of a dataset state, else the dataset."""
    stated = [d.siret for d in registry.documents_of(package_id) if d.siret and d.status != "withdrawn"]
    return stated[-1] if stated else package_id


def of(package_id: str) -> list[BudgetNote]:
    """The texts pinned to the budget of a dataset, removed ones left out; the most general first."""
    return [note for note in _every(package_id) if note.text]


def _every(package_id: str) -> list[BudgetNote]:
    mine = sa.or_(BudgetNote.owner == owner(package_id), BudgetNote.package_id == package_id)
    order = (BudgetNote.exercice, BudgetNote.stage, BudgetNote.dm_number, BudgetNote.item)
    return list(model.Session.scalars(sa.select(BudgetNote).where(mine).order_by(*order)))


def place_of(note: BudgetNote) -> Place:
    """Where a note is pinned."""
    return Place(note.exercice, note.stage, note.dm_number, note.item)


def find(package_id: str, place: Place) -> BudgetNote | None:
    """The note at a place, removed or not."""
    return next((note for note in _every(package_id) if place_of(note) == place), None)


def write(package_id: str, place: Place, text: str, user_id: str | None, revision: int | None = None) -> BudgetNote:
    """Pin a text (an empty one removes it), unless it changed since ``revision``; the earlier ones stay."""
    registry.lock(package_id)
    note = find(package_id, place)
    if revision is not None and revision != (note.revision if note else 0):
        raise OvertakenError(note)
    if note is None:
        note = BudgetNote(owner=owner(package_id), **vars(place), revision=0)
        model.Session.add(note)
    now = dt.datetime.now(dt.timezone.utc)
    note.package_id, note.text, note.updated, note.revision = package_id, text, now, note.revision + 1
    model.Session.flush()
    model.Session.add(BudgetNoteRevision(note_id=note.id, revision=note.revision, text=text, user_id=user_id, at=now))
    model.Session.flush()
    return note


def history(note: BudgetNote) -> list[BudgetNoteRevision]:
    """Every text of a note, the latest first."""
    query = sa.select(BudgetNoteRevision).where(BudgetNoteRevision.note_id == note.id)
    return list(model.Session.scalars(query.order_by(BudgetNoteRevision.revision.desc())))


def forget(notes: Iterable[BudgetNote]) -> None:
    """Delete notes and their history, for good."""
    for note in list(notes):
        model.Session.execute(sa.delete(BudgetNoteRevision).where(BudgetNoteRevision.note_id == note.id))
        model.Session.delete(note)


def forget_dataset(package_id: str) -> None:
    """Delete what was pinned in a dataset that is purged."""
    forget(model.Session.scalars(sa.select(BudgetNote).where(BudgetNote.package_id == package_id)))
