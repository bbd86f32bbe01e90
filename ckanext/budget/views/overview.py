"""All the documents in force of a budget on one page: the page of its consolidated CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ckanext.budget.registry import core, headlines
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses, mandate_words, quality, state, territory


def build(package: Mapping[str, Any]) -> dict[str, Any] | None:
    """``name``, ``rows`` (the latest first), ``url``…; None when nothing is in force."""
    every = core.documents_of(package["id"])
    documents = core.consolidated(every)
    if not documents:
        return None
    sums = headlines.of_documents([d.id for d in documents])
    return {
        "name": documents[-1].name,
        "place": territory.of_siret(documents[-1].siret),
        "annexe": documents[-1].is_annexe,
        "behalf": mandate_words.of_dataset(package),
        "first": documents[0].exercice,
        "last": documents[-1].exercice,
        "url": addresses.of_budget(documents[-1].siret) if documents[-1].siret else None,
        "rows": [_row(document, every, sums.get(document.id)) for document in reversed(documents)],
    }


def _row(
    document: BudgetDocument, every: Sequence[BudgetDocument], found: headlines.Headline | None
) -> dict[str, Any]:
    return {
        "title": state.title(document),
        "expenditure": found.expenditure if found else headlines.ZERO,
        "receipts": found.receipts if found else headlines.ZERO,
        "variation": document.stage in ("DM", "BS"),
        "level": quality.level(document, every),
        "url": addresses.of_document(document),
    }
