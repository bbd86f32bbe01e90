"""Whether amounts of a document are told per inhabitant, and of which population: absent rather than wrong."""

from __future__ import annotations

from ckanext.budget import rules
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.values import Inhabitants
from ckanext.budget.logic.figures import inhabitants
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import origin


def makes_sense(document: BudgetDocument, known: Document) -> bool:
    """Not for an annexe budget (its users are not the inhabitants), nor a CCAS or a lotissement, nor a change (BS, DM),
    nor a table, which does not say whose budget it is."""
    if origin.is_table(document) or document.stage in ("BS", "DM"):
        return False
    return rules.formulas().in_scope(known.nomenclature, known.name, annexe=known.is_annexe)


def of_document(document: BudgetDocument, known: Document) -> Inhabitants | None:
    """The population to divide by; None when it is not known, or when dividing would mean nothing."""
    return inhabitants(document.siren) if makes_sense(document, known) else None
