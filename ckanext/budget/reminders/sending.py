"""Who is reminded of what, this day; each document once at each moment."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ckan import model
from ckan.lib import mailer

from ckanext.budget import config
from ckanext.budget.coverage import details, one
from ckanext.budget.coverage.access import Viewer
from ckanext.budget.deposit import locks
from ckanext.budget.deposit.models import now
from ckanext.budget.messages import tongue
from ckanext.budget.reminders import letter, store
from ckanext.budget.reminders.models import BudgetReminder
from ckanext.budget.reminders.when import Moment, moments
from ckanext.budget.territory.directory import directory
from ckanext.budget.territory.expected import slot_of

log = logging.getLogger(__name__)


def remind(today: dt.date, *, dry_run: bool) -> list[dict[str, Any]]:
    """Send what is to be sent; one entry a person: ``user``, ``documents`` (each ``siren``, ``name``, ``exercice``,
    ``etape``, ``when``, ``annexe``) and ``outcome``: ``sent``, ``would_send``, ``failed`` (tried again by the next
    run) or ``no_address``. Two runs at once: the second sends nothing."""
    with locks.held("budget reminders", wait=0) as mine:
        if not mine:
            return []
        people = [(user_id, list(found)) for user_id, found in groupby(store.everyone(), lambda one: one.user_id)]
        return [entry for user_id, found in people if (entry := _remind(user_id, found, today, dry_run)) is not None]


def _remind(user_id: str, followed: list[BudgetReminder], today: dt.date, dry_run: bool) -> dict[str, Any] | None:
    user = model.User.get(user_id)
    followed = list(_allowed(user, followed, dry_run=dry_run))
    missing = {one.id: [m for m in _missing(one.siren, today) if m.key not in one.sent] for one in followed}
    every = [m for found in missing.values() for m in found]
    if user is None or not every:
        return None
    entry = {"user": user.name, "documents": [_told(m) for m in every]}
    if not user.email:
        return {**entry, "outcome": "no_address"}
    if dry_run:
        return {**entry, "outcome": "would_send"}
    name = " ".join((user.fullname or str(user.name)).split())
    mail = letter.write(every, tongue(followed[0].language), name=name, user_id=user_id)
    try:
        mailer.mail_recipient(name, user.email, mail.subject, mail.body, headers=mail.headers)
    except Exception as error:  # noqa: BLE001  (CKAN's mailer raises anything: the next run tries again)
        log.warning("A reminder could not be mailed: %s", type(error).__name__)
        return {**entry, "outcome": "failed"}
    for subscription in followed:
        subscription.sent = [*subscription.sent, *(m.key for m in missing[subscription.id])]
        subscription.last_sent = now()
    model.Session.commit()
    return {**entry, "outcome": "sent"}


def _allowed(user: Any, followed: list[BudgetReminder], *, dry_run: bool) -> Iterator[BudgetReminder]:
    """What the person may still follow; the rest is given up (the account is gone, or left the organisation)."""
    for subscription in followed:
        if user is not None and user.state == "active" and store.may_follow(user, subscription.siren):
            yield subscription
        elif not dry_run:
            model.Session.delete(subscription)
            model.Session.commit()


def _missing(siren: str, today: dt.date) -> list[letter.Missing]:
    """Documents of the principal budget, and of the annexe budgets that had one the year before."""
    place = directory().by_siren(siren)
    times = moments(config.obligations(), place.kind if place is not None else "commune", today)
    if not times:
        return []
    grid = one.places(today)
    found = details.documents([siren], grid, Viewer(everything=True))  # what is private is there all the same
    name = place.name if place is not None else (found[-1]["name"] if found else siren)
    missing: list[letter.Missing] = []
    for moment in times:
        held = {d["siret"] for d in found if _is(d, moment)}
        if not any(d["siret"] in held for d in found if not d["annexe"]):
            missing.append(letter.Missing(siren, name, moment))
        titles = {
            d["siret"]: d["package_title"] for d in found if d["annexe"] and d["exercice"] == moment.exercice - 1
        }
        missing += [letter.Missing(siren, name, moment, titles[s]) for s in sorted(set(titles) - held)]
    return missing


def _is(document: dict[str, Any], moment: Moment) -> bool:
    return document["exercice"] == moment.exercice and slot_of(document["stage"]) == moment.slot


def _told(missing: letter.Missing) -> dict[str, Any]:
    moment = missing.moment
    return {
        "siren": missing.siren,
        "name": missing.name,
        "exercice": moment.exercice,
        "etape": moment.slot,
        "when": moment.when,
        "annexe": missing.annexe,
    }
