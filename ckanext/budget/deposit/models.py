# pyright: reportAssignmentType=false
"""Batches and their files. No foreign keys to core tables, as in the registry."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

#: open: files may be added, nothing is published; publishing: some rows are still to be settled; done: none is;
#: expired: nobody said «publish» in time, the copies are gone
BATCH_STATES = ("open", "publishing", "done", "expired")
#: ready: waits for the depositor's word; waiting: for that of the collectivité, which a helper prepared it for;
#: queued: waits for its turn; the others are outcomes
FILE_STATES = ("ready", "waiting", "queued", "published", "superseded", "already", "refused", "failed", "expired")
SETTLED = ("published", "superseded", "already", "refused", "failed", "expired")
#: due: the batch has ended, its receipt is still to be sent; sending: given to the mail server, which did not confirm
#: it before the process stopped (it is not sent twice); sent; unwanted: by the depositor's preference; impossible:
#: no address, or a portal without mail server; failed: given up after three attempts
MAIL_STATES = ("due", "sending", "sent", "unwanted", "impossible", "failed")
#: whose receipts are mailed: every one; those of a batch where something is not on line; none
RECEIPTS = ("all", "errors", "never")


def now() -> dt.datetime:
    """This moment, with its zone."""
    return dt.datetime.now(dt.timezone.utc)


class BudgetBatch(tk.BaseModel):
    """What one person deposits at once. ``owner_org`` is where datasets are created when there is none."""

    __tablename__ = "budget_batch"

    id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True, default=make_uuid)
    user_id: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)
    owner_org: Mapped[str | None] = sa.Column(sa.UnicodeText)
    state: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="open", index=True)
    options: Mapped[Any] = sa.Column(JSONB, nullable=False, default=dict)
    created: Mapped[dt.datetime] = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)
    touched: Mapped[dt.datetime] = sa.Column(sa.DateTime(timezone=True), nullable=False, default=now)
    closed: Mapped[dt.datetime | None] = sa.Column(sa.DateTime(timezone=True))
    # its receipt by mail; ``mail`` is NULL until the batch has ended
    mail: Mapped[str | None] = sa.Column(sa.UnicodeText, index=True)
    mail_attempts: Mapped[int] = sa.Column(sa.Integer, nullable=False, default=0)
    mail_tried: Mapped[dt.datetime | None] = sa.Column(sa.DateTime(timezone=True))


class BudgetPreference(tk.BaseModel):
    """What a person wants to receive. (A table rather than the account's ``plugin_extras``: CKAN shows those to
    sysadmins alone, and writes them by a whole ``user_update``.)"""

    __tablename__ = "budget_preference"

    user_id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True)
    receipts: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="all")
    language: Mapped[str | None] = sa.Column(sa.UnicodeText)  # NULL: that in which the deposit was made


class BudgetBatchFile(tk.BaseModel):
    """One file of a batch: what it is, what will happen, what happened.

    ``plan``: ``will`` (create, add, replace), the dataset's ``title``, ``difference`` in euros with the version in
    force. ``preview``: ``lines``, ``R`` and ``D`` in euros (text), ``level``, ``to_check``,
    ``findings`` (the door's and the conversion's). ``message``: a Finding.
    """

    __tablename__ = "budget_batch_file"

    id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True, default=make_uuid)
    batch_id: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)
    rank: Mapped[int] = sa.Column(sa.Integer, nullable=False)
    filename: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    state: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="ready", index=True)
    # what it is
    size: Mapped[int] = sa.Column(sa.BigInteger, nullable=False, default=0)
    source_sha256: Mapped[str | None] = sa.Column(sa.UnicodeText, index=True)
    occulted_sha256: Mapped[str | None] = sa.Column(sa.UnicodeText)
    siret: Mapped[str | None] = sa.Column(sa.UnicodeText, index=True)
    siren: Mapped[str | None] = sa.Column(sa.UnicodeText)
    name: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="")
    exercice: Mapped[int | None] = sa.Column(sa.Integer)
    stage: Mapped[str | None] = sa.Column(sa.UnicodeText)
    dm_number: Mapped[int] = sa.Column(sa.Integer, nullable=False, default=0)
    is_annexe: Mapped[bool] = sa.Column(sa.Boolean, nullable=False, default=False)
    kind: Mapped[str | None] = sa.Column(sa.UnicodeText)  # totem, cfu, scdl
    seal_date: Mapped[str | None] = sa.Column(sa.UnicodeText)
    dte_str: Mapped[str | None] = sa.Column(sa.UnicodeText)
    occultation: Mapped[Any] = sa.Column(JSONB, nullable=False, default=dict)  # field → count
    findings: Mapped[Any] = sa.Column(JSONB, nullable=False, default=list)  # of the door
    mapping: Mapped[Any] = sa.Column(JSONB, nullable=False, default=list)  # columns of a table
    # what will happen, what happened
    plan: Mapped[Any] = sa.Column(JSONB, nullable=False, default=dict)
    preview: Mapped[Any] = sa.Column(JSONB, nullable=False, default=dict)
    message: Mapped[Any] = sa.Column(JSONB)
    document_id: Mapped[str | None] = sa.Column(sa.UnicodeText)
    package_id: Mapped[str | None] = sa.Column(sa.UnicodeText)
    resource_id: Mapped[str | None] = sa.Column(sa.UnicodeText)
    attempts: Mapped[int] = sa.Column(sa.Integer, nullable=False, default=0)
    mandate_id: Mapped[str | None] = sa.Column(sa.UnicodeText)  # by which it is deposited
    approved_by: Mapped[str | None] = sa.Column(sa.UnicodeText)  # the collectivité's editor who publishes it
    settled: Mapped[dt.datetime | None] = sa.Column(sa.DateTime(timezone=True))
