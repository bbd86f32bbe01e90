"""The glossary: what each word of a budget means, in at most 40 words, and the official text it comes from."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

GLOSSARY = Path(__file__).parent / "glossary.json"
SCHEMA = Path(__file__).parent / "glossary.schema.json"


@dataclass(frozen=True)
class Term:
    """A word in one language. ``id`` is its lasting anchor, ``see`` the ids of related words, ``source`` is French."""

    id: str
    name: str
    definition: str
    source: str
    see: tuple[str, ...]

    @property
    def letter(self) -> str:
        """What it is filed under: a letter without accent, or ``0-9``."""
        first = _plain(self.name)[:1]
        return first.upper() if first.isalpha() else "0-9"


def language(locale: str | None) -> str:
    """The language of the glossary for a locale of CKAN: ``fr`` (also when there is none), or ``en`` for all others."""
    return "fr" if (locale or "fr").split("_", maxsplit=1)[0].split("-", maxsplit=1)[0] == "fr" else "en"


@lru_cache(maxsize=1)
def data() -> dict[str, Any]:
    """The whole file: ``version``, ``articles`` (which numbering they are cited in) and ``terms``."""
    return json.loads(GLOSSARY.read_text(encoding="utf-8"))


@lru_cache(maxsize=2)
def terms(lang: str) -> dict[str, Term]:
    """Every word of a language (``fr`` or ``en``) by id, in alphabetical order."""
    made = [_term(raw, lang) for raw in data()["terms"]]
    return {term.id: term for term in sorted(made, key=lambda t: _plain(t.name))}


def by_letter(found: Iterable[Term]) -> Sequence[tuple[str, list[Term]]]:
    """Words grouped by letter, in the order of their names."""
    return [(letter, list(group)) for letter, group in groupby(found, key=lambda t: t.letter)]


def search(found: Iterable[Term], text: str) -> list[Term]:
    """Words whose name or definition holds every piece of ``text`` (accents and case apart), names first."""
    pieces = _plain(text).split()
    kept = [t for t in found if all(p in _plain(f"{t.name} {t.definition}") for p in pieces)]
    return sorted(kept, key=lambda t: not all(p in _plain(t.name) for p in pieces))


def _term(raw: dict[str, Any], lang: str) -> Term:
    said = raw[lang]
    return Term(raw["id"], said["name"], said["definition"], raw["source"], tuple(raw["see"]))


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.replace("’", "'").lower())
    return "".join(c for c in bare if not unicodedata.combining(c))
