"""A view of a page, to be taken away: what its files say of themselves (title, source, date, address) and their links.

The CSV and XLSX are routes (:mod:`ckanext.budget.views.view_routes`); the SVG and PNG are drawn by ``exports.js`` from
the same words (template ``budget/snippets/export.html``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import ckan.plugins.toolkit as tk

from ckanext.budget.registry.budgets import etape_of
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.territory import names
from ckanext.budget.views import addresses, history, state, wording
from ckanext.budget.views.citation import LASTING

if TYPE_CHECKING:
    from ckanext.budget.views.document_page import Shown

#: how a view is downloaded without scripts
EXTENSIONS = ("csv", "xlsx")
_LONGEST = 60


class Export(NamedTuple):
    """``title``, ``source``, ``date`` and ``address`` are sentences; ``name`` is that of its files, without extension;
    ``urls`` by extension."""

    title: str
    source: str
    date: str
    address: str
    name: str
    urls: Mapping[str, str]

    @property
    def about(self) -> list[str]:
        """What is written in every file."""
        return [self.title, self.source, self.date, self.address]


def of_document(
    shown: Shown,
    view: str,
    titles: Sequence[str],
    query: Mapping[str, str],
    anchor: str,
    *,
    words: Sequence[str] = (),
) -> Export:
    """A view of a document. ``view`` is its name in the address, ``query`` its state, ``words`` what its files' name
    says of that state."""
    document = shown.document
    source = tk._("{portal}; file deposited by the collectivité, version of {date}").format(
        portal=tk.config["ckan.site_title"], date=history.day_of(document)
    )
    return Export(
        f"{' · '.join(title for title in titles if title)} – {document.name}, {state.title(document)}",
        tk._("Source: {source}").format(source=source),
        _date(),
        _address(addresses.of_document(document, "document", _anchor=anchor, **query, **LASTING)),
        file_name(*_identity(document), view, *words),
        {e: addresses.of_document(document, "view", name=view, extension=e, **query) for e in EXTENSIONS},
    )


def of_portal(title: str, source: str, address: str, name: str, urls: Mapping[str, str]) -> Export:
    """A view of several documents; ``source`` says which."""
    told = tk._("Source: {source}").format(source=f"{tk.config['ckan.site_title']}{tk._('; ')}{source}")
    return Export(title, told, _date(), _address(address), name, urls)


def file_name(*parts: str) -> str:
    """«21550901900018-2022-ca-depenses-service-education»: it says what the file is."""
    return "-".join("-".join(names.words(part))[:_LONGEST].strip("-") for part in parts if part)


def _identity(document: BudgetDocument) -> list[str]:
    """SIRET (or name), exercice and étape; a version that is not in force says which it is."""
    who = document.siret or document.name
    version = [] if document.status == "converted" else [f"version {document.id[:8]}"]
    return [who, str(document.exercice), etape_of(document.stage, document.dm_number), *version]


def _date() -> str:
    today = wording.date(dt.datetime.now(dt.timezone.utc).date(), tk.h.lang())
    return tk._("Made on {date}").format(date=today)


def _address(address: str) -> str:
    return tk._("Address: {address}").format(address=address)
