"""The receipt of a batch by mail: once, when it has ended; a mail server that is away stops nothing and is tried again.

Sent through CKAN's mailer. The registry says where each mail stands; what is due is sent by whoever ends the batch,
else by the next job, ``ckan budget status`` or ``stuck``.
"""

from __future__ import annotations

import datetime as dt
import logging
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib import mailer

from ckanext.budget.deposit import batches, described, letter, locks, preferences
from ckanext.budget.deposit.models import BudgetBatch, now
from ckanext.budget.messages import tongue
from ckanext.budget.registry import logbook

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
#: a server that did not take a mail is left alone for this long
WAIT = dt.timedelta(minutes=5)
#: longest time that the server is waited for (CKAN's mailer sets none)
SECONDS = 15


def send_due(*, force: bool = False) -> int:
    """Send the receipts that are still to be sent; how many were tried. ``force``: an administrator asks, those that
    were given up too. Never raises."""
    if force:
        model.Session.execute(
            sa.update(BudgetBatch)
            .where(BudgetBatch.mail.in_(["due", "failed"]))
            .values(mail="due", mail_attempts=0, mail_tried=None)
            .execution_options(synchronize_session=False)
        )
        model.Session.commit()
    waited = sa.or_(BudgetBatch.mail_tried.is_(None), BudgetBatch.mail_tried < now() - WAIT)
    query = sa.select(BudgetBatch.id).where(BudgetBatch.mail == "due", BudgetBatch.state == "done", waited)
    due = list(model.Session.scalars(query.order_by(BudgetBatch.closed).limit(100)))
    for batch_id in due:
        send(batch_id)
    return len(due)


def send(batch_id: str) -> None:
    """Send the receipt of a batch, if it has ended and none was sent; never raises."""
    try:
        with locks.held(f"mail {batch_id}", wait=0) as mine:
            if mine:
                model.Session.expire_all()
                batch = batches.get(batch_id)
                if batch is not None and batch.mail == "due" and batch.state == "done":
                    _send(batch)
    except Exception:  # noqa: BLE001  (the batch has ended: its receipt is on its page whatever becomes of the mail)
        log.exception("The receipt of deposit %s could not be prepared", batch_id)
        model.Session.rollback()


def _send(batch: BudgetBatch) -> None:
    wanted = preferences.of(batch.user_id)
    say = tongue(wanted.language or batch.options.get("lang"))
    told = described.batch(batch, say.gettext)
    user = model.User.get(batch.user_id)
    if told["counts"].get("queued"):
        return  # a worker still converts one of its documents
    if not _is_wanted(wanted.receipts, told["counts"]):
        _settle(batch, "unwanted")
    elif user is None or user.state != "active" or not user.email or not _can_send():
        _settle(batch, "impossible")
    else:
        name = " ".join((user.fullname or user.name).split())
        _try(batch, name, user.email, letter.write(told, say, name))


def _is_wanted(receipts: str, counts: Mapping[str, int]) -> bool:
    if receipts == "errors":
        return any(counts.get(status) for status in letter.BAD)
    return receipts == "all" and bool(counts)


def _try(batch: BudgetBatch, name: str, address: str, message: letter.Letter) -> None:
    batch.mail, batch.mail_tried, batch.mail_attempts = "sending", now(), batch.mail_attempts + 1
    model.Session.commit()
    try:
        with _not_for_ever():
            mailer.mail_recipient(name, address, message.subject, message.body, headers=_headers(batch))
    except Exception as error:  # noqa: BLE001  (CKAN's mailer raises anything: recorded, tried again)
        log.warning("The receipt of deposit %s could not be mailed: %s", batch.id, type(error).__name__)
        left = MAX_ATTEMPTS - batch.mail_attempts
        logbook.note(batch.id, "not_mailed", attempt=batch.mail_attempts, left=left)
        _settle(batch, "due" if left else "failed")
    else:
        logbook.note(batch.id, "mailed")
        _settle(batch, "sent")


def _settle(batch: BudgetBatch, state: str) -> None:
    batch.mail = state
    model.Session.commit()


def _headers(batch: BudgetBatch) -> dict[str, str]:
    """A machine wrote it (RFC 3834): no holiday notice is answered to it."""
    return {"Auto-Submitted": "auto-generated", "X-Budget-Deposit": batch.id}


def _can_send() -> bool:
    """Whether this portal sends mails (CKAN's mailer needs a sender), or a plugin notifies in its place."""
    server = tk.config.get("smtp.server") and tk.config.get("smtp.mail_from")
    notifier = getattr(p, "INotifier", None)  # CKAN 2.12
    return bool(server) or (notifier is not None and any(True for _ in p.PluginImplementations(notifier)))


@contextmanager
def _not_for_ever() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def counts() -> dict[str, int]:
    """How many receipts are ``due``, ``failed`` (given up), ``unconfirmed`` (the process stopped while sending)."""
    query = sa.select(BudgetBatch.mail, sa.func.count()).group_by(BudgetBatch.mail)
    found = {row[0]: row[1] for row in model.Session.execute(query)}
    return {
        "due": found.get("due", 0),
        "failed": found.get("failed", 0),
        "unconfirmed": found.get("sending", 0),
    }
