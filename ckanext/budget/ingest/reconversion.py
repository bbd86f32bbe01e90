"""Documents already stored are converted anew: after a mended converter, or new charts of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.budget import __version__, config
from ckanext.budget.errors import Refusal
from ckanext.budget.figures import formulas, queries
from ckanext.budget.figures.difference import Difference, between
from ckanext.budget.ingest import process, trip, words
from ckanext.budget.nomenclature.plans import plans_version
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument


@dataclass(frozen=True)
class Outcome:
    """What became of a document converted anew."""

    id: str
    status: str
    queued: bool
    changed: bool
    difference: Difference | None
    error: dict[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        difference = self.difference.to_dict() if self.difference else None
        return {**vars(self), "difference": difference}


def stale() -> list[BudgetDocument]:
    """Published documents that another version of the converter made, or other charts of accounts; the newest exercice
    first. Tables need no chart."""
    query = sa.select(BudgetDocument).where(
        BudgetDocument.status.in_(["converted", "superseded"]),
        sa.or_(
            BudgetDocument.converter_version.is_distinct_from(__version__),
            sa.and_(
                BudgetDocument.plans_version.is_distinct_from(plans_version()),
                BudgetDocument.header["kind"].as_string() != "scdl",
            ),
        ),
    )
    found = model.Session.scalars(query.order_by(BudgetDocument.exercice.desc(), BudgetDocument.received))
    return [d for d in found if core.has_file(d)]


def reconvert(document_id: str, *, now: bool = False) -> Outcome:
    """Convert a document anew: at once (``now``, or a small file), else by a worker if one listens.

    Hand-edited metadata are left alone, and a CSV that comes out the same is not written again. Raises :class:`Refusal`
    («already_withdrawn», «file_gone»).
    """
    document = core.document(document_id)
    if document is None:
        raise Refusal("file_gone")
    if document.status == "withdrawn":
        raise Refusal("already_withdrawn", document=words.document_title_of(document))
    if not core.has_file(document):
        raise Refusal("file_gone")
    package_id, csv = document.package_id, document.csv_sha256
    resource = model.Resource.get(document.resource_id)
    size = (resource.size or 0) if resource else 0
    document.attempts, document.error = 0, None  # somebody asks: it is tried anew
    model.Session.commit()
    large = not now and size > config.inline_max_bytes() and process.worker_listens()
    if large and process.enqueue(package_id, [document_id], again=True):
        return Outcome(document_id, document.status, queued=True, changed=False, difference=None, error=None)
    amount = formulas.amount_shown(document.stage, draft=document.is_draft)
    before = queries.of_document(model.Session(), document_id)
    with trip.own_writes():
        process.process(package_id, [document_id], again=True)
    model.Session.expire_all()
    after = queries.of_document(model.Session(), document_id)
    document = core.document(document_id)
    if document is None:
        raise Refusal("file_gone")
    changed = document.csv_sha256 != csv
    difference = between(before, amount, after, amount) if changed and before and after else None
    return Outcome(
        document_id, document.status, queued=False, changed=changed, difference=difference, error=document.error
    )
