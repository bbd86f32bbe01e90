"""The subtotals that a CFU states (its ``calculated`` lines), recomputed from its data lines.

A calculated line is keyed by a chapter (``ChapitreNature``), an account group (``RegroupNature``, a prefix) or a name
(``Groupe``); by sense, OpBudg (``T``: réel and ordre) and TypOpBudg; by InfoOpe (one opération, all of them, those
voted, none) and InfoAPCP. Measured on a real CFU. The names have no public dictionary: a named total that differs is
information, a chapter or an account group is to check.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from ckanext.budget.nomenclature.plans import plan
from ckanext.budget.quality.controls_model import Control, same
from ckanext.budget.quality.subtotals_groups import Cell, Keep, total
from ckanext.budget.scdl.codes import Lookup, section_by_digit
from ckanext.budget.scdl.rows import place_of
from ckanext.budget.totem.model import AMOUNTS, Header, Line

#: distinct cells and subtotals kept: a CFU that has more is said not to be recomputed
LIMIT = 50_000
#: comparisons of a subtotal with a cell, over which the other subtotals are not recomputed (a second or so)
WORK = 2_000_000
#: differing subtotals told one by one
SHOWN = 20

#: what a keyed subtotal may carry besides amounts; another key would mean a restriction that is not understood
_KEYS = {"ChapitreNature", "RegroupNature", "ContNat", "CodRD", "OpBudg", "TypOpBudg", "InfoOpe", "InfoAPCP",
         "Operation", "OperationEtAPCP", "LibCpte", "CaracSup.typope", "calculated", "@line"}  # fmt: skip
_OTHER_AMOUNTS = ("MtPrevCalcul", "MtCumul", "MtCumulDM", "MtCumulCA", "CredAnnules", "MtMdtTitreEmis", "TxReal3112")

_AMOUNT = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)

_Raw = tuple[str, ...]
_Summed = list[tuple[Cell, list[Decimal]]]
#: where to look for the cells of a subtotal: (kind of code, code); («», «») is everywhere
_Place = tuple[str, str]


class _Stated(NamedTuple):
    """A subtotal as stated; ``keep`` says which cells it sums (None: not understood)."""

    code: str
    line: str
    amounts: Mapping[str, Decimal]
    keep: Keep | None
    signed: bool
    place: _Place
    named: bool


class Subtotals:
    """Give every line of the document to :meth:`add`, then ask :meth:`controls`. Only a CFU states subtotals: for
    another document nothing is kept."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._active = header.kind == "cfu"
        self._data: dict[_Raw, list[Decimal]] = {}
        self._stated: list[_Stated] = []
        self._count = self._empty = 0
        self._over = False

    def add(self, line: Line) -> None:
        """One line, data or calculated, as the reader gives it."""
        if not self._active:
            return
        if "calculated" in line:
            self._state(line)
        else:
            self._sum(line)

    def _sum(self, line: Line) -> None:
        names = ("Nature", "CodRD", "OpBudg", "TypOpBudg", "ContNat", "OpeCpteTiers", "Operation", "CaracSup.typope")
        key = (*(line.get(name, "") for name in names), line.get("InfoAPCP", "TNULL"))
        sums = self._data.get(key)
        if sums is None:
            if len(self._data) >= LIMIT:
                self._over = True
                return
            sums = self._data[key] = [Decimal(0)] * len(AMOUNTS)
        for at, name in enumerate(AMOUNTS):
            value = line.get(name)
            if value:
                sums[at] += Decimal(value)

    def _state(self, line: Line) -> None:
        self._count += 1
        amounts = {name: value for name in AMOUNTS if (value := _decimal(line.get(name))) is not None}
        if not amounts:
            self._empty += 1
        elif len(self._stated) >= LIMIT:
            self._over = True
        else:
            self._stated.append(_read(line, amounts))

    def controls(self) -> list[Control]:
        """``subtotals``: how many agree, of those recomputed; then the differing ones, at most :data:`SHOWN`. Nothing
        when the document states none."""
        if not self._count:
            return []
        checked, different = (0, list[Control]()) if self._over else self._compared()
        params = {
            "stated": str(self._count),
            "checked": str(checked),
            "agreed": str(checked - len(different)),
            "without_amount": str(self._empty),
            "unknown": str(self._count - self._empty - checked),
        }
        outcomes = {control.outcome for control in different}
        outcome = "a_verifier" if "a_verifier" in outcomes else "vert" if checked and not different else "information"
        agreed = Decimal(checked - len(different))
        shown = sorted(different, key=lambda control: control.outcome)[:SHOWN]
        return [Control("subtotals", outcome, agreed, Decimal(checked), params), *shown]

    def _compared(self) -> tuple[int, list[Control]]:
        """How many subtotals were recomputed, and those that differ."""
        places = self._places()
        checked, work, different = 0, 0, list[Control]()
        for stated in self._stated:
            cells = places.get(stated.place, [])
            work += len(cells)
            if stated.keep is None:
                continue
            if work > WORK:
                break
            checked += 1
            control = _compare(stated, stated.keep, cells)
            if control is not None:
                different.append(control)
        return checked, different

    def _places(self) -> dict[_Place, _Summed]:
        """The cells by what subtotals are keyed by, so that each looks at few of them."""
        header = self._header
        lookup = Lookup(plan(header.norm, header.declination, header.exercice or 0), "")
        groups = {code for kind, code in (stated.place for stated in self._stated) if kind == "RegroupNature"}
        places: dict[_Place, _Summed] = {}
        for raw, sums in self._data.items():
            cell = _cell(raw, lookup)
            keys = [("", ""), ("ChapitreNature", cell.chapter), ("ContNat", cell.contnat)]
            keys += [("Operation", cell.operation)] if cell.operation else []
            prefixes = (cell.nature[:length] for length in range(1, len(cell.nature) + 1))
            keys += [("RegroupNature", prefix) for prefix in prefixes if prefix in groups]
            for key in keys:
                places.setdefault(key, []).append((cell, sums))
        return places


def _decimal(text: str | None) -> Decimal | None:
    """An amount of a calculated line (which the reader does not check); None when it holds no number."""
    return Decimal(text) if text and _AMOUNT.fullmatch(text) else None


def _cell(raw: _Raw, lookup: Lookup) -> Cell:
    nature, sense, ordre, kind, contnat, third_party, operation, typope, programme = raw

    def unnoted(*_: object, **__: object) -> None:
        """The conversion has told what was inferred."""

    place = place_of({"CodRD": sense, "OpBudg": ordre, "TypOpBudg": kind})
    chapter = lookup.chapter(lookup.account(nature, third_party, unnoted), place, unnoted)
    code = chapter.code if chapter else contnat
    section = (chapter.section if chapter else "") or section_by_digit(nature)
    return Cell(nature, sense, ordre, kind, code, contnat, section, operation, typope == "1", programme)


def _read(line: Line, amounts: Mapping[str, Decimal]) -> _Stated:
    kind = next((name for name in ("Groupe", "ChapitreNature", "RegroupNature", "ContNat") if name in line), "")
    code, operation = line.get(kind, ""), line.get("Operation", "")
    keep, signed = _named(line) if kind == "Groupe" else (_keyed(line), False)
    place = ("Operation", operation) if operation else ("", "") if kind == "Groupe" else (kind, code)
    return _Stated(code, line.get("@line", ""), amounts, keep, signed, place, kind == "Groupe")


def _named(line: Line) -> tuple[Keep | None, bool]:
    found = total(line["Groupe"], line.get("Operation", ""))
    if found is None:
        return None, False
    programme = line.get("InfoAPCP", "T")
    if programme == "T":
        return found.keep, found.signed
    return (lambda c: c.programme == programme and found.keep(c)), found.signed


def _keyed(line: Line) -> Keep | None:
    """Which cells a subtotal of a chapter or an account group sums; None when a key is not understood."""
    if any(name not in _KEYS and name not in AMOUNTS and name not in _OTHER_AMOUNTS for name in line):
        return None
    chapter, group, contnat = (line.get(name) for name in ("ChapitreNature", "RegroupNature", "ContNat"))
    sense, ordre, kind = line.get("CodRD"), line.get("OpBudg", "T"), line.get("TypOpBudg", "")
    scope, operation, programme = line.get("InfoOpe", "T"), line.get("Operation", ""), line.get("InfoAPCP", "T")
    if (chapter or group or contnat) is None or scope not in ("T", "TNULL", "TVOTE", "DETAIL"):
        return None

    def keep(c: Cell) -> bool:
        if c.sense != sense or ordre not in ("T", c.ordre) or kind not in ("", c.kind):
            return False
        if programme not in ("T", c.programme):
            return False
        if chapter not in (None, c.chapter) or contnat not in (None, c.contnat):
            return False
        return (group is None or c.nature.startswith(group)) and _in_scope(c, scope, operation)

    return keep


def _in_scope(cell: Cell, scope: str, operation: str) -> bool:
    if operation or scope == "DETAIL":
        return cell.operation == operation
    if scope == "TVOTE":
        return cell.voted
    return scope == "T" or not cell.operation


def _compare(stated: _Stated, keep: Keep, cells: _Summed) -> Control | None:
    """The first column of a subtotal that differs from the sum of its lines; None when all agree."""
    mine = [(cell, sums) for cell, sums in cells if keep(cell)]
    for at, name in enumerate(AMOUNTS):
        if name not in stated.amounts:
            continue
        recomputed = sum(
            (-sums[at] if stated.signed and cell.sense == "D" else sums[at] for cell, sums in mine), Decimal(0)
        )
        if not same(stated.amounts[name], recomputed):
            params = {"code": stated.code[:40], "column": name, "line": stated.line}
            outcome = "information" if stated.named else "a_verifier"
            return Control("subtotal", outcome, stated.amounts[name], recomputed, params)
    return None
