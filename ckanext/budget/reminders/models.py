# pyright: reportAssignmentType=false
"""Who wants to be reminded. No foreign keys to core tables, as in the registry."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from ckanext.budget.deposit.models import now


class BudgetReminder(tk.BaseModel):
    """One person, one collectivité. ``sent``: keys of the reminders already sent (see
    :class:`ckanext.budget.reminders.when.Moment`), each once."""

    __tablename__ = "budget_reminder"
    __table_args__ = (sa.UniqueConstraint("user_id", "siren"),)

    id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True, default=make_uuid)
    user_id: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    siren: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)
    language: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="fr")
    created: Mapped[dt.datetime] = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)
    sent: Mapped[Any] = sa.Column(JSONB, nullable=False, default=list)
    last_sent: Mapped[dt.datetime | None] = sa.Column(sa.DateTime(timezone=True))
