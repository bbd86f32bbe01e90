"""A document as figures need it: identity, étape, what it declares, and the facts that no line tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ckanext.budget.figures import formulas as f

#: order of the étapes within an exercice
STAGES = ("BP", "BS", "DM", "CA", "CFU")
ACCOUNTS = ("CA", "CFU")


@dataclass(frozen=True)
class Document:
    """One document in force. ``siret`` is None when the file states none; ``nomenclature`` is the declination
    (``M57_D``); ``vote`` is NatFonc; ``converted`` is when its lines were written. ``information`` holds what the file
    declares (Code → text), ``facts`` what its conversion kept, as stored
    (:class:`ckanext.budget.quality.facts.Facts`)."""

    id: str
    exercice: int
    stage: str
    nomenclature: str = ""
    dm_number: int = 0
    siret: str | None = None
    siren: str | None = None
    name: str = ""
    is_annexe: bool = False
    is_draft: bool = False
    vote: str = "1"
    package_id: str = ""
    resource_id: str = ""
    csv_resource_id: str | None = None
    converted: dt.datetime | None = None
    information: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def account(self) -> bool:
        """A CA or CFU."""
        return self.stage in ACCOUNTS

    @property
    def amount(self) -> str:
        """The column of the amount that it states."""
        return f.amount_shown(self.stage, draft=self.is_draft)

    @property
    def by_function(self) -> bool:
        """Voted by function: its function codes are chapters and articles."""
        return self.vote == "2"

    @property
    def slug(self) -> str:
        """Its étape as addresses write it: ``bp``, ``bs``, ``dm-1``, ``ca``, ``cfu``."""
        return f"dm-{self.dm_number}" if self.stage == "DM" else self.stage.lower()

    def fact(self, name: str) -> Decimal | None:
        """An amount among the facts that the conversion kept; None when it kept none."""
        value = self.facts.get(name)
        return Decimal(value) if value is not None else None


#: what the registry's rows and documents have in common
IDENTITY = (
    "id", "exercice", "stage", "nomenclature", "dm_number", "siret", "siren", "name", "is_annexe", "is_draft", "vote",
    "package_id", "resource_id", "csv_resource_id", "converted",
)  # fmt: skip


def described(row: Any) -> Document:
    """The document of a row of the registry (:class:`ckanext.budget.registry.models.BudgetDocument`)."""
    values = {name: getattr(row, name) for name in IDENTITY}
    information = (row.header or {}).get("information") or {}
    return Document(**values, information=information, facts=(row.report or {}).get("facts") or {})


def stage_of(slug: str) -> tuple[str, int] | None:
    """Étape and DM number of what an address says (``ca``, ``dm-2``); None for anything else."""
    head, _, number = slug.casefold().partition("-")
    stage = head.upper()
    if (
        stage not in STAGES
        or bool(number) != (stage == "DM")
        or (number and not (number.isdecimal() and number.isascii()))
    ):
        return None
    return stage, int(number or 0)


def order(document: Document) -> tuple[int, int, int]:
    """Sort key: exercice, étape, DM number."""
    return document.exercice, STAGES.index(document.stage), document.dm_number


def prevailing(documents: Iterable[Document]) -> list[Document]:
    """The documents in order, without the CA of the years of one budget that have a CFU: the CFU prevails."""
    found = sorted(documents, key=order)
    with_cfu = {(d.siret or d.package_id, d.exercice) for d in found if d.stage == "CFU"}
    return [d for d in found if not (d.stage == "CA" and (d.siret or d.package_id, d.exercice) in with_cfu)]
