"""What is said of a copy's seal, and what the seal covers, on real files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from lxml import etree

from ckanext.budget.messages import render
from ckanext.budget.totem.model import Seal
from ckanext.budget.totem.seal import seal_facts
from tests.conftest import CORPUS, needs_corpus
from tests.totem.documents import occulted, read, small

SEAL = Seal("AA", "BB", "2022-03-01T16:01:47")


@pytest.mark.parametrize(
    ("seal", "counts", "state"),
    [
        (Seal(), {"PRET/NomBenefPret": 1}, "none"),
        (SEAL, {"PRET/NomBenefPret": 2, "Signatures": 1}, "broken"),
        (SEAL, {}, "as_source"),
    ],
)
def test_the_state_of_the_seal_is_told(seal: Seal, counts: dict[str, int], state: str) -> None:
    facts = seal_facts(seal, counts)
    assert (facts.state, facts.hidden) == (state, sum(counts.values()))
    said = render(facts.finding, str).sentence
    assert (seal.date in said) and ("3 times" in said) is (state == "broken")


def test_a_copy_in_which_nothing_was_hidden_is_the_source() -> None:
    copy, counts = occulted(small(seal_date="2022-03-01T16:01:47"))
    again, more = occulted(copy)
    assert again == copy
    header = read(copy)[0].header
    assert seal_facts(header.seal, counts).state == "broken"
    assert seal_facts(header.seal, more).state == "as_source"


def digests(document: bytes) -> tuple[str, str]:
    """MD5 and SHA-1 of the canonical XML, without the Scellement and the blanks after it."""
    root = etree.fromstring(document, etree.XMLParser(huge_tree=True))
    seal = next(root.iter("{*}Scellement"))
    seal.getparent().remove(seal)
    canonical = etree.tostring(root.getroottree(), method="c14n", exclusive=False, with_comments=False)
    return hashlib.md5(canonical).hexdigest().upper(), hashlib.sha1(canonical).hexdigest().upper()  # noqa: S324


@needs_corpus
@pytest.mark.parametrize("name", ["crach-2022-BP-principal-M14", "m3m-2024-CA-parking-M4", "mohon-2023-CFU-M57A"])
def test_the_seal_covers_every_value(name: str) -> None:
    document = Path(CORPUS / "xml" / name / "totem.xml").read_bytes()
    seal = read(document)[0].header.seal
    assert digests(document) == (seal.md5.upper(), seal.sha1.upper())
    copy, counts = occulted(document)
    assert counts and digests(copy) != digests(document)
