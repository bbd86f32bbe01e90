"""The report of a conversion: whose document, what was counted, what was found. JSON Schema: report.schema.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ckanext.budget import __version__
from ckanext.budget.errors import Finding
from ckanext.budget.messages import french, render
from ckanext.budget.nomenclature.plans import PLANS_VERSION
from ckanext.budget.scdl.schema import SCHEMA_VERSION
from ckanext.budget.scdl.table import Sums, empty_sums
from ckanext.budget.totem.model import Header

SCHEMA = Path(__file__).parent / "report.schema.json"


@dataclass
class Report:
    """``sums`` are in euros (``Decimal``); ``header`` is None when the file was refused before it was known."""

    header: Header | None
    source_sha256: str
    csv_sha256: str | None = None
    lines: int = 0
    calculated: int = 0
    rows: int = 0
    source_sums: Sums = field(default_factory=empty_sums)
    csv_sums: Sums = field(default_factory=empty_sums)
    findings: list[Finding] = field(default_factory=list[Finding])
    occultation: Mapping[str, int] | None = None

    @property
    def conserved(self) -> bool:
        """As many rows as data lines, and the same sums to the cent."""
        return self.lines == self.rows and self.source_sums == self.csv_sums

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as the JSON Schema describes; amounts are decimal text."""
        return {
            "document": identity(self.header) if self.header else None,
            "lines": self.lines,
            "calculated_lines": self.calculated,
            "rows": self.rows,
            "conserved": self.conserved,
            "sums": {"source": _sums(self.source_sums), "csv": _sums(self.csv_sums)},
            "findings": [describe(finding) for finding in self.findings],
            "occultation": dict(self.occultation) if self.occultation is not None else None,
            "converter_version": __version__,
            "plans_version": PLANS_VERSION,
            "scdl_version": SCHEMA_VERSION,
            "source_sha256": self.source_sha256,
            "csv_sha256": self.csv_sha256,
        }


def describe(finding: Finding) -> dict[str, Any]:
    """A finding as data, with its French words (``message``, ``place``, ``remedy``)."""
    words = render(finding, french())
    return {**finding.to_dict(), "message": words.what, "place": words.where, "remedy": words.remedy}


def _sums(sums: Sums) -> dict[str, dict[str, str]]:
    return {sense: {name: f"{total:f}" for (name, s), total in sums.items() if s == sense} for sense in "RD"}


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
