"""The report of a conversion: whose document, what was counted, what was found. JSON Schema: report.schema.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ckanext.budget import __version__
from ckanext.budget.errors import Finding
from ckanext.budget.messages import french, render
from ckanext.budget.nomenclature.plans import plans_version
from ckanext.budget.quality.controls_model import Control
from ckanext.budget.quality.facts import Facts
from ckanext.budget.quality.labels import Coverage
from ckanext.budget.quality.level import level
from ckanext.budget.quality.proof import Conservation, plain
from ckanext.budget.scdl.schema import SCHEMA_VERSION
from ckanext.budget.totem.model import AMOUNTS, Header

SCHEMA = Path(__file__).parent / "report.schema.json"


@dataclass
class Report:
    """Amounts are in euros (``Decimal``); ``header`` is None when the file was refused before it was known."""

    header: Header | None
    source_sha256: str
    csv_sha256: str | None = None
    calculated: int = 0
    conservation: Conservation = field(default_factory=Conservation)
    labels: Coverage = field(default_factory=Coverage)
    findings: list[Finding] = field(default_factory=list[Finding])
    controls: list[Control] = field(default_factory=list[Control])
    facts: Facts | None = None
    occultation: Mapping[str, int] | None = None
    #: columns of a table, as written, and the columns of the standard they became
    mapping: Sequence[tuple[str, str | None]] = ()

    @property
    def lines(self) -> int:
        """Data lines of the source, counted apart from the conversion."""
        return self.conservation.lines

    @property
    def rows(self) -> int:
        """Rows of the CSV."""
        return self.conservation.rows

    @property
    def conserved(self) -> bool:
        """As many rows as data lines, and the same sums to the cent."""
        return self.conservation.holds

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as the JSON Schema describes; amounts are decimal text."""
        return {
            "document": identity(self.header) if self.header else None,
            "level": level(self.findings, self.controls) if self.header else None,
            "lines": self.lines,
            "calculated_lines": self.calculated,
            "rows": self.rows,
            "conserved": self.conserved,
            "sums": {"source": self._sums("source"), "csv": self._sums("csv")},
            "conservation": self.conservation.to_list(),
            "labels": self.labels.to_dict(),
            "findings": [describe(finding) for finding in self.findings],
            "controls": [describe_control(control) for control in self.controls],
            "facts": self.facts.to_dict() if self.facts else None,
            "mapping": [list(pair) for pair in self.mapping],
            "occultation": dict(self.occultation) if self.occultation is not None else None,
            "converter_version": __version__,
            "plans_version": plans_version(),
            "scdl_version": SCHEMA_VERSION,
            "source_sha256": self.source_sha256,
            "csv_sha256": self.csv_sha256,
        }

    def _sums(self, where: Literal["source", "csv"]) -> dict[str, dict[str, str]]:
        total = self.conservation.total
        return {sense: {name: plain(total(where, name, sense)) for name in AMOUNTS} for sense in "RD"}


def describe(finding: Finding) -> dict[str, Any]:
    """A finding as data, with its French words (``message``, ``place``, ``remedy``)."""
    words = render(finding, french())
    return {**finding.to_dict(), "message": words.what, "place": words.where, "remedy": words.remedy}


def describe_control(control: Control) -> dict[str, Any]:
    """A control as data, with its French words (``name``, ``message``, ``left_name``, ``right_name``, ``remedy``)."""
    words = control.words(french())
    return {
        **control.to_dict(),
        "name": words.name,
        "message": words.sentence,
        "left_name": words.left_name,
        "right_name": words.right_name,
        "remedy": words.remedy,
    }


def identity(header: Header) -> dict[str, Any]:
    """Identity of a document, as the report gives it."""
    return {
        "kind": header.kind,
        "name": header.name,
        "siret": header.siret,
        "siren": header.siren,
        "exercice": header.exercice,
        "stage": header.stage,
        "dm_number": header.dm_number,
        "nomenclature": header.get("Nomenclature"),
        "annexe": header.is_annexe,
        "vote": header.get("NatFonc"),
        "draft": header.is_draft,
        "dte_str": header.get("DteStr"),
        "seal": {"md5": header.seal.md5, "sha1": header.seal.sha1, "date": header.seal.date},
    }
