# pyright: reportAssignmentType=false
"""Mandates, their documents, and requests. No foreign keys to core tables, as in the registry."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from ckanext.budget.mandates.rules import Terms

#: open: nobody has answered; accepted and refused, with a word
REQUEST_STATES = ("open", "accepted", "refused")


def now() -> dt.datetime:
    """This moment, with its zone."""
    return dt.datetime.now(dt.timezone.utc)


class BudgetMandate(tk.BaseModel):
    """Who (``user_id``, or ``by_org``: its editors and administrators) deposits for whom (``siren``, ``name``)."""

    __tablename__ = "budget_mandate"

    id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True, default=make_uuid)
    kind: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    siren: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)
    name: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    user_id: Mapped[str | None] = sa.Column(sa.UnicodeText, index=True)
    by_org: Mapped[str | None] = sa.Column(sa.UnicodeText, index=True)
    # scope
    exercice_from: Mapped[int | None] = sa.Column(sa.Integer)
    exercice_to: Mapped[int | None] = sa.Column(sa.Integer)
    stages: Mapped[Any] = sa.Column(JSONB, nullable=False, default=list)
    starts: Mapped[dt.date] = sa.Column(sa.Date, nullable=False)
    ends: Mapped[dt.date | None] = sa.Column(sa.Date)
    # the act: délibération, convention
    reference: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="")
    reference_url: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="")
    # who wrote it, who ended it
    created: Mapped[dt.datetime] = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)
    created_by: Mapped[str | None] = sa.Column(sa.UnicodeText)
    ended: Mapped[dt.datetime | None] = sa.Column(sa.DateTime(timezone=True))
    ended_by: Mapped[str | None] = sa.Column(sa.UnicodeText)
    taken_over: Mapped[bool] = sa.Column(sa.Boolean, nullable=False, default=False)

    @property
    def terms(self) -> Terms:
        """What the rules judge."""
        return Terms(
            self.kind,
            self.starts,
            self.ends,
            self.exercice_from,
            self.exercice_to,
            tuple(self.stages or ()),
            self.ended is not None,
        )


class BudgetMandateFile(tk.BaseModel):
    """The act itself, a PDF: out of every storage that serves files, read by the parties alone."""

    __tablename__ = "budget_mandate_file"

    mandate_id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True)
    filename: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    content: Mapped[bytes] = sa.Column(sa.LargeBinary, nullable=False)


class BudgetRequest(tk.BaseModel):
    """An account asks to deposit for a collectivité; ``mandate_id`` or ``organization_id``: what came of it."""

    __tablename__ = "budget_request"

    id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True, default=make_uuid)
    user_id: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)
    owner_org: Mapped[str | None] = sa.Column(sa.UnicodeText)  # the organisation in whose name they ask
    siren: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)
    name: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    reason: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    state: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="open", index=True)
    created: Mapped[dt.datetime] = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)
    answer: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="")
    answered: Mapped[dt.datetime | None] = sa.Column(sa.DateTime(timezone=True))
    answered_by: Mapped[str | None] = sa.Column(sa.UnicodeText)
    mandate_id: Mapped[str | None] = sa.Column(sa.UnicodeText)
    organization_id: Mapped[str | None] = sa.Column(sa.UnicodeText)
