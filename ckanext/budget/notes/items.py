"""What a text may be pinned to, and how it may be written. Faults are :class:`UnfitError`, with a code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import html

STAGES = ("", "BP", "BS", "DM", "CA", "CFU")
#: items with a code; beside them «headline», and the empty item: the document, the year or the budget itself
KINDS = ("category", "function", "chapter", "account")
#: longest text, in characters
LONGEST = 1000

_ITEM = re.compile(rf"(?:headline|(?:{'|'.join(KINDS)}):[A-Za-z0-9_-]{{1,40}})?")
_MARKUP = re.compile(r"<(?!https?://|mailto:)[a-zA-Z/!?]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_TAGS = {"p", "strong", "em", "b", "i", "a", "ul", "ol", "li", "br"}
_ADDRESS = re.compile(r"(?:https?://|mailto:)\S", re.IGNORECASE)

FAULTS = ("exercice", "stage", "dm_number", "item", "empty", "long", "markup", "tags", "address")


class UnfitError(ValueError):
    """Something that can't be pinned: ``code`` is one of ``FAULTS``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Place:
    """Where a text is pinned in a budget: ``exercice`` 0 is every year, an empty ``stage`` every stage of it."""

    exercice: int = 0
    stage: str = ""
    dm_number: int = 0
    item: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Place:
        """From the parameters of an action or of an address."""
        year, stage = _whole(given.get("exercice"), "exercice"), str(given.get("stage") or "").upper()
        number, item = _whole(given.get("dm_number"), "dm_number"), str(given.get("item") or "")
        if year and not 1980 <= year <= 2100:
            raise UnfitError("exercice")
        if stage not in STAGES or (stage and not year):
            raise UnfitError("stage")
        if number and stage != "DM" or not 0 <= number <= 999:
            raise UnfitError("dm_number")
        if not _ITEM.fullmatch(item):
            raise UnfitError("item")
        return cls(year, stage, number, item)

    def covers(self, other: Place) -> bool:
        """Whether a text pinned here is also said there (the item is the same): its year, its stage, or all of them."""
        if self.exercice and self.exercice != other.exercice:
            return False
        return not self.stage or (self.stage, self.dm_number) == (other.stage, other.dm_number)


def _whole(value: Any, code: str) -> int:
    text = str(value if value not in (None, "") else 0).strip()
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise UnfitError(code)
    return int(text)


def clean(text: Any) -> str:
    """A text as it is kept: its line ends alike, without control characters; Markdown only, of a few sentences."""
    if not isinstance(text, str):
        raise UnfitError("empty")
    if len(text) > 4 * LONGEST:
        raise UnfitError("long")
    kept = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not kept:
        raise UnfitError("empty")
    if len(kept) > LONGEST:
        raise UnfitError("long")
    if _MARKUP.search(kept):
        raise UnfitError("markup")
    return kept


def check_rendered(rendered: str) -> None:
    """Refuse what Markdown made of a text when it holds more than paragraphs, emphasis, lists and links to pages."""
    for element in html.fragment_fromstring(rendered or "<p></p>", create_parent="div").iter():
        if element.tag not in (*_TAGS, "div"):
            raise UnfitError("tags")
        if element.tag == "a" and not _ADDRESS.match(element.get("href") or ""):
            raise UnfitError("address")
