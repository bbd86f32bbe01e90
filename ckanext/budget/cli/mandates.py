"""``ckan budget mandates``: who deposits for whom, and which mandates end soon."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk
import click
from ckan.types import Context


@click.command()
@click.option(
    "--expiring", type=click.IntRange(min=0), help="Only those whose last day is at most so many days away."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def mandates(ctx: click.Context, expiring: int | None, as_json: bool) -> None:
    """The mandates of the portal, those that end first leading.

    Exit code 1 when --expiring finds one.
    """
    found = tk.get_action("budget_mandate_list")(Context(ignore_auth=True), {"expiring": expiring})
    if as_json:
        click.echo(json.dumps({"mandates": found}, ensure_ascii=False))
    else:
        for mandate in found:
            click.echo(_line(mandate))
        if not found:
            click.echo("no mandate" if expiring is None else f"no mandate ends within {expiring} days")
    if found and expiring is not None:
        ctx.exit(1)


def _line(mandate: dict[str, Any]) -> str:
    holder = mandate["by_org"] or mandate["user"] or "(gone)"
    until = mandate["ends"] or "no end"
    return f"{mandate['id']}: {mandate['state']}, {mandate['kind']}, {holder} for {mandate['siren']}, until {until}"
