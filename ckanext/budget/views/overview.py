"""All the documents in force of a budget on one page: the page of its consolidated CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ckan import model

from ckanext.budget.figures import queries
from ckanext.budget.figures.statement import of_groups
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses, mandate_words, quality, state, territory


def build(package: Mapping[str, Any]) -> dict[str, Any] | None:
    """``name``, ``rows`` (the latest first) and ``csv``; None when nothing is in force."""
    every = core.documents_of(package["id"])
    documents = core.consolidated(every)
    if not documents:
        return None
    return {
        "name": documents[-1].name,
        "place": territory.of_siret(documents[-1].siret),
        "annexe": documents[-1].is_annexe,
        "behalf": mandate_words.of_dataset(package),
        "first": documents[0].exercice,
        "last": documents[-1].exercice,
        "url": addresses.of_budget(documents[-1].siret) if documents[-1].siret else None,
        "rows": [_row(document, every) for document in reversed(documents)],
    }


def _row(document: BudgetDocument, every: Sequence[BudgetDocument]) -> dict[str, Any]:
    found = queries.of_document(model.Session(), document.id)
    said = of_groups(found, document.stage, draft=document.is_draft, annexe=document.is_annexe)
    return {
        "title": state.title(document),
        "said": said,
        "level": quality.level(document, every),
        "url": addresses.of_document(document),
    }
