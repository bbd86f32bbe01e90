"""From a flow to what it is made of: only where that adds up to the same amount."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from ckanext.budget import rules
from ckanext.budget.figures import flows
from ckanext.budget.figures.flows import SOURCES, Flow
from ckanext.budget.figures.groups import ZERO
from ckanext.budget.registry.line_table import Selection
from ckanext.budget.views import addresses, line_choice
from ckanext.budget.views.purpose_choice import Choice

if TYPE_CHECKING:
    from ckanext.budget.views.document_page import Shown

#: section and accounts of the debt
_DEBT = {"capital": ("I", "16"), "interest": ("F", "66")}
_PURPOSES = "b-purposes"


class Links:
    """Addresses of the lines of a flow, or of its piece of «what is the money spent on?»."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown

    def of(self, flow: Flow) -> str | None:
        """None when nothing adds up to the same (a flow of several kinds, a category without its debt)."""
        if flow.kind == "source":
            return self._source(flow)
        if flow.kind in _DEBT:
            section, account = _DEBT[flow.kind]
            return self._lines("D", section, account, flow)
        if flow.kind in ("category", "chapter"):
            return self._piece(flow)
        return None

    def _source(self, flow: Flow) -> str | None:
        found = [(s, account) for s, rules_ in SOURCES.items() for account, key in rules_.items() if key == flow.key]
        return self._lines("R", *found[0], flow) if len(found) == 1 and found[0][1] else None

    def _lines(self, sense: str, section: str, account: str, flow: Flow) -> str | None:
        amount = self._shown.known.amount
        kept = sum(
            (
                g.amounts[amount]
                for g in self._shown.groups
                if (g.code_rd, g.section, g.ordre) == (sense, section, False) and g.nature.startswith(account)
            ),
            ZERO,
        )
        if kept != flow.amount:
            return None
        chosen = Selection(section=section, code_rd=sense, ordre=False, nature=account)
        return addresses.of_document(self._shown.document, "lines", **line_choice.Choice(chosen).to_query())

    def _piece(self, flow: Flow) -> str | None:
        if flow.kind == "category" and self._whole.get(flow.key) != flow.amount:
            return None  # its debt is elsewhere
        view = "service" if flow.kind == "category" else "nature"
        return self._shown.here(_PURPOSES, Choice(view, "", (flow.key,)).to_query())

    @cached_property
    def _whole(self) -> dict[str, Decimal]:
        """Each category of the section of the page, debt included."""
        spent = [g for g in self._shown.by_function if g.code_rd == "D" and g.real]
        return flows.by_category(spent, self._shown.known, rules.categories())
