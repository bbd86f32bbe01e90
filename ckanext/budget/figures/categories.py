"""Functions in plain words: the fourteen categories, and which function codes go in each (domain notes, §5d).

The mapping is data (``data/categories.json``), which a portal may replace; the longest prefix that fits a code wins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ckanext.budget.jsonfile import JsonFileError, plain, read

FILE = Path(__file__).parent / "data" / "categories.json"
SCHEMA = Path(__file__).parent / "categories.schema.json"

#: key of what a norm does not allocate; every file of categories has it
UNALLOCATED = "unallocated"


@dataclass(frozen=True)
class Category:
    """A category: its key (stable), its rank (0 first), its labels by language."""

    key: str
    rank: int
    labels: Mapping[str, str]

    def label(self, lang: str = "fr") -> str:
        """The label in a language, else in English."""
        return self.labels.get(lang[:2], self.labels["en"])


@dataclass(frozen=True)
class Norm:
    """How a norm's codes are read. ``prefixes``: beginning of a code → key."""

    prefixes: Mapping[str, str]
    strip: tuple[str, ...]
    unallocated: tuple[str, ...]
    reserved: tuple[str, ...]

    def function(self, code: str, *, by_function: bool) -> str | None:
        """The function of a code: in a vote by function, without the two digits of the chapter; None when the chapter
        is allocated to no function."""
        if not by_function:
            return code
        if code.startswith(self.strip):
            return code[2:]
        return None if code.startswith(self.unallocated) else code

    def category(self, code: str, *, by_function: bool) -> str | None:
        """Key of the category; None when no prefix fits (an unknown code)."""
        function = self.function(code, by_function=by_function)
        if not function:  # not allocated, or the heading of all functions
            return UNALLOCATED
        lengths = range(len(function), 0, -1)
        return next((self.prefixes[function[:n]] for n in lengths if function[:n] in self.prefixes), None)


class Categories:
    """The categories of a file that follows the schema."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self.version: str = rules["version"]
        self._by_key = {c["key"]: Category(c["key"], rank, c["label"]) for rank, c in enumerate(rules["categories"])}
        self.norms = {name: _norm(said) for name, said in rules["norms"].items()}

    def __iter__(self) -> Iterator[Category]:
        """Every category, in the order of the pages."""
        return iter(self._by_key.values())

    def __getitem__(self, key: str) -> Category:
        """The category of a key (KeyError when there is none)."""
        return self._by_key[key]

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def norm(self, nomenclature: str) -> Norm | None:
        """How the functions of a nomenclature (``M57_D``, ``M14_COM_SUP3500``, ``M57-M57_D``) are read; None when it
        has none (the M4 family, M61, an unknown norm)."""
        return self.norms.get(norm_of(nomenclature))

    def of(self, nomenclature: str, code: str | None, *, by_function: bool) -> Category | None:
        """The category of a function code; None without code, without functions in the norm, or for a code that the
        norm does not know."""
        norm = self.norm(nomenclature)
        if norm is None or not code:
            return None
        key = norm.category(code, by_function=by_function)
        return self._by_key[key] if key else None

    def reserved(self, nomenclature: str, code: str | None, *, by_function: bool) -> bool:
        """Whether a code is one that the norm keeps in reserve (M57, function 9): to be checked."""
        norm = self.norm(nomenclature)
        function = norm.function(code, by_function=by_function) if norm and code else None
        return bool(norm and function and norm.reserved and function.startswith(norm.reserved))


def norm_of(nomenclature: str) -> str:
    """``M57`` of ``M57_D`` or ``M57-M57_D``; ``M14`` of ``M14_COM_SUP3500``."""
    return nomenclature.partition("-")[0].partition("_")[0]


def _norm(said: Mapping[str, Any]) -> Norm:
    prefixes = {code: key for key, codes in said["prefixes"].items() for code in codes}
    voted = said["by_function"]
    return Norm(prefixes, tuple(voted["strip"]), tuple(voted["unallocated"]), tuple(said["reserved"]))


def load(path: Path) -> Categories:
    """The categories of a file. Raises :class:`~ckanext.budget.jsonfile.JsonFileError` (unreadable, not as the schema
    says, a category that does not exist, a code in two categories)."""
    rules = read(path, SCHEMA)
    _check(path, rules)
    return Categories(rules)


def _check(path: Path, rules: Mapping[str, Any]) -> None:
    keys = [c["key"] for c in rules["categories"]]
    if len(set(keys)) != len(keys) or UNALLOCATED not in keys:
        raise JsonFileError(f"{path}: $.categories: each key once, and “{UNALLOCATED}” among them")
    for name, norm in rules["norms"].items():
        seen: dict[str, str] = {}
        for key, codes in norm["prefixes"].items():
            if key not in keys:
                raise JsonFileError(f"{path}: $.norms.{name}.prefixes: there is no category “{key}”")
            for code in codes:
                if code in seen:
                    raise JsonFileError(f"{path}: $.norms.{name}: {code} is in “{seen[code]}” and in “{key}”")
                seen[code] = key


@lru_cache(maxsize=1)
def shipped() -> Categories:
    """The categories that ship."""
    return Categories(plain(FILE))
