"""``ckan budget watch``: a folder where a tiers de télétransmission, or an agent, drops budgets."""

from __future__ import annotations

import datetime as dt
import json
import logging
import signal
import threading
from pathlib import Path
from typing import Any

import click
from ckan import model
from sqlalchemy.exc import SQLAlchemyError

from ckanext.budget import config
from ckanext.budget.cli.imports import INCOMPLETE, depositor, look, write_ledger, wrong
from ckanext.budget.deposit import locks
from ckanext.budget.deposit.folder import DONE, FINE, REFUSED, Folder

log = logging.getLogger(__name__)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path))
@click.option("--user", required=True, help="Account that deposits: its rights apply.")
@click.option("--organization", help="Organisation in which datasets are created.")
@click.option("--still", default=10.0, type=click.FloatRange(0), help="Seconds without a change: a file is whole.")
@click.option("--every", default=10.0, type=click.FloatRange(0.1), help="Seconds between two looks at the folder.")
@click.option("--once", is_flag=True, help="Deposit what is there, and stop (for cron).")
@click.pass_context
def watch(
    ctx: click.Context,
    *,
    folder: Path,
    user: str,
    organization: str | None,
    still: float,
    every: float,
    once: bool,
) -> None:
    """Deposit each file dropped in FOLDER, then move it to fait/ (it is on line) or refuse/, with its receipt.

    Prints a line of JSON an event. Exit code 0 when all that was there is on line (or on a request to stop), 1 when
    some files are refused, failed or left, 2 for a wrong use.
    """
    folder = folder.resolve()
    if config.is_served(folder):
        wrong("This folder is among those that CKAN serves: what is dropped there is not public yet")
    user_id, owner_org = depositor(user, organization)
    watched = Folder(
        folder, user_id, owner_org, still, lambda batch, path: look(batch, path, preview=False), write_ledger
    )
    stop = _stop_on_signals()
    _tell("watching", folder=str(folder))
    fine = _pass(watched, stop) if not once else True
    if once and watched.waiting():
        list(watched.ready())
        stop.wait(still)
        fine = _pass(watched, stop) and not watched.waiting()
    while not once and not stop.wait(every):
        _pass(watched, stop)
    _tell("stopped")
    if once and not fine:
        ctx.exit(INCOMPLETE)


def _stop_on_signals() -> threading.Event:
    """The file under way is finished, then the watch stops."""
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    return stop


def _pass(watched: Folder, stop: threading.Event) -> bool:
    """Deposit what has stopped growing; whether all of it is on line. One process at a time looks at a folder."""
    fine = True
    try:
        ready = list(watched.ready())
        if not ready:
            return True
        with locks.held(f"watch {watched.path}", wait=0) as mine:
            if not mine:
                _tell("busy", folder=str(watched.path))
                return True
            for path in ready:
                if stop.is_set():
                    return fine
                fine = _deposit(watched, path) and fine
    except (
        SQLAlchemyError,
        OSError,
    ) as error:  # the database or the folder is away: nothing is lost, seen again later
        log.exception("The watched folder could not be seen to")
        model.Session.remove()
        _tell("fault", kind=type(error).__name__)
        return False
    return fine


def _deposit(watched: Folder, path: Path) -> bool:
    try:
        done = watched.deposit(path)
    except FileNotFoundError:
        _tell("gone", file=path.name)
        return True
    except PermissionError:
        _tell("unreadable", file=path.name)
        return False
    finally:
        model.Session.remove()
    fine = all(status in FINE for status in done["counts"])
    event = {None: "left"}.get(done["filed"], DONE if fine else REFUSED)
    _tell(event, file=path.name, **done)
    return fine


def _tell(event: str, **more: Any) -> None:
    at = dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")
    click.echo(json.dumps({"at": at, "event": event, **more}, ensure_ascii=False))
