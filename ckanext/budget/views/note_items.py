"""What a text may be pinned to, by name: categories, and the chapters, functions and accounts that a budget has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.budget import rules
from ckanext.budget.registry.models import BudgetCodeTotal as Total
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.registry.models import BudgetLine as Line

#: latest documents whose codes are offered
DOCUMENTS = 6


def build(documents: Sequence[BudgetDocument]) -> dict[str, Any]:
    """``groups`` of a list (title, and pairs of item and name) and ``accounts`` (code and label, to be suggested), from
    the documents in force of a budget."""
    latest = [d.id for d in documents[-DOCUMENTS:]]
    codes = _codes(latest)
    categories = [(f"category:{c.key}", c.label(tk.h.lang())) for c in rules.categories()]
    whole = [
        ("", tk._("The document, the year or the budget as a whole")),
        ("headline", tk._("The headline figures")),
        ("account", tk._("An account (its number below)")),
    ]
    groups = [
        (tk._("The whole, or a number"), whole),
        (tk._("Functions in plain words"), categories if codes["fonction"] else []),
        (tk._("Chapters"), [(f"chapter:{code}", f"{code} {label}".strip()) for code, label in _chapters(latest)]),
        (tk._("Official functions"), [(f"function:{code}", f"{code} {label}") for code, label in codes["fonction"]]),
    ]
    return {"groups": [group for group in groups if group[1]], "accounts": codes["nature"]}


def _chapters(documents: Sequence[str]) -> list[tuple[str, str]]:
    query = (
        sa.select(Line.chapter, sa.func.min(Line.chapter_label))
        .where(Line.document_id.in_(documents), Line.chapter != "")
        .group_by(Line.chapter)
        .order_by(Line.chapter)
    )
    return [(row[0], row[1]) for row in model.Session.execute(query)]


def _codes(documents: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Code and label of the accounts (``nature``) and functions (``fonction``)."""
    query = (
        sa.select(Total.kind, Total.code, sa.func.min(Total.label))
        .where(Total.document_id.in_(documents))
        .group_by(Total.kind, Total.code)
        .order_by(Total.kind, Total.code)
    )
    found: dict[str, list[tuple[str, str]]] = {"nature": [], "fonction": []}
    for kind, code, label in model.Session.execute(query):
        found[kind].append((code, label))
    return found
