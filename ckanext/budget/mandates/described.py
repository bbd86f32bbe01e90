"""Mandates and requests as plain data: what the API answers, what pages are made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from ckan import model

from ckanext.budget import organizations
from ckanext.budget.mandates import rules, store
from ckanext.budget.mandates.models import BudgetMandate, BudgetRequest


def mandate(found: BudgetMandate) -> dict[str, Any]:
    """One mandate, with ``state`` (active, future, expired, ended) and the name of its ``document``."""
    return mandates([found])[0]


def mandates(found: Iterable[BudgetMandate]) -> list[dict[str, Any]]:
    """As :func:`mandate`, for several."""
    found = list(found)
    acts = store.attached([m.id for m in found])
    return [_mandate(m, acts.get(m.id)) for m in found]


def _mandate(found: BudgetMandate, act: str | None) -> dict[str, Any]:
    holder = model.User.get(found.user_id) if found.user_id else None
    group = model.Group.get(found.by_org) if found.by_org else None
    theirs = organizations.in_charge_of(found.siren)
    return {
        "id": found.id,
        "kind": found.kind,
        "state": rules.state(found.terms, dt.date.today()),  # noqa: DTZ011  (the portal's calendar)
        "siren": found.siren,
        "name": found.name,
        "organization": theirs.name if theirs else None,
        "user": holder.name if holder else None,
        "by_org": group.name if group else None,
        "holder": holder_name(found),
        "exercice_from": found.exercice_from,
        "exercice_to": found.exercice_to,
        "etapes": list(found.stages or []),
        "starts": found.starts.isoformat(),
        "ends": found.ends.isoformat() if found.ends else None,
        "reference": found.reference,
        "reference_url": found.reference_url,
        "document": act,
        "created": found.created.isoformat(),
        "ended": found.ended.isoformat() if found.ended else None,
        "taken_over": found.taken_over,
    }


def holder_name(found: BudgetMandate) -> str:
    """Who holds a mandate, in words: for its parties (a person is never named to the public)."""
    group = model.Group.get(found.by_org) if found.by_org else None
    if group is not None:
        return str(group.title or group.name)
    user = model.User.get(found.user_id) if found.user_id else None
    return str(user.fullname or user.name) if user else ""


def request(found: BudgetRequest) -> dict[str, Any]:
    """One request: ``state`` (open, accepted, refused), who asks (``user``, ``requester``, ``owner_org``), for whom."""
    user = model.User.get(found.user_id)
    group = model.Group.get(found.owner_org) if found.owner_org else None
    theirs = organizations.in_charge_of(found.siren)
    return {
        "id": found.id,
        "state": found.state,
        "siren": found.siren,
        "name": found.name,
        "organization": theirs.name if theirs else None,
        "user": user.name if user else None,
        "requester": str(user.fullname or user.name) if user else "",
        "owner_org": group.name if group else None,
        "owner_org_title": str(group.title or group.name) if group else "",
        "reason": found.reason,
        "created": found.created.isoformat(),
        "answer": found.answer,
        "answered": found.answered.isoformat() if found.answered else None,
        "mandate_id": found.mandate_id,
        "organization_id": found.organization_id,
    }
