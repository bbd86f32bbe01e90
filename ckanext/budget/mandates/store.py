"""Mandates and requests of the database: found, written."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.budget.mandates.models import BudgetMandate, BudgetMandateFile, BudgetRequest


def get(mandate_id: Any) -> BudgetMandate | None:
    """A mandate by its id."""
    return model.Session.get(BudgetMandate, mandate_id) if isinstance(mandate_id, str) else None


def everything() -> list[BudgetMandate]:
    """Every mandate, the one that ends first leading."""
    return _all(sa.select(BudgetMandate))


def of_siren(siren: str) -> list[BudgetMandate]:
    """The mandates for a collectivité."""
    return _all(sa.select(BudgetMandate).where(BudgetMandate.siren == siren))


def held(user_id: str, organizations: Collection[str], siren: str | None = None) -> list[BudgetMandate]:
    """The mandates of a person, and those of these organisations; for one collectivité, with ``siren``."""
    holder = sa.or_(BudgetMandate.user_id == user_id, BudgetMandate.by_org.in_(list(organizations)))
    query = sa.select(BudgetMandate).where(holder)
    return _all(query if siren is None else query.where(BudgetMandate.siren == siren))


def between(organization_id: str, siren: str) -> list[BudgetMandate]:
    """The mandates of an organisation for a collectivité."""
    return _all(sa.select(BudgetMandate).where(BudgetMandate.by_org == organization_id, BudgetMandate.siren == siren))


def _all(query: sa.sql.Select[Any]) -> list[BudgetMandate]:
    ordered = query.order_by(sa.nulls_last(BudgetMandate.ends.asc()), BudgetMandate.created)
    return list(model.Session.scalars(ordered))


def document(mandate_id: str) -> BudgetMandateFile | None:
    """The act that is attached to a mandate."""
    return model.Session.get(BudgetMandateFile, mandate_id)


def attached(mandate_ids: Collection[str]) -> dict[str, str]:
    """Mandate → name of the file attached to it (files themselves are not read)."""
    query = sa.select(BudgetMandateFile.mandate_id, BudgetMandateFile.filename)
    rows = model.Session.execute(query.where(BudgetMandateFile.mandate_id.in_(list(mandate_ids))))
    return {row.mandate_id: row.filename for row in rows}


def attach(mandate_id: str, filename: str, content: bytes) -> None:
    """Keep the act of a mandate, in the place of the one before (not committed)."""
    found = document(mandate_id) or BudgetMandateFile(mandate_id=mandate_id)
    found.filename, found.content = filename, content
    model.Session.add(found)


def request(request_id: Any) -> BudgetRequest | None:
    """A request by its id."""
    return model.Session.get(BudgetRequest, request_id) if isinstance(request_id, str) else None


def requests() -> list[BudgetRequest]:
    """Every request: the open ones first, the latest leading."""
    order = (sa.case((BudgetRequest.state == "open", 0), else_=1), BudgetRequest.created.desc())
    return list(model.Session.scalars(sa.select(BudgetRequest).order_by(*order)))


def requests_of(user_id: str) -> list[BudgetRequest]:
    """The requests of a person, the latest first."""
    query = sa.select(BudgetRequest).where(BudgetRequest.user_id == user_id)
    return list(model.Session.scalars(query.order_by(BudgetRequest.created.desc())))
