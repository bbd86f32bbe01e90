"""Bars and tables of a comparison: each figure, then what expenditure is for, in euros per inhabitant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.budget import rules
from ckanext.budget.figures import charts, compare, tree
from ckanext.budget.figures.compare import Compared, Spread
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.values import Inhabitants
from ckanext.budget.logic.figures import inhabitants
from ckanext.budget.territory.model import Territory
from ckanext.budget.views import compare_documents, wording
from ckanext.budget.views.compare_state import State

Page = dict[str, Any]


def build(
    shown: Sequence[Document],
    names: Mapping[str, str],
    people: Mapping[str, Inhabitants],
    members: Sequence[Territory],
    state: State,
) -> Page | None:
    """``figures`` and ``parts`` (each with ``bars``), ``names`` (columns); None when there is nothing to set beside.
    ``state`` has its year and étape."""
    told = [document for document in shown if document.siren in people]
    nearest = members[: compare_documents.MOST_MEMBERS]
    group = _group(nearest, state)
    if not told or (len(told) < 2 and not group):
        return None
    formulas = rules.formulas()
    found = compare.of_figures(model.Session(), told, people, formulas=formulas)
    spreads = {f.id: compare.spread(group, f.id, rules.strata().minimum) for f in formulas.comparable}
    called = [names[document.siren or ""] for document in told]
    figures = [
        {
            "name": figure.label(tk.h.lang()),
            "meaning": figure.meaning(tk.h.lang()),
            **_bars(figure.id, found, called, spreads[figure.id]),
        }
        for figure in formulas.comparable
        if any(one.values.get(figure.id) is not None for one in found)
    ]
    numbers = [spread.count for spread in spreads.values() if spread]
    return {
        "names": called,
        "figures": figures,
        "parts": _parts(told, people, called) if len(told) > 1 else None,
        "group": {
            "number": max(numbers, default=0),
            "minimum": rules.strata().minimum,
            "members": sorted(place.name for place in nearest),
            "of": wording.count(len(members), tk.h.lang()) if len(members) > len(nearest) else "",
        }
        if state.group
        else None,
    }


def _group(members: Sequence[Territory], state: State) -> list[Compared]:
    """The figures of the group, those of its collectivités whose population is known."""
    people = {place.siren: known for place in members if (known := inhabitants(place.siren))}
    if state.year is None or not people:
        return []
    there = compare_documents.of(list(people), [state.year], [state.stage]).get((state.year, state.stage), {})
    return (
        compare.of_figures(model.Session(), list(there.values()), people, formulas=rules.formulas()) if there else []
    )


def _bars(code: str, found: Sequence[Compared], called: Sequence[str], spread: Spread | None) -> Page:
    """``bars``: name, value (None: not there), where it is drawn; the median of the group last; ``spread``."""
    rows: list[tuple[str, Decimal | None, bool]] = [
        (name, one.values.get(code), False) for name, one in zip(called, found, strict=True)
    ]
    if spread:
        rows.append((tk._("Median of the group"), spread.median, True))
    drawn = charts.bars([value or Decimal(0) for _, value, _ in rows])
    return {
        "bars": [
            {"name": name, "value": value, "median": median, "bar": bar}
            for (name, value, median), bar in zip(rows, drawn, strict=True)
        ],
        "spread": spread,
    }


def _parts(told: Sequence[Document], people: Mapping[str, Inhabitants], called: Sequence[str]) -> Page:
    """What expenditure (without debt) is for; a budget whose lines have no function has no value, and is named."""
    categories = rules.categories()
    found = compare.of_categories(model.Session(), told, people, categories=categories)
    untold = {n for n, one in enumerate(found) if not any(v for k, v in one.values.items() if k != tree.NONE)}
    rows = [
        {
            "name": category.label(tk.h.lang()),
            "values": [None if n in untold else one.values[category.key] for n, one in enumerate(found)],
        }
        for category in categories
    ]
    values = [value for row in rows for value in row["values"] if value is not None]
    if not values:
        return {"rows": [], "untold": list(called)}
    highest = max([*map(abs, values), Decimal(1)])
    for row in rows:
        row["widths"] = [0 if v is None else round(float(abs(v) / highest * 100), 1) for v in row["values"]]
    return {"rows": rows, "untold": [called[n] for n in sorted(untold)]}
