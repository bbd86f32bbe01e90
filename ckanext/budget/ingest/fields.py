"""Dataset fields filled from the files, and left alone once a person has corrected them.

``budget_filled`` remembers what was last written: a field is written again only while it is empty or still holds
that value.
"""

from __future__ import annotations

import json
from typing import Any

from ckanext.budget.ingest import words
from ckanext.budget.mandates import mention
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.territory.directory import directory
from ckanext.budget.territory.model import EPCI

LISTS = ("nomenclatures", "exercices", "etapes")


def fill(dataset: dict[str, Any], documents: list[BudgetDocument]) -> dict[str, Any]:
    """The fields to change (empty when nothing does)."""
    if dataset.get("type") != "budget":
        return {}
    filled = _remembered(dataset)
    proposed = _proposed(documents)
    changes: dict[str, Any] = {}
    for name, value in proposed.items():
        present = dataset.get(name) or ([] if name in LISTS else "")
        if present != value and (not present or present == filled.get(name)):
            changes[name] = value
    # who publishes is a fact: nobody corrects it here
    published = mention.of_dataset(dataset.get("owner_org"), documents)
    changes |= {name: value for name, value in published.items() if (dataset.get(name) or "") != value}
    memory = json.dumps(proposed, ensure_ascii=False, sort_keys=True)
    if memory != dataset.get("budget_filled") and (changes or documents):
        changes["budget_filled"] = memory
    return changes


def _remembered(dataset: dict[str, Any]) -> dict[str, Any]:
    try:
        return json.loads(dataset.get("budget_filled") or "{}")
    except ValueError:  # a person wrote over it: nothing is known to be ours
        return {}


def _proposed(documents: list[BudgetDocument]) -> dict[str, Any]:
    current = sorted((d for d in documents if d.status == "converted"), key=core.consolidated_order)
    lists = {
        "nomenclatures": sorted({d.nomenclature for d in current if d.nomenclature}),
        "exercices": [str(year) for year in sorted({d.exercice for d in current})],
        "etapes": [words.STAGES[stage] for stage in core.STAGE_ORDER if stage in {d.stage for d in current}],
    }
    if not current:
        return lists
    # a table says neither which budget it is of (principal, annexe) nor the type of collectivité
    telling = [d for d in current if d.header.get("kind") != "scdl"]
    last = (telling or current)[-1]
    values = last.header.get("values", {})
    siret = next((d.siret for d in current if d.siret), None)
    return {
        **lists,
        "collectivite": last.name,
        "siret": siret or "",
        "collectivite_type": values.get("NatCEPL", ""),
        "budget_type": ("annexe" if last.is_annexe else "principal") if telling else "",
        **_territory(siret, values.get("Departement", "")),
        "notes": words.dataset_notes(last),
    }


def _territory(siret: str | None, departement: str) -> dict[str, str]:
    """Names of the département and of the EPCI, from the directory; for a SIREN that it does not have (CCAS, syndicat),
    the département that the file states."""
    found = directory().by_siret(siret) if siret else None
    if found is None:
        place = directory().departement_named(departement) if departement else None
        return {"departement": place.name if place else "", "epci": ""}
    group = found.name if found.kind in EPCI else found.epci.name if found.epci else ""
    return {"departement": found.departement.name if found.departement else "", "epci": group}
