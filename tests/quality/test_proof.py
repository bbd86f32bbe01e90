"""The proof of conservation: it holds for whatever is read, and fails as soon as a row is not what the source says."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.budget.convert import convert, standardise
from ckanext.budget.errors import Refusal
from ckanext.budget.quality.proof import Conservation, plain, prove
from ckanext.budget.quality.second_reading import as_parsed, as_written
from ckanext.budget.scdl.model import COLUMNS
from ckanext.budget.scdl.table import read_back
from ckanext.budget.totem.model import AMOUNTS
from dev import fixtures
from tests.conftest import CORPUS, needs_corpus

FIXTURES: dict[str, dict[str, Any]] = {
    "BP": {"stage": "BP", "exercice": 2022},
    "BS": {"stage": "BS", "exercice": 2021},
    "DM": {"stage": "DM", "exercice": 2021, "dm_number": 2},
    "CA": {"stage": "CA", "exercice": 2022},
    "annexe": {"stage": "CA", "exercice": 2021, "annexe": True},
    "CFU": {"cfu": True, "exercice": 2023},
}
DOCUMENT = fixtures.document("CA", 2021)
A_LINE = '<LigneBudget><Nature V="60611"/><CodRD V="D"/><MtReal V="5.00"/><OpBudg V="0"/></LigneBudget>'
Row = dict[str, str]


def sums(lines: list[dict[str, str]]) -> list[tuple[str, ...]]:
    """What the proof takes of each line."""
    names = ("Nature", "ContNat", "ContFon", "CodRD", "OpBudg", *AMOUNTS)
    return [tuple(line.get(name, "").strip() for name in names) for line in lines]


def csv_of(document: bytes) -> bytes:
    out = io.BytesIO()
    standardise(io.BytesIO(document), out)
    return out.getvalue()


def proofs(document: bytes, made: bytes) -> list[Conservation]:
    """By the parser's second reading, and by the text's."""
    rows, groups = read_back(io.BytesIO(made))
    return [prove(io.BytesIO(document), rows, groups, took_bytes=took) for took in (True, False)]


def proved(document: bytes) -> Conservation:
    """Both second readings agree with each other and with the CSV."""
    parsed, written = (list(way(io.BytesIO(document))) for way in (as_parsed, as_written))
    assert sums(parsed) == sums(written)
    one, other = proofs(document, csv_of(document))
    assert one.holds and other.holds and one == other
    assert one.lines == len(parsed)
    return one


@pytest.mark.parametrize("name", FIXTURES)
def test_it_holds_for_every_stage(name: str) -> None:
    document = fixtures.document(**FIXTURES[name])
    found = proved(document)
    assert found.lines == document.count(b"<LigneBudget") - document.count(b'calculated="true"') > 5
    assert convert(io.BytesIO(document), io.BytesIO()).conservation == found


@needs_corpus
@pytest.mark.parametrize("path", sorted(CORPUS.glob("xml/*/totem.xml")), ids=lambda path: path.parent.name)
def test_it_holds_for_real_files(path: Path) -> None:
    document = path.read_bytes()
    if path.parent.name in ("variant-mauvais_totem", "variant-totem_mauvaise_annee"):
        with pytest.raises(Refusal):
            proved(document)
    else:
        proved(document)


# -- what it sees


def altered(change: Callable[[list[Row]], object]) -> bytes:
    """The CSV of the document, changed."""
    rows = list(csv.DictReader(io.StringIO(csv_of(DOCUMENT).decode(), newline="")))
    before = [dict(row) for row in rows]
    change(rows)
    assert rows != before
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def real(rows: list[Row]) -> Row:
    """A row that spent something, in reality."""
    return next(r for r in rows if Decimal(r["BGT_MTREAL"] or 0) and r["BGT_OPBUDG"] == "réel")


def add(euros: str, column: str = "BGT_MTREAL") -> Callable[[list[Row]], object]:
    def change(rows: list[Row]) -> None:
        row = real(rows)
        row[column] = str(Decimal(row[column] or 0) + Decimal(euros))

    return change


def swap(column: str, one: str, other: str) -> Callable[[list[Row]], object]:
    def change(rows: list[Row]) -> None:
        row = real(rows)
        row[column] = other if row[column] == one else one

    return change


def move(rows: list[Row]) -> None:
    """An amount changes column: the totals of the row stay."""
    row = next(r for r in rows if Decimal(r["BGT_MTREAL"] or 0) != Decimal(r["BGT_CREDOUV"] or 0))
    row["BGT_MTREAL"], row["BGT_CREDOUV"] = row["BGT_CREDOUV"], row["BGT_MTREAL"]


def other_section(rows: list[Row]) -> None:
    """The account goes with the section, so that the row still makes sense."""
    row = real(rows)
    row["BGT_NATURE"] = "2313" if row["BGT_SECTION"] == "fonctionnement" else "60611"
    swap("BGT_SECTION", "investissement", "fonctionnement")(rows)


def empty_row(rows: list[Row]) -> None:
    row = dict(real(rows))
    rows.append(row | {f"BGT_{name.upper()}": "0" for name in AMOUNTS})


def replace_row(rows: list[Row]) -> None:
    """As many rows; one of them twice, another lost."""
    rows[rows.index(real(rows))] = next(
        r for r in rows if Decimal(r["BGT_MTREAL"] or 0) != Decimal(real(rows)["BGT_MTREAL"])
    )


CHANGES: dict[str, Callable[[list[Row]], object]] = {
    "a row lost": lambda rows: rows.remove(real(rows)),
    "the last row lost": lambda rows: rows.pop(),
    "a row doubled": lambda rows: rows.append(real(rows)),
    "a row without amount added": empty_row,
    "a row in place of another": replace_row,
    "a cent more": add("0.01"),
    "a cent less": add("-0.01"),
    "a thousandth": add("0.001"),
    **{f"a cent in {name}": add("0.01", f"BGT_{name.upper()}") for name in AMOUNTS},
    "a sign": lambda rows: real(rows).update(BGT_MTREAL="-" + real(rows)["BGT_MTREAL"]),
    "an amount emptied": lambda rows: real(rows).update(BGT_MTREAL=""),
    "an amount in another column": move,
    "a sense": swap("BGT_CODRD", "recette", "dépense"),
    "a section": swap("BGT_SECTION", "investissement", "fonctionnement"),
    "a section and its account": other_section,
    "réel and ordre": swap("BGT_OPBUDG", "réel", "ordre"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_it_fails_when_a_row_is_not_what_the_source_says(what: str) -> None:
    assert all(proof.holds for proof in proofs(DOCUMENT, altered(lambda rows: rows.reverse())))
    assert [proof.holds for proof in proofs(DOCUMENT, altered(CHANGES[what]))] == [False, False]


def test_it_says_where_a_cent_was_lost() -> None:
    for proof in proofs(DOCUMENT, altered(add("-0.01"))):
        (one,) = [one for one in proof.to_list() if one["source"] != one["csv"]]
        assert one["amount"] == "MtReal" and one["kind"] == "reel"
        assert Decimal(one["source"]) - Decimal(one["csv"]) == Decimal("0.01")
        sense = one["sense"]
        assert proof.total("source", "MtReal", sense) - proof.total("csv", "MtReal", sense) == Decimal("0.01")


def test_two_faults_that_make_up_for_each_other_in_a_total_are_seen() -> None:
    def change(rows: list[Row]) -> None:
        spent = [r for r in rows if Decimal(r["BGT_MTREAL"] or 0) and r["BGT_CODRD"] == "dépense"]
        one = next(r for r in spent if r["BGT_SECTION"] == "fonctionnement")
        other = next(r for r in spent if r["BGT_SECTION"] == "investissement")
        one["BGT_MTREAL"] = str(Decimal(one["BGT_MTREAL"]) + 1)
        other["BGT_MTREAL"] = str(Decimal(other["BGT_MTREAL"]) - 1)

    for proof in proofs(DOCUMENT, altered(change)):
        assert proof.total("source", "MtReal", "D") == proof.total("csv", "MtReal", "D")
        assert not proof.holds


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_it_fails_whichever_amount_is_changed(data: st.DataObject) -> None:
    def change(rows: list[Row]) -> None:
        row = rows[data.draw(st.integers(0, len(rows) - 1))]
        column = f"BGT_{data.draw(st.sampled_from(AMOUNTS)).upper()}"
        cents = data.draw(st.integers(-(10**6), 10**6).filter(bool))
        row[column] = str(Decimal(row[column] or 0) + Decimal(cents) / 100)

    assert not any(proof.holds for proof in proofs(DOCUMENT, altered(change)))


# -- however the source is written

CFU = fixtures.document(exercice=2023, cfu=True)
LONG = A_LINE * 2000  # more than a block

VARIANTS: dict[str, Callable[[bytes], bytes]] = {
    "comment": lambda d: d.replace(b"<LigneBudget", f"<!-- {A_LINE} --><LigneBudget".encode()),
    "comment inside": lambda d: d.replace(b"<CodRD", b'<!-- <MtReal V="9"/> <LigneBudget> --><CodRD'),
    "comment over blocks": lambda d: d.replace(b"<LigneBudget", f"<!-- {LONG} --><LigneBudget".encode(), 2),
    "comment of ends": lambda d: d.replace(b"<LigneBudget", b"<!-- </LigneBudget></Budget><Annexes> --><LigneBudget"),
    "comment with quotes": lambda d: d.replace(b"<LigneBudget", b"<!-- it's \"so\" > --><LigneBudget"),
    "CDATA": lambda d: d.replace(b"<LigneBudget", f"<![CDATA[{A_LINE}</Budget>]]><LigneBudget".encode()),
    "CDATA over blocks": lambda d: d.replace(b"<LigneBudget", f"<![CDATA[{LONG}]]><LigneBudget".encode(), 2),
    "instruction": lambda d: d.replace(b"<LigneBudget", f"<?x {A_LINE}?><LigneBudget".encode()),
    "before the budget": lambda d: d.replace(b"<Budget>", f"<!-- <Budget>{A_LINE}</Budget> --><Budget>".encode(), 1),
    "before the document": lambda d: d.replace(b"?>", f"?><!-- <DocumentBudgetaire><Budget>{A_LINE} -->".encode(), 1),
    "references": lambda d: d.replace(b'CodRD V="D"', b'CodRD V="&#68;"').replace(b'.00"', b'.&#x30;0"'),
    "single quotes": lambda d: re.sub(rb'V="([^"\']*)"', rb"V='\1'", d),
    "blanks": lambda d: re.sub(rb'<(Mt\w+|CodRD) V="([^"]*)"/>', rb'<\1\n V = " \2 " />', d),
    "end tags": lambda d: re.sub(rb'<(\w+) V="([^"]*)"/>', rb'<\1 V="\2"></\1 >', d),
    "another attribute": lambda d: d.replace(b'<MtReal V="', b'<MtReal W="7" x.V="8" V="'),
    "line with attributes": lambda d: d.replace(b"<LigneBudget>", b'<LigneBudget id="a>b/" n=\'"\' >'),
    "MtSup": lambda d: d.replace(b"</LigneBudget>", b'<MtSup Code="ICNE" V="99"/></LigneBudget>'),
    "inside a field": lambda d: d.replace(b"<CodRD", b'<X V="1"><Y V="2"/></X><CodRD'),
    "lines in annexes": lambda d: d.replace(b"</Annexes>", f"<X>{A_LINE}</X></Annexes>".encode()),
    "budget elsewhere": lambda d: d.replace(b"</Annexes>", f"<Budget>{A_LINE}</Budget></Annexes>".encode()),
    "subtotals": lambda d: d.replace(b"</Budget>", b"</Budget>").replace(
        b"<LigneBudget", b"<LigneBudget calculated='1'><MtReal V='3'/></LigneBudget><LigneBudget", 3),
    "empty subtotals": lambda d: d.replace(b"<LigneBudget", b'<LigneBudget calculated="true"/><LigneBudget', 3),
    "no line feed": lambda d: d.replace(b"\n", b""),
    "CR and LF": lambda d: d.replace(b"\n", b"\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["totem", "cfu"])
@pytest.mark.parametrize("how", VARIANTS)
def test_it_holds_however_the_source_is_written(how: str, kind: str) -> None:
    document = CFU if kind == "cfu" else DOCUMENT
    written = VARIANTS[how](document)
    found = proved(written)
    assert found == proved(document)
    assert csv_of(written) == csv_of(document)


@pytest.mark.parametrize("block", [1, 7, 64])
def test_the_text_is_read_the_same_in_blocks_of_any_size(block: int) -> None:
    """Comments, CDATA and tags cut anywhere."""

    class Short(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(block, size) if size and size > 0 else size)

    document = fixtures.document(
        "CA", 2021, lines=[{"Nature": "60611", "CodRD": "D", "MtReal": "1", "OpBudg": "0"}] * 3
    )
    document = re.sub(rb"<Annexes>.*</Annexes>", b"<Annexes></Annexes>", document, flags=re.DOTALL)
    for how in ("comment", "comment inside", "comment of ends", "CDATA", "instruction", "before the budget"):
        written = VARIANTS[how](document)
        assert sums(list(as_written(Short(written)))) == sums(list(as_parsed(io.BytesIO(document)))), how


def prefixed(document: bytes) -> bytes:
    document = re.sub(rb"<(/?)(?=\w)(?!\w+:)", rb"<\1p:", document)
    return document.replace(b"xmlns=", b"xmlns:p=")


@pytest.mark.parametrize("document", [DOCUMENT, CFU], ids=["totem", "cfu"])
def test_it_holds_with_prefixes(document: bytes) -> None:
    written = prefixed(document)
    assert b"<p:LigneBudget" in written
    assert proved(written) == proved(document)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("UTF-8", None), ("UTF-8-sig", "UTF-8"), ("windows-1252", None), ("windows-1252", "UTF-8"),
        ("UTF-16", None), ("UTF-16-LE", "UTF-16"), ("UTF-16-BE", "UTF-16"), ("koi8-r", None), ("cp1251", None),
        ("ISO-8859-15", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "kind", [{"stage": "CA", "exercice": 2021}, {"exercice": 2023, "cfu": True}], ids=["CA", "CFU"]
)
def test_it_holds_in_every_encoding(encoding: str, declared: str | None, kind: dict[str, Any]) -> None:
    assert proved(fixtures.document(**kind, encoding=encoding, declared=declared)) == proved(
        fixtures.document(**kind)
    )


def test_ebcdic_is_refused_before_anything_is_proved() -> None:
    with pytest.raises(Refusal) as refused:
        csv_of(fixtures.document("CA", 2021, encoding="cp500"))
    assert refused.value.finding.code == "not_xml"


# -- sums


def test_sums_by_sense_section_and_kind() -> None:
    lines = [
        {"Nature": "60611", "CodRD": "D", "MtReal": "1.10", "OpBudg": "0"},
        {"Nature": "60611", "CodRD": "D", "MtReal": "-0.30", "OpBudg": "0"},
        {"Nature": "6811", "CodRD": "D", "MtReal": "2", "OpBudg": "1", "TypOpBudg": "2"},
        {"ContNat": "21", "CodRD": "R", "MtPrev": "3", "OpBudg": "0"},
    ]
    found = proved(fixtures.document("CA", 2021, lines=lines))
    said = {
        (key, name): value
        for key, values in found.source.items()
        for name, value in zip(AMOUNTS, values, strict=True)
        if value
    }
    assert said == {
        (("D", "F", "reel"), "MtReal"): Decimal("0.80"),
        (("D", "F", "ordre"), "MtReal"): Decimal("2"),
        (("R", "I", "reel"), "MtPrev"): Decimal("3"),
    }


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("0", "0.00"), ("20535", "20535.00"), ("1.5", "1.50"), ("1.500", "1.50"), ("-0.015", "-0.015"),
        ("1E+3", "1000.00"),
        ("0E-8", "0.00"), ("12345678901234567890123456789012345.6", "12345678901234567890123456789012345.60"),
    ],
)  # fmt: skip
def test_euros_are_written_plainly(value: str, written: str) -> None:
    assert plain(Decimal(value)) == written


def test_amounts_of_any_length_are_told() -> None:
    line = {"Nature": "60611", "CodRD": "D", "MtReal": "9" * 40, "OpBudg": "0"}
    report = convert(io.BytesIO(fixtures.document("CA", 2021, lines=[line])), io.BytesIO())
    assert report.conserved and report.to_dict()["sums"]["csv"]["D"]["MtReal"] == "9" * 40 + ".00"


def test_an_amount_that_is_no_number_is_equal_to_nothing() -> None:
    line = {"Nature": "60611", "CodRD": "D", "MtReal": "1", "OpBudg": "0"}
    document = fixtures.document("CA", 2021, lines=[line])
    broken = document.replace(b'<MtReal V="1"/>', b'<MtReal V="1,5"/>')
    assert broken != document
    assert [proof.holds for proof in proofs(broken, csv_of(document))] == [False, False]


@pytest.mark.parametrize("took", [True, False])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, took: bool) -> None:
    peaks: list[int] = []
    line = {"Nature": "60611", "CodRD": "D", "MtReal": "1.00", "OpBudg": "0"}
    for count in (1000, 10_000):
        path = tmp_path / f"{count}.xml"
        path.write_bytes(fixtures.document("CA", 2021, lines=[line] * count))
        rows, groups = read_back(io.BytesIO(csv_of(path.read_bytes())))
        with path.open("rb") as stream:
            tracemalloc.start()
            assert prove(stream, rows, groups, took_bytes=took).holds
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_a_long_comment_is_not_kept() -> None:
    document = CFU.replace(b"<LigneBudget ", b"<!--" + b"x" * 8_000_000 + b"--><LigneBudget ", 1)
    stream = io.BytesIO(document)
    tracemalloc.start()
    assert len(list(as_written(stream))) == len(list(as_parsed(io.BytesIO(CFU))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
