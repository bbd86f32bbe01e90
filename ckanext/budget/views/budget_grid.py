"""The documents of a budget as a grid, exercice × étape: what is in force, what it amounts to, what was withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk

from ckanext.budget.registry import budgets, headlines
from ckanext.budget.registry.budgets import Budget
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses, state, wording

if TYPE_CHECKING:
    from ckanext.budget.views.budget_page import Held

Page = dict[str, Any]


def build(held: Held) -> Page | None:
    """The grid of the page of a budget; None when the number names no budget of its own."""
    return of_budget(held.budget) if held.budget else None


def of_budget(budget: Budget) -> Page:
    """``stages`` (columns), ``rows`` (the latest year first; ``year``, ``cells``: lists of documents) and ``missing``,
    sentences on what is not there."""
    shown = _last_of_each(budget.documents)
    sums = headlines.of_documents([d.id for d in shown if d.status == "converted"])
    stages = budgets.stages(shown)
    years = sorted({d.exercice for d in shown}, reverse=True)
    return {
        "stages": [{"code": stage, "name": wording.stage_name(stage)} for stage in stages],
        "rows": [
            {
                "year": year,
                "cells": [
                    [_cell(d, budget, sums) for d in shown if (d.exercice, d.stage) == (year, stage)]
                    for stage in stages
                ],
            }
            for year in years
        ],
        "missing": _missing(budget),
    }


def _last_of_each(documents: Iterable[BudgetDocument]) -> list[BudgetDocument]:
    """Of each document the version in force, else the last one received; by DM number within a cell."""
    last: dict[tuple[int, str, int], BudgetDocument] = {}
    for document in documents:
        key = (document.exercice, document.stage, document.dm_number)
        if key not in last or last[key].status != "converted":
            last[key] = document
    return sorted(last.values(), key=lambda d: d.dm_number)


def _cell(document: BudgetDocument, budget: Budget, sums: Mapping[str, headlines.Headline]) -> Page:
    found = sums.get(document.id)
    prevails = budget.prevails(document) if document.status == "converted" else None
    return {
        "title": state.title(document),
        "number": document.dm_number,
        "status": document.status,
        "url": addresses.of_document(document),
        "expenditure": found.expenditure if found else Decimal(0),
        "receipts": found.receipts if found else Decimal(0),
        "variation": document.stage in ("DM", "BS"),
        "replaced_by_cfu": prevails is not None,
    }


def _missing(budget: Budget) -> list[str]:
    """What a reader could look for and is not published here, in sentences."""
    there = budget.in_force
    if not there:
        return [tk._("No document of this budget is in force at the moment.")]
    said: list[str] = []
    years = sorted({d.exercice for d in there})
    gaps = [str(y) for y in range(years[0], years[-1]) if y not in years]
    if len(years) == 1:
        said.append(tk._("Only one year is published: nothing can be compared over the years yet."))
    if gaps:
        said.append(tk._("No document is published for: {years}.").format(years=", ".join(gaps)))
    if not any(d.stage in ("CA", "CFU") for d in there):
        said.append(
            tk._("Only budgets are published: what was carried out is known from the account, voted the year after.")
        )
    elif not any(d.stage == "BP" for d in there):
        said.append(tk._("Only accounts are published: what was planned (initial budgets) is not known here."))
    return said


def in_force_by_year(documents: Sequence[BudgetDocument]) -> list[Page]:
    """Of a dataset: ``year`` and ``documents`` in force (``title``, ``stage``, ``url``), the latest year first."""
    there = sorted((d for d in documents if d.status == "converted"), key=budgets.consolidated_order)
    years = sorted({d.exercice for d in there}, reverse=True)
    return [
        {
            "year": year,
            "documents": [
                {
                    "title": state.title(d),
                    "stage": wording.stage_name(d.stage, d.dm_number),
                    "url": addresses.of_document(d),
                }
                for d in there
                if d.exercice == year
            ],
        }
        for year in years
    ]
