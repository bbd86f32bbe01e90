"""Command line: ``ckan budget …``."""

from __future__ import annotations

import click

from ckanext.budget.cli import documents
from ckanext.budget.cli.imports import import_budgets, import_work
from ckanext.budget.cli.mandates import mandates
from ckanext.budget.cli.plans import plans
from ckanext.budget.cli.remind import remind
from ckanext.budget.cli.scan import scan
from ckanext.budget.cli.watch import watch

__all__ = ["budget"]


@click.group(short_help="Budgets of local governments")
def budget() -> None:
    """Publication of budgets: checks and maintenance."""


budget.add_command(scan)
budget.add_command(import_budgets)
budget.add_command(import_work)
budget.add_command(watch)
budget.add_command(plans)
budget.add_command(remind)
budget.add_command(mandates)
for command in (documents.status, documents.reconvert, documents.stuck, documents.purge, documents.doctor):
    budget.add_command(command)
