"""Everyday words («cantine») and the official ones that labels use instead («restauration scolaire»), as data
(``data/synonyms.json``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from ckanext.budget.jsonfile import JsonFileError, plain, read
from ckanext.budget.territory import names

FILE = Path(__file__).parent / "data" / "synonyms.json"
SCHEMA = Path(__file__).parent / "synonyms.schema.json"


class Synonyms:
    """What to search besides what a person typed."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self.version: str = rules["version"]
        self.groups: Mapping[str, Sequence[str]] = {
            key(word): tuple(group["also"]) for group in rules["groups"] for word in group["words"]
        }

    def also(self, text: str) -> Sequence[str]:
        """The official words for a text, each to be found whole in a label; none when it is as good as they are."""
        asked = key(text)
        return [words for words in self.groups.get(asked, ()) if key(words) != asked]


def key(text: str) -> str:
    """A text without accents, case, punctuation nor plural."""
    return " ".join(word.rstrip("sx") or word for word in names.words(text))


def load(path: Path) -> Synonyms:
    """The synonyms of a file. Raises :class:`~ckanext.budget.jsonfile.JsonFileError`."""
    rules = read(path, SCHEMA)
    words = [key(word) for group in rules["groups"] for word in group["words"]]
    twice = next((word for word in words if words.count(word) > 1), None)
    if twice is not None:
        raise JsonFileError(f"{path}: $.groups: «{twice}» is there twice")
    return Synonyms(rules)


@lru_cache(maxsize=1)
def shipped() -> Synonyms:
    """The synonyms that ship."""
    return Synonyms(plain(FILE))
