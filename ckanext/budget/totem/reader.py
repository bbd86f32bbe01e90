"""Streaming reader of DocumentBudgetaire and CompteFinancierUnique: a header, then lines.

Only the document's own header and budget lines are read, by local name and place; annexes and the accountant's part
of a CFU are parsed (a file cut inside them is refused) and ignored. Memory does not grow with the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.totem.feed import BLOCK, DEFAULT_LIMITS, Feed, Limits, local
from ckanext.budget.totem.model import AMOUNTS, Header, Kind, Line, Seal
from ckanext.budget.totem.plain import Plain, PlainLines

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
#: parts that would count although they stand behind the lines; and how long such a tag may be, its prefix included
_LATE = re.compile(
    rb"<(?:[^\s<>/:]+:)?(?:Budget|LigneBudget|EnTeteBudget|EnTeteDocBudgetaire|BlocBudget|Scellement"
    rb"|InformationsGenerales|VersionSchema)[\s/>]"
)
_LATE_WORDS = (b"Budget", b"Scellement", b"InformationsGenerales", b"VersionSchema")
_TAG = 1024
_AMOUNT = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)


#: a line as parsed: what :data:`Line` holds, blanks around values included (and an MtSup, which means nothing)
RawLine = dict[str, str]
#: some lines: as parsed, or as taken from the bytes
Batch = list[RawLine] | PlainLines

#: encodings in which tags are plain bytes
_BYTES = ("utf-8", "iso8859-1", "cp1252", "iso8859-15", "ascii")
_LINE_END = b"</LigneBudget>"


class Reader:
    """Iterate over the lines of a file; ``header`` is complete when the first line comes.

    The stream must be seekable. Raises :class:`Refusal` on a file that can't be read or is no budget: nothing of
    what was yielded before counts then. Without ``fast``, every line goes through the parser's handlers.
    """

    def __init__(
        self, stream: BinaryIO, limits: Limits = DEFAULT_LIMITS, block: int = BLOCK, *, fast: bool = True
    ) -> None:
        self._stream, self._limits, self._block = stream, limits, block
        self.header = Header("totem")
        self.findings: tuple[Finding, ...] = ()
        self.calculated = 0
        #: whether lines were taken from the bytes
        self.took_bytes = False
        self._fast = fast
        self._kind: Kind | None = None
        self._base = 0
        self._values: dict[str, str] = {}
        self._information: dict[str, str] = {}
        self._seal = Seal()
        self._line: RawLine | None = None
        self._lines: list[RawLine] = []
        self._count = 0
        self._plain: Plain | None = None
        self._has_budget = False
        self._begun = self._lines_over = False
        #: where the end tag of the last line parsed begins
        self._ended = -1

    def __iter__(self) -> Iterator[Line]:
        """Every LigneBudget in document order, checked (calculated ones carry the key ``calculated``)."""
        for batch in self.batches():
            for raw in batch if isinstance(batch, list) else map(batch.line, batch.matches):
                yield checked(raw)

    def batches(self) -> Iterator[Batch]:
        """The same lines, raw and unchecked, some at a time: for who looks at many (see :func:`checked`)."""
        feed = self._feed = Feed(self._stream, self._limits)
        self.findings = feed.encoding.findings
        feed.on_start, feed.on_end = self._start, self._end
        for block in feed.blocks(self._block):
            if self._fast and _LINE_END in block:
                block = self._parse_first_line(block)  # noqa: PLW2901  (the rest of it)
            if self._plain is not None:
                yield from self._parsed()
                yield from self._take(self._plain, block)
            else:
                feed.parse(block)
            yield from self._parsed()
        if self._plain is not None:  # the last line may end otherwise
            feed.see()
            feed.parse(self._plain.held)
        feed.parse(b"", final=True)
        yield from self._parsed()
        self._finish()

    def _parsed(self) -> Iterator[list[RawLine]]:
        if self._lines:
            lines, self._lines = self._lines, []
            self._count += len(lines)
            yield lines

    # -- plain lines: taken from the bytes, which the parser checks without looking

    def _parse_first_line(self, block: bytes) -> bytes:
        """Parse up to the end of the first line. If the parser saw that end, what follows may be plain lines."""
        self._fast = False
        cut = block.index(_LINE_END) + len(_LINE_END)
        feed = self._feed
        codec, end = feed.encoding.codec, feed.fed + cut - len(_LINE_END)
        feed.parse(block[:cut])
        seen = self._ended == end and feed.path[-1:] == ["Budget"]  # markup, no comment or CDATA
        if seen and codec in _BYTES and feed.encoding.utf16 is None and self._kind == "totem":
            self._plain = Plain(codec, feed.parser.CurrentLineNumber)
            self.took_bytes = True
            feed.blind()
        return block[cut:]

    def _take(self, plain: Plain, block: bytes) -> Iterator[PlainLines]:
        lines, read = plain.take(block)
        self._feed.parse(read)
        if lines.matches:
            self._count += len(lines.matches)
            yield lines
        if plain.over and not self._late_parts(plain):
            if plain.held.lstrip().startswith(b"<Annexes"):
                self._feed.path.append("Annexes")  # where the rest stands, for messages
            self._stay_blind(plain)
        elif plain.over or plain.stuck:
            self._plain = None
            self._feed.see()
            self._feed.parse(plain.held)

    def _stay_blind(self, plain: Plain) -> None:
        held, plain.held, self._plain = plain.held, b"", None
        self._feed.parse(held)

    def _late_parts(self, plain: Plain) -> bool:
        """Whether something that counts stands behind the lines: then the rest is looked at, too."""
        position = self._stream.tell()
        tail = plain.held
        found = bool(_LATE.search(tail))
        while not found and (block := self._stream.read(BLOCK)):
            tail = tail[-_TAG:] + block
            found = any(word in tail for word in _LATE_WORDS) and bool(_LATE.search(tail))
        self._stream.seek(position)
        return found

    # -- what the parser sees

    def _snapshot(self) -> Header:
        return Header(self._kind or "totem", dict(self._values), self._seal, dict(self._information))

    def _finish(self) -> None:
        if self._kind is None:
            raise Refusal("not_budget")
        if not self._has_budget:
            raise Refusal("no_budget")
        if self._count <= self.calculated:
            raise Refusal("no_line")
        if self.header != self._snapshot():
            raise Refusal("header_after_lines")

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
        elif tag == "LigneBudget":
            self._open_line(below, attributes)
        elif tag in _HEADER.get(below, ()):
            self._values.setdefault(tag, attributes.get("V", ""))
        elif below == _INFORMATION and tag == "Information":
            self._information[attributes.get("Code", "")] = attributes.get("V", "")
        elif below == ():
            self._part(tag, attributes)
        elif tag == "Annexes" and below == ("Budget",):
            self._lines_over = True

    def _part(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A child of the document itself."""
        if tag == "Scellement":
            self._seal = Seal(attributes.get("md5", ""), attributes.get("sha1", ""), attributes.get("date", ""))
        elif tag == "Budget":
            if self._has_budget:
                raise Refusal("several_budgets", line=self._feed.parser.CurrentLineNumber)
            self._has_budget = True

    def _open_line(self, below: tuple[str, ...], attributes: Mapping[str, str]) -> None:
        """A budget line; one that stands elsewhere in the budget would be counted by nobody."""
        if below == ("Budget",) and not self._lines_over:
            self._begin()
            self._line = self._new_line(attributes)
        elif below[:1] == ("Budget",) and "Annexes" not in below:
            raise Refusal("line_misplaced", line=self._feed.parser.CurrentLineNumber)

    def _new_line(self, attributes: Mapping[str, str]) -> RawLine:
        line = {"@line": str(self._feed.parser.CurrentLineNumber)}
        if attributes and attributes.get("calculated") in ("true", "1"):
            line["calculated"] = "1"
            self.calculated += 1
        return line

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
        if tag == "LigneBudget":
            raise Refusal("line_misplaced", line=self._feed.parser.CurrentLineNumber)
        if below == _LINE and self._line is not None:
            self._keep(self._line, tag, attributes)

    def _keep(self, line: RawLine, tag: str, attributes: dict[str, str]) -> None:
        """A child of a line. MtSup never gives an amount; any other element said twice could mean either value."""
        if tag == "CaracSup":
            line["CaracSup." + attributes.get("Code", "").lower()] = attributes.get("V", "")
        elif tag not in line:
            line[tag] = attributes.get("V", "")
        elif tag != "MtSup":
            raise Refusal("line_says_twice", line=self._feed.parser.CurrentLineNumber, field=tag)

    def _end(self, name: str) -> None:
        if self._line is None or len(self._feed.path) != self._base + 2 or local(name) != "LigneBudget":
            return
        self._lines.append(self._line)
        self._line = None
        self._ended = self._feed.parser.CurrentByteIndex


def _check(header: Header) -> None:
    if header.stage is None:
        raise Refusal("unknown_stage", value=header.get("NatDec") or "?")
    if header.exercice is None:
        raise Refusal("bad_year", value=header.get("Exer") or "?")


def checked(raw: Mapping[str, str]) -> Line:
    """A raw line as tag → value, blanks around values removed.

    Raises :class:`Refusal` when it says no sense, no kind of operation, or an amount that is no number."""
    line = {tag: value.strip() for tag, value in raw.items() if tag != "MtSup"}
    if "calculated" in line:
        return line
    number = int(line.get("@line") or 0) or None
    if line.get("CodRD") not in ("R", "D"):
        raise Refusal("bad_line_direction", line=number)
    if line.get("OpBudg") not in ("0", "1"):
        raise Refusal("bad_line_order", line=number)
    for amount in AMOUNTS:
        value = line.get(amount)
        if value and not _AMOUNT.fullmatch(value):
            raise Refusal("bad_amount", line=number, amount=amount, value=value[:40])
    return line


def read_header(stream: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Header:
    """Header of a file that is read to its end; raises :class:`Refusal` like the reader, for any of its lines."""
    reader = Reader(stream, limits)
    for batch in reader.batches():
        if isinstance(batch, list):  # lines taken from the bytes are without fault
            for raw in batch:
                checked(raw)
    return reader.header
