"""The numbers of an organisation, as its form shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.budget import organizations

#: extras that have a field of their own in the form
HIDDEN = (organizations.SIREN, organizations.SIRET, organizations.ATTACHED)


def form(data: Mapping[str, Any], organization_type: str) -> dict[str, Any] | None:
    """See :func:`ckanext.budget.helpers.budget_organization_numbers`; ``others``: the extras without such a field."""
    if organizations.has_own_fields(organization_type):
        return None
    extras = data.get("extras") or []
    stated = {extra.get("key"): extra.get("value") or "" for extra in extras}
    siren = data.get(organizations.SIREN, stated.get(organizations.SIREN) or stated.get(organizations.SIRET, ""))
    found = organizations.proposed(data.get("title")) if organizations.SIREN not in data and not siren else None
    return {
        "siren": siren,
        "attached": data.get(organizations.ATTACHED, stated.get(organizations.ATTACHED, "")),
        "proposed": found,
        "others": [extra for extra in extras if extra.get("key") not in HIDDEN],
    }
