"""Small documents made line by line: what goes into the standard, and what comes out."""

from __future__ import annotations

from typing import NamedTuple

from ckanext.budget.errors import Finding
from ckanext.budget.scdl.model import COLUMNS, ConvertedLine
from ckanext.budget.scdl.rows import Standardiser
from ckanext.budget.totem.model import Header, Kind
from dev import fixtures

#: columns of the schema that no row may leave empty (SIRET apart, when the source has none)
REQUIRED = (
    "BGT_NATDEC", "BGT_ANNEE", "BGT_SIRET", "BGT_NOM", "BGT_CONTNAT", "BGT_CONTNAT_LABEL", "BGT_NATURE",
    "BGT_NATURE_LABEL", "BGT_SECTION", "BGT_OPBUDG", "BGT_CODRD",
)  # fmt: skip
#: header values that choose a chart of accounts
M57 = {"Nomenclature": "M57-M57_D", "Exer": "2022"}
M57_A = {"Nomenclature": "M57-M57_A", "Exer": "2022"}
M52 = {"Nomenclature": "M52-M52", "Exer": "2019"}


class Result(NamedTuple):
    """Converted lines, their rows by column, and the findings."""

    lines: list[ConvertedLine]
    rows: list[dict[str, str]]
    findings: list[Finding]

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings]


def header(kind: Kind = "totem", **values: str | None) -> Header:
    """A compte administratif 2021 of the fictitious commune, but for what is given (None: absent)."""
    given: dict[str, str | None] = {
        "NatDec": "09", "Exer": "2021", "IdEtab": fixtures.SIRET, "LibelleColl": fixtures.NAME, "CodTypBud": "P",
        "LibelleEtab": "Budget principal", "Nomenclature": "M14-M14_COM_500_3500", "NatFonc": "1", **values,
    }  # fmt: skip
    return Header(kind, {name: value for name, value in given.items() if value is not None})


def line(nature: str | None = "60611", **values: str) -> dict[str, str]:
    """A real expenditure, but for what is given; ``section`` stands for CaracSup Section."""
    made = {"@line": "12", "CodRD": "D", "OpBudg": "0"}
    if nature is not None:
        made["Nature"] = nature
    if section := values.pop("section", None):
        made["CaracSup.section"] = section
    return {**made, **values}


def converted(*lines: dict[str, str], kind: Kind = "totem", **values: str | None) -> Result:
    """The lines as a document with that header would give them."""
    standardiser = Standardiser(header(kind, **values))
    out = [standardiser.convert(given) for given in lines]
    return Result(out, [dict(zip(COLUMNS, one.cells, strict=True)) for one in out], standardiser.findings)


def row(given: dict[str, str], **values: str | None) -> dict[str, str]:
    """The row of one line."""
    return converted(given, **values).rows[0]
