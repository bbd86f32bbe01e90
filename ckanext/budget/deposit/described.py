"""A batch and its rows as plain data: what the API answers, what pages and receipts are made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget import messages
from ckanext.budget.deposit import batches
from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile
from ckanext.budget.errors import Finding
from ckanext.budget.messages import Translate
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument


def batch(found: BudgetBatch, translate: Translate | None = None) -> dict[str, Any]:
    """``batch_id``, ``state``, ``created``, ``closed``, ``counts`` by status, and ``documents``, in their order."""
    rows = batches.rows(found.id)
    documents = [_document(row, rows, translate or tk._) for row in rows]
    return {
        "batch_id": found.id,
        "state": found.state,
        "owner_org": found.owner_org,
        "created": found.created.isoformat(),
        "closed": found.closed.isoformat() if found.closed else None,
        "counts": dict(Counter(document["status"] for document in documents)),
        "documents": documents,
    }


def _document(row: BudgetBatchFile, rows: Sequence[BudgetBatchFile], translate: Translate) -> dict[str, Any]:
    """One file; one that is twice in the batch has the document of the first."""
    first = next((r for r in rows if r.source_sha256 == row.source_sha256), row) if row.source_sha256 else row
    ids = row if row.document_id or row.state != "already" else first
    document = core.document(ids.document_id) if ids.document_id else None
    return {
        "id": row.id,
        "filename": row.filename,
        "status": _status(row, document),
        "document_id": ids.document_id,
        "package_id": ids.package_id,
        "resource_id": ids.resource_id,
        "siret": row.siret,
        "siren": row.siren,
        "name": row.name,
        "annexe": row.is_annexe,
        "kind": row.kind,
        "exercice": row.exercice,
        "etape": row.stage,
        "dm_number": row.dm_number,
        "source_sha256": row.source_sha256,
        "plan": row.plan,
        "preview": {name: value for name, value in row.preview.items() if name != "findings"},
        "occultation": row.occultation,
        "mandate_id": row.mandate_id,
        "message": said(row.message, translate),
        "findings": [{**finding, **said(finding, translate)} for finding in _findings(row, document)],
    }


def _status(row: BudgetBatchFile, document: BudgetDocument | None) -> str:
    """A row that is published says what its conversion says: a job may still have it, or may have failed."""
    if row.state in ("published", "superseded") and document is not None:
        return {"received": "queued", "failed": "failed"}.get(document.status, row.state)
    return row.state


def _findings(row: BudgetBatchFile, document: BudgetDocument | None) -> list[dict[str, Any]]:
    stored = (document.report or {}).get("findings") if document is not None else None
    found = stored or row.preview.get("findings") or row.findings
    return [{name: finding.get(name) for name in ("code", "level", "params", "line", "element")} for finding in found]


def said(finding: dict[str, Any] | None, translate: Translate) -> dict[str, str]:
    """A stored finding in the words of the reader: ``code``, ``what``, ``where``, ``remedy``."""
    if not finding:
        return {}
    try:
        words = messages.render(Finding.from_dict(finding), translate)
    except KeyError:  # a code that this version no longer has
        return {"code": finding.get("code", ""), "what": "", "where": "", "remedy": ""}
    return {"code": finding["code"], "what": words.what, "where": words.where, "remedy": words.remedy}
