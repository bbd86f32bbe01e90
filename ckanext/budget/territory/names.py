"""Names of collectivités, compared as people write them: no accent, no case, no article, no «commune de»."""

from __future__ import annotations

import re
import unicodedata

from ckanext.budget.territory.model import Kind

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae"})
_WORD = re.compile(r"[a-z0-9]+")
_ARTICLES = frozenset(("de", "du", "des", "d", "la", "le", "les", "l", "et"))
#: first words that say what it is → the kinds they can mean, the longest first
_PREFIXES: tuple[tuple[tuple[str, ...], frozenset[Kind]], ...] = (
    (("communaute", "de", "communes"), frozenset(("cc",))),
    (("communaute", "d", "agglomeration"), frozenset(("ca",))),
    (("communaute", "agglomeration"), frozenset(("ca",))),
    (("communaute", "urbaine"), frozenset(("cu",))),
    (("com", "com"), frozenset(("cc",))),
    (("conseil", "departemental"), frozenset(("departement",))),
    (("conseil", "regional"), frozenset(("region", "collectivite_unique"))),
    (("metropole",), frozenset(("metropole",))),
    (("agglomeration",), frozenset(("ca",))),
    (("departement",), frozenset(("departement",))),
    (("region",), frozenset(("region", "collectivite_unique"))),
    (("commune",), frozenset(("commune",))),
    (("mairie",), frozenset(("commune",))),
    (("ville",), frozenset(("commune",))),
    (("cc",), frozenset(("cc",))),
    (("ca",), frozenset(("ca",))),
    (("cu",), frozenset(("cu",))),
    (("ept",), frozenset(("ept",))),
)


def words(name: str) -> list[str]:
    """The words of a name without accents, case or punctuation: ``L'Haÿ-les-Roses`` → l, hay, les, roses."""
    plain = name.casefold()
    if not plain.isascii():
        folded = unicodedata.normalize("NFKD", plain.translate(_LETTERS))
        plain = "".join(c for c in folded if not unicodedata.combining(c))
    found = _WORD.findall(plain)
    return ["saint" if w == "st" else "sainte" if w == "ste" else w for w in found]


def key(name: str) -> str:
    """The words of a name as one text, to be searched."""
    return " ".join(words(name))


def told(name: str) -> tuple[str, frozenset[Kind]]:
    """What a title names, articles apart, and the kinds that it can mean (empty: any).

    ``Communauté de communes du Pays de Sault`` → (``pays sault``, {cc}); ``Ville de Metz`` → (``metz``, {commune}).
    A title that only says the kind names nothing: ``Métropole`` → (``metropole``, {}).
    """
    found = words(name)
    for prefix, kinds in _PREFIXES:
        rest = _significant(found[len(prefix) :])
        if tuple(found[: len(prefix)]) == prefix and rest:
            return " ".join(rest), kinds
    return " ".join(_significant(found)), frozenset()


def _significant(found: list[str]) -> list[str]:
    return [word for word in found if word not in _ARTICLES]
