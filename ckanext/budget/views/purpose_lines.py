"""From a piece of a breakdown to its lines: only when the table of lines, so filtered, adds up to the same amount."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ckanext.budget.figures.groups import ZERO, Group
from ckanext.budget.figures.tree import Node
from ckanext.budget.registry.line_table import Selection
from ckanext.budget.views import addresses, line_choice

if TYPE_CHECKING:
    from ckanext.budget.views.document_page import Shown


class Links:
    """Addresses of lines; filters are beginnings of codes, so that a code may bring others with it."""

    def __init__(self, shown: Shown, section: str) -> None:
        self._shown = shown
        self._section = section
        self._amount = shown.known.amount
        self._groups = [
            g for g in shown.by_function if g.code_rd == "D" and not g.ordre and section in ("", g.section)
        ]

    def of(self, nodes: Sequence[Node]) -> str | None:
        """The lines of the last of these pieces (each inside the one before, from the root)."""
        filters = {"nature": "", "fonction": "", "chapter": ""}
        for node in nodes[1:]:
            if node.kind == "account":
                filters["nature"] = node.code
            elif node.kind == "chapter":
                filters["chapter"] = node.code
            elif node.kind == "function" and not node.children:
                filters["fonction"] = node.code
            else:
                filters["fonction"] = " ".join(_functions(node))
        if any(len(text) > line_choice.MOST_TEXT for text in filters.values()) or not any(filters.values()):
            return None
        kept = sum((g.amounts[self._amount] for g in self._kept(filters)), ZERO)
        if kept != nodes[-1].amount:
            return None
        chosen = Selection(
            section=self._section,
            code_rd="D",
            ordre=False,
            nature=filters["nature"],
            fonction=filters["fonction"],
            chapter=filters["chapter"],
        )
        return addresses.of_document(self._shown.document, "lines", **line_choice.Choice(chosen).to_query())

    def _kept(self, filters: dict[str, str]) -> Iterator[Group]:
        nature, fonction = (tuple(filters[name].split()) for name in ("nature", "fonction"))
        for g in self._groups:
            if filters["chapter"] and g.chapter != filters["chapter"]:
                continue
            if (not nature or g.nature.startswith(nature)) and (not fonction or g.fonction.startswith(fonction)):
                yield g


def _functions(node: Node) -> list[str]:
    """Codes of the functions of a piece, without those that another one begins."""
    if node.kind == "function" and all(child.kind != "function" for child in node.children):
        return [node.code] if node.code else []
    codes = sorted({child.code for child in node.children if child.kind == "function" and child.code})
    kept: list[str] = []
    for code in codes:
        if not kept or not code.startswith(kept[-1]):
            kept.append(code)
    return kept
