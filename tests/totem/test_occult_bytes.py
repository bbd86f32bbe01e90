"""The occulted copy: other bytes as they were, the same lines, the same for any blocks, nothing of a cut file."""

from __future__ import annotations

import io
import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ckanext.budget.errors import Refusal
from ckanext.budget.totem import occult as room
from ckanext.budget.totem.feed import Limits
from ckanext.budget.totem.occult_rules import ALWAYS, CONDITIONAL, HIDDEN
from dev import fixtures
from tests.conftest import CORPUS, needs_corpus
from tests.totem.documents import LINE, annexed, cfu, finding, occulted, read, replaced, sample, small

NAME = "Châtel-sur-Œuvre"
MARKER = "Zéphyrine ŒUVRE"
TAGS = re.compile(rf"<({'|'.join(sorted(ALWAYS | CONDITIONAL))}) [^<>]*/>")
PARTS = re.compile(r"<(DocumentComptable|DocumentRapport|doccfu:Signatures)[ >].*?</\1>", re.DOTALL)
MIXED = (
    '<X>\n  un <!-- deux --> trois&#32;&amp; <?p q?><![CDATA[ quatre\n cinq ]]>\r\n<PRET><NomBenefPret V="six"> sept '
    '</NomBenefPret></PRET><CONCOURS><LibOrgaBenef V="é">huit</LibOrgaBenef><CodNatJurBenefCA V="P1"/></CONCOURS>'
    "<I Utilisateur='neuf'/><Signature>dix</Signature> \u00a0\u2003onze\u00a0 </X>"
)

DOCUMENTS = {
    "BP": small("BP", 2021),
    "CA": small("CA", 2022, encoding="UTF-8"),
    "annexe": fixtures.document("CA", 2021, annexe=True, marker=MARKER, encoding="windows-1252"),
    "CFU": cfu(lines=[LINE]),
    "mixed": annexed(MIXED),
}


def lines(document: bytes) -> list[dict[str, str]]:
    """The budget lines, but for the number of their line in the file."""
    return [{tag: text for tag, text in line.items() if tag != "@line"} for line in read(document)[1]]


# -- what is left


@pytest.mark.parametrize("name", ["BP", "CA", "annexe"])
def test_only_hidden_tags_differ(name: str) -> None:
    source, copy = DOCUMENTS[name].splitlines(), occulted(DOCUMENTS[name])[0].splitlines()
    assert len(source) == len(copy)
    changed = [(old, new) for old, new in zip(source, copy, strict=True) if old != new]
    assert len(changed) > 20
    for old, new in changed:
        assert TAGS.fullmatch(old.decode("latin-1").strip())
        assert new == re.sub(rb'V="[^"]*"', b'V="Occult&#233;"', old)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("UTF-8", None),
        ("UTF-8-sig", "UTF-8"),
        ("ISO-8859-1", None),
        ("ISO-8859-15", None),
        ("windows-1252", None),
        ("UTF-8", "ISO-8859-1"),
        ("windows-1252", "ISO-8859-1"),
        ("UTF-16", None),
        ("UTF-16-LE", "UTF-16"),
        ("UTF-16-BE", "UTF-16"),
    ],
)
@pytest.mark.parametrize("whole", [False, True], ids=["totem", "cfu"])
def test_other_bytes_are_untouched_in_every_encoding(encoding: str, declared: str | None, whole: bool) -> None:
    make = cfu if whole else small
    document = make(encoding=encoding, declared=declared, name=NAME, marker=MARKER)
    copy, counts = occulted(document)
    codec = {"UTF-16": "UTF-16-LE"}.get(encoding, encoding) if encoding.startswith("UTF-16") else "latin-1"
    before, after = document.decode(codec), copy.decode(codec)
    assert TAGS.sub("", PARTS.sub("", before)) == TAGS.sub("", after)
    assert sum(n for name, n in counts.items() if "/" in name) == after.count("Occult&#233;") > 40
    assert "phyrine" not in after
    assert lines(copy) == lines(document)
    assert read(copy)[0].header == read(document)[0].header


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('encoding="UTF-8"', 'encoding="windows-1252"'),
        ("encoding='utf8' standalone='yes'", "encoding='windows-1252' standalone='yes'"),
        (None, 'encoding="windows-1252"'),
        ("", 'encoding="windows-1252"'),
    ],
)
@pytest.mark.parametrize("block", [1, 7, 1 << 16])
def test_a_declaration_that_could_not_be_true_is_mended(old: str | None, new: str, block: int) -> None:
    """windows-1252 said to be UTF-8: no other reader could open the copy."""
    head, _, rest = small(encoding="windows-1252", name=NAME).partition(b"?>")
    rest = annexed(f'<PRET><NomBenefPret V="{MARKER}"/></PRET>', rest, "windows-1252")
    document = rest.lstrip() if old is None else f'<?xml version="1.0" {old}?>'.encode() + rest
    copy, _ = occulted(document, block=block)
    assert copy.startswith(b'<?xml version="1.0" ' + new.encode() + b"?>")
    assert etree.fromstring(copy).find(".//{*}LibelleColl").get("V") == NAME
    assert read(copy)[0].findings == ()
    assert lines(copy) == lines(document)
    body = copy.partition(b"?>")[2].lstrip().decode("windows-1252")
    assert TAGS.sub("", body) == TAGS.sub("", rest.lstrip().decode("windows-1252"))
    assert "phyrine" not in body


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_copy_is_well_formed_with_the_same_lines(name: str) -> None:
    copy, _ = occulted(DOCUMENTS[name])
    assert etree.fromstring(copy).tag == etree.fromstring(DOCUMENTS[name]).tag
    assert lines(copy) == lines(DOCUMENTS[name])
    assert read(copy)[0].header == read(DOCUMENTS[name])[0].header


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16"])
def test_twice_is_once(name: str, encoding: str) -> None:
    text = etree.tostring(etree.fromstring(DOCUMENTS[name]), encoding=encoding, xml_declaration=True)
    for document in (text, DOCUMENTS[name]):
        copy, _ = occulted(document)
        assert occulted(copy) == (copy, {})


def test_text_leaves_its_blanks() -> None:
    copy, counts = occulted(annexed(MIXED))
    part = copy[copy.index(b"<X>") : copy.index(b"</X>")]
    for word in ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze"):
        assert not re.search(rf"\b{word}\b".encode(), part)
    assert part.count(b"\n") == MIXED.count("\n")
    assert '<LibOrgaBenef V="é"></LibOrgaBenef>'.encode() in part
    assert counts["texte"] == 4


# -- any blocks


@given(st.integers(1, 4096), st.sampled_from(sorted(DOCUMENTS)))
@sample
def test_the_block_size_changes_nothing(block: int, name: str) -> None:
    assert occulted(DOCUMENTS[name], block=block) == occulted(DOCUMENTS[name])


@pytest.mark.parametrize("block", [*range(1, 9), 13, 27, 64])
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16"])
def test_small_blocks_change_nothing(block: int, encoding: str) -> None:
    document = annexed(MIXED, small(encoding=encoding), "UTF-16-LE" if encoding == "UTF-16" else encoding)
    assert occulted(document, block=block) == occulted(document)


# -- what can't be occulted


@pytest.mark.parametrize("name", DOCUMENTS)
@given(share=st.floats(0, 1))
@sample
def test_a_cut_file_is_refused(name: str, share: float) -> None:
    document = DOCUMENTS[name].rstrip()
    with pytest.raises(Refusal):
        occulted(document[: int(share * (len(document) - 1))])


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"", "empty_file"),
        (replaced(small(), "?>", "?><!DOCTYPE x>"), "xml_doctype"),
        (replaced(small(), "</EMPRUNT>", "</PRET>"), "xml_broken"),
        (small(encoding="UTF-16")[:-1], "xml_cut"),
        (annexed("<a>" * 80 + "</a>" * 80), "limit_reached"),
    ],
)
def test_what_cannot_be_read_cannot_be_occulted(document: bytes, code: str) -> None:
    with pytest.raises(Refusal) as info:
        occulted(document)
    assert finding(info).code == code


def test_a_record_that_waits_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "HELD", 4000)
    long = "<Mt/>" * 2000
    document = annexed(f'<CONCOURS>{long}<LibOrgaBenef V="x"/><CodNatJurBenefCA V="P1"/></CONCOURS>')
    assert b'<LibOrgaBenef V="x"/>' in occulted(document, block=512)[0]
    document = annexed(f'<CONCOURS><LibOrgaBenef V="x"/>{long}<CodNatJurBenefCA V="P1"/></CONCOURS>')
    with pytest.raises(Refusal) as info:
        occulted(document, block=512)
    assert finding(info).params["limit"] == "record"


def test_limits_are_those_given() -> None:
    with pytest.raises(Refusal):
        occulted(small(), limits=Limits(elements=10))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Neither with lines, nor with records that wait, nor with a part dropped whole."""
    peaks: list[int] = []
    for count in (300, 3000):
        path = tmp_path / f"{count}.xml"
        grant = '<CONCOURS><LibOrgaBenef V="Club"/><CodNatJurBenefCA V="P1"/></CONCOURS>\n'
        path.write_bytes(annexed((grant + "<Signature>x<A/></Signature>") * count, small(lines=[LINE] * count)))
        with path.open("rb") as source, (tmp_path / "copy").open("wb") as out:
            tracemalloc.start()
            room.occult(source, out, block=4096)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


# -- real budgets


@needs_corpus
@pytest.mark.parametrize("path", sorted(CORPUS.glob("xml/*/totem.xml")), ids=lambda path: path.parent.name)
def test_real_budgets_keep_their_lines_and_lose_their_names(path: Path) -> None:
    document = path.read_bytes()
    out = io.BytesIO()
    with path.open("rb") as source:
        room.occult(source, out)
    copy = out.getvalue()
    for element in etree.fromstring(copy, etree.XMLParser(huge_tree=True)).iter(*(f"{{*}}{tag}" for tag in ALWAYS)):
        assert not element.get("V", "").strip() or element.get("V") == HIDDEN
    try:
        wanted = lines(document)
    except Refusal as refusal:  # the faulty ones
        with pytest.raises(Refusal, match=str(refusal)):
            read(copy)
    else:
        assert lines(copy) == wanted
