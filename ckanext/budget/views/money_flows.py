"""«From receipts to expenditure»: both sides of a document, equal; as tables with bars, and as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk

from ckanext.budget import rules
from ckanext.budget.figures import charts, flows, tree
from ckanext.budget.figures.categories import UNALLOCATED
from ckanext.budget.figures.flows import Flow, Flows
from ckanext.budget.figures.tree import NONE
from ckanext.budget.messages import N_
from ckanext.budget.views import drawings, flow_links, view_export, wording

if TYPE_CHECKING:
    from ckanext.budget.views.document_page import Shown

Page = dict[str, Any]
ANCHOR = "b-flows"
#: value of ``flux`` in the address: how expenditure is told
SERVICE, NATURE = "service", "nature"

NAMES = {
    "taxes": N_("Taxes"),
    "grants": N_("State grants and contributions"),
    "services": N_("Services paid by users"),
    "property": N_("Rents and other current receipts"),
    "sales": N_("Sales of assets"),
    "other_operating": N_("Other operating receipts"),
    "loans": N_("New loans"),
    "investment_grants": N_("Investment grants received"),
    "funds": N_("VAT refunded, planning tax"),
    "other_investment": N_("Other investment receipts"),
    UNALLOCATED: N_("Not allocated to a service, without the debt"),
    "capital": N_("Capital of the debt repaid"),
    "interest": N_("Interest and financial charges"),
    "surplus": N_("Surplus"),
    "reserves": N_("Results of the years before, used"),
    "need": N_("Need of financing"),
    "correction": N_("Corrections (negative amounts)"),
}


def build(shown: Shown) -> Page | None:
    """``sources`` and ``uses`` (rows), their ``total``, ``said`` (sentences), ``negative`` (names), ``tabs``, the
    ``drawing`` and the ``export``; None for a variation, or without any amount."""
    functions = tree.has_functions(shown.by_function, shown.known, rules.categories())
    by = NATURE if not functions or tk.request.args.get("flux") == NATURE else SERVICE
    found = flows.of_document(
        shown.by_function,
        shown.known,
        categories=rules.categories() if by == SERVICE else None,
        lang=tk.h.lang(),
    )
    if found is None:
        return None
    links = flow_links.Links(shown)
    sides = {"sources": found.sources, "uses": found.uses}
    bars = iter(charts.bars([flow.amount for side in sides.values() for flow in side]))
    rows = {name: [{**_row(flow, found, links), "bar": next(bars)} for flow in side] for name, side in sides.items()}
    tabs = [_tab(shown, view, by) for view in (SERVICE, NATURE)] if functions else []
    query = {"flux": by} if by == NATURE and functions else {}
    titles = [tk._("From receipts to expenditure"), next((tab["name"] for tab in tabs if tab["current"]), "")]
    return {
        **rows,
        "by": by,
        "total": found.total,
        "said": _said(shown, found),
        "negative": [name(flow) for flow in found.negative],
        "shares": {name: all(flow.amount > 0 for flow in side) for name, side in sides.items()},
        "tabs": tabs,
        "drawing": _drawing(shown, found, links),
        "export": view_export.of_document(shown, "flux", titles, query, ANCHOR, words=[by]),
    }


def name(flow: Flow) -> str:
    """What a flow is called."""
    if flow.kind == "others":
        return tk._("{n} smaller items").format(n=flow.count)
    if flow.key == NONE:
        return tk._("No known function in the file")
    if flow.kind == "category" and flow.key != UNALLOCATED:
        return flow.label
    if flow.kind == "chapter":
        return f"{flow.key} {flow.label}".strip()
    return tk._(NAMES[flow.key])


def _row(flow: Flow, found: Flows, links: flow_links.Links) -> Page:
    return {
        "label": name(flow),
        "code": flow.key if flow.kind == "chapter" else "",
        "amount": flow.amount,
        "share": flow.amount / found.total if found.total > 0 and flow.amount > 0 else None,
        "kind": flow.kind,
        "rank": flow.rank,
        "url": links.of(flow),
    }


def _drawing(shown: Shown, found: Flows, links: flow_links.Links) -> Page:
    left, right = found.drawn()
    whole = flows.total(left)
    sides = [[{**_row(flow, found, links), "share": flow.amount / whole} for flow in side] for side in (left, right)]
    middle = tk._("Budget {year}").format(year=shown.document.exercice)
    return drawings.sankey(middle, whole, *sides)


def _tab(shown: Shown, view: str, by: str) -> Page:
    names = {SERVICE: tk._("Expenditure by service"), NATURE: tk._("Expenditure by nature")}
    query = {"flux": NATURE} if view == NATURE else {}
    return {"name": names[view], "url": shown.here(ANCHOR, query), "current": view == by}


def _said(shown: Shown, found: Flows) -> list[str]:
    """What makes both sides equal, in sentences."""
    account = shown.known.account
    receipts, expenditure = (_amount(flows.total(side)) for side in (found.receipts, found.expenditure))
    words = (
        tk._("In {year}, {receipts} were received and {expenditure} spent.")
        if account
        else tk._("For {year}, {receipts} of receipts and {expenditure} of expenditure are planned.")
    )
    year = shown.document.exercice
    return [words.format(year=year, receipts=receipts, expenditure=expenditure), *_difference(found)]


def _difference(found: Flows) -> Sequence[str]:
    if found.surplus:
        words = tk._(
            "The difference, {amount}, is a surplus: it covers what the years before lack, or is kept for the next."
        )
        return [words.format(amount=_amount(found.surplus))]
    told: list[str] = []
    if found.reserves:
        words = tk._("What is missing, {amount}, comes from the results of the years before.")
        told.append(words.format(amount=_amount(found.reserves)))
    if found.need:
        words = tk._("Nothing in this document covers {amount}: it is a need of financing.")
        told.append(words.format(amount=_amount(found.need)))
    return told


def _amount(value: Decimal) -> str:
    return wording.amount(value, tk.h.lang())
