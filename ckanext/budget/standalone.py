"""Console script ``budget-scdl``: convert, inspect, occult and check budgets with neither CKAN nor a database.

Exit codes: 0 done, 1 the checked CSV is invalid, 2 refused (unreadable, not a budget, wrong use).
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

from ckanext.budget import __version__
from ckanext.budget.errors import Refusal
from ckanext.budget.messages import french, render

DONE, INVALID, REFUSED = 0, 1, 2

#: why the system refuses a file, for people
_REASONS = {
    errno.ENOENT: "introuvable",
    errno.ENOTDIR: "introuvable",
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.EISDIR: "c’est un dossier",
    errno.ENOSPC: "plus de place sur le disque",
}
#: what argparse says of a wrong use
_WRONG_USE = (
    (r"the following arguments are required: (.+)", r"il manque \1"),
    (r"unrecognized arguments: (.+)", r"argument inconnu, \1"),
    (r"argument (\S+): expected one argument", r"\1 attend une valeur"),
    (r"argument (\S+): invalid choice: (\S+) \(.*", r"\1 inconnue, \2"),
)


class _Parser(argparse.ArgumentParser):
    """argparse's own exit code for wrong use is already 2; what it says is put in French."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        for pattern, french_words in _WRONG_USE:
            message = re.sub(f"^{pattern}$", french_words, message)
        self.exit(REFUSED, f"Commande incorrecte : {message}\nVoir {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except Refusal as refusal:
        _say(render(refusal.finding, french()).sentence)
        return REFUSED
    except BrokenPipeError:  # the reader of our output went away: nothing to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        _say(f"Fichier inaccessible : {error.filename or ''} ({reason}). Vérifiez le nom et les droits.")
        return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="budget-scdl",
        description="Convertit les budgets des collectivités (TotEM, compte financier unique) au format standard SCDL.",
        epilog="Codes de sortie : 0 fait ; 1 le CSV vérifié est invalide ; 2 refusé (illisible, pas un budget, "
        "commande incorrecte).",
    )
    parser.add_argument("--version", action="version", version=f"budget-scdl {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMANDE", parser_class=_Parser)

    command = commands.add_parser("convert", help="faire le CSV standard d’un budget")
    command.add_argument("file", metavar="FICHIER", help="fichier XML (« - » : entrée standard)")
    command.add_argument(
        "-o", "--output", metavar="CSV", default="-", help="CSV à écrire (par défaut, sortie standard)"
    )
    command.add_argument("--occulted", metavar="XML", help="copie sans données personnelles à écrire")
    command.add_argument("--report", metavar="JSON", help="rapport à écrire (aussi en cas de refus)")
    command.set_defaults(run=_convert)

    command = commands.add_parser("inspect", help="dire ce qu’est un fichier : de qui, quelle année, quelle étape")
    command.add_argument("file", metavar="FICHIER", help="fichier XML (« - » : entrée standard)")
    command.add_argument("--json", action="store_true", help="en JSON")
    command.set_defaults(run=_inspect)

    command = commands.add_parser("occult", help="faire une copie sans données personnelles")
    command.add_argument("file", metavar="FICHIER", help="fichier XML (« - » : entrée standard)")
    command.add_argument(
        "-o", "--output", metavar="XML", required=True, help="copie à écrire (« - » : sortie standard)"
    )
    command.set_defaults(run=_occult)

    command = commands.add_parser("check", help="vérifier un CSV avec le schéma SCDL budget")
    command.add_argument("file", metavar="FICHIER", help="fichier CSV (« - » : entrée standard)")
    command.set_defaults(run=_check)
    return parser


def _convert(options: argparse.Namespace) -> int:
    from ckanext.budget.convert import convert  # noqa: PLC0415

    outputs = [name for name in (options.output, options.occulted) if name is not None]
    _check_distinct([*outputs, *([] if options.report is None else [options.report])], options.file)
    with _source(options.file) as source, _Outputs(outputs) as files:
        copy = None if options.occulted is None else files[options.occulted]
        try:
            report = convert(source, files[options.output], occulted_out=copy)
        except Refusal as refusal:
            _report_refusal(options.report, source, refusal)
            raise
        if not report.conserved:
            raise Refusal("not_conserved")
        if options.report is not None:
            with _Outputs([options.report]) as reports:
                reports[options.report].write(_json(report.to_dict()))
                reports.commit()
        files.commit()
    return DONE


def _report_refusal(path: str | None, source: BinaryIO, refusal: Refusal) -> None:
    if path is None:
        return
    from ckanext.budget.digest import sha256  # noqa: PLC0415
    from ckanext.budget.quality.report import Report  # noqa: PLC0415

    report = Report(None, sha256(source), findings=[refusal.finding])
    with _Outputs([path]) as reports:
        reports[path].write(_json(report.to_dict()))
        reports.commit()


def _inspect(options: argparse.Namespace) -> int:
    from ckanext.budget.quality.report import identity  # noqa: PLC0415
    from ckanext.budget.totem.reader import Reader  # noqa: PLC0415

    with _source(options.file) as source:
        reader = Reader(source)
        lines = sum(1 for line in reader if "calculated" not in line)
    data = {**identity(reader.header), "lines": lines, "calculated_lines": reader.calculated}
    if options.json:
        sys.stdout.write(_json(data).decode())
        return DONE
    for name, value in _plain(data).items():
        sys.stdout.write(f"{name:<22} {value}\n")
    return DONE


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {"totem": "document budgétaire (TotEM)", "cfu": "compte financier unique"}
    number = f" n° {data['dm_number']}" if data["dm_number"] else ""
    return {
        "Fichier": kinds[str(data["kind"])],
        "Collectivité": data["name"],
        "SIRET": data["siret"] or "absent ou invalide",
        "Budget": "annexe" if data["annexe"] else "principal",
        "Exercice": data["exercice"],
        "Étape": f"{data['stage']}{number}{' (projet)' if data['draft'] else ''}",
        "Nomenclature": data["nomenclature"],
        "Lignes budgétaires": data["lines"],
    }


def _occult(options: argparse.Namespace) -> int:
    from ckanext.budget.totem.occult import occult  # noqa: PLC0415
    from ckanext.budget.totem.reader import read_header  # noqa: PLC0415

    with _source(options.file) as source, _Outputs([options.output]) as files:
        read_header(source)
        result = occult(source, files[options.output])
        files.commit()
    total = sum(result.counts.values())
    _say(f"{total} valeurs masquées." if total > 1 else f"{total} valeur masquée.")
    return DONE


def _check(options: argparse.Namespace) -> int:
    from ckanext.budget.scdl.schema import check  # noqa: PLC0415

    faults = 0
    with _source(options.file) as source:
        for fault in check(source):
            faults += 1
            sys.stdout.write(render(fault.finding, french()).sentence + "\n")
    if not faults:
        sys.stdout.write("Ce fichier est conforme au schéma SCDL budget 0.8.3.\n")
    return INVALID if faults else DONE


@contextmanager
def _source(name: str) -> Generator[BinaryIO]:
    """The file to read, seekable: standard input and pipes are copied to a temporary file first."""
    with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as stream:
        if name != "-" and stream.seekable():
            yield stream
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(stream, copy)
            copy.seek(0)
            yield copy


def _is_stream(name: str) -> bool:
    """Standard output, a device or a pipe: written into, never replaced."""
    return name == "-" or (Path(name).exists() and not Path(name).is_file() and not Path(name).is_dir())


def _check_distinct(outputs: list[str], source: str) -> None:
    """No output may overwrite another or the source."""
    seen = {Path(source).resolve()}
    for name in outputs:
        path = Path(name) if name == "-" else Path(name).resolve()
        if path in seen and (name == "-" or not _is_stream(name)):
            raise OSError(0, "ce nom sert deux fois", name)
        seen.add(path)


class _Outputs:
    """Files written beside their targets, which they replace only on ``commit``: a refusal leaves nothing."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._files: dict[str, BinaryIO] = {}

    def __enter__(self) -> _Outputs:
        try:
            for name in self._names:
                self._files[name] = self._open(name)
        except OSError:
            self.__exit__()
            raise
        return self

    def _open(self, name: str) -> BinaryIO:
        if _is_stream(name):
            return tempfile.TemporaryFile()  # noqa: SIM115  (closed on exit)
        path = Path(name).resolve()
        if path.is_dir():
            raise OSError(errno.EISDIR, "", name)
        try:
            return cast("BinaryIO", tempfile.NamedTemporaryFile("w+b", dir=path.parent, delete=False))
        except OSError as error:
            raise OSError(error.errno, error.strerror, name) from error

    def __getitem__(self, name: str) -> BinaryIO:
        return self._files[name]

    def commit(self) -> None:
        """Put every output in its place (a new file gets the usual permissions)."""
        umask = os.umask(0)
        os.umask(umask)
        for name, stream in self._files.items():
            stream.flush()
            if _is_stream(name):
                stream.seek(0)
                with nullcontext(sys.stdout.buffer) if name == "-" else Path(name).open("wb") as out:
                    shutil.copyfileobj(stream, out)
                    out.flush()
            else:
                Path(stream.name).chmod(0o666 & ~umask)
                Path(stream.name).replace(Path(name).resolve())

    def __exit__(self, *_: object) -> None:
        for name, stream in self._files.items():
            stream.close()
            if not _is_stream(name):
                Path(stream.name).unlink(missing_ok=True)


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2).encode() + b"\n"


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
