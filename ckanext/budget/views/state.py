"""The state of each file of a dataset, from the registry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget import messages
from ckanext.budget.config import DATASET_TYPE, late_after
from ckanext.budget.errors import Finding
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import annexes, origin, quality, wording


def of_resource(resource: Mapping[str, Any], package: Mapping[str, Any]) -> dict[str, Any] | None:
    """State of a resource for the template ``budget/snippets/document_state.html``.

    ``kind`` is ``received``, ``converted``, ``superseded``, ``failed``, ``csv``, ``consolidated``, ``annexe`` (a table
    made from the annexes of a document) or ``other`` (a file of a budget dataset that is no budget). None outside
    budgets.
    """
    if not package.get("id") or not resource.get("id"):
        return None
    documents = _documents(package["id"])
    versions = [d for d in documents if d.resource_id == resource["id"]]
    if versions:
        return _source(versions[-1], versions, documents, package)
    role = resource.get("budget_role")
    if role == "consolidated":
        return {"kind": "consolidated", "csv_url": _url(package, resource["id"]), "here": _here(resource)}
    if role == annexes.ROLE:
        return _annexe(resource, documents, package)
    made_from = by_csv(resource, documents)
    if made_from is not None:
        return {**_csv(made_from, documents, package), "here": _here(resource)}
    return _other(resource) if package.get("type") == DATASET_TYPE and role is None else None


def by_csv(resource: Mapping[str, Any], documents: list[BudgetDocument]) -> BudgetDocument | None:
    """The document that a CSV resource holds: the one it names, else the last converted into it."""
    made = [d for d in documents if d.csv_resource_id == resource.get("id")]
    named = [d for d in made if d.id == resource.get("budget_document_id")]
    return (named or made or [None])[-1]


def _documents(package_id: str) -> list[BudgetDocument]:
    """The documents of a dataset, read once a request."""
    known: dict[str, list[BudgetDocument]] = tk.g.setdefault("budget_documents", {})
    if package_id not in known:
        known[package_id] = core.documents_of(package_id)
    return known[package_id]


def _source(
    last: BudgetDocument, versions: list[BudgetDocument], documents: list[BudgetDocument], package: Mapping[str, Any]
) -> dict[str, Any]:
    level = quality.level(last, documents)
    findings = [f for f in (last.report or {}).get("findings", []) if f.get("level") == "a_verifier"]
    return {
        "kind": last.status,
        "late": dt.datetime.now(dt.timezone.utc) - last.received > late_after(),
        "title": title(last),
        "received": wording.date(last.received.date(), tk.h.lang()),
        "lines": wording.count(int((last.report or {}).get("rows", 0)), tk.h.lang()),
        "level": level,
        "to_check": level["points"] if level else len(findings),
        "csv_url": _url(package, last.csv_resource_id) if last.csv_resource_id else None,
        "error": render(last.error) if last.error else None,
        "kept": any(v.csv_sha256 for v in versions[:-1]),
        "by": _successor(last, documents, package),
        "job_url": tk.h.url_for("budget_jobs.document", document_id=last.id),
    }


def _csv(document: BudgetDocument, documents: list[BudgetDocument], package: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": "superseded" if document.status == "superseded" else "csv",
        "title": title(document),
        "table": origin.is_table(document),
        "source_url": _url(package, document.resource_id),
        "csv_url": _url(package, document.csv_resource_id or document.resource_id),
        "by": _successor(document, documents, package),
    }


def _annexe(
    resource: Mapping[str, Any], documents: list[BudgetDocument], package: Mapping[str, Any]
) -> dict[str, Any]:
    """A table of annexes: what it holds, under which rule, from which document."""
    made_from = next((d for d in documents if d.id == resource.get("budget_document_id")), None)
    source = {"title": title(made_from), "url": _url(package, made_from.resource_id)} if made_from else None
    return {"kind": annexes.ROLE, **annexes.words(resource), "source": source}


def _other(resource: Mapping[str, Any]) -> dict[str, Any]:
    """A file that is no budget: what it is and what to send instead, when the door could tell."""
    code = resource.get("budget_kind") or ""
    if code not in messages.MESSAGES:
        return {"kind": "other", "said": None}
    try:
        said = messages.render(Finding(code), tk._)
    except KeyError:  # a message with details, which only the file could give
        return {"kind": "other", "said": None}
    return {"kind": "other", "said": {"what": said.what, "remedy": said.remedy}}


def _successor(
    document: BudgetDocument, documents: list[BudgetDocument], package: Mapping[str, Any]
) -> dict[str, str] | None:
    """The version that replaced this one, when it is in the same dataset."""
    found = [d for d in documents if d.id == document.superseded_by]
    if not found:
        return None
    day = wording.date(found[0].received.date(), tk.h.lang())
    return {"url": _url(package, found[0].csv_resource_id or found[0].resource_id), "received": day}


def _url(package: Mapping[str, Any], resource_id: str) -> str:
    return tk.h.url_for(f"{package['type']}_resource.read", id=package["name"], resource_id=resource_id)


def _here(resource: Mapping[str, Any]) -> bool:
    """Whether the page being read is the resource's own."""
    return (tk.request.view_args or {}).get("resource_id") == resource["id"]


def title(document: BudgetDocument) -> str:
    """«Administrative account 2022»."""
    return f"{wording.stage_name(document.stage, document.dm_number)} {document.exercice}"


def render(finding: Mapping[str, Any]) -> dict[str, str]:
    """A stored finding in words: ``what``, ``where``, ``remedy``, ``level`` and its name ``level_name``.

    A finding that this version no longer knows keeps the words it was stored with.
    """
    try:
        said = messages.render(Finding.from_dict(finding), tk._)
        words = {"what": said.what, "where": said.where, "remedy": said.remedy}
    except KeyError:  # an unknown code, or a message that has since asked for other details
        kept = {"what": "message", "where": "place", "remedy": "remedy"}
        words = {name: finding.get(stored, "") for name, stored in kept.items()}
    level = finding.get("level", "information")
    return {**words, "level": level, "level_name": wording.level_name(level)}
