"""The named totals of a CFU (``Groupe``), as predicates over data lines.

Names have no public dictionary: those below say what they are, and each was checked on a real CFU (M57_A 2023). Names
left out need accounts that a name does not tell (own resources, ZAC, part of chapter 16).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple


class Cell(NamedTuple):
    """Data lines that share everything a subtotal can look at."""

    nature: str
    sense: str
    ordre: str  # OpBudg
    kind: str  # TypOpBudg
    chapter: str
    contnat: str
    section: str
    operation: str
    voted: bool  # an opération d'équipement that is voted (TypOpe 1)
    programme: str  # InfoAPCP; TNULL: outside an autorisation de programme

    @property
    def report(self) -> bool:
        return self.nature in ("001", "002")

    @property
    def real(self) -> bool:
        return self.ordre != "1" and not self.report


Keep = Callable[[Cell], bool]

_SENSES = {"DEP": "D", "REC": "R"}
_SECTIONS = {"INV": "I", "FON": "F"}
_CHAPTER = re.compile(r"G(DEP|REC)(INV|FON)(\d{2,3})")
_OPERATION = re.compile(r"G(DEP|REC)INVOP(\d{2,3})?")
_TOTAL = re.compile(r"G(DEP|REC)(EX|TOT|EXTOT)(INV|FON)?(REL|ORD)?(H1068)?(CA)?")
_BALANCE = re.compile(r"SOLDE(INV|FON|GLOB|GLOBAL)(EX|TOT)?(CA)?")

#: chapters by nature of a group: the management of the year in fonctionnement, équipement, financial operations
_MANAGEMENT = {
    "GDEPGESCOUFON": ("011", "012", "014", "016", "017", "65", "656"),
    "GRECGESCOUFON": ("013", "016", "017", "70", "73", "731", "74", "75"),
}
_REST = {"GDEPEXFONRELFINANC": "GDEPGESCOUFON", "GRECEXFONRELFINANC": "GRECGESCOUFON"}
_INVESTMENT = {
    "GDEPEXINVEQPT": ("20", "204", "21", "22", "23"),
    "GDEPEXINVFINANC": ("10", "13", "16", "18", "26", "27", "020"),
}
_CARRIED = {"SOLDE001": ("001",), "SOLDE002": ("002",), "SOLDE_RESULT_REPORTE": ("001", "002")}


@dataclass(frozen=True)
class Total:
    """Which cells count; ``signed``: recettes less dépenses."""

    keep: Keep
    signed: bool = False


def total(name: str, operation: str) -> Total | None:
    """What a ``Groupe`` sums; None when its name is not understood. ``operation`` is the line's own, if any."""
    name = name.removesuffix("_PAR_INFOAPCP")
    if found := _CHAPTER.fullmatch(name):
        sense, section, chapter = _SENSES[found[1]], _SECTIONS[found[2]], found[3]
        return Total(lambda c: (c.sense, c.section, c.chapter) == (sense, section, chapter))
    if operation:
        return _of_operation(name, operation)
    if found := _TOTAL.fullmatch(name):
        return _whole(found)
    if found := _BALANCE.fullmatch(name):
        section, with_report = _SECTIONS.get(found[1]), bool(found[3])
        return Total(lambda c: section in (None, c.section) and (with_report or not c.report), signed=True)
    if name in _CARRIED:
        codes = _CARRIED[name]
        return Total(lambda c: c.nature in codes, signed=True)
    return _by_chapters(name)


def _of_operation(name: str, operation: str) -> Total | None:
    if name == "SOLDEINVOP":
        return Total(lambda c: c.operation == operation, signed=True)
    found = _OPERATION.fullmatch(name)
    if not found:
        return None
    sense, chapter = _SENSES[found[1]], found[2]
    return Total(lambda c: (c.sense, c.operation) == (sense, operation) and chapter in (None, c.chapter))


def _whole(found: re.Match[str]) -> Total | None:
    """A section (or both), réel or ordre or both, with what was carried over in the totals of an account."""
    word, extent, part, kind, without, account = found.groups()
    if extent == "EXTOT" and part:
        return None
    sense, section = _SENSES[word], _SECTIONS.get(part or "")

    def keep(c: Cell) -> bool:
        if c.sense != sense or section not in (None, c.section) or (c.report and not account):
            return False
        if without and c.nature == "1068":
            return False
        return kind is None or c.real == (kind == "REL")

    return Total(keep)


def _by_chapters(name: str) -> Total | None:
    sense = _SENSES.get(name[1:4], "")
    if name in _MANAGEMENT or name in _REST:
        chapters, inside = _MANAGEMENT[_REST.get(name, name)], name in _MANAGEMENT
        return Total(
            lambda c: c.real and (c.sense, c.section) == (sense, "F") and (c.chapter in chapters) == inside,
        )
    if name in _INVESTMENT:
        chapters = _INVESTMENT[name]
        return Total(lambda c: c.real and (c.sense, c.section) == (sense, "I") and c.chapter in chapters)
    if name in ("GDEPOPCT", "GRECOPCT", "GDEPINVOPCT", "GRECINVOPCT"):  # opérations pour compte de tiers
        return Total(lambda c: c.sense == sense and c.nature.startswith("45"))
    return None
