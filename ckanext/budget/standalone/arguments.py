"""The command line: its commands, its help and its faults, in French."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from ckanext.budget import __version__

WRONG_USE = 2

#: what argparse says of a wrong use
_FAULTS = (
    (r"the following arguments are required: (.+)", r"il manque \1"),
    (r"unrecognized arguments: (.+)", r"argument inconnu, \1"),
    (r"argument (\S+): expected one argument", r"\1 attend une valeur"),
    (r"argument (\S+): ignored explicit argument (.+)", r"\1 ne prend pas de valeur, \2"),
    (r"ambiguous option: (\S+) could match (.+)", r"\1 peut vouloir dire \2"),
    (r"argument (\S+): invalid choice: (\S+) \(.*", r"\1 inconnue, \2"),
)
_ANY = "XML, .gz, enveloppe PES ou signée, tableau (CSV, XLSX, ODS) ou archive .zip (« - » : entrée standard)"

Run = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """argparse's own exit code for wrong use is already 2; what it says is put in French."""

    def __init__(self, **more: Any) -> None:
        super().__init__(add_help=False, allow_abbrev=False, **more)
        self.named = self.add_argument_group("arguments\u00a0")
        self.options = self.add_argument_group("options\u00a0")
        self.options.add_argument("-h", "--help", action="help", help="afficher cette aide")

    def format_usage(self) -> str:
        return _in_french(super().format_usage())

    def format_help(self) -> str:
        return _in_french(super().format_help())

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        for pattern, words in _FAULTS:
            message = re.sub(f"^{pattern}$", words, message)
        self.exit(WRONG_USE, f"Commande incorrecte : {message}\nVoir {self.prog} --help\n")


def _in_french(text: str) -> str:
    return re.sub(r"^usage:", "utilisation\u00a0:", text)


def parser(convert: Run, inspect: Run, occult: Run, check: Run) -> Parser:
    """The parser; ``options.run`` is the command's function."""
    root = Parser(
        prog="budget-scdl",
        description="Convertit les budgets des collectivités (TotEM, compte financier unique) au format standard SCDL.",
        epilog="Codes de sortie : 0 fait ; 1 le CSV vérifié est invalide ; 2 refusé (illisible, pas un budget, "
        "commande incorrecte).",
    )
    version = f"budget-scdl {__version__}"
    root.options.add_argument("--version", action="version", version=version, help="afficher la version")
    commands = root.add_subparsers(title="commandes\u00a0", required=True, metavar="COMMANDE", parser_class=Parser)
    _convert(commands.add_parser("convert", help="faire le CSV standard d’un budget, ou de tous ceux d’une archive"))
    _inspect(commands.add_parser("inspect", help="dire ce qu’est un fichier : de qui, quelle année, quelle étape"))
    _occult(commands.add_parser("occult", help="faire une copie sans données personnelles"))
    _check(commands.add_parser("check", help="vérifier un CSV avec le schéma SCDL budget"))
    for name, run in {"convert": convert, "inspect": inspect, "occult": occult, "check": check}.items():
        commands.choices[name].set_defaults(run=run)
    return root


def _convert(command: Parser) -> None:
    command.description = (
        "Fait le CSV standard d’un budget. D’une archive .zip (dossiers et archives imbriqués, plusieurs "
        "collectivités), fait un dossier : pour chaque budget SIRET/EXERCICE-ETAPE-NOM.csv, .xml (copie sans données "
        "personnelles) et .json (rapport), et un bilan de tout ce qu’elle contient (bilan.csv, bilan.json). "
        "De deux versions d’un même document, la plus récemment scellée est gardée."
    )
    command.epilog = (
        "Code de sortie d’une archive : 0 si tout a été converti ou n’est pas un budget, 2 si un fichier a été refusé "
        "(les autres sont écrits)."
    )
    command.named.add_argument("file", metavar="FICHIER", help=_ANY)
    command.options.add_argument(
        "-o",
        "--output",
        metavar="CSV|DOSSIER",
        default="-",
        help="CSV à écrire (par défaut, sortie standard) ; pour une archive, dossier à écrire : nouveau ou vide",
    )
    command.options.add_argument(
        "--force",
        action="store_true",
        help="archive : écrire dans un dossier qui n’est pas vide (les fichiers de même nom sont remplacés, les "
        "autres restent)",
    )
    command.options.add_argument("--occulted", metavar="XML", help="copie sans données personnelles à écrire")
    command.options.add_argument("--report", metavar="JSON", help="rapport à écrire (aussi en cas de refus)")


def _inspect(command: Parser) -> None:
    command.named.add_argument("file", metavar="FICHIER", help=_ANY)
    command.options.add_argument("--json", action="store_true", help="en JSON")


def _occult(command: Parser) -> None:
    command.named.add_argument(
        "file", metavar="FICHIER", help="XML, .gz, enveloppe PES ou signée (« - » : entrée standard)"
    )
    command.options.add_argument(
        "-o", "--output", metavar="XML", required=True, help="copie à écrire (« - » : sortie standard)"
    )


def _check(command: Parser) -> None:
    command.named.add_argument("file", metavar="FICHIER", help="fichier CSV (« - » : entrée standard)")
