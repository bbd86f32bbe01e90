"""Lines of a document → rows of the standard CSV (SCDL budget 0.8.3): every required cell is filled."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from ckanext.budget.errors import Finding
from ckanext.budget.nomenclature.plans import Place, plan
from ckanext.budget.scdl import table
from ckanext.budget.scdl.codes import Chapter, Labelled, Lookup, section_by_digit
from ckanext.budget.scdl.model import ConvertedLine
from ckanext.budget.totem.model import AMOUNTS, Header, Line, Stage
from ckanext.budget.totem.plain import AMOUNT_GROUPS
from ckanext.budget.totem.reader import Batch, PlainLines, checked

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
NoteKey = tuple[str, tuple[tuple[str, str], ...]]

#: of the groups of a plain line, those between are amounts; in the order of the row
_FIRST_AMOUNT, _LAST_AMOUNT = min(AMOUNT_GROUPS), max(AMOUNT_GROUPS) + 1
_amount_groups: Callable[[tuple[bytes, ...]], tuple[bytes, ...]] = itemgetter(*AMOUNT_GROUPS)
#: what a line's cells depend on, amounts apart
_CODES = (
    "Nature", "Fonction", "ContNat", "ContFon", "CodRD", "OpBudg", "TypOpBudg", "Operation", "ArtSpe", "OpeCpteTiers",
    "CaracSup.section",
)  # fmt: skip
#: templates kept at a time
_TEMPLATES = 4096
#: the seven amounts of a line, joined as in its row
_AMOUNTS = re.compile(r"(?:-?[0-9]+(?:\.[0-9]+)?)?(?:,(?:-?[0-9]+(?:\.[0-9]+)?)?){6}")


class _Template:
    """What the lines of one combination of codes share: the text of their rows around the amounts, their fields in the
    registry (``start``, ``end`` around the amounts), what was inferred for them."""

    __slots__ = ("after", "before", "cells", "end", "first", "notes", "rows", "start")

    def __init__(self) -> None:
        self.before = self.after = b""
        self.start: tuple[str | bool | None, ...] = ()
        self.end: str | None = None
        self.cells: tuple[str, ...] = ()
        self.notes: list[NoteKey] = []
        self.first = 0
        self.rows: array[int] | None = None


@dataclass
class Inferred:
    """One inference: its finding's code and parameters, the line of the source where it came first, its rows."""

    code: str
    params: dict[str, str]
    first: int
    rows: array[int]


class Standardiser:
    """Converts the lines of one document, in order; ``findings`` and ``inferred`` tell what had to be inferred.

    Lines of the same codes differ by their amounts only: the rest of their rows is made once.
    """

    def __init__(self, header: Header) -> None:
        self._header = header
        year = header.exercice or 0
        self._plan = plan(header.norm, header.declination, year)
        title = f"{header.declination or header.norm or 'inconnu'} {year}"
        self._lookup = Lookup(self._plan, title)
        self._title = title
        self._templates: dict[tuple[bytes | str | None, ...], _Template] = {}
        self._inferred: dict[NoteKey, Inferred] = {}
        self._making = _Template()
        self.rows = 0
        self._head = (NATDEC[header.stage or "BP"], str(year), header.siret or "", header.name or _unnamed(header))

    @property
    def findings(self) -> list[Finding]:
        """Facts about the whole document first, then about its codes (one finding a code, with its lines counted)."""
        found = self._document_findings()
        for noted in self.inferred:
            level = "a_verifier" if noted.code in _TO_CHECK else "information"
            params = {**noted.params, "count": str(len(noted.rows))}
            found.append(Finding(noted.code, level, params, noted.first or None))
        return found

    @property
    def inferred(self) -> list[Inferred]:
        """Everything inferred for lines, by first line."""
        self._settle()
        for noted in self._inferred.values():
            noted.rows = array("I", sorted(noted.rows))
        return sorted(self._inferred.values(), key=lambda noted: noted.rows[0])

    @property
    def plan_year_missing(self) -> bool:
        """Whether another year's plan stands for the document's own."""
        return self._plan is not None and not self._plan.year_known

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
        key = finding, tuple(sorted(params.items()))
        if key not in self._making.notes:  # an account and its level of vote may both ask
            self._making.notes.append(key)

    def rows_of(self, batch: Batch, on_line: Callable[[ConvertedLine], None] | None = None) -> list[bytes]:
        """Rows of some lines, in order (no calculated one among them); ``on_line`` receives each for the registry.

        Raises :class:`~ckanext.budget.errors.Refusal` for a line that says too little, or an amount that is none.
        """
        made = self._plain_rows(batch) if isinstance(batch, PlainLines) else map(self._row, batch)
        rows: list[bytes] = []
        for template, amounts in made:
            self.rows += 1
            if template.rows is not None:
                template.rows.append(self.rows)
            rows.append(template.before + amounts + template.after)
            if on_line is not None:
                on_line(self._typed(template, amounts))
        return rows

    def convert(self, line: Mapping[str, str]) -> ConvertedLine:
        """One line, for the registry."""
        converted: list[ConvertedLine] = []
        self.rows_of([dict(line)], converted.append)
        return converted[0]

    def _plain_rows(self, batch: PlainLines) -> Iterator[tuple[_Template, bytes]]:
        templates = self._templates
        for match in batch.matches:
            groups = match.groups(b"")
            key = groups[:_FIRST_AMOUNT] + groups[_LAST_AMOUNT:]
            template = templates.get(key) or self._new_template(key, batch.line(match))
            yield template, b",".join(_amount_groups(groups))

    def _row(self, line: Mapping[str, str]) -> tuple[_Template, bytes]:
        key = tuple(map(line.get, _CODES))
        template = self._templates.get(key) or self._new_template(key, line)
        amounts = ",".join(line.get(name, "") for name in AMOUNTS)
        if not _AMOUNTS.fullmatch(amounts):
            good = checked(line)
            amounts = ",".join(good.get(name, "").removeprefix("+") for name in AMOUNTS)
        return template, amounts.encode()

    def _typed(self, template: _Template, row_amounts: bytes) -> ConvertedLine:
        amounts = row_amounts.decode().split(",")
        values = (amount or None for amount in amounts)
        cells = (*template.cells[:-1], *amounts, template.cells[-1])
        return ConvertedLine._make((self.rows, *template.start, *values, template.end, cells))

    def _new_template(self, key: tuple[bytes | str | None, ...], line: Mapping[str, str]) -> _Template:
        line = checked(line)
        if len(self._templates) >= _TEMPLATES:
            self._settle()
            self._templates.clear()
        template = self._making = _Template()
        self._fill(template, line)
        if template.notes:
            template.first, template.rows = int(line.get("@line") or 0), array("I")
        self._templates[key] = template
        return template

    def _settle(self) -> None:
        """Gather what was inferred for the lines of each template."""
        for template in self._templates.values():
            if not template.rows:
                continue
            for key in template.notes:
                code, params = key
                noted = self._inferred.setdefault(key, Inferred(code, dict(params), template.first, array("I")))
                noted.rows.extend(template.rows)
                noted.first = min(noted.first, template.first)
            template.rows = array("I")

    def _fill(self, template: _Template, line: Line) -> None:
        nature = line.get("Nature") or self._missing_nature(line)
        third_party = line.get("OpeCpteTiers", "")
        account = self._lookup.account(nature, third_party, self._note)
        nature_label = self._lookup.label("Compte", nature, account, self._note)
        chapter = self._lookup.chapter(account, place_of(line), self._note)
        place = self._place(line, nature, chapter)
        if account and not chapter:
            self._note("chapter_inferred", code=nature, chapter=place.chapter.code)
        function = self._function(line)
        ordre = line.get("OpBudg") == "1"
        artspe = ARTSPE.get(line.get("ArtSpe", ""), "")
        operation = line.get("Operation") or ""
        template.cells = (
            *self._head, place.contnat.code, place.contnat.label, nature, nature_label, function.code, function.label,
            operation, SECTIONS[place.section], "ordre" if ordre else "réel", SENSES[line["CodRD"]], artspe,
        )  # fmt: skip
        template.before = table.text((*template.cells[:-1], "")).encode()
        template.after = f",{artspe}\r\n".encode()
        template.start = (
            nature, nature_label, function.code or None, function.label or None, *place.contnat, *place.chapter,
            operation or None, place.section, ordre, line["CodRD"],
        )  # fmt: skip
        template.end = artspe or None

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
