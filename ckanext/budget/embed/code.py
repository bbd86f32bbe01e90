"""What a commune copies to its own site: a script of one line, or a frame; the page that makes them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from markupsafe import Markup

from ckanext.budget.embed import pages
from ckanext.budget.embed.choice import LANGUAGES, Choice
from ckanext.budget.registry.budgets import Budget
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses, reading, state
from ckanext.budget.views.citation import LASTING

Page = dict[str, Any]

#: what the colour of a page is when nobody chooses one (assets/embed.css)
DEFAULT_COLOUR = "#1f5f99"
_FRAME = Markup(
    '<iframe src="{url}" title="{title}" width="{width}" height="{height}" style="border:0" loading="lazy"></iframe>'
)
_SCRIPT = Markup('<script src="{script}"{data} async></script>\n<noscript><a href="{url}">{title}</a></noscript>')


def of_budget(budget: Budget, number: str, chosen: Choice) -> Page:
    """The page that makes the code for a budget over its years."""
    return _page(budget, number, reading.dataset(budget.latest.package_id), chosen)


def of_document(document: BudgetDocument, chosen: Choice) -> Page:
    """The same for a document."""
    return _page(document, document.siret or "", reading.dataset(document.package_id), chosen)


def name_of(found: Budget | BudgetDocument) -> str:
    """What is embedded, in words: the title of the frame."""
    what = tk._("The budget over the years") if isinstance(found, Budget) else state.title(found)
    return f"{found.name} – {what}"


def address(number: str, found: Budget | BudgetDocument) -> str:
    """The whole address of an embedded page, without what is chosen."""
    if isinstance(found, Budget):
        return tk.h.url_for("budget_pages.embedded_budget", number=number, **LASTING)
    return tk.h.url_for("budget_pages.embedded_document", **{**addresses.parts(found), "number": number}, **LASTING)


def frame(url: str, title: str, width: int | str, height: int) -> Markup:
    """An iframe of a given size."""
    return _FRAME.format(url=url, title=title, width=width, height=height)


def _page(found: Budget | BudgetDocument, number: str, package: dict[str, Any], chosen: Choice) -> Page:
    whole = isinstance(found, Budget)
    title, query = name_of(found), chosen.to_query()
    full = addresses.of_budget(number, **LASTING) if whole else addresses.of_document(found, **LASTING)
    url = f"{address(number, found)}?{urlencode(query)}"
    data = {"budget": number, **_of_document(found), **query, "titre": title}
    return {
        "name": found.name,
        "title": state.title(found) if not whole else tk._("The budget over the years"),
        "back": addresses.of_budget(number) if whole else addresses.of_document(found),
        "chosen": chosen,
        "colour": chosen.colour or DEFAULT_COLOUR,
        "darkened": chosen.accent if chosen.accent != chosen.colour else None,
        "no_logo": chosen.logo and pages.logo(package) is None,
        "views": [(name, tk._(pages.VIEWS[name].name)) for name in pages.offered(whole=whole)],
        "languages": [(code, _language(code)) for code in LANGUAGES],
        "whole": whole,
        "script": str(_script(data, full, title)),
        "frame": str(frame(url, title, "100%", pages.height(chosen.views))),
        "url": url,
        "data": data,
        "ignored": chosen.ignored,
    }


def _of_document(found: Budget | BudgetDocument) -> dict[str, str]:
    if isinstance(found, Budget):
        return {}
    parts = addresses.parts(found)
    return {name: parts[name] for name in ("exercice", "etape")}


def _script(data: dict[str, str], full: str, title: str) -> Markup:
    attributes = Markup("").join(Markup(' data-{}="{}"').format(name, value) for name, value in data.items())
    script = tk.h.url_for("budget_pages.embed_script", **LASTING)
    return _SCRIPT.format(script=script, data=attributes, url=full, title=title)


def _language(code: str) -> str:
    return {"fr": tk._("French"), "en": tk._("English")}[code]
