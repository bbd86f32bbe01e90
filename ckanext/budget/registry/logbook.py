"""What was done to a document or a batch, step by step: kept with the registry, told by its page."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from ckanext.budget.registry.models import BudgetLog

log = logging.getLogger(__name__)

#: steps, in the order in which they usually come
STEPS = (
    "received",
    "waiting",  # for a worker; ``job``: its id
    "taken_up",  # its job had died
    "reading",  # ``attempt``
    "writing",
    "again",  # a passing fault: ``fault``, ``attempt``
    "published",
    "failed",  # ``finding``
    "publishing",  # of a batch: ``files``
    "ended",  # of a batch: ``counts``
    "mailed",
    "not_mailed",  # ``attempt``, ``left``
)


def note(subject: str, step: str, **detail: Any) -> None:
    """Write a step with the transaction under way: it is committed, or lost, with what it tells."""
    model.Session.add(BudgetLog(subject=subject, step=step, detail=detail))


def tell(subjects: Iterable[str], step: str, **detail: Any) -> None:
    """Write a step at once, by a connection of its own: who looks meanwhile sees it, and it stays if what is being done
    is undone."""
    rows = [{"subject": subject, "step": step, "detail": detail} for subject in subjects]
    if not rows:
        return
    bound = model.Session.get_bind()
    engine = _engine(bound.url if isinstance(bound, sa.engine.Engine) else bound.engine.url)
    try:
        with engine.begin() as connection:
            connection.execute(sa.insert(BudgetLog), rows)
    except SQLAlchemyError:  # the database is away: what is being done says so itself
        log.exception("The step “%s” could not be written", step)


@lru_cache(maxsize=2)
def _engine(url: sa.engine.URL) -> sa.engine.Engine:
    """Connections that are not kept: they may be opened beside those of CKAN's pool, and after a fork."""
    return sa.create_engine(url, poolclass=NullPool)


def steps(subject: str) -> list[BudgetLog]:
    """The steps of a document or a batch, the oldest first."""
    query = sa.select(BudgetLog).where(BudgetLog.subject == subject).order_by(BudgetLog.at, BudgetLog.id)
    return list(model.Session.scalars(query))


def told(subject: str) -> list[dict[str, Any]]:
    """The steps as plain data: ``at`` (ISO 8601), ``step``, ``detail``."""
    return [{"at": step.at.isoformat(), "step": step.step, "detail": step.detail} for step in steps(subject)]


def last(subject: str, *wanted: str) -> BudgetLog | None:
    """The latest step; with ``wanted``, the latest of these."""
    query = sa.select(BudgetLog).where(BudgetLog.subject == subject)
    if wanted:
        query = query.where(BudgetLog.step.in_(wanted))
    return model.Session.scalars(query.order_by(BudgetLog.at.desc(), BudgetLog.id.desc()).limit(1)).first()


def forget(subjects: Iterable[str]) -> None:
    """Nothing is said any more of these (not committed)."""
    model.Session.execute(sa.delete(BudgetLog).where(BudgetLog.subject.in_(list(subjects))))
