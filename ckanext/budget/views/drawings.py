"""What the charts that scripts draw are given (``drawings.js``): the rows of a table that is on the page, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.views import wording

Page = dict[str, Any]


def treemap(name: str, rows: Sequence[Page], positive: bool) -> Page | None:
    """Rectangles whose areas are the amounts of ``rows`` (``label``, ``node``, ``url``, ``rank``), each a link to what
    its row leads to. None where they would lie (a negative amount) or say nothing (a single piece)."""
    if not positive or len(rows) < 2:
        return None
    items = [
        {
            "name": row["label"],
            "value": float(row["node"].amount),
            "said": wording.amount(row["node"].amount, tk.h.lang()),
            "short": wording.headline(row["node"].amount, tk.h.lang()),
            "share": wording.percent(row["node"].share, tk.h.lang()) if row["node"].share is not None else "",
            "url": row["url"],
            "rank": row["rank"],
        }
        for row in rows
    ]
    words = tk._("{name}, as rectangles whose areas are the amounts. The largest: {pieces}. The table says the same.")
    return {"kind": "treemap", "label": words.format(name=name, pieces=_largest(items)), "items": items}


def sankey(middle: str, whole: Decimal, left: Sequence[Page], right: Sequence[Page]) -> Page:
    """Flows from ``left`` through the budget (``middle``) to ``right``: rows with ``label``, ``amount``, ``kind``,
    ``rank``, ``url``, and ``share`` of the whole."""
    sides = {"left": [_flow(row) for row in left], "right": [_flow(row) for row in right]}
    words = tk._(
        "Flows whose widths are the amounts. From: {left}. To: {right}. Both sides are equal; the tables say the same."
    )
    label = words.format(left=_largest(sides["left"]), right=_largest(sides["right"]))
    return {
        "kind": "sankey",
        "label": label,
        "middle": {"name": middle, "short": wording.headline(whole, tk.h.lang())},
        **sides,
    }


def _flow(row: Page) -> Page:
    amount, lang = row["amount"], tk.h.lang()
    return {
        "name": row["label"],
        "value": float(amount),
        "said": wording.amount(amount, lang),
        "short": wording.headline(amount, lang),
        "share": wording.percent(row["share"], lang) if row["share"] is not None else "",
        "url": row["url"],
        "rank": row["rank"],
        "kind": row["kind"],
    }


def _largest(items: Sequence[Page]) -> str:
    first = sorted(items, key=lambda item: -item["value"])[:3]
    return ", ".join(f"{one['name']} ({one['share'] or one['short']})" for one in first)
