"""The versions of one document, in order, and what each changes in the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cmp_to_key

from ckan import model

from ckanext.budget.figures import difference as figures
from ckanext.budget.figures import formulas, queries
from ckanext.budget.figures.groups import Group
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.totem.model import Header
from ckanext.budget.totem.versions import evidence

#: statuses of the versions that are, or were, published
PUBLISHED = ("converted", "superseded")


def of(document: BudgetDocument, documents: Iterable[BudgetDocument] | None = None) -> list[BudgetDocument]:
    """Every version of a document in its dataset, whatever became of it, the oldest first (by what they state, else by
    reception). ``documents`` are those of the dataset, when the caller has them already."""
    found = core.documents_of(document.package_id) if documents is None else documents
    key = core.Key.of(document)
    same = sorted((d for d in found if core.Key.of(d) == key), key=lambda d: d.received)
    return sorted(same, key=cmp_to_key(_compare))


def _compare(one: BudgetDocument, other: BudgetDocument) -> int:
    return evidence(one.seal_date, one.dte_str).compare(evidence(other.seal_date, other.dte_str))


def replaced(document: BudgetDocument, versions: Sequence[BudgetDocument]) -> BudgetDocument | None:
    """The published version just before this one."""
    if document.status not in PUBLISHED:
        return None
    before: BudgetDocument | None = None
    for version in versions:
        if version.id == document.id:
            return before
        if version.status in PUBLISHED:
            before = version
    return None


def difference(before: BudgetDocument, after: BudgetDocument) -> figures.Difference | None:
    """What ``after`` changes in ``before``; None when the lines of one are not in the registry."""
    old, new = _groups(before), _groups(after)
    return figures.between(old, _amount(before), new, _amount(after)) if old and new else None


def in_force(header: Header, package_id: str) -> BudgetDocument | None:
    """The version that a file about to enter the dataset would take the place of."""
    versions = core.live_versions(core.Key.of_header(header, package_id))
    return next((v for v in versions if v.status == "converted"), None)


def would_change(header: Header, groups: Sequence[Group], package_id: str) -> figures.Difference | None:
    """What a file would change in the version in force, before it is published; ``groups`` are those of its converted
    lines (:func:`ckanext.budget.figures.groups.of_lines`). None when it replaces nothing."""
    current = in_force(header, package_id)
    old = _groups(current) if current else []
    if current is None or not old:
        return None
    amount = formulas.amount_shown(header.stage or "", draft=header.is_draft)
    return figures.between(old, _amount(current), groups, amount)


def _groups(document: BudgetDocument) -> list[Group]:
    return queries.of_document(model.Session(), document.id)


def _amount(document: BudgetDocument) -> str:
    return formulas.amount_shown(document.stage, draft=document.is_draft)
