"""Template helpers: amounts and words of the budget pages, and the state of each file of a dataset.

Whoever may read the page that calls them may read what they say: authorisation is the page's own.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk
from markupsafe import Markup

from ckanext.budget.views import (
    collectivite_grid,
    mandate_words,
    organization_numbers,
    organization_pages,
    pinned,
    state,
    terms,
    type_words,
    withdrawal,
    wording,
)
from ckanext.budget.words import dictionary, glossary

__all__ = [
    "budget_amount",
    "budget_behalf",
    "budget_change",
    "budget_collectivite_grid",
    "budget_columns",
    "budget_count",
    "budget_headline",
    "budget_nomenclature",
    "budget_notes_link",
    "budget_organization_numbers",
    "budget_pages_of_dataset",
    "budget_pages_of_organization",
    "budget_per_inhabitant",
    "budget_percent",
    "budget_pinned",
    "budget_resource_state",
    "budget_sentence",
    "budget_term",
    "budget_withdrawn",
    "humanize_entity_type",
]


def budget_amount(value: Decimal | None) -> str:
    """``12 345 678,90 €`` in the language of the page; empty when there is no amount."""
    return "" if value is None else wording.amount(value, tk.h.lang())


def budget_behalf(package: dict[str, Any]) -> str:
    """«Published by … on behalf of …», for a dataset; empty when the collectivité publishes it."""
    return mandate_words.of_dataset(package)


def budget_change(value: Decimal) -> str:
    """A variation: the amount with its sign, ``+1 200,00 €``."""
    return wording.amount(value, tk.h.lang(), signed=True)


def budget_collectivite_grid(organization: dict[str, Any]) -> dict[str, Any] | None:
    """The budgets of the collectivité that an organisation is, by exercice and étape (see
    :func:`ckanext.budget.views.collectivite_grid.build`); None when it states no SIREN."""
    return collectivite_grid.of_organization(organization)


def budget_columns(names: list[str] | None = None) -> list[dictionary.Column]:
    """Columns of the standard CSV, explained in the language of the page: all of them, or the named ones."""
    known = dictionary.columns(glossary.language(tk.h.lang()))
    return [known[name] for name in names] if names else list(known.values())


def budget_count(value: int) -> str:
    """``1 248``."""
    return wording.count(value, tk.h.lang())


def budget_headline(value: Decimal, signed: bool = False) -> str:
    """``12,3 M€``, to be shown with the exact amount in its title."""
    return wording.headline(value, tk.h.lang(), signed=signed)


def budget_nomenclature(code: str) -> str:
    """«M57 développée» for ``M57_D``."""
    return wording.nomenclature(code)


def budget_organization_numbers(data: dict[str, Any], organization_type: str) -> dict[str, Any] | None:
    """What the form of an organisation shows: ``siren``, ``attached`` and, when it has no SIREN and its title names one
    collectivité, that one (``proposed``). None when the portal's own schema has a field for it."""
    return organization_numbers.form(data, organization_type)


def budget_notes_link(document_id: str | None = None, package_id: str | None = None) -> str | None:
    """Where the reader may pin texts to a budget, given by one of its documents or by its dataset; None when they may
    not."""
    return pinned.link(document_id, package_id)


def budget_pinned(
    document_id: str | None = None, package_id: str | None = None, **place: Any
) -> list[dict[str, Any]]:
    """The texts pinned to an item (see :func:`ckanext.budget.views.pinned.of_item`)."""
    return pinned.of_item(document_id, package_id, **place)


def budget_pages_of_dataset(package: dict[str, Any]) -> dict[str, Any] | None:
    """The pages of the documents in force of a dataset, by year; None when there is none."""
    return organization_pages.of_dataset(package)


def budget_pages_of_organization(organization: dict[str, Any]) -> dict[str, Any] | None:
    """The pages of the budgets of an organisation; None when there is none."""
    return organization_pages.of_organization(organization["id"])


def budget_per_inhabitant(value: Decimal | None) -> str:
    """Euros per inhabitant, ``1 245 €``; empty when there are none."""
    return "" if value is None else wording.per_inhabitant(value, tk.h.lang())


def budget_percent(value: Decimal | int | None) -> str:
    """A fraction as ``98,4 %``; empty when there is none."""
    return "" if value is None else wording.percent(Decimal(value), tk.h.lang())


def budget_resource_state(resource: dict[str, Any], package: dict[str, Any]) -> dict[str, Any] | None:
    """What became of a file (see :func:`ckanext.budget.views.state.of_resource`); None when there is nothing to say."""
    return state.of_resource(resource, package)


def budget_sentence(text: str) -> Markup:
    """A translated sentence whose marked words (``[internal entries|ordre]``) show their definition."""
    return terms.sentence(text)


def budget_term(term_id: str, text: str | None = None) -> Markup:
    """A word of the glossary, by its id, with its definition on hover and focus; ``text`` to say it otherwise."""
    return terms.term(term_id, text)


def budget_withdrawn(package: dict[str, Any]) -> list[dict[str, Any]]:
    """The withdrawn documents of a dataset (see :func:`ckanext.budget.views.withdrawal.of_dataset`)."""
    return withdrawal.of_dataset(package)


@tk.chained_helper
def humanize_entity_type(core: Callable[..., Any], entity_type: str, object_type: str, purpose: str) -> str | None:
    """As in CKAN, with whole phrases for budgets in both languages."""
    return type_words.humanize(core, entity_type, object_type, purpose)
