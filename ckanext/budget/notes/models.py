# pyright: reportAssignmentType=false
"""Pinned texts and their history. No foreign keys to core tables, as in the registry."""

from __future__ import annotations

import datetime as dt

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.orm import Mapped


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


class BudgetNote(tk.BaseModel):
    """A text pinned to an item of a budget. ``owner`` is the SIRET of the budget, else the id of its dataset;
    ``exercice`` 0 is every year, ``stage`` empty every stage of the year; ``text`` is Markdown, empty once removed."""

    __tablename__ = "budget_note"
    __table_args__ = (sa.UniqueConstraint("owner", "exercice", "stage", "dm_number", "item", name="budget_note_key"),)

    id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True, default=make_uuid)
    owner: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)
    package_id: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)
    exercice: Mapped[int] = sa.Column(sa.Integer, nullable=False, default=0)
    stage: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="")
    dm_number: Mapped[int] = sa.Column(sa.Integer, nullable=False, default=0)
    item: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="")  # see notes.items
    text: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="")
    revision: Mapped[int] = sa.Column(sa.Integer, nullable=False, default=0)
    updated: Mapped[dt.datetime] = sa.Column(sa.DateTime(timezone=True), nullable=False, default=_now)


class BudgetNoteRevision(tk.BaseModel):
    """One text of a note, the present one included: who wrote it and when. An empty text is a removal."""

    __tablename__ = "budget_note_revision"

    note_id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True)
    revision: Mapped[int] = sa.Column(sa.Integer, primary_key=True)  # from 1
    text: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="")
    user_id: Mapped[str | None] = sa.Column(sa.UnicodeText)
    at: Mapped[dt.datetime] = sa.Column(sa.DateTime(timezone=True), nullable=False, default=_now)
