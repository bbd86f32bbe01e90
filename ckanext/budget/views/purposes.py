"""«What is the money spent on?»: by service, by official function, by nature, of a hundred euros; down to the lines.

The state is in the address, so that every view works without scripts and can be sent to somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk

from ckanext.budget import rules
from ckanext.budget.figures import charts, tree
from ckanext.budget.figures.tree import NONE, Node
from ckanext.budget.figures.values import Inhabitants
from ckanext.budget.views import inhabitants, official, purpose_choice, purpose_lines, wording
from ckanext.budget.views.purpose_choice import Choice

if TYPE_CHECKING:
    from ckanext.budget.views.document_page import Shown

Page = dict[str, Any]
#: of the section, in the page at its own address (its ids begin with «b»)
ANCHOR = "b-purposes"


def build(shown: Shown) -> Page:
    """``tabs``, ``sections`` and ``trail`` (links), ``rows`` of the piece that is open, its ``total``; ``why_not`` says
    why there is no view by service; ``hundred`` holds the rows of «of 100 €»."""
    functions = tree.has_functions(shown.by_function, shown.known, rules.categories())
    choice = purpose_choice.read(tk.request.args, "service" if functions else "nature")
    people = inhabitants.of_document(shown.document, shown.known)
    page = {
        "choice": choice,
        "tabs": _tabs(shown, choice, functions=functions),
        "sections": _sections(shown, choice),
        "people": people,
        "why_not": None,
    }
    if not functions and choice.view in ("service", "fonction"):
        nature = _url(shown, choice.to_query(view="nature"))
        return {**page, "why_not": _why_not(shown), "nature": nature, "rows": [], "trail": [], "hundred": None}
    root = _tree(shown, choice, people, functions=functions)
    if choice.view == "cent":
        return {**page, **_hundred(shown, choice, root, functions=functions)}
    return {**page, **_opened(shown, choice, root)}


def _tree(shown: Shown, choice: Choice, people: Inhabitants | None, *, functions: bool) -> Node:
    groups, known = shown.by_function, shown.known
    if choice.view == "nature" or not functions:
        return tree.by_chapter(groups, known, section=choice.section, inhabitants=people)
    categories = rules.categories()
    if choice.view == "fonction":
        return tree.by_function(groups, known, section=choice.section, categories=categories, inhabitants=people)
    return tree.by_category(
        groups, known, section=choice.section, categories=categories, inhabitants=people, lang=tk.h.lang()
    )


# -- the piece that is open


def _opened(shown: Shown, choice: Choice, root: Node) -> Page:
    nodes = purpose_choice.walk(root, choice.path)
    here, path = nodes[-1], tuple(node.code for node in nodes[1:])
    lines = purpose_lines.Links(shown, choice.section)
    drawn = charts.bars([child.amount for child in here.children])
    rows = [
        {
            "label": name(child),
            "node": child,
            "url": _down(shown, choice, child, nodes, lines),
            "to_lines": not child.children,
            "bar": bar,
            "rank": nodes[1].rank if len(nodes) > 1 else child.rank,
        }
        for child, bar in zip(here.children, drawn, strict=True)
    ]
    return {
        "rows": rows,
        "here": here,
        "name": name(here) if path else tk._("All expenditure"),
        "column": _column(here),
        "trail": _trail(shown, choice, nodes),
        "lines": lines.of(nodes) if path else None,
        "lost": len(path) < len(choice.path),
        "partial": choice.view == "service" and root.find(NONE) is not None,
        "official": official.of(shown, choice.section, choice.view, nodes) if path else None,
        "hundred": None,
    }


def _down(shown: Shown, choice: Choice, child: Node, nodes: Sequence[Node], lines: purpose_lines.Links) -> str | None:
    """To the pieces of a piece; of the last one, to its lines."""
    if child.children:
        codes = tuple(node.code for node in [*nodes[1:], child])
        return _url(shown, choice.to_query(path=codes))
    return lines.of([*nodes, child])


def _trail(shown: Shown, choice: Choice, nodes: Sequence[Node]) -> list[Page]:
    """«Everything ▸ Education ▸ …»: each but the last is a link."""
    codes = [node.code for node in nodes[1:]]
    names = [tk._("Everything"), *(name(node) for node in nodes[1:])]
    return [
        {"name": said, "url": _url(shown, choice.to_query(path=tuple(codes[:depth]))) if depth < len(codes) else None}
        for depth, said in enumerate(names)
    ]


def name(node: Node) -> str:
    """What a piece is called: the plan's label after its code, a category's own words."""
    if node.kind == "category":
        return tk._("No known function in the file") if node.code == NONE else node.label
    if node.kind == "function" and node.code in ("", NONE):
        return tk._("Not allocated to a function")
    return f"{node.code} {node.label}".strip()


def _column(here: Node) -> str:
    kind = here.children[0].kind if here.children else here.kind
    return {
        "category": tk._("Service"),
        "function": tk._("Function"),
        "chapter": tk._("Chapter"),
        "account": tk._("Account"),
    }.get(kind, tk._("Account"))


# -- of a hundred euros


def _hundred(shown: Shown, choice: Choice, root: Node, *, functions: bool) -> Page:
    parts = tree.per_hundred(root)
    view = "service" if functions else "nature"
    drawn = charts.bars([euros for _, euros in parts or []])
    rows = [
        {
            "label": name(node),
            "euros": euros,
            "url": _url(shown, choice.to_query(view=view, path=(node.code,))),
            "bar": bar,
            "rank": node.rank,
        }
        for (node, euros), bar in zip(parts or [], drawn, strict=True)
    ]
    return {"hundred": rows, "rows": [], "trail": [], "here": root, "column": _column(root)}


# -- links


def _tabs(shown: Shown, choice: Choice, *, functions: bool) -> list[Page]:
    names = {
        "service": tk._("By service (function)"),
        "fonction": tk._("By official function"),
        "nature": tk._("By nature"),
        "cent": tk._("Of 100 €"),
    }
    wanted = [view for view in names if functions or view != "fonction"]
    return [
        {"name": names[view], "url": _url(shown, choice.to_query(view=view)), "current": view == choice.view}
        for view in wanted
    ]


def _sections(shown: Shown, choice: Choice) -> list[Page]:
    norm = shown.document.nomenclature
    names = {
        "": tk._("Both sections"),
        "F": wording.section_name("F", norm),
        "I": wording.section_name("I", norm),
    }
    return [
        {"name": names[s], "url": _url(shown, choice.to_query(section=s)), "current": s == choice.section}
        for s in names
    ]


def _url(shown: Shown, query: dict[str, str]) -> str:
    return shown.here(ANCHOR, query)


def _why_not(shown: Shown) -> str:
    if rules.categories().norm(shown.known.nomenclature) is None:
        words = tk._(
            "The chart of accounts {nomenclature} has no functions: lines do not say which service they pay."
        )
        return words.format(nomenclature=wording.nomenclature(shown.known.nomenclature))
    return tk._("This file gives no function to its lines: it does not say which service they pay.")
