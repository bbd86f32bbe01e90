"""Pages of words: the glossary and the data dictionary, each also as JSON."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response

from ckanext.budget.words import dictionary as columns
from ckanext.budget.words import glossary as words

budget_words = Blueprint("budget_words", __name__, url_prefix="/budgets")

#: longest search that is looked for
LONGEST = 80


@budget_words.route("/glossaire")
def glossary() -> str:
    """Every word by letter; ``q`` keeps those that hold it, without scripts."""
    known = words.terms(words.language(tk.h.lang()))
    asked = " ".join(tk.request.args.get("q", "").split())[:LONGEST]
    found = words.search(known.values(), asked) if asked else list(known.values())
    groups = [("", found)] if asked else words.by_letter(found)
    page = {"q": asked, "known": known, "groups": groups, "articles": words.data()["articles"], "count": len(found)}
    return tk.render("budget/glossary.html", {"page": page})


@budget_words.route("/dictionnaire")
def dictionary() -> str:
    """What each column of the standard CSV means."""
    found = columns.columns(words.language(tk.h.lang()))
    return tk.render("budget/dictionary.html", {"page": {"columns": found, "schema": columns.data()["schema"]}})


@budget_words.route("/glossaire.json")
def glossary_json() -> Response:
    """The glossary in the language of the address."""
    return _json("budget_glossary_show")


@budget_words.route("/dictionnaire.json")
def dictionary_json() -> Response:
    """The dictionary in the language of the address."""
    return _json("budget_dictionary_show")


def _json(action: str) -> Response:
    found: dict[str, Any] = tk.get_action(action)({}, {"lang": tk.h.lang()})
    body = json.dumps(found, ensure_ascii=False, indent=2)
    return Response(
        body, content_type="application/json; charset=utf-8", headers={"Access-Control-Allow-Origin": "*"}
    )
