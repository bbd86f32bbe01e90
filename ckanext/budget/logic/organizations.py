"""Actions on organisations, wrapped so that they carry the SIREN of their collectivité; and the directory's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import Context, DataDict

from ckanext.budget import organizations
from ckanext.budget.territory.directory import FOUND, directory
from ckanext.budget.territory.model import Territory

__all__ = ["budget_territory_search", "budget_territory_show", "organization_create", "organization_update"]

Action = Callable[[Context, DataDict], Any]
#: most answers of one search
MOST = 100


@tk.chained_action
def organization_create(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN, and ``siren`` (nine digits, or a SIRET) and ``sirens_rattaches`` (others, separated by spaces)."""
    tk.check_access("organization_create", tk.fresh_context(context), data_dict)
    return original(context, organizations.prepared(data_dict, {}, may_change=True))


@tk.chained_action
def organization_update(original: Action, context: Context, data_dict: DataDict) -> Any:
    """As in CKAN, and ``siren`` (nine digits, or a SIRET) and ``sirens_rattaches`` (others, separated by spaces).
    Numbers already there stay unless they are given anew, and only a sysadmin changes them."""
    group = model.Group.get(data_dict.get("id"))
    if group is None:
        return original(context, data_dict)
    tk.check_access("organization_update", tk.fresh_context(context), {"id": group.id})
    stored = organizations.extras_of(group)
    may_change = bool(context.get("ignore_auth")) or authz.is_sysadmin(context.get("user"))
    given = {**data_dict, "type": data_dict.get("type") or group.type}
    return original(context, organizations.prepared(given, stored, may_change=may_change))


@tk.side_effect_free
def budget_territory_search(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Collectivités by name (accents, case and punctuation do not count), SIREN, SIRET or INSEE code: see
    ``budget_territory_show``. The exact names come first, then the most inhabitants.

    :param q: what is looked for
    :type q: string
    :param limit: most answers (20 by default, 100 at most)
    :type limit: int
    """
    tk.check_access("budget_territory_search", context, data_dict)
    text = str(tk.get_or_bust(data_dict, "q"))[:200]
    try:
        limit = int(data_dict.get("limit", FOUND))
    except (TypeError, ValueError) as error:
        raise tk.ValidationError({"limit": [tk._("Invalid integer")]}) from error
    return [_public(found) for found in directory().search(text, limit=max(1, min(limit, MOST)))]


@tk.side_effect_free
def budget_territory_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One collectivité: ``siren``, ``insee``, ``name``, ``kind`` (commune, cc, ca, cu, metropole, ept, departement,
    region, collectivite_unique), ``departement``, ``region``, ``epci`` (each ``code`` and ``name``, or null),
    ``population`` and ``population_year`` (or null).

    :param siren: its SIREN, or the SIRET of one of its budgets
    :type siren: string
    """
    tk.check_access("budget_territory_show", context, data_dict)
    found = directory().by_siret(str(tk.get_or_bust(data_dict, "siren")))
    if found is None:
        raise tk.ObjectNotFound(tk._("No local government of this SIREN is known"))
    return _public(found)


def _public(territory: Territory) -> dict[str, Any]:
    places = {name: getattr(territory, name) for name in ("departement", "region", "epci")}
    return {**territory._asdict(), **{name: place._asdict() if place else None for name, place in places.items()}}
