"""The official function beside a category in plain words: its amount to the cent, and what each leaves to the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk

from ckanext.budget import rules
from ckanext.budget.figures import formulas, tree
from ckanext.budget.figures.categories import Categories, Norm
from ckanext.budget.figures.groups import ZERO
from ckanext.budget.figures.tree import Node
from ckanext.budget.views import purpose_choice

if TYPE_CHECKING:
    from ckanext.budget.views.document_page import Shown

Page = dict[str, Any]


def of(shown: Shown, section: str, view: str, nodes: Sequence[Node]) -> list[Page] | None:
    """For the category or the official function that is open: each function concerned, with its ``amount`` and, in
    ``apart``, the parts that plain words put elsewhere (``codes``, ``name`` of their category, ``amount``); ``near``
    names a category that readers look for there. None when there is nothing to say."""
    categories = rules.categories()
    norm = categories.norm(shown.known.nomenclature)
    if norm is None or view not in ("service", "fonction") or len(nodes) != 2:  # noqa: PLR2004
        return None
    key = nodes[1].code if view == "service" else norm.category(nodes[1].code, by_function=False)
    if key is None or key not in categories:
        return None
    digits = _digits(norm, key) if view == "service" else [nodes[1].code]
    root = tree.by_function(shown.by_function, shown.known, section=section, categories=categories)
    found = [_function(shown, section, root, digit, (key, norm, categories)) for digit in digits]
    return [page for page in found if page] or None


def _digits(norm: Norm, key: str) -> list[str]:
    """The official functions (first digits) that a category takes as a whole."""
    return sorted(code for code, to in norm.prefixes.items() if len(code) == 1 and to == key)


def _function(shown: Shown, section: str, root: Node, digit: str, rule: tuple[str, Norm, Categories]) -> Page | None:
    key, norm, categories = rule
    node, lang = root.find(digit), tk.h.lang()
    if node is None:
        return None
    elsewhere: dict[str, list[str]] = {}
    for code, to in norm.prefixes.items():
        if code[0] == digit and to != key:
            elsewhere.setdefault(to, []).append(code)
    query = purpose_choice.Choice("fonction", section, (digit,)).to_query()
    return {
        "code": digit,
        "label": node.label,
        "amount": node.amount,
        "url": shown.here("b-purposes", query),
        "apart": [
            {
                "codes": ", ".join(sorted(codes)),
                "name": categories[to].label(lang),
                "amount": _amount(shown, section, norm, codes),
            }
            for to, codes in elsewhere.items()
        ],
        "near": _near(shown, section, key, norm, categories),
    }


def _near(shown: Shown, section: str, key: str, norm: Norm, categories: Categories) -> Page | None:
    """Where what readers look for in education is: leisure centres are under youth."""
    codes = [code for code, to in norm.prefixes.items() if to == "youth"]
    if key != "education" or not codes or "youth" not in categories:
        return None
    said: Mapping[str, Any] = {"codes": ", ".join(sorted(codes)), "name": categories["youth"].label(tk.h.lang())}
    return {**said, "amount": _amount(shown, section, norm, codes)}


def _amount(shown: Shown, section: str, norm: Norm, codes: Sequence[str]) -> Decimal:
    """Expenditure of the functions that begin with these codes."""
    known, sections = shown.known, (section,) if section else ("F", "I")
    return sum(
        (
            g.amounts[known.amount]
            for g in shown.by_function
            if any(formulas.in_block(g, one, "D") for one in sections)
            and (norm.function(g.fonction, by_function=known.by_function) or "").startswith(tuple(codes))
        ),
        ZERO,
    )
