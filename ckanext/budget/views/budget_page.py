"""What the page of a budget shows: its years, its étapes, the other budgets of its collectivité."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import ckan.plugins.toolkit as tk

from ckanext.budget.registry import budgets, core
from ckanext.budget.registry.budgets import Budget
from ckanext.budget.territory.directory import directory
from ckanext.budget.views import addresses, reading, sections, territory

Page = dict[str, Any]


class Held(NamedTuple):
    """What a number names: ``budget`` (None when a SIREN has annexes only), ``others`` of the same SIREN, and the
    dataset of the budget (as ``package_show`` gives it). ``embedded`` makes the addresses of a page that stands on
    another site; None on the portal's own."""

    number: str
    budget: Budget | None
    others: Sequence[Budget]
    package: Mapping[str, Any]
    embedded: addresses.Here | None = None

    def here(self, anchor: str, query: Mapping[str, str]) -> str:
        """The address of the page that is read, in another state."""
        if self.embedded:
            return self.embedded(anchor, query)
        return addresses.of_budget(self.budget.siret if self.budget else self.number, _anchor=anchor, **query)

    @property
    def name(self) -> str:
        """Whose budget it is."""
        if self.budget:
            return self.budget.name
        found = directory().by_siren(self.number[:9])
        return found.name if found else self.others[0].name


def held(number: str) -> Held | None:
    """What a SIREN or SIRET names among what the reader may see; None when there is nothing."""
    every = reading.budgets_named(number[:9])
    found = every if len(number) == 9 else [b for b in every if b.siret == number]
    if not found:
        return None
    named = budgets.named(found, number)
    others = [b for b in every if named is None or b.siret != named.siret]
    return Held(number, named, others, reading.dataset((named or found[0]).latest.package_id))


def build(held: Held) -> Page:
    """What the templates of the sections show of a budget."""
    budget = held.budget
    latest = budget.latest if budget else None
    known = directory().by_siren(held.number[:9])
    page = {
        "name": held.name,
        "number": held.number,
        "siret": budget.siret if budget else None,
        "siren": held.number[:9],
        "annexe": budget.is_annexe if budget else None,
        "place": territory.of_siret(held.number),
        "around": known.departement if known else None,
        "inhabited": bool(known and known.population is not None),
        "net_of_vat": bool(latest and latest.nomenclature.startswith("M4")),
        "others": [_other(other) for other in held.others],
        "principal": _principal(held),
        "links": _links(held),
    }
    return {**page, **sections.build_budget(held)}


def _other(budget: Budget) -> Page:
    years = sorted({d.exercice for d in budget.in_force})
    return {
        "name": budget.name,
        "siret": budget.siret,
        "annexe": budget.is_annexe,
        "url": addresses.of_budget(budget.siret),
        "first": years[0] if years else None,
        "last": years[-1] if years else None,
    }


def _principal(held: Held) -> str | None:
    """From an annexe budget: the address of its collectivité."""
    return addresses.of_budget(held.number[:9]) if held.budget and held.budget.is_annexe else None


def _links(held: Held) -> Page:
    csv_id = core.consolidated_id(held.package["id"])
    csv = next((r for r in held.package.get("resources", []) if r["id"] == csv_id), None)
    return {
        "csv": csv.get("url") if csv and held.budget else None,
        "json": tk.h.url_for("budget_pages.budget_json", number=held.number),
        "dataset": tk.h.url_for(f"{held.package['type']}.read", id=held.package["name"]),
    }
