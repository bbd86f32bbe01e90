"""``ckan budget plans``: the charts of accounts that ship with the package, and those that an administrator adds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ckanext.budget.errors import Refusal
from ckanext.budget.messages import french, render

if TYPE_CHECKING:
    from ckanext.budget.nomenclature.plans import Library
    from ckanext.budget.nomenclature.table import Key

REFUSED = 2
Command = TypeVar("Command", bound=Callable[..., None])

_json = click.option("--json", "as_json", is_flag=True, help="Donner le résultat en JSON.")


def _refusing(command: Command) -> Command:
    """A refusal is a French sentence on the error output, and exit code 2."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except Refusal as refusal:
            click.echo(render(refusal.finding, french()).sentence, err=True)
            raise click.exceptions.Exit(REFUSED) from refusal
        except OSError as error:
            click.echo(f"Fichier inaccessible : {error.filename or ''} ({error.strerror or error}).", err=True)
            raise click.exceptions.Exit(REFUSED) from error

    return run  # pyright: ignore[reportReturnType]


@click.group()
def plans() -> None:
    """Plans de comptes (charts of accounts): list, show, compile, import."""


@plans.command("list")
@_json
@_refusing
def list_plans(as_json: bool) -> None:
    """Les plans connus : norme, déclinaison, années, nombre de comptes, livré ou importé."""
    from ckanext.budget.nomenclature import plans as known  # noqa: PLC0415  (rarely run)
    from ckanext.budget.nomenclature import show, words  # noqa: PLC0415

    _folder()
    library = known.library()
    rows = show.stored(library)
    if as_json:
        _print_json({"version": library.version, "plans": rows})
        return
    _print([*words.table(rows), f"Version des plans : {library.version}"])


@plans.command("show")
@click.argument("name", metavar="NORME[-DÉCLINAISON]")
@click.argument("year", metavar="[ANNÉE]", required=False, type=int)
@click.argument("code", metavar="[CODE]", required=False)
@_json
@_refusing
def show_plan(name: str, year: int | None, code: str | None, as_json: bool) -> None:
    """Un plan (ses années), une année (ce qui a changé depuis la précédente) ou un code.

    Par exemple : M57-M57_D, ou M57-M57_D 2024, ou M57-M57_D 2024 60611.
    """
    from ckanext.budget.nomenclature import plans as known  # noqa: PLC0415
    from ckanext.budget.nomenclature import show  # noqa: PLC0415

    _folder()
    library = known.library()
    keys = show.having(library, show.keys(library, name), year, code)
    found = [_shown(library, key, year, code) for key in keys]
    if as_json:
        _print_json([each for data, _ in found for each in data])
    else:
        _print(line for _, lines in found for line in lines)


def _shown(library: Library, key: Key, year: int | None, code: str | None) -> tuple[list[Any], list[str]]:
    """What is shown of a declination: data, and lines."""
    from ckanext.budget.nomenclature import show, words  # noqa: PLC0415

    if year is None:
        years = show.years(library, key)
        return [each.to_dict() for each in years], list(words.years(years))
    if code is None:
        one = show.year(library, key, year)
        return [one.to_dict()], list(words.year(one))
    entries = show.code(library, key, year, code)
    return entries, [line for each in entries for line in words.entry(each)]


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


@plans.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="CHEMIN...", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Dire ce qui changerait, sans rien écrire.")
@_json
@_refusing
def import_plans(paths: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    """Ajoute des plans officiels : fichiers planDeCompte.xml, dossiers ou zip.

    L’année, la norme et la déclinaison sont celles des dossiers année/norme/déclinaison, sinon celles qu’annonce le
    fichier. Un plan déjà livré est remplacé par celui qui est importé.
    """
    from ckanext.budget.nomenclature import importing, words  # noqa: PLC0415

    folder = _folder()
    if folder is None:
        raise Refusal("plans_path_absent")
    done = importing.import_plans(paths, folder, dry_run=dry_run)
    for finding in (finding for each in done.plans for finding in each.given.findings):
        click.echo(render(finding, french()).sentence, err=True)
    if as_json:
        _print_json({**done.to_dict(), "dry_run": dry_run})
    else:
        _print(words.outcome(done, dry_run=dry_run))


def _folder() -> Path | None:
    """The folder of imported plans, which this command reads and writes."""
    from ckanext.budget import config  # noqa: PLC0415  (CKAN)

    config.configure_plans()
    return config.plans_folder()


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _print_json(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
