"""What whoever embeds a budget chooses, in the address: which views, which colour, the logo, the language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from ckanext.budget import colour

#: the parameters of an address
Given = MultiDict[str, str]

LANGUAGES = ("fr", "en")
#: longest value of the address that is repeated to the reader
MOST_TOLD = 60


@dataclass(frozen=True)
class Choice:
    """``views`` in the order in which they are shown; ``colour`` (``#rrggbb``) as it was asked and ``language`` are
    empty when nothing was chosen; ``ignored`` is what the address asked for that means nothing."""

    views: tuple[str, ...]
    colour: str = ""
    logo: bool = False
    language: str = ""
    ignored: tuple[str, ...] = ()

    @property
    def accent(self) -> str:
        """The colour, dark enough to be read on white; empty when none was chosen."""
        return colour.readable(self.colour) if self.colour else ""

    def to_query(self, **changes: Any) -> dict[str, str]:
        """The parameters of an address."""
        there = replace(self, **changes)
        every = {
            "vues": ",".join(there.views),
            "couleur": there.colour.removeprefix("#"),
            "logo": "oui" if there.logo else "",
            "langue": there.language,
        }
        return {name: value for name, value in every.items() if value}


def read(given: Given, offered: Collection[str], default: Sequence[str], languages: Collection[str]) -> Choice:
    """The choice that an address states; what it states wrongly is left out and told. ``offered`` are the views that
    the page has, ``default`` those that it shows when none is named; ``languages`` are those of the portal."""
    ignored: list[str] = []
    views: dict[str, None] = {}
    for name in _names(given.getlist("vues")):
        if name in offered:
            views[name] = None
        else:
            ignored.append(_told("vues", name))
    asked = {name: given.get(name, "").strip() for name in ("couleur", "logo", "langue")}
    chosen = colour.read(asked["couleur"]) or ""
    if asked["couleur"] and not chosen:
        ignored.append(_told("couleur", asked["couleur"]))
    if asked["logo"] not in ("", "oui", "non"):
        ignored.append(_told("logo", asked["logo"]))
    known = asked["langue"] in LANGUAGES and asked["langue"] in languages
    if asked["langue"] and not known:
        ignored.append(_told("langue", asked["langue"]))
    return Choice(
        tuple(views) or tuple(default),
        chosen,
        asked["logo"] == "oui",
        asked["langue"] if known else "",
        tuple(dict.fromkeys(ignored)),
    )


def _names(values: Iterable[str]) -> list[str]:
    return [name for value in values for name in value.replace(",", " ").split()]


def _told(name: str, value: str) -> str:
    return f"{name}={value[:MOST_TOLD]}"
