"""CKAN organisations and the collectivités that they are: SIREN as extras of the organisation.

``siren`` (nine digits), ``siret`` (fourteen, when that is what was given) and ``sirens_rattaches`` (SIREN of bodies
whose budgets the same organisation deposits: CCAS, caisse des écoles, régie…; separated by spaces). An organisation
without a number deposits whatever it likes, as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.plugins import lookup_group_plugin
from stdnum.fr import siren as stdnum_siren

from ckanext.budget import config
from ckanext.budget.logic import validators
from ckanext.budget.territory.directory import directory
from ckanext.budget.territory.model import Territory

SIREN, SIRET, ATTACHED = "siren", "siret", "sirens_rattaches"
#: those that publish for many others
REGIONS = ("region", "collectivite_unique")
#: fields of the form, and their validators; ``siret`` follows from the first
FIELDS = {SIREN: validators.budget_siren_or_siret, ATTACHED: validators.budget_sirens}


def extras_of(organization: model.Group) -> dict[str, str]:
    """The extras of an organisation, on both versions of CKAN."""
    return dict(cast("Any", organization).extras)


def siren_of(extras: Mapping[str, str]) -> str | None:
    """The SIREN that an organisation's extras state, by ``siren`` or ``siret``; None when none is valid."""
    for name in (SIREN, SIRET):
        text = "".join((extras.get(name) or "").split())
        if len(text) in (9, 14) and stdnum_siren.is_valid(text[:9]):
            return text[:9]
    return None


def may_deposit(organization: model.Group, siren: str) -> bool:
    """Whether the files of a SIREN are an organisation's to deposit: it states no SIREN, this one, or among others
    this one; it is a région, or the configuration says that it deposits for others."""
    states_none = siren_of(extras_of(organization)) is None
    return states_none or is_its_own(organization, siren) or deposits_for_others(organization)


def is_its_own(organization: model.Group, siren: str) -> bool:
    """Whether an organisation states this SIREN, as its own or as that of an attached body."""
    extras = extras_of(organization)
    return siren_of(extras) == siren or siren in (extras.get(ATTACHED) or "").split()


def deposits_for_others(organization: model.Group) -> bool:
    """Whether an organisation publishes for many: a région's, or one that the configuration names."""
    if {organization.name, organization.id} & set(config.organizations_for_others()):
        return True
    ours = siren_of(extras_of(organization))
    known = directory().by_siren(ours) if ours else None
    return known is not None and known.kind in REGIONS


def in_charge_of(siren: str) -> model.Group | None:
    """The active organisation of a collectivité: the one that states its SIREN, else one to which it is attached."""
    return of_siren(siren) or next((g for g in _stating(ATTACHED, siren) if is_its_own(g, siren)), None)


def of_siren(siren: str) -> model.Group | None:
    """The active organisation that states a SIREN (the first by name)."""
    return next((g for g in _stating(SIREN, siren) if extras_of(g).get(SIREN) == siren), None)


def _stating(field: str, siren: str) -> list[model.Group]:
    """The active organisations of which an extra holds a SIREN, by name."""
    query = sa.select(model.Group).where(model.Group.is_organization.is_(True), model.Group.state == "active")
    if tk.check_ckan_version(min_version="2.12"):
        query = query.where(cast("Any", model.Group).extras[field].astext.contains(siren))
    else:
        extra: Any = model.GroupExtra  # pyright: ignore[reportAttributeAccessIssue]
        query = query.join(extra, extra.group_id == model.Group.id).where(
            extra.key == field, extra.value.contains(siren), extra.state == "active"
        )
    return list(model.Session.scalars(query.order_by(model.Group.name)))


def proposed(title: str | None) -> Territory | None:
    """The collectivité that an organisation's title names, to be proposed to a person. Not a région: its organisation
    publishes for many, and needs no SIREN."""
    found = directory().named(title or "")
    return found if found is not None and found.siren and found.kind not in REGIONS else None


def prepared(data_dict: Mapping[str, Any], stored: Mapping[str, str], *, may_change: bool) -> dict[str, Any]:
    """The data of an organisation about to be saved, its numbers checked and put among its extras.

    A number may come as a field (``siren``, ``sirens_rattaches``: an empty one removes it) or among ``extras``; one
    that is not mentioned stays. ``stored``: the extras of the organisation so far; ``may_change``: whether the person
    may change a number already there.

    Raises ``ValidationError`` (not a SIREN; a change by who may not).
    """
    data = dict(data_dict)
    if has_own_fields(data.get("type") or "organization"):
        return data
    extras = [dict(extra) for extra in data.get("extras") or [] if not extra.get("deleted")]
    given = {extra["key"]: str(extra.get("value") or "") for extra in extras if extra.get("key") in (*FIELDS, SIRET)}
    fields = {name: str(data.pop(name) or "") for name in FIELDS if name in data}
    numbers = {name: stored[name] for name in (*FIELDS, SIRET) if stored.get(name)} | given | fields
    checked = _checked(numbers, stored)
    if SIREN in fields and not fields[SIREN]:
        checked.pop(SIRET, None)
    _check_change(checked, stored, may_change=may_change)
    if numbers or given:
        data["extras"] = [extra for extra in extras if extra.get("key") not in numbers]
        data["extras"] += [{"key": name, "value": value} for name, value in checked.items()]
    return data


def has_own_fields(organization_type: str) -> bool:
    """Whether the portal has its own schema of organisations (ckanext-scheming's, or another plugin's with a field
    ``siren``): it is left alone, and what its field ``siren`` stores is read."""
    if tk.h.scheming_get_organization_schema(organization_type) is not None:
        return True
    return SIREN in lookup_group_plugin(organization_type).update_group_schema()


def _checked(numbers: Mapping[str, str], stored: Mapping[str, str]) -> dict[str, str]:
    """The numbers as they are kept; those that do not change are not judged."""
    checked = {name: value for name, value in numbers.items() if value}
    errors: dict[str, Any] = {}
    for name, validator in FIELDS.items():
        if name in checked and checked[name] != stored.get(name):
            try:
                checked[name] = validator(checked[name])
            except tk.Invalid as invalid:
                errors[name] = [invalid.error]
    if errors:
        raise tk.ValidationError(errors)
    number = checked.get(SIREN, "")
    if len(number) == 14:
        checked[SIREN], checked[SIRET] = number[:9], number
    elif number != stored.get(SIREN) and not checked.get(SIRET, "").startswith(number):
        checked.pop(SIRET, None)
    return checked


def _check_change(numbers: Mapping[str, str], stored: Mapping[str, str], *, may_change: bool) -> None:
    if may_change or siren_of(stored) is None:
        return
    refused = tk._("Only the administrators of the portal change a SIREN that is already there. Ask them.")
    if siren_of(numbers) != siren_of(stored):
        raise tk.ValidationError({SIREN: [refused]})
    if numbers.get(ATTACHED, "") != stored.get(ATTACHED, ""):
        raise tk.ValidationError({ATTACHED: [refused]})


def known() -> dict[str, dict[str, str]]:
    """The active organisations that state a SIREN, by it: ``id``, ``name`` and ``title`` (the first by name)."""
    found: dict[str, dict[str, str]] = {}
    for row in model.Session.execute(_numbers()):
        number = "".join((row.siren or row.siret or "").split())[:9]
        if len(number) == 9 and number not in found:
            found[number] = {"id": row.id, "name": row.name, "title": row.title or row.name}
    return found


def _numbers() -> sa.sql.Select[Any]:
    group = model.Group
    if tk.check_ckan_version(min_version="2.12"):
        extras = cast("Any", group).extras
        columns = [extras[name].astext.label(name) for name in (SIREN, SIRET)]
        query = sa.select(group.id, group.name, group.title, *columns)
        query = query.where(sa.or_(*(column.is_not(None) for column in columns)))
    else:
        extra: Any = model.GroupExtra  # pyright: ignore[reportAttributeAccessIssue]
        columns = [sa.func.max(sa.case((extra.key == name, extra.value))).label(name) for name in (SIREN, SIRET)]
        query = sa.select(group.id, group.name, group.title, *columns).join(extra, extra.group_id == group.id)
        query = query.where(extra.key.in_((SIREN, SIRET)), extra.state == "active").group_by(group.id)
    return query.where(group.is_organization.is_(True), group.state == "active").order_by(group.name)
