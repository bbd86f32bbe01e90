"""What the home of the budgets shows."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.registry import line_search
from ckanext.budget.views import addresses, reading, wording


def build() -> dict[str, Any]:
    """``latest``: the last publications that the reader may see."""
    return {
        "latest": [
            {
                "name": row.name,
                "title": f"{wording.stage_name(row.stage, row.dm_number)} {row.exercice}",
                "url": addresses.of_document(row),
                "day": wording.date(row.converted.date(), tk.h.lang()) if row.converted else "",
            }
            for row in line_search.latest(reading.visible_datasets())
        ],
    }
