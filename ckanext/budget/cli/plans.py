"""``ckan budget plans``: the charts of accounts that ship with the package."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def plans() -> None:
    """Charts of accounts (plans de comptes)."""


@plans.command("compile")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Table to write."
)
def compile_plans(folder: Path, output: Path) -> None:
    """Compile the official planDeCompte.xml files of FOLDER into one table."""
    from ckanext.budget.nomenclature.compile import compile_folder  # noqa: PLC0415  (lxml only here)

    count = compile_folder(folder, output)
    click.echo(f"{count} plans: {output}")
