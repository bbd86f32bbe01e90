"""Ratios of a document, each with its formula and source, beside what the file declares; own debt, and guarantees."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk

from ckanext.budget.figures.definitions import Unit
from ckanext.budget.figures.values import Value
from ckanext.budget.views import document_figures, inhabitants, terms, wording
from ckanext.budget.views.headline_figures import TERMS

if TYPE_CHECKING:
    from ckanext.budget.views.document_page import Shown

Page = dict[str, Any]


def build(shown: Shown) -> Page | None:
    """``ratios`` (each ``label``, ``value``, ``declared``, ``checked``, ``differs``, ``formula``, ``meaning``,
    ``source``), ``declared`` whether any is, ``debt`` (``own``, ``guaranteed``, euros) and ``no_annexe``; None when
    ratios mean nothing here and there is no debt to tell."""
    people = inhabitants.of_document(shown.document, shown.known)
    found = document_figures.values(shown.known, people)
    told = [_ratio(v) for v in found.values() if v.figure.family == "ratio" and _there(v)]
    own, guaranteed = found["debt"].value, found["guaranteed"].value
    if not told and own is None and guaranteed is None:
        return None
    return {
        "ratios": told,
        "declared": any(ratio["declared"] for ratio in told),
        "debt": {"own": own, "guaranteed": guaranteed, "per": people.per(own) if people else None},
        "no_annexe": shown.known.account and own is None,
    }


def _there(value: Value) -> bool:
    return value.value is not None or value.declared is not None


def _ratio(value: Value) -> Page:
    figure, lang = value.figure, tk.h.lang()
    label = figure.label(lang)
    return {
        "id": value.id,
        "label": terms.term(TERMS[value.id], label) if value.id in TERMS else label,
        "value": _said(value.value, figure.unit),
        "declared": _said(value.declared, figure.unit),
        "checked": _said(value.checked, figure.unit),
        "differs": _differs(value),
        "formula": figure.formula(lang),
        "meaning": figure.meaning(lang),
        "source": figure.source,
    }


def _differs(value: Value) -> bool:
    """Whether what is declared is not what is worked out, once both are rounded as files round them: to the unit."""
    if value.declared is None or value.checked is None:
        return False
    scale = Decimal(100) if value.figure.unit == "share" else Decimal(1)
    return abs(value.declared - value.checked) * scale >= 1


def _said(value: Decimal | None, unit: Unit) -> str | None:
    if value is None:
        return None
    lang = tk.h.lang()
    if unit == "share":
        return wording.percent(value, lang)
    if unit == "years":
        return wording.years(value, lang)
    return wording.amount(value.quantize(Decimal("0.01"), ROUND_HALF_UP), lang)
