"""Lines taken from the bytes: the same as through the parser's handlers, whatever stands before, between and behind."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.budget.convert import Conversion
from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.scdl.model import ConvertedLine
from ckanext.budget.totem.feed import BLOCK
from ckanext.budget.totem.model import AMOUNTS, Line
from ckanext.budget.totem.plain import LINE, PlainLines
from ckanext.budget.totem.reader import Reader
from dev import fixtures
from tests.conftest import CORPUS, needs_corpus
from tests.totem.documents import annexed, cfu, refused, sample, small

#: everything the CSV and the registry need; a line taken from the bytes gives nothing else
NEEDED = {
    "Nature", "Fonction", "Operation", "ContNat", "ArtSpe", "ContFon", "CodRD", *AMOUNTS, "OpBudg", "TypOpBudg",
    "OpeCpteTiers", "@line",
}  # fmt: skip

#: five lines in the order of the XSD
LINES = [
    {"Nature": nature, "LibCpte": "Eau &amp; gaz", "Fonction": "01", "ContNat": "011", "ArtSpe": "false",
     "CodRD": sense, "MtPrev": f"{n}.00", "CredOuv": "20", "MtReal": f"{n}.50", "OpBudg": "0"}
    for n, (nature, sense) in enumerate(
        [("60611", "D"), ("6419", "R"), ("60612", "D"), ("6411", "D"), ("70311", "R")], 1)
]  # fmt: skip
DOCUMENT = small(lines=LINES, encoding="UTF-8")


def told(finding: Finding) -> tuple[str, int | None, dict[str, str]]:
    return finding.code, finding.line, dict(finding.params)


def line_needed(line: Line) -> dict[str, str]:
    return {tag: value for tag, value in line.items() if value and (tag in NEEDED or tag.startswith("CaracSup."))}


def readings(document: bytes, block: int, *, fast: bool) -> tuple[Any, ...]:
    """All that a reading gives, or with what it refuses."""
    converted: list[ConvertedLine] = []
    try:
        lines = [line_needed(line) for line in Reader(io.BytesIO(document), block=block, fast=fast)]
        reader = Reader(io.BytesIO(document), block=block, fast=fast)
        work = Conversion(reader, converted.append)
        rows = b"".join(row for rows in work.batches() for row in rows)
        return lines, rows, converted, reader.header, reader.calculated, reader.findings, work.findings
    except Refusal as refusal:
        return told(refusal.finding)


def same(document: bytes, block: int = BLOCK) -> tuple[Any, ...]:
    """What both readings give."""
    fast, slow = (readings(document, block, fast=way) for way in (True, False))
    assert fast == slow
    return fast


def taken(document: bytes, block: int = BLOCK) -> int:
    """How many lines are taken from the bytes."""
    batches = Reader(io.BytesIO(document), block=block).batches()
    return sum(len(batch.matches) for batch in batches if isinstance(batch, PlainLines))


def changed(document: bytes, at: int, change: Callable[[bytes], bytes]) -> bytes:
    """The document with its line number ``at`` written otherwise."""
    found = list(re.finditer(rb"<LigneBudget.*?</LigneBudget>", document, re.DOTALL))[at]
    return document[: found.start()] + change(found.group()) + document[found.end() :]


def swap(old: str, new: str) -> Callable[[bytes], bytes]:
    def change(line: bytes) -> bytes:
        assert old.encode() in line
        return line.replace(old.encode(), new.encode(), 1)

    return change


def prefixed(line: bytes) -> bytes:
    line = re.sub(rb"<(/?)", rb"<\1p:", line)
    return line.replace(b"<p:LigneBudget", b'<p:LigneBudget xmlns:p="' + fixtures_ns() + b'"', 1)


def fixtures_ns() -> bytes:
    found = re.search(rb'xmlns="([^"]+)"', DOCUMENT)
    assert found
    return found.group(1)


def reordered(line: bytes) -> bytes:
    fields = re.findall(rb"<\w+ V=\"[^\"]*\"/>", line)
    return b"<LigneBudget>" + b"".join(reversed(fields)) + b"</LigneBudget>"


HIDDEN = re.search(rb"<LigneBudget>.*?</LigneBudget>", DOCUMENT, re.DOTALL)
assert HIDDEN
A_LINE = HIDDEN.group().decode()

#: the same line, written in ways that mean the same; whether it still is a plain one
SAME: dict[str, tuple[Callable[[bytes], bytes], bool]] = {
    "prefix": (prefixed, False),
    "other order": (reordered, False),
    "single quotes": (lambda line: line.replace(b'"', b"'"), False),
    "reference in an amount": (swap('.50"', '.5&#48;"'), False),
    "reference in a code": (swap('V="011"', 'V="0&#x31;1"'), False),
    "reference in the label": (swap("Eau", "&#69;&quot;&lt;au"), True),
    "entity in the operation kind": (swap('OpBudg V="0"', 'OpBudg V="&#48;"'), False),
    "blanks in a code": (swap('V="011"', 'V=" 011\t"'), False),
    "blanks in an amount": (swap('CredOuv V="20"', 'CredOuv V="\n20 "'), False),
    "blank before the end": (lambda line: line.replace(b'"/>', b'" />'), True),
    "two blanks before the end": (lambda line: line.replace(b'"/>', b'"  />'), False),
    "blanks in the end tag": (swap("</LigneBudget>", "</LigneBudget \n>"), False),
    "end tags": (lambda line: re.sub(rb"<(\w+) (V=\"[^\"]*\")/>", rb"<\1 \2></\1>", line), False),
    "an end tag": (swap('<ArtSpe V="false"/>', '<ArtSpe V="false">\n</ArtSpe>'), False),
    "one line": (lambda line: re.sub(rb">\s+<", b"><", line), True),
    "carriage returns": (lambda line: line.replace(b"\n", b"\r"), True),
    "CR and LF": (lambda line: line.replace(b"\n", b"\r\n"), True),
    "tabs": (lambda line: re.sub(rb">\s+<", b">\t\t\n<", line), True),
    "plus sign": (swap('CredOuv V="20"', 'CredOuv V="+20"'), False),
    "comment inside": (swap("<CodRD", '<!-- <CodRD V="X"/> --><CodRD'), False),
    "comment of a line inside": (swap("<CodRD", f"<!-- {A_LINE} --><CodRD"), False),
    "comment of a line before": (lambda line: f"<!-- {A_LINE}{A_LINE} -->".encode() + line, False),
    "comment of a line after": (lambda line: line + f"<!-- {A_LINE}{A_LINE} -->".encode(), False),
    "comment of the end": (lambda line: line + b"<!-- </LigneBudget></Budget> <Annexes> -->", False),
    "instruction": (lambda line: b"<?p <LigneBudget>?>" + line, False),
    "CDATA between": (lambda line: line + f"<![CDATA[{A_LINE}</LigneBudget>]]>".encode(), False),
    "CDATA inside": (swap("<CodRD", f"<![CDATA[ {A_LINE}]]><CodRD"), False),
    "text between": (lambda line: b"text &gt; &amp;" + line, False),
    "text inside": (swap("<CodRD", "text<CodRD"), False),
    "something between": (lambda line: b"<Remarque><Nature V='1'/></Remarque>" + line, False),
    "nested element": (swap("<CodRD", "<Plus><CodRD V='X'/><MtReal V='7'/></Plus><CodRD"), False),
    "unknown field": (swap("<CodRD", '<Inconnu V="1"/><CodRD'), False),
    "another attribute": (swap('<CodRD V="', '<CodRD Autre="R" V="'), False),
    "attributes of the line": (swap("<LigneBudget>", '<LigneBudget id="a>b" calculated="false">'), False),
    "one MtSup": (swap("</LigneBudget>", '<MtSup Code="ICNE" V="99.00"/></LigneBudget>'), True),
    "many MtSup": (swap("</LigneBudget>", '<MtSup Code="ICNE" V="9"/>\n' * 9 + "</LigneBudget>"), True),
    "MtSup with a reference": (swap("</LigneBudget>", '<MtSup Code="I" V="&#57;"/></LigneBudget>'), True),
    "MtSup before": (swap("<OpBudg", '<MtSup Code="ICNE" V="99.00"/><OpBudg'), False),
    "a label with the end of a line": (swap("Eau", "&lt;/LigneBudget>&lt;Annexes>"), True),
    "a label with >": (swap("Eau", "/> <"[:3]), True),
    "absent fields said empty": (swap("<CodRD", '<ContFon V=""/><CodRD'), True),
    "a subtotal before": (lambda line: b'<LigneBudget calculated="true"><MtReal V="9"/></LigneBudget>' + line, False),
    "an empty subtotal before": (lambda line: b'<LigneBudget calculated="1"/>' + line, False),
}  # fmt: skip


@pytest.mark.parametrize("at", [0, 2, 4])
@pytest.mark.parametrize("how", SAME)
def test_a_line_written_otherwise_gives_the_same_row(how: str, at: int) -> None:
    change, plain = SAME[how]
    document = changed(DOCUMENT, at, change)
    lines, rows, converted, *_ = same(document)
    assert rows == same(DOCUMENT)[1] and len(converted) == len(LINES)
    assert [int(line["@line"]) for line in lines if "Nature" in line] == [
        _ends_of_line(document[: found.start()]) + 1 for found in _seen(document)
    ]
    if plain:
        assert taken(document) == len(LINES) - 1
    elif at:
        assert taken(document) in (at - 1, at)  # the lines before it, and it when what is odd stands behind


def _ends_of_line(text: bytes) -> int:
    return len(re.findall(rb"\r\n|\r|\n", text))


def _seen(document: bytes) -> Iterator[re.Match[bytes]]:
    """Start tags of data lines, outside comments, instructions and CDATA."""
    hidden = rb"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>"
    blank = re.sub(hidden, lambda match: re.sub(rb"[^\r\n]", b" ", match.group()), document, flags=re.DOTALL)
    return re.finditer(rb"<(?:p:)?LigneBudget(?! calculated=\"(?:true|1)\")", blank)


@pytest.mark.parametrize("at", [0, 2, 4])
@pytest.mark.parametrize("supplement", [
    '<CaracSup Code="Section" V="I"/>', '<CaracSup V="I" Code="Section"/>', '<CaracSup Code="Section" V=""/>',
    '<CaracSup Code="Section"/>', '<CaracSup V="I"/>', "<CaracSup/>", '<CaracSup Code="Sect&#105;on" V="I"/>',
    '<CaracSup Code="Section" V="&#73;"/>', '<CaracSup Code="Section" V=">I"/>',
    '<CaracSup V=" Code=" Code="Section"/>', '<CaracSup Code="Section" V="F"/><CaracSup Code="SECTION" V="I"/>',
    '<CaracSup Code="a" V="1"/><CaracSup Code="b" V="é"/><CaracSup Code="Section" V="I"/>',
    '<CaracSup Code="Section" V="I\n"/>', '<CaracSup Code="Section" V="&#128;"/>',
    '<CaracSup Code="Section" V="I"></CaracSup>', f'<CaracSup Code="x" V="{"y" * 300}"/>',
])  # fmt: skip
def test_supplements_are_the_same(supplement: str, at: int) -> None:
    """The account is in no plan: CaracSup is what tells its section."""
    absent = small(lines=[{**line, "Nature": "0000"} for line in LINES], encoding="UTF-8")
    same(changed(absent, at, swap("</LigneBudget>", supplement + "</LigneBudget>")))


REFUSED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "duplicated field": (swap("<CodRD", '<ContNat V="011"/><CodRD'), "line_says_twice"),
    "duplicated amount": (swap("<OpBudg", '<MtReal V="1.50"/><OpBudg'), "line_says_twice"),
    "empty line": (lambda line: line + b"<LigneBudget></LigneBudget>", "bad_line_direction"),
    "self-closed line": (lambda line: line + b"<LigneBudget/>", "bad_line_direction"),
    "line in a line": (swap("<CodRD", A_LINE + "<CodRD"), "line_misplaced"),
    "line in a field": (swap('V="false"/>', f'V="false">{A_LINE}</ArtSpe>'), "line_misplaced"),
    "line in something": (lambda line: b"<Bloc>" + line + b"</Bloc>", "line_misplaced"),
    "no sense": (lambda line: re.sub(rb"<CodRD[^>]*>", b"", line), "bad_line_direction"),
    "no kind": (swap('<OpBudg V="0"/>', ""), "bad_line_order"),
    "unknown sense": (lambda line: re.sub(rb'CodRD V="."', b'CodRD V="X"', line), "bad_line_direction"),
    "point without digits": (swap('CredOuv V="20"', 'CredOuv V="5."'), "bad_amount"),
    "point first": (swap('CredOuv V="20"', 'CredOuv V=".5"'), "bad_amount"),
    "exponent": (swap('CredOuv V="20"', 'CredOuv V="1e3"'), "bad_amount"),
    "comma": (swap('CredOuv V="20"', 'CredOuv V="1,50"'), "bad_amount"),
    "other digits": (swap('CredOuv V="20"', 'CredOuv V="١"'), "bad_amount"),
    "two points": (swap('CredOuv V="20"', 'CredOuv V="1.2.3"'), "bad_amount"),
    "long code": (swap('V="011"', f'V="{"1" * 70_000}"'), "limit_reached"),
    "unknown entity": (swap("Eau", "&nbsp;"), "xml_broken"),
    "attribute twice": (swap('<CodRD V="', '<CodRD V="R" V="'), "xml_broken"),
    "supplement's attribute twice": (swap("</Lig", '<CaracSup Code="a" V="1" V="2"/></Lig'), "xml_broken"),
    "wrong end": (swap("</LigneBudget>", "</Ligne>"), "xml_broken"),
    "open field": (swap('<OpBudg V="0"/>', '<OpBudg V="0">'), "xml_broken"),
    "character that is none": (swap("Eau", "\x01"), "xml_broken"),
    "budget inside": (lambda line: line + b"</Budget><Budget>", "several_budgets"),
    "annexes inside": (lambda line: b"<Annexes/>" + line, "line_misplaced"),
}  # fmt: skip


@pytest.mark.parametrize("at", [0, 2, 4])
@pytest.mark.parametrize("how", REFUSED)
def test_what_is_wrong_is_refused_alike(how: str, at: int) -> None:
    change, code = REFUSED[how]
    document = changed(DOCUMENT, at, change)
    if (how, at) == ("annexes inside", 0):
        code = "no_line" if same(document)[0] == "no_line" else code
    assert same(document)[0] == code


# -- what stands elsewhere

LATE = {
    "a line": (A_LINE, "line_misplaced"),
    "a budget": (f"</Budget><Budget>{A_LINE}", "several_budgets"),
    "a prefixed budget": ('</Budget><p:Budget xmlns:p="u"></p:Budget><Budget>', "several_budgets"),
    "general information": (
        '<InformationsGenerales><Information Code="PopTot" V="1"/></InformationsGenerales>', "header_after_lines"),
    "a heading": ('<BlocBudget><IdEtabPal V="x"/></BlocBudget>', "header_after_lines"),
    "a seal": ('</Budget><Scellement md5="x" sha1="y" date="z"/><Budget>', "several_budgets"),
    "an address": ('</Budget><EnTeteDocBudgetaire><Departement V="55"/></EnTeteDocBudgetaire><x>', "xml_broken"),
}  # fmt: skip


@pytest.mark.parametrize("what", LATE)
@pytest.mark.parametrize("away", [0, BLOCK - 4000, 3 * BLOCK])
def test_what_counts_behind_the_annexes_is_seen(what: str, away: int) -> None:
    late, code = LATE[what]
    document = DOCUMENT.replace(b"</Annexes>", b"<X>" + b"<y/>" * (away // 4) + b"</X></Annexes>" + late.encode())
    assert same(document)[0] == code


@pytest.mark.parametrize("filler", range(BLOCK - 40, BLOCK + 8, 3))
def test_a_late_part_over_the_border_of_two_blocks_is_seen(filler: int) -> None:
    start = DOCUMENT.index(b"</Annexes>") % BLOCK
    document = annexed("y" * (filler - start), DOCUMENT).replace(b"</Annexes>", b"</Annexes><Scellement/>")
    assert same(document.replace(b"<Scellement/>", A_LINE.encode()))[0] == "line_misplaced"


def test_lines_of_annexes_and_comments_behind_them_are_none() -> None:
    document = annexed(f"<DATA>{A_LINE}</DATA>", DOCUMENT).replace(
        b"</Annexes>", f"</Annexes><!--{A_LINE}-->".encode()
    )
    assert same(document)[1] == same(DOCUMENT)[1]
    assert taken(document) == len(LINES) - 1


def test_a_budget_without_annexes_is_taken_too() -> None:
    document = re.sub(rb"<Annexes>.*</Annexes>", b"", DOCUMENT, flags=re.DOTALL)
    assert same(document)[1] == same(DOCUMENT)[1]
    assert taken(document) == len(LINES) - 1
    assert refused(document.rstrip()[:-3]).code == "xml_cut"


def test_what_is_no_line_never_passes_for_one() -> None:
    """Behind a line that ends otherwise, the first plain end tag is no markup."""
    hiding = (f"<!-- {A_LINE * 2} -->", f"<!-- </LigneBudget>{A_LINE * 2} -->", f"<![CDATA[</LigneBudget>{A_LINE}]]>")
    for hidden in hiding:
        document = changed(DOCUMENT, 0, swap("</LigneBudget>", "</LigneBudget >" + hidden))
        for block in (BLOCK, 1000, 300, 50):
            assert same(document, block)[1] == same(DOCUMENT)[1]


# -- whole documents

FIXTURES: dict[str, dict[str, Any]] = {
    "BP": {"stage": "BP", "exercice": 2022},
    "BS": {"stage": "BS", "exercice": 2021},
    "DM": {"stage": "DM", "exercice": 2021, "dm_number": 2},
    "CA": {"stage": "CA", "exercice": 2022},
    "annexe": {"stage": "CA", "exercice": 2021, "annexe": True},
    "draft": {"stage": "BP", "exercice": 2021, "draft": True},
    "CFU": {"cfu": True, "exercice": 2023},
}


@pytest.mark.parametrize("block", [BLOCK, 4096, 500])
@pytest.mark.parametrize("name", FIXTURES)
def test_every_stage_is_read_the_same(name: str, block: int) -> None:
    document = fixtures.document(**FIXTURES[name])
    lines, *_ = same(document, block)
    assert len(lines) == document.count(b"<LigneBudget")
    few = 2 * (block < BLOCK)  # the end of the first line may stand over two blocks
    assert taken(document, block) in (range(1) if name == "CFU" else range(len(lines) - 1 - few, len(lines)))


@pytest.mark.parametrize(
    ("encoding", "declared", "plain"),
    [
        ("UTF-8", None, True), ("UTF-8-sig", "UTF-8", True), ("ISO-8859-1", None, True), ("ISO-8859-15", None, True),
        ("windows-1252", None, True), ("windows-1252", "UTF-8", True), ("UTF-8", "ISO-8859-1", True),
        ("ASCII", None, False), ("UTF-16", None, False), ("UTF-16-BE", "UTF-16", False), ("koi8-r", None, False),
        ("cp500", None, False), ("mac-roman", "macintosh", False), ("ISO-8859-2", None, False), ("cp1251", None, False),
    ],
)  # fmt: skip
def test_every_encoding_is_read_the_same(encoding: str, declared: str | None, plain: bool) -> None:
    """Accents that the encoding lacks are written as references, which the parser reads."""
    lines = [_ordered({**line, "Operation": "é", "LibCpte": "Été"}) for line in LINES]
    document = small(lines=lines, name="Écaillé", encoding=encoding, declared=declared)
    found = same(document)
    if encoding != "cp500":  # the parser takes no EBCDIC
        reference = same(small(lines=lines, name="Écaillé", encoding="UTF-8"))
        assert found[1] == reference[1]
    assert bool(taken(document) if len(found) > 3 else 0) is plain


def test_the_block_size_changes_nothing() -> None:
    document = changed(small(lines=LINES * 6, encoding="UTF-8"), 20, reordered)
    expected = same(document)
    for block in sorted({*range(1, 16), *range(16, 1500, 61), *(2**n for n in range(11, 17)), len(document)}):
        assert readings(document, block, fast=True) == expected, block


def _ordered(line: dict[str, str]) -> dict[str, str]:
    """In the order of the XSD."""
    return {tag: line[tag] for tag in ("Nature", "LibCpte", "Fonction", "Operation", *line)}


def _short() -> bytes:
    """Two lines and next to nothing else."""
    document = small(lines=LINES[:3], encoding="UTF-8")
    document = re.sub(rb"<Annexes>.*</Annexes>", b"<Annexes><A V='1'/></Annexes>", document, flags=re.DOTALL)
    return re.sub(rb"<Information [^>]*>\s*", b"", document).rstrip()


def test_a_file_cut_at_any_byte_is_refused_alike() -> None:
    document = _short()
    start = document.index(b"<Budget>")
    for end in range(start, len(document)):
        assert same(document[:end])[0] == "xml_cut", end


@settings(max_examples=250, deadline=None, derandomize=True)
@given(data=st.data(), block=st.sampled_from([BLOCK, 700, 64]))
def test_a_document_changed_anywhere_is_read_or_refused_alike(data: st.DataObject, block: int) -> None:
    """Bytes replaced, dropped, doubled: both readings give the same, or refuse. A file with several faults may be
    refused for another of them, as blocks of lines are checked after they were parsed."""
    document = bytearray(_short())
    first = document.index(b"<LigneBudget>")
    tags = [b"</LigneBudget>", b"<LigneBudget>", b"<LigneBudget/>", b"</Budget>", b"<Budget>", b"<Annexes/>"]
    pieces = [
        *tags,
        A_LINE.encode(),
        b"&#49;",
        b"]]>",
        b"<!--",
        b"-->",
        b"\xe9",
        *(bytes([c]) for c in b"<>/\"'& \r9-"),
    ]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(first, len(document) - 1))
        length = data.draw(st.integers(0, 3))
        document[at : at + length] = data.draw(st.sampled_from(pieces))
    fast, slow = (readings(bytes(document), block, fast=way) for way in (True, False))
    if len(fast) == len(slow) == 3:
        assert isinstance(fast[0], str) and isinstance(slow[0], str)
    else:
        assert fast == slow


@sample
@given(st.lists(st.sampled_from(sorted(SAME)), min_size=5, max_size=5), st.sampled_from([BLOCK, 2000, 300]))
def test_each_line_written_in_its_own_way_gives_the_same_rows(ways: list[str], block: int) -> None:
    written = [SAME[how][0](line) for how, line in zip(ways, _written(DOCUMENT), strict=True)]
    document = DOCUMENT
    for line, other in zip(_written(DOCUMENT), written, strict=True):
        document = document.replace(line, other, 1)
    assert same(document, block)[1] == same(DOCUMENT)[1]


def _written(document: bytes) -> list[bytes]:
    return re.findall(rb"<LigneBudget.*?</LigneBudget>", document, re.DOTALL)


# -- bounds


def test_a_line_is_matched_in_linear_time() -> None:
    """Fields, blanks and supplements that never end cost steps in proportion: ten times as long, not a hundred."""
    for piece in (b" ", b'<MtSup V="1"/>', b'<CaracSup V="1"/>', b'<Nature V="1"/>'):
        assert LINE.match(b"<LigneBudget>" + b'<CodRD V="D"/><OpBudg V="0"/>' + piece * 30_000 + b"<x/>") is None


def test_a_cfu_and_utf16_are_never_taken_from_the_bytes() -> None:
    for document in (cfu(), small(lines=LINES, encoding="UTF-16")):
        reader = Reader(io.BytesIO(document))
        assert list(reader)
        assert not reader.took_bytes


@needs_corpus
@pytest.mark.parametrize("path", sorted(CORPUS.glob("xml/*/totem.xml")), ids=lambda path: path.parent.name)
def test_real_files_are_read_the_same(path: Any) -> None:
    same(path.read_bytes())
