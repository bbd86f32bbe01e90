"""Lines as finance software writes them, taken straight from the bytes.

Most files write every line alike: no prefix, the fields in the order of the XSD (Class_LigneBudget, V95), values in
double quotes and without reference, nothing between two lines. One regular expression then gives a whole line, its
amounts checked. It is anchored at the end of the line before, so what it takes is markup and never a comment; the
first line that is written otherwise, and all after it, are read by the parser's handlers: same result, more time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from ckanext.budget.totem.feed import ends_of_line
from ckanext.budget.totem.model import AMOUNTS

#: fields of a line in the order of the XSD; those that neither the CSV nor the registry need are not kept
_ORDER = (
    "Nature", "LibCpte", "Fonction", "Operation", "ContNat", "ArtSpe", "ContFon", "ContOp", "CodRD", "MtBudgPrec",
    "MtRARPrec", "MtPropNouv", "MtPrev", "CredOuv", "MtReal", "MtRAR3112", "OpBudg", "TypOpBudg", "OpeCpteTiers",
)  # fmt: skip
_DROPPED = ("LibCpte", "ContOp")
#: names of the groups of a match, in order; ``CaracSup`` is the elements themselves
FIELDS = (*(name for name in _ORDER if name not in _DROPPED), "CaracSup")
#: groups that are amounts, in the order of :data:`AMOUNTS`
AMOUNT_GROUPS = tuple(FIELDS.index(name) for name in AMOUNTS)

_NUMBER = r"(?:-?[0-9]{1,18}(?:\.[0-9]{1,18})?)?"


def _field(name: str) -> str:
    """Blanks are taken behind an element, so that an absent one costs a look at one byte."""
    if name == "CodRD":
        return rf'<{name} V="([RD])" ?/>\s*'
    if name == "OpBudg":
        return rf'<{name} V="([01])" ?/>\s*'
    value = _NUMBER if name in AMOUNTS else r'[^"<&\s]{0,255}'
    value = r'[^"<]*' if name in _DROPPED else f"({value})"
    return rf'(?:<{name} V="{value}" ?/>\s*)?'


_ATTRIBUTES = r'(?: \w+="[^"<>\t\r\n]{0,255}")*'
LINE = re.compile(
    (
        r"\s*<LigneBudget>\s*"
        + "".join(map(_field, _ORDER))
        + rf"(?:<MtSup{_ATTRIBUTES} ?/>\s*)*((?:<CaracSup{_ATTRIBUTES} ?/>\s*)*)</LigneBudget>"
    ).encode()
)
#: what follows the last line
OVER = re.compile(rb"\s*<(?:Annexes[\s/>]|/Budget[\s>])")
_CARAC = re.compile(r"<CaracSup([^>]*)/>")
_ATTRIBUTE = re.compile(r' (\w+)="([^"]*)"')

#: how much may wait for the end of a line
LONGEST = 1 << 20
#: how many bytes tell what comes next
_TELLING = 16


@dataclass
class PlainLines:
    """Consecutive lines: their matches, the number of the source line where ``text`` begins, its encoding."""

    matches: list[re.Match[bytes]]
    text: bytes
    first_line: int
    encoding: str
    #: how many ends of line come before a place of ``text``, the last one asked for
    _counted: tuple[int, int] = (0, 0)

    def line(self, match: re.Match[bytes]) -> dict[str, str]:
        """One of them as tag → value, with ``@line``, as the reader's handlers give it."""
        groups = match.groups()
        values = {name: value.decode(self.encoding) for name, value in zip(FIELDS, groups, strict=True) if value}
        values.update(_supplements(values.pop("CaracSup", "")))
        blanks = len(match.group()) - len(match.group().lstrip())
        number = self.first_line + self._ends_of_line(match.start() + blanks)
        return {"@line": str(number), **values}

    def _ends_of_line(self, end: int) -> int:
        """Before a tag: lines are mostly asked for in order."""
        place, count = self._counted if self._counted[0] <= end else (0, 0)
        self._counted = end, count + ends_of_line(self.text, place, end)
        return self._counted[1]


def _supplements(elements: str) -> Mapping[str, str]:
    every = _parsed(elements) if "&" in elements else map(dict, map(_ATTRIBUTE.findall, _CARAC.findall(elements)))
    return {"CaracSup." + said.get("Code", "").lower(): said.get("V", "") for said in every}


def _parsed(elements: str) -> list[dict[str, str]]:
    """Attributes of elements that hold references, as the parser reads them."""
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _, attributes: found.append(attributes)
    parser.Parse(f"<x>{elements}</x>", True)
    return found[1:]


@dataclass
class Plain:
    """Takes lines from blocks of bytes, from the end of the first line on."""

    encoding: str
    line_number: int
    held: bytes = field(default=b"")

    def take(self, block: bytes) -> tuple[PlainLines, bytes]:
        """The lines of a block, and the bytes read for them; what is left is ``held``."""
        text = self.held + block
        matches: list[re.Match[bytes]] = []
        end = 0
        while match := LINE.match(text, end):
            matches.append(match)
            end = match.end()
        lines = PlainLines(matches, text, self.line_number, self.encoding)
        self.line_number += ends_of_line(text, 0, end)
        self.held = text[end:]
        return lines, text[:end]

    @property
    def over(self) -> bool:
        """Whether the lines are over."""
        return bool(OVER.match(self.held))

    @property
    def stuck(self) -> bool:
        """Whether what is held is neither the end of the lines nor the beginning of a plain one."""
        rest = self.held.lstrip()
        if len(rest) < _TELLING:
            return False
        begun = rest.startswith(b"<LigneBudget>") and b"</LigneBudget>" not in rest and len(rest) <= LONGEST
        return not begun and not self.over
