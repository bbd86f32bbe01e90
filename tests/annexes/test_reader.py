"""Records of annexes: by kind, in order, whatever the encoding, the prefix or the wrapper."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from ckanext.budget.annexes.reader import Record, records
from ckanext.budget.errors import Refusal
from ckanext.budget.totem.feed import Limits
from dev import fixtures
from tests.annexes.made import document, grant, record


def read(source: bytes, *kinds: str, **more: object) -> list[Record]:
    return list(records(io.BytesIO(source), kinds, **more))  # pyright: ignore[reportArgumentType]


def test_records_come_by_kind_in_document_order() -> None:
    source = document(grant(MtSubv="1"), record("PRET", CodTypPret="N"), grant(MtSubv="2"))
    assert [r.kind for r in read(source, "CONCOURS", "PRET")] == ["CONCOURS", "PRET", "CONCOURS"]
    assert [r.fields["MtSubv"] for r in read(source, "CONCOURS")] == ["1", "2"]
    assert read(source, "APCP") == []


def test_a_field_stated_twice_keeps_both_values() -> None:
    source = document(record("CONCOURS", CodNatJurBenefCA=["P1", "P3", "P1"], MtSubv=["5", "5"]))
    assert read(source, "CONCOURS")[0].fields == {"CodNatJurBenefCA": "P1\nP3", "MtSubv": "5"}


def test_empty_values_are_absent() -> None:
    assert read(document("<PRET><CodTypPret V='  '/><DtDelib/></PRET>"), "PRET") == [Record("PRET", {})]


def test_the_same_word_elsewhere_is_no_record() -> None:
    source = document(record("APCP", LibAutori="x").replace("</APCP>", "<PRET><PRET V='1'/></PRET></APCP>"))
    assert read(source, "PRET") == []
    assert (
        read(document().replace(b"<Annexes>", b"<Autre><DATA_PRET><PRET/></DATA_PRET></Autre><Annexes>"), "PRET")
        == []
    )


def test_a_field_deeper_than_the_record_is_not_read() -> None:
    source = document("<PRET><Groupe><NomBenefPret V='x'/></Groupe><CodTypPret V='N'/></PRET>")
    assert read(source, "PRET") == [Record("PRET", {"CodTypPret": "N"})]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_every_encoding_gives_the_same_records(encoding: str) -> None:
    text = document(grant(LibOrgaBenef="Foyer d'été")).decode("utf-8").split("?>", 1)[1]
    source = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    assert read(source, "CONCOURS")[0].fields["LibOrgaBenef"] == "Foyer d'été"


def test_the_annexes_of_a_cfu_are_read() -> None:
    assert read(fixtures.document(exercice=2023, cfu=True), "EMPRUNT", "CONCOURS")


@pytest.mark.parametrize("block", [1, 7, 4096])
def test_the_size_of_blocks_does_not_matter(block: int) -> None:
    source = document(grant(), grant(LibOrgaBenef="Foyer d'été"))
    assert read(source, "CONCOURS", block=block) == read(source, "CONCOURS")


def test_a_cut_file_another_xml_and_too_much_are_refused() -> None:
    source = document(grant())
    for bad in (source[:-40], b"<a/>", b"<!DOCTYPE a><a/>"):
        with pytest.raises(Refusal):
            read(bad, "CONCOURS")
    with pytest.raises(Refusal, match="limit_reached"):
        read(source, "CONCOURS", limits=Limits(elements=10))


def peak(count: int) -> int:
    source = io.BytesIO(document(*[grant()] * count))
    tracemalloc.start()
    for _ in records(source, {"CONCOURS"}):
        pass
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_does_not_grow_with_the_annexes() -> None:
    peak(10)
    assert peak(20_000) < peak(2_000) + (1 << 19)
