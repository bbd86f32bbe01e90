"""Where a budget is from, in words: how many inhabitants, which département."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.budget.territory.directory import directory
from ckanext.budget.views import wording


def of_siret(siret: str | None) -> list[str]:
    """«3 412 habitants en 2023», «Meuse», for the head of a page; empty when the collectivité is not known."""
    found = directory().by_siret(siret) if siret else None
    if found is None:
        return []
    said: list[str] = []
    if found.population is not None:
        n = wording.count(found.population, tk.h.lang())
        said.append(
            tk._("{n} inhabitants in {year}").format(n=n, year=found.population_year)
            if found.population_year
            else tk._("{n} inhabitants").format(n=n)
        )
    if found.departement is not None and found.departement.name != found.name:
        said.append(found.departement.name)
    return said
