"""What lines of the same codes share (their rows but for function, operation and amounts), and lines of one function.

Made once each, by the rules of the plans de comptes (domain notes, §4).
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import NamedTuple

from ckanext.budget.nomenclature.plans import Place, plan
from ckanext.budget.scdl import table
from ckanext.budget.scdl.codes import Chapter, Labelled, Lookup, section_by_digit
from ckanext.budget.totem.model import Header, Line, Stage

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

#: a finding's code and parameters
NoteKey = tuple[str, tuple[tuple[str, str], ...]]


class _Placed(NamedTuple):
    """Where a line stands: its level of vote (CONTNAT), its chapter in the plan, its section."""

    contnat: Labelled
    chapter: Labelled
    section: str


class Part:
    """``before`` and ``after`` are pieces of the row's text, ``cells`` its cells, ``fields`` the registry's; ``notes``
    what was inferred, ``rows`` the rows it was inferred for (None when nothing was), ``first`` the line of the source
    where it came first."""

    __slots__ = ("after", "before", "cells", "fields", "first", "notes", "rows")

    def __init__(self) -> None:
        self.before = self.after = b""
        self.cells: tuple[str, ...] = ()
        self.fields: tuple[str | bool | None, ...] = ()
        self.notes: list[NoteKey] = []
        self.rows: array[int] | None = None
        self.first = 0


class Parts:
    """Makes the parts of the rows of one document."""

    def __init__(self, header: Header) -> None:
        self._header = header
        year = header.exercice or 0
        self.plan = plan(header.norm, header.declination, year)
        self.title = f"{header.declination or header.norm or 'inconnu'} {year}"
        self._lookup = Lookup(self.plan, self._read_title(year))
        self._making = Part()
        self._head = (NATDEC[header.stage or "BP"], str(year), header.siret or "", header.name or _unnamed(header))

    def _read_title(self, year: int) -> str:
        """Name of the plan that is read: another year's may stand for the document's own."""
        if self.plan is None or self.plan.year_known:
            return self.title
        return self.title.replace(str(year), str(self.plan.nearest_year))

    def of_codes(self, line: Line) -> Part:
        """The part that depends on account, chapter, sense and kind of operation. ``fields``: nature, its label,
        contnat, its label, chapter, its label, section, ordre, sense."""
        part = self._making = Part()
        nature = line.get("Nature") or self._missing_nature(line)
        third_party = line.get("OpeCpteTiers", "")
        account = self._lookup.account(nature, third_party, self._note)
        nature_label = self._lookup.label("Compte", nature, account, self._note)
        chapter = self._lookup.chapter(account, place_of(line), self._note)
        placed = self._place(line, nature, chapter)
        if account and not chapter:
            self._note("chapter_inferred", code=nature, chapter=placed.chapter.code)
        ordre, sense = line.get("OpBudg") == "1", line["CodRD"]
        head = (*self._head, *placed.contnat, nature, nature_label)
        tail = (SECTIONS[placed.section], "ordre" if ordre else "réel", SENSES[sense])
        part.before, part.after = table.text((*head, "")).encode(), table.text(("", *tail, "")).encode()
        part.cells = (*head, *tail)
        part.fields = (nature, nature_label, *placed.contnat, *placed.chapter, placed.section, ordre, sense)
        return self._watched(part)

    def of_function(self, code: str) -> Part:
        """The part that depends on the function. ``fields``: its code and label, None without function."""
        part = self._making = Part()
        by_function = self._header.vote_by_function
        found = self._lookup.function(code, by_function, self._note) if code else Labelled("", "")
        part.before = table.text((*found, "")).encode()
        part.cells, part.fields = (*found,), (found.code or None, found.label or None)
        return self._watched(part)

    def _watched(self, part: Part) -> Part:
        part.rows = array("I") if part.notes else None
        return part

    def _note(self, finding: str, /, **params: str) -> None:
        key = finding, tuple(sorted(params.items()))
        if key not in self._making.notes:  # an account and its level of vote may both ask
            self._making.notes.append(key)

    def _missing_nature(self, line: Line) -> str:
        code = line.get("ContNat") or line.get("ContFon") or "0"
        self._note("nature_absent", code=code)
        return code

    def _place(self, line: Line, nature: str, chapter: Chapter | None) -> _Placed:
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
        return _Placed(vote, own, self._section(line, nature, plan_chapter, vote.code))

    def _labelled(self, chapter: Chapter) -> Labelled:
        if chapter.label:
            return Labelled(chapter.code, chapter.label)
        return self._lookup.level_of_vote(chapter.code, "", self._note)

    def _section(self, line: Line, nature: str, chapter: Chapter | None, vote: str) -> str:
        declared = line.get("CaracSup.section", "")
        told = (chapter.section if chapter else "") or section_by_digit(nature)
        return told or (declared if declared in SECTIONS else self._lookup.section(vote) or "F")


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
