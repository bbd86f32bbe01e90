"""The versions of a document, as its page tells them: when, by whom (to its editors), seal, difference, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.budget.figures.difference import Change, Difference
from ckanext.budget.registry import versions
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import wording

Page = dict[str, Any]


def build(document: BudgetDocument, documents: Sequence[BudgetDocument], package: Mapping[str, Any]) -> Page:
    """``rows`` (the newest first), ``replaces`` (the version that this one replaced, and what it changed; None for a
    first version) and ``may_edit``."""
    every = versions.of(document, documents)
    may_edit = may_withdraw(document)
    before = versions.replaced(document, every)
    changed = versions.difference(before, document) if before else None
    return {
        "may_edit": may_edit,
        "replaces": {"date": day_of(before), "difference": changed} if before else None,
        "details": _details(changed, document.nomenclature) if changed else [],
        "rows": [_row(v, every, document, package, may_edit=may_edit) for v in reversed(every)],
    }


def may_withdraw(document: BudgetDocument) -> bool:
    """Whether the reader may withdraw the document, restore it or have it converted again."""
    try:
        tk.check_access("budget_document_withdraw", {"user": tk.current_user.name}, {"id": document.id})
    except tk.NotAuthorized:
        return False
    return True


def day_of(document: BudgetDocument) -> str:
    """Day of a version in words: its seal's, else that of its reception."""
    stated = document.seal_date or document.dte_str
    return wording.day(stated, tk.h.lang()) if stated else wording.date(document.received.date(), tk.h.lang())


def state_name(status: str) -> str:
    """State of a version, in words."""
    return {
        "received": tk._("Being converted"),
        "converted": tk._("In force"),
        "superseded": tk._("Replaced"),
        "failed": tk._("Conversion failed"),
        "withdrawn": tk._("Withdrawn"),
    }.get(status, status)


def _row(
    version: BudgetDocument,
    every: Sequence[BudgetDocument],
    shown: BudgetDocument,
    package: Mapping[str, Any],
    *,
    may_edit: bool,
) -> Page:
    before = versions.replaced(version, every)
    lang = tk.h.lang()
    return {
        "here": version.id == shown.id,
        "received": wording.date(version.received.date(), lang),
        "sealed": wording.day(version.seal_date, lang) if version.seal_date else "",
        "state": state_name(version.status),
        "who": _who(version) if may_edit else "",
        "difference": versions.difference(before, version) if before else None,
        "files": _files(version, every, package),
        "page": tk.h.url_for("budget_withdrawals.document", document_id=version.id),
    }


def _who(version: BudgetDocument) -> str:
    account = model.User.get(version.user_id) if version.user_id else None
    return account.display_name if account else ""


def _files(version: BudgetDocument, every: Sequence[BudgetDocument], package: Mapping[str, Any]) -> list[Page]:
    """Files of a version that can still be downloaded: those of a resource that has taken another file are gone."""
    ids = (version.csv_resource_id, version.resource_id)
    names = (tk._("CSV"), tk._("deposited file"))
    present = {r["id"]: r for r in package.get("resources", [])}
    found = [(name, present[i]) for name, i in zip(names, ids, strict=True) if i and i in present]
    return [{"name": name, "url": r.get("url")} for name, r in found if r.get("budget_document_id") == version.id]


def _details(difference: Difference, norm: str) -> list[Page]:
    """The rows of the difference that are not nought."""

    def name(change: Change) -> str:
        sense = wording.sense_name(change.sense)
        if not change.section:
            return tk._("{sense}, outside the figures (internal entries, results carried over)").format(sense=sense)
        section = wording.section_name(change.section, norm).lower()
        return tk._("{sense}, {section}").format(sense=sense, section=section)

    return [
        {"name": name(c), "before": c.before, "after": c.after, "change": c.change}
        for c in [*difference.blocks, *difference.beside]
        if c.change
    ]
