"""How to cite a page: one sentence and an address that lasts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk

from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses, history, state, wording

if TYPE_CHECKING:
    from ckanext.budget.views.budget_page import Held
    from ckanext.budget.views.document_page import Shown

#: addresses that are shown or given to machines do not depend on the reader's language
LASTING = {"_external": True, "locale": "default"}


def of_document(shown: Shown) -> dict[str, Any]:
    """``sentence`` and ``address`` of the page; ``version``, the address of this very version; ``embed``, where the
    code to put it on another site is made (None when nobody could read it there)."""
    document = shown.document
    version = tk._("version of {date}").format(date=history.day_of(document))
    what = f"{document.name}, {state.title(document)} ({version})"
    return {
        **_cited(what, shown.package, addresses.of_document(document, **LASTING)),
        "version": addresses.of_version(document.id, **LASTING),
        "embed": tk.h.url_for("budget_pages.code_of_document", **addresses.parts(document))
        if may_be_embedded(document, shown.package)
        else None,
    }


def of_budget(held: Held) -> dict[str, Any]:
    """``sentence`` and ``address`` of the page of a budget; ``embed`` as above."""
    what = tk._("{name}, budgets and accounts").format(name=held.name)
    embed = tk.h.url_for("budget_pages.code_of_budget", number=held.number)
    return {
        **_cited(what, held.package, address_of_budget(held.number)),
        "embed": embed if held.budget and is_public(held.package) else None,
    }


def may_be_embedded(document: BudgetDocument, package: Mapping[str, Any]) -> bool:
    """Whether a document is public, at the permanent address of its étape."""
    return bool(document.siret) and document.status == "converted" and is_public(package)


def is_public(package: Mapping[str, Any]) -> bool:
    """Whether anyone may read a dataset."""
    return not package.get("private") and package.get("state", "active") == "active"


def oembed(address: str) -> list[tuple[str, str]]:
    """Type and address of what a site that embeds a page asks for (alternates of the page)."""
    return [
        (f"{kind}+oembed", tk.h.url_for("budget_pages.oembed_answer", url=address, format=name, **LASTING))
        for kind, name in (("application/json", "json"), ("text/xml", "xml"))
    ]


def address_of_budget(number: str) -> str:
    """The address of a budget, to be kept."""
    return addresses.of_budget(number, **LASTING)


def _cited(what: str, package: Mapping[str, Any], address: str) -> dict[str, Any]:
    today = wording.date(dt.datetime.now(dt.timezone.utc).date(), tk.h.lang())
    parts = [what, tk.config["ckan.site_title"], package.get("license_title") or ""]
    consulted = tk._("consulted on {date}").format(date=today)
    return {"sentence": f"{'. '.join(part for part in parts if part)}. {address} ({consulted}).", "address": address}
