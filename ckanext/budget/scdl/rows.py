"""Lines of a document → rows of the standard CSV (SCDL budget 0.8.3): every required cell is filled."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter

from ckanext.budget.errors import Finding
from ckanext.budget.scdl import table
from ckanext.budget.scdl.model import ConvertedLine
from ckanext.budget.scdl.parts import NATDEC, SECTIONS, SENSES, NoteKey, Part, Parts, place_of
from ckanext.budget.totem.model import AMOUNTS, Header
from ckanext.budget.totem.plain import AMOUNT_GROUPS, FIELDS
from ckanext.budget.totem.reader import Batch, PlainLines, checked

__all__ = ["NATDEC", "SECTIONS", "SENSES", "Inferred", "Standardiser", "place_of"]

_TRUE, _FALSE = "spécialisé", "non spécialisé"
ARTSPE = {"true": _TRUE, "1": _TRUE, "false": _FALSE, "0": _FALSE}
_ARTSPE = {value.encode(): text.encode() for value, text in ARTSPE.items()}

#: findings that need a look; the other notes are information
_TO_CHECK = {"label_absent", "nature_absent", "account_is_heading"}

#: codes on which the first part of a row depends
_CODES = ("Nature", "ContNat", "ContFon", "CodRD", "OpBudg", "TypOpBudg", "OpeCpteTiers", "CaracSup.section")
#: the same among the groups of a plain line, and its amounts
_code_groups: Callable[[tuple[bytes, ...]], tuple[bytes, ...]] = itemgetter(
    *(FIELDS.index(name.partition(".")[0]) for name in _CODES)
)
_amount_groups: Callable[[tuple[bytes, ...]], tuple[bytes, ...]] = itemgetter(*(group for group in AMOUNT_GROUPS))
_FUNCTION, _OPERATION, _ARTICLE = (FIELDS.index(name) for name in ("Fonction", "Operation", "ArtSpe"))
#: parts kept at a time
_PARTS = 4096
#: of a line: both its parts, then operation, amounts and ArtSpe as in its row
_Made = tuple[Part, Part, bytes, bytes, bytes]
_Key = tuple[bytes | str | None, ...]


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
        self._parts = Parts(header)
        self._by_codes: dict[_Key, Part] = {}
        self._by_function: dict[bytes | str, Part] = {}
        self._inferred: dict[NoteKey, Inferred] = {}
        self.rows = 0
        #: chapter of the plan by section, sense, ordre and account (as :data:`~ckanext.budget.scdl.table.Groups`)
        self.chapters: dict[tuple[str, str, bool, str], str] = {}

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
            noted.rows = array("I", sorted({*noted.rows}))
        return sorted(self._inferred.values(), key=lambda noted: noted.rows[0])

    @property
    def plan_year_missing(self) -> bool:
        """Whether another year's plan stands for the document's own."""
        return self._parts.plan is not None and not self._parts.plan.year_known

    def _document_findings(self) -> list[Finding]:
        header, found = self._header, list[Finding]()
        if header.siret is None:
            siret = header.get("IdEtab")
            code = "siret_faulty" if siret else "siret_absent"
            found.append(Finding(code, "a_verifier", {"siret": siret}))
        if self._parts.plan is None:
            found.append(Finding("nomenclature_unknown", "a_verifier", {"nomenclature": header.get("Nomenclature")}))
        elif self._parts.plan.substituted:
            params = {"nomenclature": header.get("Nomenclature"), "used": self._parts.plan.declination.name}
            found.append(Finding("declination_unknown", "a_verifier", params))
        if self._parts.plan is not None and not self._parts.plan.year_known:
            params = {"plan": self._parts.title, "year": str(self._parts.plan.nearest_year)}
            found.append(Finding("plan_year_missing", "information", params))
        if header.is_draft:
            found.append(Finding("draft", "a_verifier"))
        return found

    def rows_of(self, batch: Batch, on_line: Callable[[ConvertedLine], None] | None = None) -> list[bytes]:
        """Rows of some lines, in order (no calculated one among them); ``on_line`` receives each for the registry.

        Raises :class:`~ckanext.budget.errors.Refusal` for a line that says too little, or an amount that is none.
        """
        made = self._plain(batch) if isinstance(batch, PlainLines) else map(self._parsed, batch)
        rows: list[bytes] = []
        for codes, function, operation, amounts, article in made:
            self.rows += 1
            for part in (codes, function) if codes.notes or function.notes else ():
                if part.rows is not None:
                    part.rows.append(self.rows)
            rows.append(codes.before + function.before + operation + codes.after + amounts + b"," + article + b"\r\n")
            if on_line is not None:
                on_line(self._typed(codes, function, operation, amounts, article))
        return rows

    def convert(self, line: Mapping[str, str]) -> ConvertedLine:
        """One line, for the registry."""
        converted: list[ConvertedLine] = []
        self.rows_of([dict(line)], converted.append)
        return converted[0]

    def _plain(self, batch: PlainLines) -> Iterator[_Made]:
        by_codes, by_function, codec = self._by_codes, self._by_function, batch.encoding
        for match in batch.matches:
            groups = match.groups(b"")
            key = _code_groups(groups)
            if key[-1]:
                key = (*key[:-1], batch.line(match).get("CaracSup.section", ""))
            codes = by_codes.get(key)
            if codes is None:
                codes = self._new_codes(key, batch.line(match))
            code = groups[_FUNCTION]
            function = by_function.get(code)
            if function is None:
                function = self._new_function(code, code.decode(codec), batch.line(match))
            operation = groups[_OPERATION]
            if operation:
                operation = _cell(operation.decode(codec))
            amounts = b",".join(_amount_groups(groups))
            yield codes, function, operation, amounts, _ARTSPE.get(groups[_ARTICLE], b"")

    def _parsed(self, line: Mapping[str, str]) -> _Made:
        line = checked(line)
        key = tuple(map(line.get, _CODES))
        code = line.get("Fonction", "")
        amounts = ",".join(line.get(name, "").removeprefix("+") for name in AMOUNTS).encode()
        return (
            self._by_codes.get(key) or self._new_codes(key, line),
            self._by_function.get(code) or self._new_function(code, code, line),
            _cell(line.get("Operation", "")),
            amounts,
            ARTSPE.get(line.get("ArtSpe", ""), "").encode(),
        )

    def _typed(self, codes: Part, function: Part, operation: bytes, amounts: bytes, article: bytes) -> ConvertedLine:
        split = amounts.decode().split(",")
        values = [amount or None for amount in split]
        nature, nature_label, contnat, contnat_label, chapter, chapter_label, section, ordre, sense = codes.fields
        code = next(iter(table.cells(operation.decode())), "")
        cells = (*codes.cells[:-3], *function.cells, code, *codes.cells[-3:], *split, article.decode())
        return ConvertedLine._make((
            self.rows, nature, nature_label, *function.fields, contnat, contnat_label, chapter, chapter_label,
            code or None, section, ordre, sense, *values, article.decode() or None, cells,
        ))  # fmt: skip

    def _new_codes(self, key: _Key, line: Mapping[str, str]) -> Part:
        if len(self._by_codes) >= _PARTS:
            self._settle()
            self._by_codes.clear()
        part = self._by_codes[key] = self._parts.of_codes(line)
        nature, _, _, _, chapter, _, section, ordre, sense = part.fields
        self.chapters[str(section), str(sense), bool(ordre), str(nature)] = str(chapter)
        part.first = int(line.get("@line") or 0)
        return part

    def _new_function(self, key: bytes | str, code: str, line: Mapping[str, str]) -> Part:
        if len(self._by_function) >= _PARTS:
            self._settle()
            self._by_function.clear()
        part = self._by_function[key] = self._parts.of_function(code)
        part.first = int(line.get("@line") or 0)
        return part

    def _settle(self) -> None:
        """Gather what was inferred for the lines of each part."""
        for part in (*self._by_codes.values(), *self._by_function.values()):
            for key in part.notes if part.rows else ():
                code, params = key
                noted = self._inferred.setdefault(key, Inferred(code, dict(params), part.first, array("I")))
                noted.rows.extend(part.rows or ())
                noted.first = min(noted.first, part.first)
            part.rows = array("I") if part.notes else None


def _cell(value: str) -> bytes:
    return table.text((value, "")).encode()[:-1] if value else b""
