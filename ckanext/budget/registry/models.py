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
from sqlalchemy.dialects.postgresql import JSONB

#: received: seen by the door, not yet converted; converted: its CSV is published; superseded: a newer version is
#: current; failed: conversion failed (``error`` says why), the last good output stays.
STATUSES = ("received", "converted", "superseded", "failed")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


class BudgetDocument(tk.BaseModel):  # pyright: ignore[reportUntypedBaseClass]
    """One version of a budget document."""

    __tablename__ = "budget_document"

    id = sa.Column(sa.UnicodeText, primary_key=True, default=make_uuid)
    package_id = sa.Column(sa.UnicodeText, nullable=False, index=True)
    resource_id = sa.Column(sa.UnicodeText, nullable=False, index=True)  # the occulted source
    csv_resource_id = sa.Column(sa.UnicodeText, index=True)
    status = sa.Column(sa.UnicodeText, nullable=False, default="received", index=True)
    # identity
    siret = sa.Column(sa.UnicodeText, index=True)  # NULL: the file has none, the dataset stands for it
    siren = sa.Column(sa.UnicodeText, index=True)
    name = sa.Column(sa.UnicodeText, nullable=False, default="")
    exercice = sa.Column(sa.Integer, nullable=False)
    stage = sa.Column(sa.UnicodeText, nullable=False)  # BP BS DM CA CFU
    dm_number = sa.Column(sa.Integer, nullable=False, default=0)
    nomenclature = sa.Column(sa.UnicodeText, nullable=False, default="")
    is_annexe = sa.Column(sa.Boolean, nullable=False, default=False)
    vote = sa.Column(sa.UnicodeText, nullable=False, default="1")  # NatFonc
    is_draft = sa.Column(sa.Boolean, nullable=False, default=False)
    # evidence
    source_sha256 = sa.Column(sa.UnicodeText, nullable=False, index=True)
    occulted_sha256 = sa.Column(sa.UnicodeText, nullable=False, index=True)
    csv_sha256 = sa.Column(sa.UnicodeText)
    seal = sa.Column(JSONB, nullable=False, default=dict)
    seal_date = sa.Column(sa.UnicodeText)
    dte_str = sa.Column(sa.UnicodeText)
    occultation = sa.Column(JSONB, nullable=False, default=dict)  # field → count
    header = sa.Column(JSONB, nullable=False, default=dict)
    # conversion
    findings = sa.Column(JSONB, nullable=False, default=list)  # what the door found (encoding…)
    report = sa.Column(JSONB, nullable=False, default=dict)
    error = sa.Column(JSONB)  # a Finding
    converter_version = sa.Column(sa.UnicodeText)
    plans_version = sa.Column(sa.UnicodeText)
    attempts = sa.Column(sa.Integer, nullable=False, default=0)
    # who, when
    user_id = sa.Column(sa.UnicodeText)
    received = sa.Column(sa.DateTime(timezone=True), nullable=False, default=_now)
    converted = sa.Column(sa.DateTime(timezone=True))
    superseded_by = sa.Column(sa.UnicodeText)

    def as_dict(self) -> dict[str, Any]:
        """Plain values by column name (dates stay dates)."""
        return {column.name: getattr(self, column.name) for column in self.__table__.columns}


AMOUNT_COLUMNS = ("mtreal", "mtbudgprec", "mtrarprec", "mtpropnouv", "mtprev", "credouv", "mtrar3112")


class BudgetLine(tk.BaseModel):  # pyright: ignore[reportUntypedBaseClass]
    """One line of a document: codes are text, amounts numeric (an absent amount is NULL, not 0)."""

    __tablename__ = "budget_line"

    document_id = sa.Column(sa.UnicodeText, primary_key=True)
    number = sa.Column(sa.Integer, primary_key=True)  # rank in the document, from 1
    nature = sa.Column(sa.UnicodeText, nullable=False)
    nature_label = sa.Column(sa.UnicodeText, nullable=False)
    fonction = sa.Column(sa.UnicodeText)
    fonction_label = sa.Column(sa.UnicodeText)
    contnat = sa.Column(sa.UnicodeText, nullable=False)
    contnat_label = sa.Column(sa.UnicodeText, nullable=False)
    chapter = sa.Column(sa.UnicodeText, nullable=False)  # the plan's chapter, always (domain §4)
    chapter_label = sa.Column(sa.UnicodeText, nullable=False)
    operation = sa.Column(sa.UnicodeText)
    section = sa.Column(sa.UnicodeText, nullable=False)  # F or I
    ordre = sa.Column(sa.Boolean, nullable=False)
    code_rd = sa.Column(sa.UnicodeText, nullable=False)  # R or D
    mtreal: Decimal | None = sa.Column(sa.Numeric)
    mtbudgprec: Decimal | None = sa.Column(sa.Numeric)
    mtrarprec: Decimal | None = sa.Column(sa.Numeric)
    mtpropnouv: Decimal | None = sa.Column(sa.Numeric)
    mtprev: Decimal | None = sa.Column(sa.Numeric)
    credouv: Decimal | None = sa.Column(sa.Numeric)
    mtrar3112: Decimal | None = sa.Column(sa.Numeric)
    artspe = sa.Column(sa.UnicodeText)
