"""What every job of ours sees to besides its own work: what stopped jobs left, receipts still to be mailed."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from ckan import model

from ckanext.budget.deposit import mails, publish
from ckanext.budget.deposit.models import BudgetBatch, now
from ckanext.budget.ingest import revival

log = logging.getLogger(__name__)


def stalled() -> list[BudgetBatch]:
    """Batches with rows to publish on which nobody works."""
    query = sa.select(BudgetBatch).where(
        BudgetBatch.state == "publishing", BudgetBatch.touched < now() - publish.STALLED
    )
    return [
        batch for batch in model.Session.scalars(query.order_by(BudgetBatch.created)) if publish.is_stalled(batch)
    ]


def see_to_it() -> None:
    """Never raises: it is not what the job is for."""
    try:
        revival.revive_all()
        for batch in stalled():
            publish.revive(batch)
        mails.send_due()
    except Exception:  # noqa: BLE001  (the job goes on)
        log.exception("What other jobs left could not be seen to")
        model.Session.rollback()
