"""Validators of the budget dataset type."""

from __future__ import annotations

import re
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.munge import munge_title_to_name
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

__all__ = [
    "budget_default_license",
    "budget_name_from_title",
    "budget_siren_or_siret",
    "budget_sirens",
    "budget_siret",
]

LICENCE_OUVERTE = "etalab-2.0"


def budget_siret(value: Any) -> Any:
    """A SIRET of 14 digits that passes its key, spaces removed; empty is allowed."""
    if not value:
        return value
    text = "".join(str(value).split())
    if len(text) != 14 or not stdnum_siret.is_valid(text):
        raise tk.Invalid(
            tk._(
                "This SIRET is not valid: it has 14 digits, the last of which is a check digit. Check it on the budget."
            )
        )
    return text


def budget_siren_or_siret(value: Any) -> Any:
    """A SIREN of nine digits or a SIRET of fourteen that pass their keys, spaces removed; empty is allowed."""
    if not value:
        return value
    text = "".join(str(value).split())
    if len(text) == 14:
        return budget_siret(text)
    if len(text) != 9 or not stdnum_siren.is_valid(text):
        raise tk.Invalid(
            tk._(
                "This SIREN is not valid: it has 9 digits, the last of which is a check digit. Check it on a budget."
            )
        )
    return text


def budget_sirens(value: Any) -> Any:
    """SIREN of nine digits separated by commas or spaces → separated by one space, sorted; empty is allowed."""
    if not value:
        return value
    found = re.findall(r"[^\s,;]+", str(value))
    for number in found:
        if len(number) != 9 or not stdnum_siren.is_valid(number):
            raise tk.Invalid(
                tk._("“{number}” is not a SIREN: write 9 digits together, and a space between two numbers.").format(
                    number=number[:20]
                )
            )
    return " ".join(sorted(set(found)))


def budget_default_license(value: Any) -> Any:
    """Licence Ouverte 2.0 unless another licence was chosen."""
    return LICENCE_OUVERTE if value is tk.missing or not value else value


def budget_name_from_title(
    key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, context: Context
) -> None:
    """Make the dataset's address from its title when none is given (a free one)."""
    title = data.get(("title",))
    if (data.get(key) and data[key] is not tk.missing) or not title or title is tk.missing:
        return
    base = munge_title_to_name(str(title))[:90]
    name, rank = base, 2
    while model.Package.get(name) is not None:
        name, rank = f"{base}-{rank}", rank + 1
    data[key] = name
