"""oEmbed 1.0 (https://oembed.com): what a permanent address of ours becomes on a site that embeds it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree as ET

import ckan.plugins.toolkit as tk
from werkzeug.datastructures import MultiDict

from ckanext.budget.embed import code, pages
from ckanext.budget.embed.choice import LANGUAGES, Choice, Given
from ckanext.budget.registry.budgets import Budget
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses
from ckanext.budget.views.citation import LASTING

#: seconds that a consumer may keep an answer
CACHE = 3600
#: pixels, when the consumer says nothing
WIDTH = 800
#: of an address with more, none is read
MOST_PARAMETERS = 50
_PATH = re.compile(
    r"(?:/[\w-]+)*?/budgets/([0-9]{14}|[0-9]{9})(?:/([0-9]{4})/(bp|bs|cfu|ca|dm(?:-[0-9]{1,4})?))?(?:/integrer)?/?",
    re.ASCII,
)
#: what else the address of an embedded page may state: where the reader is in it
_STATE = ("vue", "section", "chemin", "euros", "par", "bloc")


class Asked(NamedTuple):
    """What an address names: ``etape`` is None for a budget over its years; ``given`` are the parameters of the
    address."""

    number: str
    exercice: int
    etape: str | None
    language: str
    given: Given

    @property
    def chosen(self) -> Choice:
        """What the address chooses; its language too, when only its beginning says it (``/en/``)."""
        found = pages.chosen(self.given, whole=self.etape is None)
        return found if found.language else Choice(found.views, found.colour, found.logo, self.language)


def read(url: str) -> Asked | None:
    """What an address of this portal names; None for any other."""
    try:
        parts, site = urlsplit(url), urlsplit(tk.config["ckan.site_url"])
    except ValueError:  # «https://[»
        return None
    found = _PATH.fullmatch(parts.path)
    if not found or parts.scheme not in ("http", "https") or parts.netloc.lower() != site.netloc.lower():
        return None
    given: Given = MultiDict(parse_qs(parts.query) if parts.query.count("&") < MOST_PARAMETERS else {})
    spoken = next((part for part in parts.path.split("/")[1:3] if part in LANGUAGES), "")
    language = given.get("langue", "") if given.get("langue") in LANGUAGES else spoken
    return Asked(found[1], int(found[2] or 0), found[3], language, given)


def answer(asked: Asked, found: Budget | BudgetDocument, maxwidth: str, maxheight: str) -> dict[str, Any]:
    """The answer for what was found; limits that are no numbers are left out."""
    chosen = asked.chosen
    name = code.name_of(found)
    query = {**chosen.to_query(), **{key: asked.given[key] for key in _STATE if key in asked.given}}
    width = min(WIDTH, _number(maxwidth) or WIDTH)
    high = pages.height(chosen.views)
    height = min(high, _number(maxheight) or high)
    address = f"{code.address(asked.number, found)}?{urlencode(query)}"
    return {
        "version": "1.0",
        "type": "rich",
        "title": name,
        "author_name": found.name,
        "author_url": addresses.of_budget(asked.number, **LASTING),
        "provider_name": tk.config.get("ckan.site_title") or urlsplit(tk.config["ckan.site_url"]).netloc,
        "provider_url": tk.h.url_for("home.index", **LASTING),
        "cache_age": CACHE,
        "html": str(code.frame(address, name, width, height)),
        "width": width,
        "height": height,
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _to_json(made: Mapping[str, Any]) -> bytes:
    return json.dumps(made, ensure_ascii=False).encode()


def _to_xml(made: Mapping[str, Any]) -> bytes:
    root = ET.Element("oembed")
    for name, value in made.items():
        ET.SubElement(root, name).text = _CONTROL.sub("", str(value))
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


#: what XML 1.0 can't hold
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FORMATS: Mapping[str, Callable[[Mapping[str, Any]], bytes]] = {"json": _to_json, "xml": _to_xml}
TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
