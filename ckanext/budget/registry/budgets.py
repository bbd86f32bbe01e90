"""Which budget a SIREN or a SIRET names, and its documents.

A SIRET is one budget; a SIREN names the principal budget of a collectivité, its annexes beside it. Nothing here asks
who reads: callers keep the datasets that the reader may see (:mod:`ckanext.budget.views.reading`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import defer

from ckanext.budget.registry.core import STAGE_ORDER, consolidated_order
from ckanext.budget.registry.models import BudgetDocument

#: what an étape is called in an address: bp, bs, dm-1 (dm when it has no number), ca, cfu
ETAPE = re.compile(r"(bp|bs|ca|cfu|dm)(?:-([0-9]{1,4}))?")
#: heavy columns, read only when a document is shown
_HEAVY = ("report", "findings", "seal", "occultation", "error")


def etape_of(stage: str, dm_number: int) -> str:
    """The étape of a document, as addresses write it."""
    return f"dm-{dm_number}" if stage == "DM" and dm_number else stage.lower()


def stage_of(etape: str) -> tuple[str, int] | None:
    """Stage and DM number of an address; None when it names none."""
    found = ETAPE.fullmatch(etape)
    if not found or (found[2] and found[1] != "dm"):
        return None
    return found[1].upper(), int(found[2] or 0)


@dataclass(frozen=True)
class Budget:
    """One budget (``siret``) and its documents in a given state of the registry, every version, oldest first."""

    siret: str
    documents: Sequence[BudgetDocument] = field(repr=False)

    @property
    def in_force(self) -> list[BudgetDocument]:
        """Current documents, by exercice then étape (a CA and the CFU of its year are both there)."""
        return sorted((d for d in self.documents if d.status == "converted"), key=consolidated_order)

    @property
    def latest(self) -> BudgetDocument:
        """The document that tells best what the budget is called: the last year's in force, else the last received."""
        return (self.in_force or list(self.documents))[-1]

    @property
    def name(self) -> str:
        """Its name in its latest document."""
        return self.latest.name

    @property
    def is_annexe(self) -> bool | None:
        """Whether it is an annexe budget; None when its documents, tables, do not tell."""
        return None if self.latest.header.get("kind") == "scdl" else self.latest.is_annexe

    def prevails(self, document: BudgetDocument) -> BudgetDocument | None:
        """The CFU in force of the year of a CA: it prevails (domain §5b)."""
        if document.stage != "CA":
            return None
        return next((d for d in self.in_force if (d.stage, d.exercice) == ("CFU", document.exercice)), None)

    def at(self, exercice: int, stage: str, dm_number: int) -> list[BudgetDocument]:
        """Every version of a document, oldest reception first."""
        key = (exercice, stage, dm_number)
        return [d for d in self.documents if (d.exercice, d.stage, d.dm_number) == key]


def datasets_of(number: str) -> set[str]:
    """Ids of the datasets that hold documents of a SIREN (9 digits) or a SIRET (14)."""
    query = sa.select(BudgetDocument.package_id).where(_named(number)).distinct()
    return set(model.Session.scalars(query))


def budgets_of(number: str, package_ids: Collection[str]) -> list[Budget]:
    """The budgets of a SIREN, or the one of a SIRET, within these datasets; the principal one first, then the others by
    name. A budget whose documents were all withdrawn is there too."""
    query = (
        sa.select(BudgetDocument)
        .join(model.Package, model.Package.id == BudgetDocument.package_id)
        .where(
            _named(number),
            BudgetDocument.siret.is_not(None),
            BudgetDocument.package_id.in_(list(package_ids)),
            model.Package.state.in_(["active", "draft"]),
        )
        .order_by(BudgetDocument.received)
        .options(*(defer(getattr(BudgetDocument, name)) for name in _HEAVY))
    )
    documents: dict[str, list[BudgetDocument]] = {}
    for document in model.Session.scalars(query):
        documents.setdefault(document.siret or "", []).append(document)
    found = [Budget(siret, held) for siret, held in documents.items()]
    first = _principal(found)
    return sorted(found, key=lambda b: (b is not first, not b.in_force, b.name, b.siret))


def named(found: Iterable[Budget], number: str) -> Budget | None:
    """The one that a number names: a SIRET its own; a SIREN the principal one (None when only annexes are there)."""
    return next((b for b in found if len(number) == 14 or b.is_annexe is not True), None)


def _principal(found: Iterable[Budget]) -> Budget | None:
    """The principal budget: one that says so, the latest if several do (a collectivité that moved has a new SIRET);
    tables do not tell, and then the lowest number is likely to be the seat's."""
    candidates = [b for b in found if not b.is_annexe]
    return max(
        candidates,
        key=lambda b: (bool(b.in_force), b.is_annexe is False, b.latest.exercice, -int(b.siret)),
        default=None,
    )


def _named(number: str) -> sa.sql.ColumnElement[bool]:
    return BudgetDocument.siren == number if len(number) == 9 else BudgetDocument.siret == number


def stages(documents: Iterable[BudgetDocument]) -> list[str]:
    """The étapes that some documents have, in their order."""
    there = {d.stage for d in documents}
    return [stage for stage in STAGE_ORDER if stage in there]
