"""Streaming reader of DocumentBudgetaire and CompteFinancierUnique: a header, then lines.

Only the document's own header and budget lines are read, by local name and place; annexes and the accountant's part
of a CFU are parsed (a file cut inside them is refused) and ignored. Memory does not grow with the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.totem.feed import BLOCK, DEFAULT_LIMITS, Feed, Limits, local
from ckanext.budget.totem.model import AMOUNTS, Header, Kind, Line, Seal

ROOTS: dict[str, Kind] = {"DocumentBudgetaire": "totem", "CompteFinancierUnique": "cfu"}

#: places (below DocumentBudgetaire) whose children make the header, and the children kept: none names a person
_HEADER: dict[tuple[str, ...], set[str]] = {
    ("EnTeteDocBudgetaire",): {"LibelleColl", "IdColl", "NatCEPL", "Departement", "FinJur", "DteStr"},
    ("Budget", "EnTeteBudget"): {
        "LibelleEtab", "IdEtab", "CodColl", "CodInseeColl", "CodBud", "Nomenclature", "Affect", "SpecifBudget",
    },
    ("Budget", "BlocBudget"): {
        "NatDec", "NumDec", "Exer", "ProjetBudget", "DteDec", "NatVote", "NatFonc", "CodTypBud", "IdEtabPal",
        "LibelleEtabPal", "BudgPrec", "ReprRes",
    },
    (): {"VersionSchema"},
}  # fmt: skip
_LINE = ("Budget", "LigneBudget")
_INFORMATION = ("Budget", "InformationsGenerales")
_AMOUNT = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


class Reader:
    """Iterate over the lines of a file; ``header`` is complete when the first line comes.

    The stream must be seekable. Raises :class:`Refusal` on a file that can't be read or is no budget: nothing of
    what was yielded before counts then.
    """

    def __init__(self, stream: BinaryIO, limits: Limits = DEFAULT_LIMITS, block: int = BLOCK) -> None:
        self._stream, self._limits, self._block = stream, limits, block
        self.header = Header("totem")
        self.findings: tuple[Finding, ...] = ()
        self.calculated = 0
        self._kind: Kind | None = None
        self._base = 0
        self._values: dict[str, str] = {}
        self._information: dict[str, str] = {}
        self._seal = Seal()
        self._line: dict[str, str] | None = None
        self._lines: list[Line] = []
        self._has_budget = False
        self._begun = False

    def __iter__(self) -> Iterator[Line]:
        """Every LigneBudget in document order (calculated ones carry the key ``calculated``)."""
        count = 0
        feed = Feed(self._stream, self._limits)
        self._feed, self.findings = feed, feed.encoding.findings
        feed.on_start, feed.on_end = self._start, self._end
        for _ in feed.run(self._block):
            if self._lines:
                lines, self._lines = self._lines, []
                count += len(lines)
                yield from lines
        self._finish(count)
        if self.header != self._snapshot():
            raise Refusal("header_after_lines")

    def _snapshot(self) -> Header:
        return Header(self._kind or "totem", dict(self._values), self._seal, dict(self._information))

    def _finish(self, count: int) -> None:
        if self._kind is None:
            raise Refusal("not_budget")
        if not self._has_budget:
            raise Refusal("no_budget")
        if count <= self.calculated:
            raise Refusal("no_line")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag, path = local(name), self._feed.path
        if self._base == 0:
            self._root(tag, path)
            return
        if len(path) <= self._base or path[self._base - 1] != "DocumentBudgetaire":  # another part of a CFU
            return
        below = tuple(path[self._base : -1])
        if self._line is not None:
            self._line_child(tag, below, attributes)
        elif below + (tag,) == _LINE:
            self._begin()
            self._line = {"@line": str(self._feed.parser.CurrentLineNumber)}
            if attributes.get("calculated") in ("true", "1"):
                self._line["calculated"] = "1"
        elif tag in _HEADER.get(below, ()):
            self._values.setdefault(tag, attributes.get("V", ""))
        elif below == () and tag == "Scellement":
            self._seal = Seal(attributes.get("md5", ""), attributes.get("sha1", ""), attributes.get("date", ""))
        elif below == _INFORMATION and tag == "Information":
            self._information[attributes.get("Code", "")] = attributes.get("V", "")
        elif below == () and tag == "Budget":
            self._has_budget = True

    def _begin(self) -> None:
        """The first line: the header is over, wherever the block of bytes ends."""
        if not self._begun:
            self._begun = True
            self.header = self._snapshot()
            _check(self.header)

    def _root(self, tag: str, path: list[str]) -> None:
        if len(path) == 1:
            self._kind = ROOTS.get(tag)
            if self._kind is None:
                raise Refusal("not_budget")
        if self._kind and tag == "DocumentBudgetaire" and len(path) <= 2:
            self._base = len(path)

    def _line_child(self, tag: str, below: tuple[str, ...], attributes: dict[str, str]) -> None:
        if below != _LINE or self._line is None:
            return
        value = attributes.get("V", "")
        if tag == "CaracSup":
            self._line["CaracSup." + attributes.get("Code", "").lower()] = value
        elif tag != "MtSup":
            self._line[tag] = value.strip()

    def _end(self, name: str) -> None:
        if self._line is None or len(self._feed.path) != self._base + 2 or local(name) != "LigneBudget":
            return
        line, self._line = self._line, None
        if "calculated" in line:
            self.calculated += 1
        else:
            _check_line(line)
        self._lines.append(line)


def _check(header: Header) -> None:
    if header.stage is None:
        raise Refusal("unknown_stage", value=header.get("NatDec") or "?")
    if header.exercice is None:
        raise Refusal("bad_year", value=header.get("Exer") or "?")


def _check_line(line: dict[str, str]) -> None:
    number = int(line["@line"])
    if line.get("CodRD") not in ("R", "D"):
        raise Refusal("bad_line_direction", line=number)
    if line.get("OpBudg") not in ("0", "1"):
        raise Refusal("bad_line_order", line=number)
    for amount in AMOUNTS:
        value = line.get(amount)
        if value and not _AMOUNT.fullmatch(value):
            raise Refusal("bad_amount", line=number, amount=amount, value=value[:40])


def read_header(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Header:
    """Header of a file that has been read to its end; raises :class:`Refusal` like the reader."""
    reader = Reader(stream, limits)
    for _ in reader:
        pass
    return reader.header
