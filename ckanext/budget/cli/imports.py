"""``ckan budget import``: a folder or a zip of budgets, deposited as somebody, with a ledger."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import ckan.plugins.toolkit as tk
import click
from ckan import model
from werkzeug.datastructures import FileStorage

from ckanext.budget.deposit import batches, described, examine, publish
from ckanext.budget.messages import french

if TYPE_CHECKING:
    from ckanext.budget.deposit.models import BudgetBatch

INCOMPLETE, WRONG_USE = 1, 2
#: times that a worker that stopped is started again
RESTARTS = 20
NOT_THE_FILES_FAULT = ("deposit_full", "door_failed")
FINE = ("published", "superseded", "already")
COLUMNS = (
    "filename", "status", "siret", "exercice", "etape", "dm_number", "package_id", "resource_id", "document_id", "code",
    "message", "source_sha256",
)  # fmt: skip


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--user", required=True, help="Account that deposits: its rights apply.")
@click.option("--organization", help="Organisation in which datasets are created.")
@click.option(
    "--ledger", required=True, type=click.Path(dir_okay=False, path_type=Path), help="CSV written at the end."
)
@click.option("--dry-run", is_flag=True, help="Look at the files and write the ledger; publish nothing.")
@click.option("--workers", default=1, type=click.IntRange(1, 64), help="Processes that publish (by whole budgets).")
@click.option("--mail", is_flag=True, help="Mail the receipt to the account, as it chose to get them.")
@click.option("--resume", is_flag=True, help="Go on with the last import of the same path by the same account.")
@click.pass_context
def import_budgets(
    ctx: click.Context,
    *,
    path: Path,
    user: str,
    organization: str | None,
    ledger: Path,
    dry_run: bool,
    workers: int,
    mail: bool,
    resume: bool,
) -> None:
    """Publish every budget of a folder or a zip. One line of the ledger a file.

    Exit code 0 when every file is on line, 1 when some are refused or failed, 2 for a wrong use.
    """
    batch = _batch(path.resolve(), user, organization, resume=resume, mail=mail)
    batch_id = batch.id
    look(batch, path, preview=dry_run)
    if not dry_run:
        _publish(batch_id, workers)
    model.Session.expire_all()
    batch = batches.get(batch_id)
    documents = described.batch(batch, french())["documents"] if batch is not None else []
    write_ledger(ledger, documents)
    if batch is not None and dry_run:
        batches.forget(batch)
    counts = Counter(document["status"] for document in documents)
    click.echo(", ".join(f"{number} {status}" for status, number in sorted(counts.items())) or "no file")
    fine = (*FINE, "ready") if dry_run else FINE
    if any(status not in fine for status in counts):
        ctx.exit(INCOMPLETE)


@click.command("import-work", hidden=True)
@click.argument("batch_id")
def import_work(batch_id: str) -> None:
    """A process of ``ckan budget import --workers``."""
    publish.work(batch_id)


def depositor(user: str, organization: str | None) -> tuple[str, str | None]:
    """Ids of the account and of the organisation; what does not exist is a wrong use."""
    account = model.User.get(user)
    if account is None or account.state != "active":
        wrong(f"There is no account “{user}”")
    group = model.Group.get(organization) if organization else None
    if organization and (group is None or not group.is_organization):
        wrong(f"There is no organisation “{organization}”")
    return account.id, group.id if group else None


def _batch(path: Path, user: str, organization: str | None, *, resume: bool, mail: bool) -> BudgetBatch:
    user_id, owner_org = depositor(user, organization)
    found = batches.of_import(user_id, str(path)) if resume else None
    if resume and found is None:
        wrong(f"No import of {path} by “{user}” is to be resumed")
    return found or batches.create(user_id, owner_org, path=str(path), mail=mail)


def wrong(said: str) -> NoReturn:
    """Say what is wrong with the command, and stop."""
    click.echo(said, err=True)
    raise click.exceptions.Exit(WRONG_USE)


def look(batch: BudgetBatch, path: Path, *, preview: bool) -> None:
    """A row for each file not looked at yet."""
    batch_id = batch.id
    known = _known(batch_id)
    for file, name in _files(path):
        if name in known:
            continue
        with file.open("rb") as stream:
            within = f"{name}/" if path.is_dir() else ""
            current = batches.get(batch_id)
            if current is not None:
                examine.take(current, FileStorage(stream, name), preview=preview, within=within, known=known)


def _known(batch_id: str) -> set[str]:
    """Names of the files looked at before. Those that a fault of the portal (a full disk) refused are looked at
    again."""
    for row in batches.rows(batch_id, "refused"):
        if (row.message or {}).get("code") in NOT_THE_FILES_FAULT:
            model.Session.delete(row)
    model.Session.commit()
    return {row.filename for row in batches.rows(batch_id)}


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    if path.is_file():
        yield path, path.name
        return
    for file in sorted(path.rglob("*")):
        if file.is_file() and not file.is_symlink():
            yield file, file.relative_to(path).as_posix()


def _publish(batch_id: str, workers: int) -> None:
    batch = batches.get(batch_id)
    if batch is None or not publish.queue(batch, again=True):
        return
    for _ in range(RESTARTS):
        _work(batch_id, workers)
        if not publish.is_left(batch_id):  # by workers of a command that was killed: they go on without it
            return


def _work(batch_id: str, workers: int) -> None:
    if workers == 1:
        publish.work(batch_id)
        return
    model.Session.remove()  # those who work have connections of their own
    ours = Path(sys.executable).parent / "ckan"
    command = [
        str(ours) if ours.exists() else sys.argv[0],
        "-c",
        tk.config["__file__"],
        "budget",
        "import-work",
        batch_id,
    ]
    running = [subprocess.Popen(command) for _ in range(workers)]  # noqa: S603  (our own command)
    left = RESTARTS
    while running:
        time.sleep(0.5)
        for process in [p for p in running if p.poll() is not None]:
            running.remove(process)
            if process.returncode and left:  # killed, or the database went away: what it left is taken up again
                left -= 1
                time.sleep(1)
                running.append(subprocess.Popen(command))  # noqa: S603  (likewise)


def write_ledger(ledger: Path, documents: list[dict[str, Any]]) -> None:
    """One line a file: what became of it."""
    with ledger.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        for document in documents:
            said = document["message"]
            message = ". ".join(part for part in (said.get("what"), said.get("remedy")) if part)
            row = {**document, "code": said.get("code", ""), "message": message}
            writer.writerow({name: _harmless(row[name]) for name in COLUMNS})


def _harmless(value: Any) -> Any:
    """No text that a spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value
