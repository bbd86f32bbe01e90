"""Tables on the command line: an SCDL CSV of any make or a spreadsheet, put in order; its columns, seen."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from ckanext.budget.convert import take_over
from ckanext.budget.digest import sha256
from ckanext.budget.errors import Refusal
from ckanext.budget.messages import french, render
from ckanext.budget.quality.report import Report, describe, identity
from ckanext.budget.scdl import table
from ckanext.budget.standalone.files import say
from ckanext.budget.tables.model import Normalised
from ckanext.budget.tables.normalise import normalise


def convert(source: BinaryIO, out: BinaryIO) -> Report:
    """Write the standard CSV of a table; what was changed is said on standard error, and in the report."""
    with tempfile.TemporaryFile() as copy:
        found = normalise(source, copy)
        report = take_over(copy, out, replace(found.header, kind="scdl"), mapping=found.mapping)
    if (report.lines, table.read_back(out)) != (found.lines, (found.lines, found.groups)):
        raise Refusal("not_conserved")
    report.source_sha256 = sha256(source)
    known = {(finding.code, finding.line) for finding in found.findings}
    report.findings = [*found.findings, *(f for f in report.findings if (f.code, f.line) not in known)]
    for finding in found.findings:
        words = render(finding, french())
        say(f"{words.what} ({words.where})." if words.where else f"{words.what}.")
    return report


def look(source: BinaryIO) -> dict[str, Any]:
    """What a table says, and how its columns are understood."""
    with tempfile.TemporaryFile() as out:
        return _data(normalise(source, out))


def _data(found: Normalised) -> dict[str, Any]:
    return {
        "document": identity(found.header),
        "lines": found.lines,
        "left_out": found.left_out,
        "mapping": [{"written": written, "column": column} for written, column in found.mapping],
        "findings": [describe(finding) for finding in found.findings],
    }


def words(data: Mapping[str, Any]) -> list[str]:
    """The same, to be read."""
    document = data["document"]
    said = {
        "Fichier": "tableau",
        "Collectivité": document["name"],
        "SIRET": document["siret"] or "absent ou invalide",
        "Exercice": document["exercice"],
        "Étape": document["stage"],
        "Lignes budgétaires": data["lines"],
        "Lignes écartées": data["left_out"],
    }
    columns = [f"{'Colonne':<22} {m['written'] or '?'} → {m['column'] or 'écartée'}" for m in data["mapping"]]
    remarks = [f"{'Remarque':<22} {finding['message']}" for finding in data["findings"]]
    return [f"{name:<22} {value}" for name, value in said.items()] + columns + remarks
