"""What will happen to a file if it is published, and what it says: told before, checked again when it is done."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from typing import BinaryIO

from ckan import model

from ckanext.budget import config
from ckanext.budget.convert import OnLine, convert, take_over
from ckanext.budget.deposit import batches, datasets
from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile, now
from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.figures import formulas, queries
from ckanext.budget.figures.groups import Group, of_lines
from ckanext.budget.ingest import words
from ckanext.budget.quality.report import Report
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.scdl.model import ConvertedLine
from ckanext.budget.totem.receive import Received


def foresee(batch: BudgetBatch, row: BudgetBatchFile) -> None:
    """Fill ``plan``; the row is «already» when there is nothing to publish. Raises :class:`Refusal` for an older
    version, another's budget, and a dataset that can't be made."""
    twin = core.published_twin(row.source_sha256 or "", row.occulted_sha256 or "")
    if twin is not None:
        known(row, twin)
        return
    first = batches.first_alike(batch.id, row.source_sha256, *_ALIVE)
    if first is not None and first.id != row.id:
        _already(row, Finding("deposit_twice", params={"file": first.filename}))
        return
    where = datasets.find(batch, row)
    key = key_of(row, where)
    newest = core.newer(key, core.evidence(row.seal_date, row.dte_str))
    if newest is not None:
        raise Refusal("older_version", document=words.document_title_of(newest), date=words.version_date(newest))
    row.package_id = where
    right = datasets.right(batch, row, where)
    if not row.approved_by:
        row.mandate_id = right.mandate_id
    by_mandate = {"waits": right.waits} if right.mandate_id else {}
    if where is None:
        row.plan = {"will": "create", "title": datasets.title(row), **by_mandate}
        return
    current = in_force(key)
    package = model.Package.get(where)
    row.plan = {"will": "replace" if current else "add", "title": package.title if package else "", **by_mandate}
    if current is not None:
        row.plan = {
            **row.plan,
            "date": words.version_date(current),
            "before": _headline(_stored(current), current.stage, "D", draft=current.is_draft),
        }


#: an earlier row in one of these states will publish, or has published, the same bytes
_ALIVE = ("ready", "waiting", "queued", "published", "superseded")


def known(row: BudgetBatchFile, twin: BudgetDocument) -> None:
    """The very document is published already."""
    _already(row, Finding("already_published", params={"document": words.document_title_of(twin)}))
    row.document_id, row.package_id, row.resource_id = twin.id, twin.package_id, twin.resource_id


def _already(row: BudgetBatchFile, finding: Finding) -> None:
    row.state, row.settled, row.message, row.plan = "already", now(), finding.to_dict(), {}


def key_of(row: BudgetBatchFile, package_id: str | None) -> core.Key:
    """Identity of the document in the registry."""
    whose = None if row.siret else package_id or ""
    return core.Key(row.siret, whose, row.exercice or 0, row.stage or "", row.dm_number)


def in_force(key: core.Key) -> BudgetDocument | None:
    """The version that a new one would replace."""
    return next((d for d in core.live_versions(key) if d.status == "converted"), None)


def preview(row: BudgetBatchFile, copy: BinaryIO, found: Received) -> None:
    """Fill ``preview`` by a conversion that is not kept. Raises :class:`Refusal` for what
    would not be published."""
    lines: list[ConvertedLine] = []
    with tempfile.TemporaryFile() as out:
        report = _converted(copy, out, found, lines.append)
    if not report.conserved:
        raise Refusal("not_conserved")
    data = report.to_dict()
    known_already = {(f["code"], f["line"]) for f in row.findings}
    more = [f.to_dict() for f in report.findings if (f.code, f.line) not in known_already]
    findings = [*row.findings, *more]
    to_check = sum(f["level"] == "a_verifier" for f in findings)
    to_check += sum(control.outcome == "a_verifier" for control in report.controls)
    row.preview = {
        "lines": data["rows"],
        **{sense: _headline(of_lines(lines), row.stage or "", sense, draft=found.header.is_draft) for sense in "DR"},
        "level": data["level"],
        "to_check": to_check,
        "findings": findings,
    }
    before = row.plan.get("before")
    if before is not None:
        row.plan = {**row.plan, "difference": str(Decimal(row.preview["D"]) - Decimal(before))}


def _converted(copy: BinaryIO, out: BinaryIO, found: Received, on_line: OnLine) -> Report:
    copy.seek(0)
    if found.is_table:
        return take_over(copy, out, found.header, on_line=on_line, mapping=found.mapping)
    return convert(copy, out, on_line=on_line, limits=config.limits())


def _stored(document: BudgetDocument) -> list[Group]:
    return queries.of_document(model.Session(), document.id)


def _headline(groups: list[Group], stage: str, sense: str, *, draft: bool) -> str:
    """Expenditure or receipts in euros, the very figure of the document's page."""
    return str(formulas.headline(groups, formulas.amount_shown(stage, draft=draft), sense))
