"""Permanent addresses: ``/budgets/{SIREN or SIRET}/{exercice}/{étape}``.

Numbers have exactly nine or fourteen digits, so that words (``deposer``, ``recherche``) never clash with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from ckanext.budget.registry.budgets import etape_of
from ckanext.budget.registry.models import BudgetDocument

#: makes the address of the page that is being read in another state, of (anchor, parameters)
Here = Callable[[str, Mapping[str, str]], str]


class Number(BaseConverter):
    """A SIRET or a SIREN."""

    regex = r"[0-9]{14}|[0-9]{9}"


class Year(BaseConverter):
    """An exercice."""

    regex = r"[0-9]{4}"

    def to_python(self, value: str) -> int:
        """The year as a number."""
        return int(value)


class Etape(BaseConverter):
    """An étape: ``bp``, ``bs``, ``dm-1``, ``ca``, ``cfu``."""

    regex = r"bp|bs|cfu|ca|dm(?:-[0-9]{1,4})?"


def teach(state: BlueprintSetupState) -> None:
    """Make the converters known to the application, before the routes that use them."""
    state.app.url_map.converters.update(budget_number=Number, budget_year=Year, budget_etape=Etape)


def of_document(document: BudgetDocument, view: str = "document", /, **more: Any) -> str:
    """The permanent address of a document in force (or of another ``view`` of it: ``lines``…); of another version,
    or of a budget without SIRET, that of the version itself."""
    if document.siret and document.status == "converted":
        return tk.h.url_for(f"budget_pages.{view}", **parts(document), **more)
    if view == "document":
        return of_version(document.id, **more)
    return tk.h.url_for(f"budget_pages.{view}_of_version", document_id=document.id, **more)


def of_version(document_id: str, **more: Any) -> str:
    """The lasting address of one version."""
    return tk.h.url_for("budget_withdrawals.document", document_id=document_id, **more)


def of_budget(number: str, **more: Any) -> str:
    """The address of a budget, all its years."""
    return tk.h.url_for("budget_pages.budget", number=number, **more)


def parts(document: BudgetDocument) -> dict[str, Any]:
    """What the address of a document is made of."""
    return {
        "number": document.siret,
        "exercice": f"{document.exercice:04d}",
        "etape": etape_of(document.stage, document.dm_number),
    }
