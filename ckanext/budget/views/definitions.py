"""The page that defines the quality levels and the controls: their words are those of the pages, written once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.messages import N_
from ckanext.budget.messages.controls import WORDS, ControlMessage
from ckanext.budget.quality.level import LEVELS
from ckanext.budget.views.quality import MARKS

#: groups of controls, by the beginning of their codes (a new control falls in the last one)
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Balance"), ("balance_", "ordre", "transfer")),
    (N_("Debt"), ("debt_capital", "debt_equation", "debt_columns")),
    (N_("Ratios that the file states"), ("ratio_",)),
    (N_("Identity and dates"), ("draft_", "identity_", "date_")),
    (N_("Subtotals of a single financial account"), ("subtotal",)),
    (N_("From one document to another (years and stages)"), ("",)),
)

#: controls that tell that something is there: their numbers are shown, but need not be equal
PRESENCE = frozenset({"duplicate_account"})


def levels() -> list[dict[str, str]]:
    """``code``, ``name``, ``definition`` and ``mark`` of each level, the best first."""
    return [
        {
            "code": code,
            "name": tk._(found.name),
            "definition": tk._(found.definition),
            "mark": MARKS["vert" if code == "complet" else "a_verifier"],
        }
        for code, found in LEVELS.items()
    ]


def controls() -> list[dict[str, Any]]:
    """Groups of controls: ``title``, and ``rows`` of ``code``, ``name``, ``left`` and ``right`` (what is compared)
    and ``sentence`` (what holds when it is green)."""
    grouped: dict[str, list[dict[str, Any]]] = {title: [] for title, _ in GROUPS}
    for code, message in WORDS.items():
        title = next(title for title, beginnings in GROUPS if code.startswith(beginnings))
        grouped[title].append(_row(code, message))
    return [{"title": tk._(title), "rows": rows} for title, rows in grouped.items() if rows]


def _row(code: str, message: ControlMessage) -> dict[str, Any]:
    compared = code not in PRESENCE
    return {
        "code": code,
        "name": _general(message.name),
        "left": _general(message.left) if compared else "",
        "right": _general(message.right) if compared else "",
        "sentence": _general(message.ok),
    }


def _general(msgid: str) -> str:
    """Words of a control for any document: years are N and N−1, the details of one document fall away."""
    if not msgid:
        return ""
    text = re.sub(r"\s*\([^()]*\{(?!exercice|other_exercice)\w+\}[^()]*\)", "", tk._(msgid))
    return text.format_map(_Any()).strip()


class _Any(dict[str, str]):
    """Values for any document."""

    def __missing__(self, name: str) -> str:
        return {"exercice": "N", "other_exercice": "N−1"}.get(name, "")


def page() -> Mapping[str, Any]:
    """What the template ``budget/quality.html`` shows."""
    return {"levels": levels(), "groups": controls(), "count": len(WORDS)}
