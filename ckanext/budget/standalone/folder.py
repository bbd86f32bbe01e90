"""``budget-scdl convert ZIP -o FOLDER``: every budget of an archive, of any number of collectivités, and a summary."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ckanext.budget.convert import convert as convert_budget
from ckanext.budget.digest import sha256
from ckanext.budget.errors import Refusal
from ckanext.budget.messages import french, kinds, render
from ckanext.budget.standalone.files import as_json, new_folder, say
from ckanext.budget.standalone.opening import Found, opened
from ckanext.budget.totem.archives import Member, members
from ckanext.budget.totem.model import Header
from ckanext.budget.totem.versions import Evidence, evidence

CONVERTED, REFUSED, TWIN, REPLACED, OTHER = "converti", "refusé", "doublon", "remplacé", "pas un budget"

_SUFFIXES = (".csv", ".xml", ".json")


@dataclass
class Row:
    """One member in the summary; ``output`` is the CSV, below the folder."""

    file: str
    outcome: str = OTHER
    siret: str = ""
    name: str = ""
    exercice: str = ""
    stage: str = ""
    lines: int | None = None
    output: str = ""
    reason: str = ""
    evidence: Evidence = field(default_factory=Evidence)

    def cells(self) -> dict[str, str]:
        """The row as it is written."""
        return {
            "fichier": self.file,
            "resultat": self.outcome,
            "siret": self.siret,
            "collectivite": self.name,
            "exercice": self.exercice,
            "etape": self.stage,
            "lignes": "" if self.lines is None else str(self.lines),
            "sortie": self.output,
            "motif": self.reason,
        }

    def know(self, header: Header) -> None:
        """Whose it is, and how recent."""
        self.siret = header.siret or header.siren or ""
        self.name = header.name
        self.exercice = str(header.exercice or "")
        self.stage = f"{header.stage}{f' {header.dm_number}' if header.dm_number else ''}"
        self.evidence = evidence(header.seal.date, header.get("DteStr"))


def convert(source: BinaryIO, name: str, output: str, *, force: bool) -> int:
    """Convert every budget of a zip into a folder, put in place when all is done; how many files were refused.

    Raises :class:`Refusal` when nothing at all could be read, ``OSError`` when the folder can't be written.
    """
    with new_folder(output, force=force) as stage:
        work = _Work(stage)
        try:
            for member in members(source):
                work.take(member)
        except Refusal as refusal:
            if not work.rows:
                raise
            work.rows.append(_refused(Row(Path(name).name), refusal))
        cells = [row.cells() for row in work.rows]
        (stage / "bilan.csv").write_bytes(_table(cells))
        (stage / "bilan.json").write_bytes(as_json(cells))
    outcomes = Counter(row.outcome for row in work.rows)
    say(f"{_sentence(outcomes)} Bilan : {Path(output) / 'bilan.csv'}")
    return outcomes[REFUSED]


def _sentence(outcomes: Counter[str]) -> str:
    words: dict[str, tuple[str, str]] = {
        CONVERTED: ("budget converti", "budgets convertis"),
        REFUSED: ("fichier refusé", "fichiers refusés"),
        TWIN: ("doublon", "doublons"),
        REPLACED: ("version remplacée", "versions remplacées"),
        OTHER: ("fichier qui n’est pas un budget", "fichiers qui ne sont pas des budgets"),
    }
    said = [
        f"{outcomes[o]} {several if outcomes[o] > 1 else one}" for o, (one, several) in words.items() if outcomes[o]
    ]
    return ", ".join(said or ["archive vide"]) + "."


class _Work:
    """The folder as it fills: what is current by document, and which bytes were seen."""

    def __init__(self, stage: Path) -> None:
        self.rows: list[Row] = []
        self._stage = stage
        self._current: dict[tuple[str, ...], Row] = {}
        self._seen: dict[str, Row] = {}

    def take(self, member: Member) -> None:
        """Convert one member, if it is a budget."""
        row = Row(member.name)
        self.rows.append(row)
        try:
            if member.stream is None:
                raise member.refusal or Refusal("member_damaged")
            with opened(member.stream) as found:
                if found.is_budget:
                    self._convert(row, found)
                elif found.is_table:
                    row.reason = "C’est un tableau : s’il porte un budget, convertissez-le seul."
        except Refusal as refusal:
            _refused(row, refusal)
        finally:
            for path in self._working().values():
                path.unlink(missing_ok=True)

    def _working(self) -> Mapping[str, Path]:
        return {suffix: self._stage / f".en-cours{suffix}" for suffix in _SUFFIXES}

    def _convert(self, row: Row, found: Found) -> None:
        if self._is_twin(row, sha256(found.stream)):
            return
        files = self._working()
        with files[".csv"].open("w+b") as table, files[".xml"].open("w+b") as copy:
            report = convert_budget(found.stream, table, occulted_out=copy)
            occulted = sha256(copy)
        if not report.conserved or report.header is None:
            raise Refusal("not_conserved")
        row.know(report.header)
        row.lines = report.rows
        if self._is_twin(row, occulted):
            return
        report.findings = [*found.findings, *report.findings]
        files[".json"].write_bytes(as_json(report.to_dict()))
        self._settle(row, report.header)
        self._seen[report.source_sha256] = self._seen[occulted] = row

    def _is_twin(self, row: Row, digest: str) -> bool:
        twin = self._seen.get(digest)
        if twin is None:
            return False
        row.outcome, row.siret, row.name = TWIN, twin.siret, twin.name
        row.exercice, row.stage, row.lines = twin.exercice, twin.stage, twin.lines
        row.reason = f"Même document que {twin.file}."
        return True

    def _settle(self, row: Row, header: Header) -> None:
        """The newest version of a document keeps its place; of two equal ones, the later in the archive."""
        whose, base = place(header)
        key = (whose, str(header.exercice), row.stage, "" if header.siret else base)
        before = self._current.get(key)
        if before is not None and row.evidence.compare(before.evidence) < 0:
            _replaced(row, before)
            return
        if before is not None:
            for suffix in _SUFFIXES:
                (self._stage / before.output).with_suffix(suffix).unlink()
            _replaced(before, row)
        row.outcome, row.output = CONVERTED, f"{whose}/{base}.csv"
        (self._stage / whose).mkdir(exist_ok=True)
        for suffix, path in self._working().items():
            path.rename(self._stage / whose / f"{base}{suffix}")
        self._current[key] = row


def place(header: Header) -> tuple[str, str]:
    """Folder and name, without suffix, of a budget's files: ``21560046100010``, ``2021-DM-2-exemple-sur-meuse``."""
    number = f"-{header.dm_number}" if header.dm_number else ""
    words = unicodedata.normalize("NFKD", header.name).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:60].strip("-") or "budget"
    return header.siret or header.siren or "sans-siren", f"{header.exercice}-{header.stage}{number}-{name}"


def _replaced(older: Row, newer: Row) -> None:
    older.outcome, older.output = REPLACED, ""
    older.reason = f"Une version plus récente de ce document est dans l’archive, {newer.file}."


def _refused(row: Row, refusal: Refusal) -> Row:
    row.outcome = OTHER if refusal.finding.code in kinds.MESSAGES else REFUSED
    row.reason = render(refusal.finding, french()).sentence
    return row


def _table(rows: list[dict[str, str]]) -> bytes:
    """The summary as spreadsheets of this country open it: semicolons, a mark of UTF-8, no text taken for a formula."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(Row("").cells()), delimiter=";")
    writer.writeheader()
    writer.writerows({name: _harmless(text) for name, text in row.items()} for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
