"""Routes of what stands on other sites: pages of a budget and of a document, their script, oEmbed, the code to copy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from ckanext.budget.embed import answers, code, oembed, pages
from ckanext.budget.embed.choice import Choice
from ckanext.budget.registry import budgets
from ckanext.budget.registry.budgets import Budget, stage_of
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses, reading, state, wording
from ckanext.budget.views.citation import LASTING
from ckanext.budget.views.pages import budget_pages
from ckanext.budget.views.permanent import BUDGET, DOCUMENT

Answer = AnyResponse | str
SCRIPT = Path(__file__).parents[1] / "embed" / "integrer.js"


@budget_pages.route(BUDGET + "/integrer")
def embedded_budget(number: str) -> Response:
    """A budget over its years, for other sites."""
    chosen = _chosen(whole=True)
    named = _budget(number)
    if named is None:
        return _no_budget(chosen, number)
    here = _here("embedded_budget", {"number": number}, chosen)
    return answers.page("budget/embed/page.html", pages.of_budget(named, number, chosen, here))


@budget_pages.route(DOCUMENT + "/integrer")
def embedded_document(number: str, exercice: int, etape: str) -> Response:
    """The document in force of an étape, for other sites."""
    chosen = _chosen(whole=False)
    named = _budget(number)
    if named is None:
        return _no_budget(chosen, number)
    versions = _versions(named, exercice, etape)
    current = _current(versions)
    if current is None and versions and versions[-1].status == "withdrawn":
        return answers.page("budget/embed/absent.html", pages.withdrawn(versions[-1], chosen), 410)
    if current is None:
        return _no_document(chosen, named, exercice, etape)
    here = _here("embedded_document", {**addresses.parts(current), "number": number}, chosen)
    return answers.page("budget/embed/page.html", pages.of_document(current, chosen, here))


@budget_pages.route("/integrer.js")
def embed_script() -> Response:
    """The script of one line that places these pages on other sites."""
    made = Response(SCRIPT.read_bytes(), content_type="text/javascript; charset=utf-8")
    return answers.kept(made, answers.SCRIPT)


@budget_pages.route("/oembed")
def oembed_answer() -> Response:
    """What a permanent address is to a site that embeds it (https://oembed.com)."""
    args = tk.request.args
    kind = args.get("format", "json")
    if kind not in oembed.FORMATS:
        return _told(501, tk._("This format is not made here; ask for json or xml"))
    if not args.get("url"):
        return _told(400, tk._("Say which page: ?url=, followed by its address"))
    asked = oembed.read(args["url"])
    found = _of_address(asked) if asked else None
    if asked is None or found is None:
        return _told(404, tk._("No public budget is at this address"))
    answers.speak(asked.language)
    made = oembed.answer(asked, found, args.get("maxwidth", ""), args.get("maxheight", ""))
    return answers.kept(Response(oembed.FORMATS[kind](made), content_type=oembed.TYPES[kind]), oembed.CACHE)


@budget_pages.route(BUDGET + "/integrer/code")
def code_of_budget(number: str) -> Answer:
    """What to copy to embed a budget."""
    named = _budget(number)
    if named is None:
        return tk.abort(404, tk._("This budget document does not exist"))
    return tk.render("budget/pages/embed.html", {"page": code.of_budget(named, number, _chosen(whole=True))})


@budget_pages.route(DOCUMENT + "/integrer/code")
def code_of_document(number: str, exercice: int, etape: str) -> Answer:
    """What to copy to embed a document."""
    named = _budget(number)
    current = _current(_versions(named, exercice, etape)) if named else None
    if current is None:
        return tk.abort(404, tk._("This budget document does not exist"))
    return tk.render("budget/pages/embed.html", {"page": code.of_document(current, _chosen(whole=False))})


# -- public documents alone, whoever asks


def _budget(number: str) -> Budget | None:
    return budgets.named(reading.public_budgets_named(number), number)


def _versions(named: Budget, exercice: int, etape: str) -> list[BudgetDocument]:
    stage = stage_of(etape)
    return named.at(exercice, *stage) if stage else []


def _current(versions: list[BudgetDocument]) -> BudgetDocument | None:
    return next((d for d in versions if d.status == "converted"), None)


def _of_address(asked: oembed.Asked) -> Budget | BudgetDocument | None:
    named = _budget(asked.number)
    if named is None or asked.etape is None:
        return named
    return _current(_versions(named, asked.exercice, asked.etape))


# -- what is chosen, what is said instead


def _chosen(*, whole: bool) -> Choice:
    chosen = pages.chosen(tk.request.args, whole=whole)
    if (tk.request.endpoint or "").startswith("budget_pages.embedded"):
        answers.speak(chosen.language)
    return chosen


def _here(view: str, given: Mapping[str, Any], chosen: Choice) -> addresses.Here:
    def here(anchor: str, query: Mapping[str, str]) -> str:
        return tk.h.url_for(f"budget_pages.{view}", **given, _anchor=anchor, **{**chosen.to_query(), **query})

    return here


def _no_budget(chosen: Choice, number: str) -> Response:
    title = tk._("No budget is published here under this number")
    address = tk.h.url_for("budget_pages.home", **LASTING)
    shown = pages.bare(chosen, title, None, tk._("Number asked for: {number}.").format(number=number), address)
    return answers.page("budget/embed/absent.html", shown, 404)


def _no_document(chosen: Choice, named: Budget, exercice: int, etape: str) -> Response:
    stage = stage_of(etape)
    name = wording.stage_name(*stage) if stage else etape
    title = tk._("{stage} {year}: not published here").format(stage=name, year=exercice)
    last = pages.latest(named)
    said = tk._("The latest document published: {document}.").format(document=state.title(last)) if last else ""
    shown = pages.bare(chosen, title, named.name, said, addresses.of_budget(named.siret, **LASTING))
    return answers.page("budget/embed/absent.html", shown, 404)


def _told(status: int, sentence: str) -> Response:
    return answers.kept(Response(sentence, status, content_type="text/plain; charset=utf-8"), answers.MISSING)
