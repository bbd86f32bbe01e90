"""The declaration of accessibility of our pages: what was tested, when and how; what is known to lack; whom to tell."""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.budget.config import accessibility_contact
from ckanext.budget.messages import N_
from ckanext.budget.views import wording

budget_accessibility = Blueprint("budget_accessibility", __name__, url_prefix="/budgets")

#: written by the test that it names (docs/words.md says how)
TESTED = Path(__file__).parents[1] / "words" / "accessibility.json"

#: pages that the test opens, as readers know them
PAGES = {
    "document": N_("A budget document"),
    "overview": N_("All the years of a budget"),
    "dataset": N_("The files of a budget and their states"),
    "quality": N_("What the quality levels mean"),
    "glossary": N_("The glossary"),
    "dictionary": N_("The data dictionary"),
    "sheet": N_("The A4 sheet of a document"),
    "declaration": N_("This declaration"),
    "withdrawn": N_("A withdrawn document"),
    "desk": N_("The deposit desk"),
    "batch": N_("A deposit and its receipt"),
    "withdraw": N_("The form that withdraws a document"),
    "restore": N_("The form that restores a document"),
    "destroy": N_("The form that destroys files"),
    "texts": N_("The texts pinned to a budget"),
    "text": N_("The form of a pinned text"),
}
GAPS = (
    N_(
        "No full RGAA audit has been made: a machine finds only a part of the faults. Nobody with a "
        "disability has tested these pages yet."
    ),
    N_(
        "The header, menu, search and footer around our pages are those of CKAN and of the portal’s "
        "theme: they are not covered here."
    ),
    N_("On a small screen, tables with many columns scroll sideways in their own frame, also with the keyboard."),
    N_("Without scripts, the definition of a word is not shown beside it: the word leads to the glossary."),
    N_("The PDF of the A4 sheet is tagged (PDF/UA-1), but no reading of it with a screen reader has been recorded."),
    N_(
        "The labels of accounts are those of the official charts, often abbreviated; official sources "
        "are in French only."
    ),
    N_("Files that a collectivité adds by itself (PDF, spreadsheets) are hers: we do not check them."),
)


@lru_cache(maxsize=1)
def tested() -> dict[str, Any]:
    """What the test wrote: ``date``, ``axe``, ``browser``, ``ckan``, ``runs``, ``test``, ``pages``."""
    return json.loads(TESTED.read_text(encoding="utf-8"))


@budget_accessibility.route("/accessibilite")
def declaration() -> str:
    """The declaration."""
    found = tested()
    page = {
        **found,
        "date": wording.date(dt.date.fromisoformat(found["date"]), tk.h.lang()),
        "pages": [tk._(PAGES[name]) for name in found["pages"] if name in PAGES],
        "runs": [_run(run) for run in found["runs"]],
        "gaps": [tk._(gap) for gap in GAPS],
        "contact": accessibility_contact(),
        "site": tk.config.get("ckan.site_title", ""),
    }
    return tk.render("budget/accessibility.html", {"page": page})


def _run(run: dict[str, Any]) -> str:
    said = (
        tk._("in French, {width} pixels wide") if run["language"] == "fr" else tk._("in English, {width} pixels wide")
    )
    return said.format(width=run["width"])
