"""What an embedded page shows: the chosen sections of the pages of a document and of a budget, their source, nothing of
the portal around them. Only public documents: callers find them with ``reading.public_budgets_named``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
from ckan.lib import i18n
from ckan.types import Context

from ckanext.budget.embed import choice
from ckanext.budget.embed.choice import Choice, Given
from ckanext.budget.figures.document import ACCOUNTS
from ckanext.budget.messages import N_
from ckanext.budget.registry import core
from ckanext.budget.registry.budgets import Budget
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import (
    addresses,
    council,
    document_page,
    evolution,
    headline_figures,
    history,
    purposes,
    reading,
    state,
    withdrawal,
)
from ckanext.budget.views.budget_page import Held
from ckanext.budget.views.citation import LASTING
from ckanext.budget.views.document_page import Shown

Page = dict[str, Any]


class View(NamedTuple):
    """A part that can be chosen: its name, the template of the portal's own pages, what that template shows, and about
    how high it is (pixels, on a wide screen)."""

    name: str
    template: str
    build: Callable[[Any], Page | None]
    height: int


#: what scripts draw and what is downloaded is on the portal's own pages
LEFT_OUT = {"drawing": None, "export": None}
#: of a document (of the latest one, on the page of a budget)
OF_DOCUMENT: Mapping[str, View] = {
    "chiffres": View(
        N_("The headline figures"),
        "budget/document/figures.html",
        lambda shown: {"figures": headline_figures.build(shown)},
        420,
    ),
    "blocs": View(
        N_("Where does the money come from, where does it go?"),
        "budget/document/blocks.html",
        lambda shown: {"cards": document_page.cards(shown)},
        560,
    ),
    "depenses": View(
        N_("What is the money spent on?"),
        "budget/document/purposes.html",
        lambda shown: {"purposes": {**purposes.build(shown), **LEFT_OUT}},
        1000,
    ),
    "ouvert-fait": View(
        N_("Chapter by chapter: what was opened, what was done"),
        "budget/document/chapters.html",
        lambda shown: {
            "tables": document_page.tables(shown),
            "expected": council.expected(shown),
            "chapters": LEFT_OUT,
        },
        2100,
    ),
}
#: of a budget over its years
OF_BUDGET: Mapping[str, View] = {
    "evolution": View(
        N_("How it moved over the years"),
        "budget/all_years/evolution.html",
        lambda held: _evolution(evolution.build(held)),
        1900,
    ),
}
VIEWS: Mapping[str, View] = {**OF_DOCUMENT, **OF_BUDGET}
#: what is shown when the address names no view
DEFAULT_OF_DOCUMENT = ("chiffres", "depenses")
DEFAULT_OF_BUDGET = ("chiffres", "evolution")
#: of the heading and the source (pixels)
AROUND = 300


def offered(*, whole: bool) -> Sequence[str]:
    """The views of the page of a budget (``whole``), or of a document."""
    return tuple(VIEWS) if whole else tuple(OF_DOCUMENT)


def chosen(given: Given, *, whole: bool) -> Choice:
    """The choice that an address states, for the page of a budget (``whole``) or of a document."""
    default = DEFAULT_OF_BUDGET if whole else DEFAULT_OF_DOCUMENT
    return choice.read(given, offered(whole=whole), default, i18n.get_locales())


def height(views: Sequence[str]) -> int:
    """About how high a page is, in pixels, for those who can't follow it."""
    return AROUND + sum(VIEWS[name].height for name in views)


def of_document(document: BudgetDocument, chosen: Choice, embedded: addresses.Here) -> Page:
    """The page of a document."""
    package = reading.dataset(document.package_id)
    shown = document_page.read(document, core.documents_of(package["id"]), package, embedded)
    found = _views(chosen.views, shown, None)
    address = addresses.of_document(document, **LASTING)
    return {**document_page.identity(document), **found, **_frame(chosen, package, _named(document), address)}


def of_budget(budget: Budget, number: str, chosen: Choice, embedded: addresses.Here) -> Page:
    """The page of a budget: its years, and its latest document (``latest``: its name) for the views that show one."""
    package = reading.dataset(budget.latest.package_id)
    held = Held(number, budget, [], package, embedded)
    document = latest(budget)
    shown = None
    if document and set(chosen.views) & set(OF_DOCUMENT):
        own = package if document.package_id == package["id"] else reading.dataset(document.package_id)
        shown = document_page.read(document, core.documents_of(own["id"]), own, embedded)
    what = tk._("{name}, budgets and accounts").format(name=budget.name)
    if document:
        what = f"{what} ({tk._('latest: {document}').format(document=_version(document))})"
    return {
        **(document_page.identity(document) if document else {}),
        **_views(chosen.views, shown, held),
        **_frame(chosen, package, what, addresses.of_budget(number, **LASTING)),
        "name": budget.name,
        "title": tk._("The budget over the years"),
        "latest": state.title(document) if shown and document else None,
    }


def latest(budget: Budget) -> BudgetDocument | None:
    """The document in force that readers look for first: the last account, else the last initial budget."""
    in_force = budget.in_force
    accounts = [d for d in in_force if d.stage in ACCOUNTS]
    plans = [d for d in in_force if d.stage == "BP"]
    return (accounts or plans or in_force or [None])[-1]


def withdrawn(document: BudgetDocument, chosen: Choice) -> Page:
    """What the page of a withdrawn document says instead."""
    told = withdrawal.said(document)
    return {
        **bare(chosen, tk._("{document}: document withdrawn").format(document=state.title(document)), document.name),
        "said": tk._("This document was withdrawn from the portal on {date}.").format(date=told["withdrawn"]),
        "reason": told["reason"],
        "canonical": addresses.of_version(document.id, **LASTING),
    }


def bare(chosen: Choice, title: str, name: str | None, said: str = "", address: str | None = None) -> Page:
    """A page without figures; ``address``: of the portal's page that says more."""
    return {
        **_look(chosen),
        "title": title,
        "name": name,
        "said": said,
        "reason": "",
        "canonical": address,
        "site": _site(),
    }


def _views(names: Sequence[str], shown: Shown | None, held: Held | None) -> Page:
    """What the chosen sections show, their ``templates`` in order, and in ``untold`` the names of those that have
    nothing to show."""
    page: Page = {"templates": [], "untold": []}
    if shown:
        page |= {"said": shown.said, "document_id": shown.document.id, "links": {}}
    for name in names:
        given = held if name in OF_BUDGET else shown
        built = VIEWS[name].build(given) if given else None
        if built is None:
            page["untold"].append(tk._(VIEWS[name].name))
        else:
            page |= built
            page["templates"].append(VIEWS[name].template)
    return page


def _evolution(built: Page | None) -> Page | None:
    return None if built is None else {"evolution": {**built, "exports": {}}}


def _frame(chosen: Choice, package: Mapping[str, Any], what: str, address: str) -> Page:
    """Around the views: look, logo, source."""
    return {
        **_look(chosen),
        "logo": logo(package) if chosen.logo else None,
        "what": what,
        "licence": package.get("license_title"),
        "canonical": address,
        "site": _site(),
    }


def _look(chosen: Choice) -> Page:
    style = f":root{{--budget-accent:{chosen.accent}}}" if chosen.accent else ""
    return {"style": style, "ignored": chosen.ignored}


def logo(package: Mapping[str, Any]) -> Page | None:
    """The image of the organisation (``url``, ``alt``), only when the portal itself serves it: what another site could
    change, or watch, has no place on the page of a commune."""
    owner = package.get("owner_org")
    if not owner:
        return None
    found = tk.get_action("organization_show")(
        Context(user=""), {"id": owner, "include_users": False, "include_dataset_count": False}
    )
    url = found.get("image_display_url") or ""
    parts, site = urlsplit(url), urlsplit(tk.config["ckan.site_url"])
    if not url or (parts.netloc and parts.netloc != site.netloc):
        return None
    return {"url": parts._replace(scheme="", netloc="").geturl(), "alt": found.get("title") or found["name"]}


def _named(document: BudgetDocument) -> str:
    return f"{document.name}, {_version(document)}"


def _version(document: BudgetDocument) -> str:
    version = tk._("version of {date}").format(date=history.day_of(document))
    return f"{state.title(document)}, {version}"


def _site() -> str:
    return tk.config.get("ckan.site_title") or urlsplit(tk.config["ckan.site_url"]).netloc
