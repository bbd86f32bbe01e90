"""The reader: identity from the right places only, every line once, whatever the encoding and the blocks."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.budget.totem.model import Seal
from ckanext.budget.totem.reader import Reader, read_header
from dev import fixtures
from tests.totem.documents import LINE, annexed, cfu, read, refused, replaced, sample, small

NAME = "Châtel-sur-Œuvre"  # Œ: in UTF-8 and windows-1252, not in ISO-8859-1


# -- what a document says of itself


@pytest.mark.parametrize(
    ("stage", "exercice", "number"), [("BP", 2021, 0), ("BS", 2021, 0), ("DM", 2021, 3), ("CA", 2020, 0)]
)
def test_every_stage_is_read(stage: str, exercice: int, number: int) -> None:
    reader, lines = read(fixtures.document(stage, exercice, dm_number=3, seal_date="2022-04-01T08:00:00"))
    header = reader.header
    assert (header.kind, header.stage, header.exercice, header.dm_number) == ("totem", stage, exercice, number)
    assert (header.siret, header.siren, header.name) == (fixtures.SIRET, fixtures.SIREN, fixtures.NAME)
    assert (header.norm, header.declination) == ("M14", "M14_COM_500_3500")
    assert header.seal.date == "2022-04-01T08:00:00" and len(header.seal.md5) == 32 and len(header.seal.sha1) == 40
    assert header.information["PopTot"] == "3412"
    assert lines and reader.calculated == 0 and reader.findings == ()


def test_a_cfu_is_read_and_its_subtotals_told_apart() -> None:
    document = cfu()
    reader, lines = read(document)
    assert (reader.header.kind, reader.header.stage, reader.header.exercice) == ("cfu", "CFU", 2023)
    assert reader.header.declination == "M57_D"  # the accountant's part says M57_A
    calculated = [line for line in lines if "calculated" in line]
    assert len(calculated) == reader.calculated == document.count(b'calculated="true"') > 0
    assert len(lines) == document.count(b"<LigneBudget")


def test_a_totem_may_say_it_is_a_cfu() -> None:
    header = read(replaced(small(), '<NatDec V="09"', '<NatDec V="10"'))[0].header
    assert (header.kind, header.stage) == ("totem", "CFU")


def test_the_siret_comes_from_the_establishment_only() -> None:
    header = read(small(siret=None))[0].header
    assert header.get("IdColl") == fixtures.SIRET
    assert (header.siret, header.siren) == (None, fixtures.SIREN)


@pytest.mark.parametrize("faulty", [fixtures.SIRET[:-1] + "0", fixtures.SIREN, "2155 0900", "x" * 14, ""])
def test_a_faulty_siret_is_none(faulty: str) -> None:
    assert read(small(siret=faulty))[0].header.siret is None


def test_exer_nomenclature_and_numdec_are_read_in_their_own_place() -> None:
    document = replaced(small(), "<EnTeteBudget>", '<EnTeteBudget><Exer V="1998"/><NatDec V="01"/><NumDec V="8"/>')
    document = replaced(document, "<BlocBudget>", '<BlocBudget><Nomenclature V="M52-M52"/><IdEtab V="1"/>')
    document = replaced(document, "<EnTeteDocBudgetaire>", '<EnTeteDocBudgetaire><IdEtab V="2"/><Exer V="1997"/>')
    document = annexed('<BlocBudget><Exer V="1999"/></BlocBudget><EMPRUNT><Exer V="2001"/></EMPRUNT>', document)
    header = read(document)[0].header
    assert (header.exercice, header.stage, header.dm_number) == (2021, "CA", 0)
    assert (header.norm, header.siret) == ("M14", fixtures.SIRET)


def test_the_number_of_a_dm_is_of_a_dm_only() -> None:
    assert read(small("DM", dm_number=2))[0].header.dm_number == 2
    assert read(replaced(small("CA"), '<NatDec V="09"/>', '<NatDec V="09"/><NumDec V="2"/>'))[0].header.dm_number == 0


def test_a_cfu_is_read_in_its_budget_only() -> None:
    other = f'<Exer V="1999"/><NatDec V="01"/><Nomenclature V="M4-M4"/><IdEtab V="{fixtures.SIRET_ANNEXE}"/>'
    line = '<LigneBudget><CodRD V="D"/><OpBudg V="0"/></LigneBudget>'
    part = (
        f"<Piece><Budget><EnTeteBudget>{other}</EnTeteBudget><BlocBudget>{other}</BlocBudget>{line}</Budget></Piece>"
    )
    whole = read(cfu())
    for place in ("<DocumentComptable", "<doccfu:Signatures>"):
        reader, lines = read(replaced(cfu(), place, part + place))
        assert reader.header == whole[0].header
        assert len(lines) == len(whole[1])


def test_lines_keep_their_own_text() -> None:
    carac = {**LINE, "MtReal": "-0012.50", "ArtSpe": "1", "CaracSup.Section": "F", "LibCpte": " Eau "}
    document = replaced(small(lines=[carac]), "<OpBudg", '<MtSup Code="ICNE" V="99.00"/><OpBudg')
    (line,) = read(document)[1]
    at = document[: document.index(b"<LigneBudget")].count(b"\n") + 1
    assert {**carac, "LibCpte": "Eau", "CaracSup.section": "F", "@line": str(at)} == {**line, "CaracSup.Section": "F"}


def test_lines_of_annexes_are_not_budget_lines() -> None:
    assert len(read(annexed('<LigneBudget><CodRD V="X"/></LigneBudget>'))[1]) == 1


def test_the_seal_may_be_absent() -> None:
    document = small()
    start, end = document.index(b"<Scellement"), document.index(b"<EnTeteDocBudgetaire")
    assert read_header(io.BytesIO(document[:start] + document[end:])).seal == Seal()


@pytest.mark.parametrize("prefix", ["db", "n0.x-y"])
def test_any_prefix_is_read(prefix: str) -> None:
    document = (
        small().replace(b"</", b"</p:").replace(b"<", b"<p:").replace(b"<p:/p:", b"</p:").replace(b"<p:?", b"<?")
    )
    document = document.replace(b"p:", prefix.encode() + b":").replace(b"xmlns=", b"xmlns:" + prefix.encode() + b"=")
    assert read(document)[0].header == read(small())[0].header


# -- encodings


@pytest.mark.parametrize(
    ("encoding", "declared", "code"),
    [
        ("UTF-8", None, None),
        ("UTF-8-sig", "UTF-8", None),
        ("windows-1252", None, None),
        ("UTF-8", "ISO-8859-1", "encoding_utf8"),
        ("UTF-8", "windows-1252", "encoding_utf8"),
        ("windows-1252", "UTF-8", "encoding_declared_wrong"),
        ("windows-1252", "ISO-8859-1", "encoding_declared_wrong"),
        ("UTF-16", None, None),
        ("UTF-16-LE", "UTF-16", None),
        ("UTF-16-BE", "UTF-16", None),
        ("ISO-8859-1", None, None),  # Œ is a character reference there
        ("ISO-8859-15", None, None),
        ("ASCII", "ISO-8859-1", None),
    ],
)
def test_accents_survive_every_encoding(encoding: str, declared: str | None, code: str | None) -> None:
    reader, lines = read(small(name=NAME, encoding=encoding, declared=declared))
    assert reader.header.name == NAME
    assert [found.code for found in reader.findings] == ([code] if code else [])
    assert len(lines) == 1


def test_a_late_accent_tells_the_encoding_too() -> None:
    """ASCII for more than one block, then UTF-8: nothing is decided on the head alone."""
    lines = [{**LINE, "LibCpte": "eau"}] * 500 + [{**LINE, "LibCpte": "été"}]
    reader, found = read(small(lines=lines, encoding="UTF-8", declared="ISO-8859-1"))
    assert found[-1]["LibCpte"] == "été"
    assert [f.code for f in reader.findings] == ["encoding_utf8"]


def test_unknown_encodings_are_refused_by_name() -> None:
    found = refused(small(name=NAME, encoding="windows-1252", declared="x-inconnu"))
    assert (found.code, found.params["encoding"]) == ("xml_encoding_unknown", "x-inconnu")
    assert refused(small(name=NAME, encoding="windows-1252", declared="shift_jis")).code == "xml_encoding_unknown"


def test_utf16_cut_inside_a_character_is_refused() -> None:
    assert refused(small(encoding="UTF-16")[:-1]).code == "xml_cut"


# -- any block size


@given(st.integers(1, 70_000), st.sampled_from(["BP", "CFU"]))
@sample
def test_the_block_size_changes_nothing(block: int, stage: str) -> None:
    document = cfu() if stage == "CFU" else small(stage, lines=[{**LINE, "Nature": str(n)} for n in range(100, 150)])
    one, other = read(document), read(document, block=block)
    assert other[1] == one[1]
    assert (other[0].header, other[0].calculated) == (one[0].header, one[0].calculated)


@pytest.mark.parametrize("block", [1, 64, 1 << 16])
def test_a_heading_after_the_lines_is_refused(block: int) -> None:
    document = small()
    start, end = document.index(b"<InformationsGenerales>"), document.index(b"<LigneBudget>")
    late = document[:start] + document[end:].replace(b"<Annexes>", document[start:end] + b"<Annexes>")
    assert refused(late, block=block).code == "header_after_lines"


@pytest.mark.parametrize("block", [1, 64, 1 << 16])
def test_the_first_fault_is_the_one_told(block: int) -> None:
    document = small(lines=[LINE, {**LINE, "MtReal": "x"}])
    assert refused(replaced(document, '<NatDec V="09"', '<NatDec V="77"'), block=block).code == "unknown_stage"


@pytest.mark.parametrize(
    "order", [list(LINE), ["Nature", "ContNat", "CodRD", "CredOuv", "OpBudg"]], ids=["parsed", "plain"]
)
def test_memory_does_not_grow_with_the_file(tmp_path: Path, order: list[str]) -> None:
    peaks: list[int] = []
    for count in (500, 5000):
        path = tmp_path / f"{count}.xml"
        path.write_bytes(small(lines=[{tag: LINE[tag] for tag in order}] * count))
        with path.open("rb") as stream:
            tracemalloc.start()
            assert sum(1 for _ in Reader(stream)) == count
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
