"""The commands of ``budget-scdl``, and what they say when they can't."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from ckanext.budget.errors import Refusal
from ckanext.budget.messages import french, render
from ckanext.budget.standalone import arguments
from ckanext.budget.standalone.files import Outputs, as_json, check_distinct, reading, say
from ckanext.budget.standalone.opening import is_archive, opened

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


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = arguments.parser(_convert, _inspect, _occult, _check)
    options = parser.parse_args(argv)
    try:
        return options.run(options)
    except Refusal as refusal:
        say(render(refusal.finding, french()).sentence)
        return REFUSED
    except WrongUseError as error:
        say(f"Commande incorrecte : {error}\nVoir {parser.prog} convert --help")
        return REFUSED
    except BrokenPipeError:  # the reader of our output went away: nothing to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        say(f"Fichier inaccessible : {error.filename or ''} ({reason}). Vérifiez le nom et les droits.")
        return REFUSED


class WrongUseError(Exception):
    """Options that don't go with the file that is given."""


def _convert(options: argparse.Namespace) -> int:
    with reading(options.file) as source:
        if is_archive(source):
            return _convert_archive(source, options)
        if options.force:
            raise WrongUseError("--force ne sert qu’à une archive")
        return _convert_file(source, options)


def _convert_archive(source: BinaryIO, options: argparse.Namespace) -> int:
    from ckanext.budget.standalone import folder  # noqa: PLC0415  (only for archives)

    if options.output == "-":
        raise WrongUseError("une archive donne plusieurs fichiers, indiquez un dossier avec -o DOSSIER")
    if options.occulted is not None or options.report is not None:
        raise WrongUseError("--occulted et --report ne vont pas avec une archive, dont le dossier contient tout")
    refused = folder.convert(source, options.file, options.output, force=options.force)
    return REFUSED if refused else DONE


def _convert_file(source: BinaryIO, options: argparse.Namespace) -> int:
    from ckanext.budget.convert import convert  # noqa: PLC0415  (other commands don't need it)

    outputs = [name for name in (options.output, options.occulted) if name is not None]
    check_distinct([*outputs, *([] if options.report is None else [options.report])], options.file)
    with Outputs(outputs) as files:
        copy = None if options.occulted is None else files[options.occulted]
        try:
            with opened(source) as found:
                if found.is_table:
                    return _convert_table(source, files, options)
                report = convert(found.stream, files[options.output], occulted_out=copy)
        except Refusal as refusal:
            _report_refusal(options.report, source, refusal)
            raise
        if not report.conserved:
            raise Refusal("not_conserved")
        report.findings = [*found.findings, *report.findings]
        if options.report is not None:
            with Outputs([options.report]) as reports:
                reports[options.report].write(as_json(report.to_dict()))
                reports.commit()
        files.commit()
    return DONE


def _convert_table(source: BinaryIO, files: Outputs, options: argparse.Namespace) -> int:
    from ckanext.budget.standalone import tabular  # noqa: PLC0415  (only for tables)

    if options.occulted is not None:
        raise WrongUseError("--occulted ne va pas avec un tableau, qui n’a pas de copie XML")
    report = tabular.convert(source, files[options.output])
    if options.report is not None:
        with Outputs([options.report]) as reports:
            reports[options.report].write(as_json(report.to_dict()))
            reports.commit()
    files.commit()
    return DONE


def _report_refusal(path: str | None, source: BinaryIO, refusal: Refusal) -> None:
    if path is None:
        return
    from ckanext.budget.digest import sha256  # noqa: PLC0415  (only for a report)
    from ckanext.budget.quality.report import Report  # noqa: PLC0415  (likewise)

    report = Report(None, sha256(source), findings=[refusal.finding])
    with Outputs([path]) as reports:
        reports[path].write(as_json(report.to_dict()))
        reports.commit()


def _inspect(options: argparse.Namespace) -> int:
    from ckanext.budget.standalone.looking import identity_of, say_members  # noqa: PLC0415  (this command only)

    with reading(options.file) as source:
        if is_archive(source):
            return REFUSED if say_members(source, as_data=options.json) else DONE
        with opened(source) as found:
            if found.is_table:
                return _inspect_table(source, as_data=options.json)
            data = identity_of(found.stream)
    if options.json:
        sys.stdout.write(as_json(data).decode())
        return DONE
    for name, value in _plain(data).items():
        sys.stdout.write(f"{name:<22} {value}\n")
    for finding in found.findings:
        sys.stdout.write(f"{'Remarque':<22} {render(finding, french()).what}\n")
    return DONE


def _inspect_table(source: BinaryIO, *, as_data: bool) -> int:
    from ckanext.budget.standalone import tabular  # noqa: PLC0415  (only for tables)

    data = tabular.look(source)
    sys.stdout.write(as_json(data).decode() if as_data else "".join(f"{line}\n" for line in tabular.words(data)))
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
    from ckanext.budget.totem.occult import occult  # noqa: PLC0415  (this command only)
    from ckanext.budget.totem.reader import read_header  # noqa: PLC0415  (likewise)
    from ckanext.budget.totem.reread import verify  # noqa: PLC0415  (likewise)

    with reading(options.file) as source, Outputs([options.output]) as files:
        if is_archive(source):
            raise WrongUseError("occult prend un budget à la fois ; pour une archive, budget-scdl convert")
        with opened(source) as found:
            read_header(found.stream)
            result = occult(found.stream, files[options.output])
            verify(files[options.output])
        files.commit()
    total = sum(result.counts.values())
    say(f"{total} valeurs masquées." if total > 1 else f"{total} valeur masquée.")
    return DONE


def _check(options: argparse.Namespace) -> int:
    from ckanext.budget.scdl.schema import check  # noqa: PLC0415  (this command only)

    faults = 0
    with reading(options.file) as source:
        for fault in check(source):
            faults += 1
            sys.stdout.write(render(fault.finding, french()).sentence + "\n")
    if not faults:
        sys.stdout.write("Ce fichier est conforme au schéma SCDL budget 0.8.3.\n")
    return INVALID if faults else DONE
