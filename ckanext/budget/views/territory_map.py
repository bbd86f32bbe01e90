"""The départements of a région as a map, and as the list that it leads with: who publishes of those who should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.coverage.scope import Scope
from ckanext.budget.territory import outlines
from ckanext.budget.territory.model import Territory
from ckanext.budget.territory.outlines import Map, Outline
from ckanext.budget.views import wording

Page = dict[str, Any]
#: the least share of each shade but the first, where nobody publishes
SHADES = (Decimal(0), Decimal("0.25"), Decimal("0.5"), Decimal("0.75"))
#: a label is this part of the map high, and stands only where its département is some labels wide
_LABEL, _ROOM = 26, 1.6


def build(within: Scope, likely: Iterable[Territory], publishing: Collection[str]) -> Page | None:
    """``rows`` (a département each, by code), the ``map`` (None where outlines are not known: overseas), its
    ``legend`` and ``source``; None with fewer than two départements."""
    if len(within.departements) < 2:
        return None
    concerned: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for place in likely:
        if place.departement is not None:
            concerned[place.departement.code] += 1
            there[place.departement.code] += place.siren in publishing
    rows = [_row(p.code, p.name, there[p.code], concerned[p.code]) for p in within.departements]
    found = outlines.of(tuple(p.code for p in within.departements))
    return {
        "rows": rows,
        "map": _map(found, {row["code"]: row for row in rows}) if found else None,
        "legend": _legend(),
        "source": outlines.source(),
    }


def _row(code: str, name: str, publishing: int, concerned: int) -> Page:
    lang = tk.h.lang()
    share = Decimal(publishing) / concerned if concerned else None
    said = tk._("{publishing} of {concerned}").format(
        publishing=wording.count(publishing, lang), concerned=wording.count(concerned, lang)
    )
    return {
        "code": code,
        "name": name,
        "url": tk.h.url_for("budget_pages.territory", code=code),
        "said": said,
        "rate": wording.percent(share, lang) if share is not None else "",
        "short": f"{int(share * 100)}{wording.NARROW}%" if share is not None else "",
        "shade": shade(share),
    }


def shade(share: Decimal | None) -> int:
    """0 where nobody publishes (or nobody should), then one more for each quarter reached."""
    return sum(share >= least for least in SHADES) if share else 0


def _map(found: Map, rows: dict[str, Page]) -> Page:
    width, height = found.box[2:]
    size = round(max(width, height) / _LABEL)
    return {
        "box": " ".join(map(str, found.box)),
        "size": size,
        "shapes": [{**rows[one.code], **_shape(one, size)} for one in found.outlines],
    }


def _shape(one: Outline, size: int) -> Page:
    return {"path": one.path, "x": one.x, "y": one.y, "labelled": one.width > size * _ROOM * 2}


def _legend() -> list[str]:
    """What each shade means."""
    return [
        tk._("nobody yet"),
        tk._("less than a quarter"),
        tk._("a quarter and more"),
        tk._("half and more"),
        tk._("three quarters and more"),
    ]
