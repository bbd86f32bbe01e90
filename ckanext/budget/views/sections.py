"""The sections of the document page and of the budget page, in reading order.

To add one: a template ``templates/budget/document/{name}.html`` (or ``budget/{name}.html``, see ``BUDGET``), one entry
here, and, if it shows something that the page does not hold yet, a function that builds it: its answer is
``page[name]``, and None leaves the section out. Headings are ``<h{{ depth + 1 }}>``: the page's own title is ``h1``
alone and ``h2`` in a resource view.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ckanext.budget.views import (
    budget_grid,
    chapters,
    citation,
    council,
    evolution,
    headline_figures,
    money_flows,
    purposes,
    ratios,
)

if TYPE_CHECKING:
    from ckanext.budget.views.budget_page import Held
    from ckanext.budget.views.document_page import Shown


class Section(NamedTuple):
    """A section of the document page: its template, and what builds ``page[name]`` (None: the page holds it)."""

    name: str
    build: Callable[[Shown], Any] | None = None


class BudgetSection(NamedTuple):
    """A section of the page of a budget, all its years."""

    name: str
    build: Callable[[Held], Any] | None = None


#: templates/budget/document/{name}.html
DOCUMENT: Sequence[Section] = (
    Section("head"),
    Section("figures", headline_figures.build),
    Section("blocks"),
    Section("flows", money_flows.build),
    Section("purposes", purposes.build),
    Section("chapters", chapters.build),
    Section("council", council.build),
    Section("beside"),
    Section("ratios", ratios.build),
    Section("lines"),
    Section("controls"),
    Section("origin"),
    Section("history"),
    Section("cite", citation.of_document),
)

#: templates/budget/all_years/{name}.html
BUDGET: Sequence[BudgetSection] = (
    BudgetSection("head"),
    BudgetSection("evolution", evolution.build),
    BudgetSection("grid", budget_grid.build),
    BudgetSection("others"),
    BudgetSection("cite", citation.of_budget),
)


def build(shown: Shown) -> dict[str, Any]:
    """Of the document page: what its sections show, and ``sections``, the templates to include."""
    return _built("budget/document", DOCUMENT, shown)


def build_budget(held: Held) -> dict[str, Any]:
    """Of the page of a budget: what its sections show, and ``sections``, the templates to include."""
    return _built("budget/all_years", BUDGET, held)


def _built(folder: str, wanted: Sequence[Section] | Sequence[BudgetSection], given: Any) -> dict[str, Any]:
    made = {section.name: section.build(given) for section in wanted if section.build}
    kept = [section.name for section in wanted if made.get(section.name, True) is not None]
    return {**made, "sections": [f"{folder}/{name}.html" for name in kept]}
