# pyright: reportAssignmentType=false
"""The registry: one row per document and version; its lines, typed.

A document is a SIRET × exercice × étape × DM number (a dataset stands for the SIRET when the file has
none). No foreign keys to core tables: deletion and purge are handled explicitly.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.model.types import make_uuid
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped

from ckanext.budget.registry.code_totals import WORDS

#: received: seen by the door, not yet converted; converted: its CSV is published; superseded: a newer version is
#: current; failed: conversion failed (``error`` says why), the last good output stays; withdrawn: taken off the portal
#: by a person (``withdrawal`` says who, when and why), its files are no longer among CKAN's.
STATUSES = ("received", "converted", "superseded", "failed", "withdrawn")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


class BudgetDocument(tk.BaseModel):
    """One version of a budget document."""

    __tablename__ = "budget_document"

    id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True, default=make_uuid)
    package_id: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)
    resource_id: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)  # the occulted source
    csv_resource_id: Mapped[str | None] = sa.Column(sa.UnicodeText, index=True)
    status: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="received", index=True)
    # identity
    siret: Mapped[str | None] = sa.Column(
        sa.UnicodeText, index=True
    )  # NULL: the file has none, the dataset stands for it
    siren: Mapped[str | None] = sa.Column(sa.UnicodeText, index=True)
    name: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="")
    exercice: Mapped[int] = sa.Column(sa.Integer, nullable=False)
    stage: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)  # BP BS DM CA CFU
    dm_number: Mapped[int] = sa.Column(sa.Integer, nullable=False, default=0)
    nomenclature: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="")
    is_annexe: Mapped[bool] = sa.Column(sa.Boolean, nullable=False, default=False)
    vote: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, default="1")  # NatFonc
    is_draft: Mapped[bool] = sa.Column(sa.Boolean, nullable=False, default=False)
    # evidence
    source_sha256: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)
    occulted_sha256: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)
    csv_sha256: Mapped[str | None] = sa.Column(sa.UnicodeText)
    seal: Mapped[Any] = sa.Column(JSONB, nullable=False, default=dict)
    seal_date: Mapped[str | None] = sa.Column(sa.UnicodeText)
    dte_str: Mapped[str | None] = sa.Column(sa.UnicodeText)
    occultation: Mapped[Any] = sa.Column(JSONB, nullable=False, default=dict)  # field → count
    header: Mapped[Any] = sa.Column(JSONB, nullable=False, default=dict)
    # conversion
    findings: Mapped[Any] = sa.Column(JSONB, nullable=False, default=list)  # what the door found (encoding…)
    report: Mapped[Any] = sa.Column(JSONB, nullable=False, default=dict)
    error: Mapped[Any] = sa.Column(JSONB)  # a Finding
    converter_version: Mapped[str | None] = sa.Column(sa.UnicodeText)
    plans_version: Mapped[str | None] = sa.Column(sa.UnicodeText)
    attempts: Mapped[int] = sa.Column(sa.Integer, nullable=False, default=0)
    # who, when
    user_id: Mapped[str | None] = sa.Column(sa.UnicodeText)
    received: Mapped[dt.datetime] = sa.Column(sa.DateTime(timezone=True), nullable=False, default=_now)
    converted: Mapped[dt.datetime | None] = sa.Column(sa.DateTime(timezone=True))
    superseded_by: Mapped[str | None] = sa.Column(sa.UnicodeText)
    #: ``at`` (ISO 8601), ``by`` (id of an account), ``reason``, ``personal_data``; ``purged`` once the file is gone for
    #: good; ``restored`` and ``restored_by`` once it is back
    withdrawal: Mapped[Any] = sa.Column(JSONB)
    #: when another than the collectivité published it: ``kind`` (of a mandate, or «other»), ``by`` and ``for`` (names),
    #: ``mandate_id``
    on_behalf: Mapped[Any] = sa.Column(JSONB)

    def as_dict(self) -> dict[str, Any]:
        """Plain values by column name (dates stay dates)."""
        return {column.name: getattr(self, column.name) for column in self.__table__.columns}


AMOUNT_COLUMNS = ("mtreal", "mtbudgprec", "mtrarprec", "mtpropnouv", "mtprev", "credouv", "mtrar3112")


class BudgetLine(tk.BaseModel):
    """One line of a document: codes are text, amounts numeric (an absent amount is NULL, not 0)."""

    __tablename__ = "budget_line"

    document_id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True)
    number: Mapped[int] = sa.Column(sa.Integer, primary_key=True)  # rank in the document, from 1
    nature: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    nature_label: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    fonction: Mapped[str | None] = sa.Column(sa.UnicodeText)
    fonction_label: Mapped[str | None] = sa.Column(sa.UnicodeText)
    contnat: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    contnat_label: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    chapter: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)  # the plan's chapter, always (domain §4)
    chapter_label: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    operation: Mapped[str | None] = sa.Column(sa.UnicodeText)
    section: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)  # F or I
    ordre: Mapped[bool] = sa.Column(sa.Boolean, nullable=False)
    code_rd: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)  # R or D
    mtreal: Mapped[Decimal | None] = sa.Column(sa.Numeric)
    mtbudgprec: Mapped[Decimal | None] = sa.Column(sa.Numeric)
    mtrarprec: Mapped[Decimal | None] = sa.Column(sa.Numeric)
    mtpropnouv: Mapped[Decimal | None] = sa.Column(sa.Numeric)
    mtprev: Mapped[Decimal | None] = sa.Column(sa.Numeric)
    credouv: Mapped[Decimal | None] = sa.Column(sa.Numeric)
    mtrar3112: Mapped[Decimal | None] = sa.Column(sa.Numeric)
    artspe: Mapped[str | None] = sa.Column(sa.UnicodeText)


class BudgetCodeTotal(tk.BaseModel):
    """What a document states for one code (:mod:`ckanext.budget.registry.code_totals`): ``kind`` is ``nature`` or
    ``fonction``, ``amount`` in euros is that of its étape, ``words`` is computed by the database."""

    __tablename__ = "budget_code_total"

    document_id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True)
    number: Mapped[int] = sa.Column(sa.Integer, primary_key=True)
    kind: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    code: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    label: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    section: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    code_rd: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    ordre: Mapped[bool] = sa.Column(sa.Boolean, nullable=False)
    amount: Mapped[Decimal] = sa.Column(sa.Numeric, nullable=False)
    lines: Mapped[int] = sa.Column(sa.Integer, nullable=False)
    words: Mapped[Any] = sa.Column(TSVECTOR, sa.Computed(WORDS, persisted=True))


class BudgetWithdrawnFile(tk.BaseModel):
    """The occulted copy (or the table) of a withdrawn document, waiting to be restored: out of every storage that
    serves files, and written in the transaction that withdraws it."""

    __tablename__ = "budget_withdrawn_file"

    document_id: Mapped[str] = sa.Column(sa.UnicodeText, primary_key=True)
    content: Mapped[bytes] = sa.Column(sa.LargeBinary, nullable=False)  # gzip
    resource: Mapped[Any] = sa.Column(JSONB, nullable=False)  # name, description… of the resource that carried it


class BudgetLog(tk.BaseModel):
    """One step of what was done to a document or a batch (``subject``: its id), as its page tells it."""

    __tablename__ = "budget_log"

    id: Mapped[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=True)
    subject: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False, index=True)
    at: Mapped[dt.datetime] = sa.Column(sa.DateTime(timezone=True), nullable=False, default=_now)
    step: Mapped[str] = sa.Column(sa.UnicodeText, nullable=False)
    detail: Mapped[Any] = sa.Column(JSONB, nullable=False, default=dict)
