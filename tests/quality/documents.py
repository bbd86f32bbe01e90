"""Documents as the controls see them: a header, lines summed, the debt annexe, every line given to the subtotals."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

from ckanext.budget.figures.groups import Group, of_lines
from ckanext.budget.quality import facts
from ckanext.budget.quality.controls import Control, Debt, check, debt_of
from ckanext.budget.quality.facts import Facts
from ckanext.budget.quality.subtotals import Subtotals
from ckanext.budget.scdl.rows import Standardiser
from ckanext.budget.totem.model import Header, Seal
from ckanext.budget.totem.reader import Reader
from dev import fixtures

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "xml"


@dataclass(frozen=True)
class Document:
    """A file, read."""

    header: Header
    groups: list[Group]
    debt: Debt | None
    subtotals: list[Control]

    @property
    def controls(self) -> dict[str, Control]:
        """Controls of this document alone, by code."""
        return {control.code: control for control in check(self.header, self.groups, debt=self.debt)}

    @property
    def facts(self) -> Facts:
        found = facts.of(self.header, self.groups, self.debt)
        assert found
        return found

    def but(
        self, *, seal: str | None = None, information: Mapping[str, str] | None = None, **values: str
    ) -> Document:
        """The same with other header values."""
        header = replace(self.header, values={**self.header.values, **values})
        header = replace(header, seal=Seal(date=seal)) if seal is not None else header
        return replace(self, header=replace(header, information=information) if information is not None else header)


def read(content: bytes) -> Document:
    """A file, read as the conversion does."""
    reader = Reader(io.BytesIO(content))
    converted, standardiser, subtotals = [], None, None
    for line in reader:
        standardiser = standardiser or Standardiser(reader.header)
        subtotals = subtotals or Subtotals(reader.header)
        subtotals.add(line)
        if "calculated" not in line:
            converted.append(standardiser.convert(line))
    loans = etree.fromstring(content).iter("{*}EMPRUNT")
    records = [{etree.QName(field).localname: field.get("V", "") for field in loan} for loan in loans]
    return Document(reader.header, of_lines(converted), debt_of(records), subtotals.controls() if subtotals else [])


def line(nature: str, sense: str, *, ordre: bool = False, **amounts: str) -> dict[str, str]:
    """One budget line; an opération d'ordre is from section to section."""
    made = {"Nature": nature, "CodRD": sense, **amounts, "OpBudg": "1" if ordre else "0"}
    return {**made, "TypOpBudg": "2"} if ordre else made


def made(stage: str, *lines: dict[str, str], exercice: int = 2022, **options: object) -> Document:
    """A document of those lines only (its annexes are the fictitious commune's)."""
    return read(fixtures.document(stage, exercice, lines=list(lines), **options))
