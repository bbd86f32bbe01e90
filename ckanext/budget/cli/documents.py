"""``ckan budget status|reconvert|stuck|purge|doctor``: the documents of the registry, for administrators.

Exit codes: 0 all is well or done; 1 something remains to be looked at; 2 wrong use.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import click

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@_json
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """How many documents are in each state, what waits, what failed. Receipts that the mail server did not take are
    sent again.

    Exit code 1 when a document has waited too long, or failed by a fault of the portal, or a receipt was given up.
    """
    from ckanext.budget.deposit import mails  # noqa: PLC0415
    from ckanext.budget.ingest import queue  # noqa: PLC0415  (reads the models)

    mails.send_due()
    found = {**queue.status(), "mails": mails.counts()}
    _print(found, as_json, _status_lines)
    if found["stuck"] or found["our_faults"] or found["mails"]["failed"]:
        ctx.exit(1)


def _status_lines(found: dict[str, Any]) -> Iterable[str]:
    for name, number in found["documents"].items():
        yield f"{name}: {number}"
    yield f"worker: {'listening' if found['worker'] else 'none (files are converted at once)'}"
    yield f"jobs waiting: {found['jobs']['waiting']}, dead: {found['jobs']['dead']}"
    yield f"made by another version or other charts of accounts: {found['stale']}"
    mails = found["mails"]
    yield f"receipts to be mailed: {mails['due']}, given up: {mails['failed']}, unconfirmed: {mails['unconfirmed']}"
    for one in found["stuck"]:
        yield f"stuck: {one['id']} {one['title']}, received {one['received']}, {one['attempts']} attempts"
    for one in found["our_faults"]:
        yield f"failed by our fault: {one['id']} {one['title']} ({one['error']})"


@click.command()
@click.argument("ids", nargs=-1)
@click.option("--stale", is_flag=True, help="Those that another version, or other charts of accounts, made.")
@_json
@click.pass_context
def reconvert(ctx: click.Context, ids: tuple[str, ...], stale: bool, as_json: bool) -> None:
    """Convert stored documents anew: IDS of documents, or ids or names of datasets, or --stale.

    What a person wrote is left alone; a CSV that comes out the same is not written again. Exit code 1 when one failed.
    """
    from ckanext.budget.errors import Refusal  # noqa: PLC0415
    from ckanext.budget.ingest import queue, reconversion  # noqa: PLC0415

    if bool(ids) == stale:
        raise click.UsageError("Name documents or datasets, or give --stale.")
    wanted = [d.id for d in reconversion.stale()] if stale else list(queue.documents_named(ids))
    done: list[dict[str, Any]] = []
    failed = False
    for document_id in wanted:
        try:
            outcome = reconversion.reconvert(document_id, now=True).to_dict()
        except Refusal as refusal:
            outcome = {"id": document_id, "status": "refused", "changed": False, "error": refusal.finding.to_dict()}
        failed = failed or bool(outcome["error"])
        done.append(outcome)
        if not as_json:
            click.echo(_reconverted(outcome))
    if as_json:
        click.echo(json.dumps({"documents": done}, ensure_ascii=False))
    elif not done:
        click.echo("nothing to convert anew")
    if failed:
        ctx.exit(1)


def _reconverted(outcome: dict[str, Any]) -> str:
    if outcome["error"]:
        return f"{outcome['id']}: failed ({outcome['error']['code']}), what was published stays"
    if not outcome["changed"]:
        return f"{outcome['id']}: unchanged"
    difference = outcome["difference"]
    if not difference:
        return f"{outcome['id']}: made anew"
    return (
        f"{outcome['id']}: changed (expenditure {difference['expenditure']}, receipts {difference['receipts']}, "
        f"{difference['accounts']} accounts)"
    )


@click.command()
@click.option("--fix", is_flag=True, help="Convert them now, and forget the dead jobs.")
@_json
@click.pass_context
def stuck(ctx: click.Context, fix: bool, as_json: bool) -> None:
    """Documents and deposits that nobody works on any more, publications that failed by a passing fault, dead jobs.
    Receipts that the mail server did not take are sent again.

    Exit code 1 when something remains stuck.
    """
    from ckanext.budget.deposit import mails  # noqa: PLC0415
    from ckanext.budget.ingest import queue  # noqa: PLC0415

    mails.send_due(force=fix)
    found = queue.stuck()
    if fix:
        queue.free(found)
    left = queue.stuck() if fix else found
    number = sum(len(left[kind]) for kind in ("documents", "batches", "jobs"))
    result = {**found, "left": number}
    _print(result, as_json, _stuck_lines)
    if result["left"]:
        ctx.exit(1)


def _stuck_lines(found: dict[str, Any]) -> Iterable[str]:
    for one in found["documents"]:
        yield f"document {one['id']}: {one['title']}, {one['status']}, received {one['received']}"
    for batch in found["batches"]:
        yield f"deposit {batch}: its publication stopped"
    for job in found["jobs"]:
        yield f"dead job {job}"
    yield f"{found['left']} left" if found["left"] else "nothing is stuck"


@click.command()
@click.argument("ids", nargs=-1, required=True)
@click.option("--forget", is_flag=True, help="Forget also that they were ever there.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_json
@click.pass_context
def purge(ctx: click.Context, ids: tuple[str, ...], forget: bool, yes: bool, as_json: bool) -> None:
    """Destroy, for good, what is kept of withdrawn documents (IDS). Exit code 1 when one was not withdrawn."""
    from ckan.plugins import toolkit as tk  # noqa: PLC0415

    if not yes:
        click.confirm(f"Destroy the files of {len(ids)} document(s), for good?", abort=True, err=True)
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]

    def destroy(document_id: str) -> dict[str, Any]:
        context: Any = {"user": user, "ignore_auth": True}
        try:
            return tk.get_action("budget_document_purge")(context, {"id": document_id, "forget": forget})
        except (tk.ValidationError, tk.ObjectNotFound) as error:
            said = getattr(error, "error_dict", {}).get("id") or [str(error)]
            return {"id": document_id, "purged": False, "error": " ".join(said)}

    done = [destroy(document_id) for document_id in ids]
    _print({"documents": done}, as_json, _purged_lines)
    if not all(one["purged"] for one in done):
        ctx.exit(1)


def _purged_lines(found: dict[str, Any]) -> Iterable[str]:
    for one in found["documents"]:
        yield f"{one['id']}: {'destroyed' if one['purged'] else one['error']}"


@click.command()
@click.option("--fix", is_flag=True, help="Make good what can be.")
@_json
@click.pass_context
def doctor(ctx: click.Context, fix: bool, as_json: bool) -> None:
    """Whether rows, lines, files, views and versions in force agree. Exit code 1 when something does not (still)."""
    from ckanext.budget.ingest import mending  # noqa: PLC0415
    from ckanext.budget.registry import doctor as registry  # noqa: PLC0415

    found = registry.examine()
    if fix:
        mending.mend(found)
    left = registry.examine() if fix else found
    plain = [{**vars(fault), "left": fault in left} for fault in [*found, *(f for f in left if f not in found)]]
    _print({"faults": plain, "left": len(left)}, as_json, _doctor_lines)
    if left:
        ctx.exit(1)


def _doctor_lines(found: dict[str, Any]) -> Iterable[str]:
    from ckanext.budget.registry.doctor import KINDS  # noqa: PLC0415

    for fault in found["faults"]:
        yield f"{fault['id']}: {KINDS[fault['kind']]}{'' if fault['left'] else ' (mended)'}"
    yield f"{found['left']} left" if found["left"] else "all agrees"


def _print(found: dict[str, Any], as_json: bool, lines: Callable[[dict[str, Any]], Iterable[str]]) -> None:
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for line in lines(found):
        click.echo(line)
