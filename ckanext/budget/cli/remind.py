"""``ckan budget remind``: mails to those who asked to be reminded (for cron, once a day)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import click


@click.command()
@click.option("--dry-run", is_flag=True, help="Say who would be reminded of what; send nothing.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="As if it were that day (with --dry-run).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def remind(ctx: click.Context, dry_run: bool, day: dt.datetime | None, as_json: bool) -> None:
    """Remind by mail those who asked for it of the documents that are still to be published: from three weeks before
    the last day of the vote, and after that of the transmission; once each.

    Exit code 1 when a mail could not be sent (the next run tries again).
    """
    from ckanext.budget.coverage.actions import today  # noqa: PLC0415  (reads the models)
    from ckanext.budget.reminders import sending  # noqa: PLC0415

    if day is not None and not dry_run:
        raise click.UsageError("--date goes with --dry-run.")
    with ctx.meta["flask_app"].test_request_context():
        done = sending.remind(day.date() if day else today(), dry_run=dry_run)
    if as_json:
        click.echo(json.dumps({"reminders": done}, ensure_ascii=False))
    else:
        for entry in done:
            click.echo(_line(entry))
        if not done:
            click.echo("nobody is to be reminded")
    if any(entry["outcome"] == "failed" for entry in done):
        ctx.exit(1)


def _line(entry: dict[str, Any]) -> str:
    documents = ", ".join(f"{d['siren']} {d['etape']} {d['exercice']} ({d['when']})" for d in entry["documents"])
    return f"{entry['user']}: {entry['outcome'].replace('_', ' ')}: {documents}"
