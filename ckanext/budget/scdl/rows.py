"""Lines of a document → rows of the standard CSV (SCDL budget 0.8.3): every required cell is filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ckanext.budget.errors import Finding
from ckanext.budget.nomenclature.plans import Place, plan
from ckanext.budget.scdl.codes import Chapter, Labelled, Lookup, section_by_digit
from ckanext.budget.scdl.model import ConvertedLine
from ckanext.budget.totem.model import AMOUNTS, Header, Line, Stage

#: étape → value of the schema's enumeration (which has none for a CFU)
NATDEC: Mapping[Stage, str] = {
    "BP": "budget primitif",
    "BS": "budget supplémentaire",
    "DM": "décision modificative",
    "CA": "compte administratif",
    "CFU": "compte administratif",
}
SECTIONS = {"I": "investissement", "F": "fonctionnement"}
SENSES = {"R": "recette", "D": "dépense"}
ARTSPE = {"true": "spécialisé", "1": "spécialisé", "false": "non spécialisé", "0": "non spécialisé"}

#: findings that need a look; the other notes are information
_TO_CHECK = {"label_absent", "nature_absent"}


class _Place(NamedTuple):
    """Where a line stands: its level of vote (CONTNAT), its chapter in the plan, its section."""

    contnat: Labelled
    chapter: Labelled
    section: str


#: a finding's code and parameters
_Key = tuple[str, tuple[tuple[str, str], ...]]


@dataclass
class _Lines:
    """The lines a finding is about: place of the first in the source, number of the last, how many."""

    first: int
    last: int = 0
    count: int = 0


class Standardiser:
    """Converts the lines of one document, in order; ``findings`` tells what had to be inferred."""

    def __init__(self, header: Header) -> None:
        self._header = header
        year = header.exercice or 0
        self._plan = plan(header.norm, header.declination, year)
        title = f"{header.declination or header.norm or 'inconnu'} {year}"
        self._lookup = Lookup(self._plan, title)
        self._title = title
        self._notes: dict[_Key, _Lines] = {}
        self._line = 0
        self._number = 0
        self._head = (NATDEC[header.stage or "BP"], str(year), header.siret or "", header.name or _unnamed(header))

    @property
    def findings(self) -> list[Finding]:
        """Facts about the whole document first, then about its codes (one finding a code, with its lines counted)."""
        found = self._document_findings()
        for key, lines in self._notes.items():
            code, params = key
            level = "a_verifier" if code in _TO_CHECK else "information"
            found.append(Finding(code, level, {**dict(params), "count": str(lines.count)}, lines.first or None))
        return found

    def _document_findings(self) -> list[Finding]:
        header, found = self._header, list[Finding]()
        if header.siret is None:
            siret = header.get("IdEtab")
            code = "siret_faulty" if siret else "siret_absent"
            found.append(Finding(code, "a_verifier", {"siret": siret}))
        if self._plan is None:
            found.append(Finding("nomenclature_unknown", "a_verifier", {"nomenclature": header.get("Nomenclature")}))
        elif self._plan.substituted:
            params = {"nomenclature": header.get("Nomenclature"), "used": self._plan.declination.name}
            found.append(Finding("declination_unknown", "a_verifier", params))
        if self._plan is not None and not self._plan.year_known:
            params = {"plan": self._title, "year": str(self._plan.nearest_year)}
            found.append(Finding("plan_year_missing", "information", params))
        if header.is_draft:
            found.append(Finding("draft", "a_verifier"))
        return found

    def _note(self, finding: str, /, **params: str) -> None:
        noted = self._notes.setdefault((finding, tuple(sorted(params.items()))), _Lines(self._line))
        if noted.last != self._number:  # an account and its level of vote may both ask: one line
            noted.count, noted.last = noted.count + 1, self._number

    def convert(self, line: Line) -> ConvertedLine:
        """One data line (a calculated one must not be given)."""
        self._number += 1
        self._line = int(line.get("@line") or 0)
        nature = line.get("Nature") or self._missing_nature(line)
        third_party = line.get("OpeCpteTiers", "")
        account = self._lookup.account(nature, third_party, self._note)
        nature_label = self._lookup.label("Compte", nature, account, self._note)
        chapter = self._lookup.chapter(account, place_of(line), self._note)
        place = self._place(line, nature, chapter)
        if account and not chapter:
            self._note("chapter_inferred", code=nature, chapter=place.chapter.code)
        function = self._function(line)
        amounts = tuple(_digits(line.get(name)) for name in AMOUNTS)
        ordre = line.get("OpBudg") == "1"
        artspe = ARTSPE.get(line.get("ArtSpe", ""), "")
        operation = line.get("Operation") or ""
        cells = (
            *self._head, place.contnat.code, place.contnat.label, nature, nature_label, function.code, function.label,
            operation, SECTIONS[place.section], "ordre" if ordre else "réel", SENSES[line["CodRD"]],
            *(amount or "" for amount in amounts), artspe,
        )  # fmt: skip
        return ConvertedLine._make((
            self._number, nature, nature_label, function.code or None, function.label or None, *place.contnat,
            *place.chapter, operation or None, place.section, ordre, line["CodRD"], *amounts, artspe or None, cells,
        ))  # fmt: skip

    def _missing_nature(self, line: Line) -> str:
        code = line.get("ContNat") or line.get("ContFon") or "0"
        self._note("nature_absent", code=code)
        return code

    def _place(self, line: Line, nature: str, chapter: Chapter | None) -> _Place:
        note, lookup = self._note, self._lookup
        third_party = line.get("OpeCpteTiers", "")
        contnat, contfon = line.get("ContNat", ""), line.get("ContFon", "")
        plan_chapter = chapter or (lookup.chapter_by_prefix(nature) if not contnat else None)
        functional = None if contnat else lookup.functional_chapter(contfon, note)
        if contnat:
            vote = lookup.level_of_vote(contnat, third_party, note)
        elif functional:
            vote = functional
        elif plan_chapter:
            vote = self._labelled(plan_chapter)
        elif contfon:
            vote = lookup.level_of_vote(contfon, third_party, note)
        else:
            vote = lookup.level_of_vote(nature, third_party, note)
        own = self._labelled(plan_chapter) if plan_chapter else vote
        return _Place(vote, own, self._section(line, nature, plan_chapter, vote.code))

    def _labelled(self, chapter: Chapter) -> Labelled:
        if chapter.label:
            return Labelled(chapter.code, chapter.label)
        return self._lookup.level_of_vote(chapter.code, "", self._note)

    def _section(self, line: Line, nature: str, chapter: Chapter | None, vote: str) -> str:
        declared = line.get("CaracSup.section", "")
        told = (chapter.section if chapter else "") or section_by_digit(nature)
        return told or (declared if declared in SECTIONS else self._lookup.section(vote) or "F")

    def _function(self, line: Line) -> Labelled:
        code = line.get("Fonction", "")
        return self._lookup.function(code, self._header.vote_by_function, self._note) if code else Labelled("", "")


def _unnamed(header: Header) -> str:
    """BGT_NOM of a file that names nobody: the cell is required."""
    return f"SIREN {header.siren}" if header.siren else "Collectivité non nommée"


def place_of(line: Line) -> Place:
    """Which of an account's six chapters a line falls in: its sense, and réel, ordre between or inside sections."""
    sense = "D" if line["CodRD"] == "D" else "R"
    if line.get("OpBudg") != "1":
        return "DR" if sense == "D" else "RR"
    if line.get("TypOpBudg") == "2":
        return "DOES" if sense == "D" else "ROES"
    return "DOIS" if sense == "D" else "ROIS"


def _digits(value: str | None) -> str | None:
    """The amount's own digits (a leading «+» apart, which the schema does not take); None when absent."""
    return value.removeprefix("+") if value else None
