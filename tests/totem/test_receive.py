"""The door's look at one file: a budget comes out occulted, what may hold one is refused, all else is left alone."""

from __future__ import annotations

import hashlib
import io
from xml.sax.saxutils import escape

import pytest

from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.totem import sniff
from ckanext.budget.totem.feed import Limits
from ckanext.budget.totem.receive import Other, Received, receive
from dev import fixtures
from tests.totem.documents import annexed, cfu, finding, occulted, replaced, small

NEEDLE = b"phyrine-Marqueur"
MARKED = small(marker="Zéphyrine-Marqueur", encoding="UTF-8")
BODY = MARKED.partition(b"?>")[2]

both = pytest.mark.parametrize("strict", [True, False], ids=["strict", "elsewhere"])


def received(content: bytes, strict: bool, **more: Limits) -> tuple[Received | Other, bytes]:
    """What the door says, and what it wrote."""
    source, out = io.BytesIO(content), io.BytesIO()
    found = receive(source, out, strict=strict, **more)
    assert source.tell() == out.tell() == 0  # ready to be read
    assert source.read() == content
    return found, out.read()


def refused(content: bytes, strict: bool, **more: Limits) -> Finding:
    with pytest.raises(Refusal) as info:
        receive(io.BytesIO(content), io.BytesIO(), strict=strict, **more)
    return finding(info)


# -- budgets


@both
@pytest.mark.parametrize(
    "content",
    [
        MARKED,
        cfu(marker="Zéphyrine-Marqueur"),
        small("DM", marker="Zéphyrine-Marqueur", encoding="UTF-16"),
        small(marker="Zéphyrine-Marqueur", encoding="UTF-16-BE", declared="UTF-16"),
        small(marker="Zéphyrine-Marqueur", encoding="UTF-8-sig", declared="UTF-8"),
        small(marker="Zéphyrine-Marqueur", encoding="windows-1252", declared="UTF-8"),
        b"\r\n \t" + BODY,
        b"\xef\xbb\xbf" + BODY.lstrip(),
        b"\xef\xbb\xbf\n" + BODY,
        b'<?xml version="1.0"?><!--' + b"x" * 5000 + b"-->" + BODY,
    ],
    ids=["totem", "cfu", "utf16", "utf16be", "bom", "lying", "blanks", "bom alone", "bom, blanks", "long prolog"],
)
def test_a_budget_comes_out_occulted(content: bytes, strict: bool) -> None:
    found, copy = received(content, strict)
    assert isinstance(found, Received)
    assert (copy, found.counts) == occulted(content)
    assert (found.source_sha256, found.occulted_sha256, found.size) == (
        hashlib.sha256(content).hexdigest(),
        hashlib.sha256(copy).hexdigest(),
        len(copy),
    )
    assert found.header.siret == fixtures.SIRET
    assert not any(NEEDLE.decode().encode(codec) in copy for codec in ("utf-8", "utf-16-le", "utf-16-be"))


def test_a_budget_of_any_prefix_comes_out_occulted() -> None:
    prefixed = BODY.replace(b"<", b"<tot:").replace(b"<tot:/", b"</tot:").replace(b"xmlns=", b"xmlns:tot=")
    found, copy = received(b'<?xml version="1.0"?>' + prefixed, strict=True)
    assert isinstance(found, Received)
    assert NEEDLE not in copy
    assert found.counts == occulted(MARKED)[1]


def test_what_was_noticed_is_told() -> None:
    found, _ = received(small(encoding="UTF-8", declared="ISO-8859-1"), strict=True)
    assert isinstance(found, Received)
    assert [f.code for f in found.findings] == ["encoding_utf8"]


@both
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (MARKED[:-40], "xml_cut"),
        (replaced(MARKED, "?>", "?><!DOCTYPE x>"), "xml_doctype"),
        (replaced(MARKED, "</EMPRUNT>", "</PRET>"), "xml_broken"),
        (b" " + MARKED, "not_xml"),  # nothing may stand before the declaration
        (small(lines=[]), "no_line"),
        (b"<CompteFinancierUnique/>", "no_budget"),
        (replaced(MARKED, '<NatDec V="09"', '<NatDec V="77"'), "unknown_stage"),
        (annexed("<a>" * 80 + "</a>" * 80), "limit_reached"),
    ],
)
def test_a_budget_that_cannot_be_read_is_refused(content: bytes, code: str, strict: bool) -> None:
    assert refused(content, strict).code == code


@both
@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_a_budget_in_an_encoding_that_is_not_read_is_refused(encoding: str, strict: bool) -> None:
    assert refused(MARKED.decode().encode(encoding), strict).code in ("not_xml", "xml_broken")


def test_limits_are_those_given() -> None:
    assert refused(MARKED, True, limits=Limits(bytes=1000)).params["limit"] == "bytes"


# -- envelopes


@both
@pytest.mark.parametrize(
    "content",
    [
        b"<PES_Aller xmlns='urn:pes'><Enveloppe/>" + BODY + b"</PES_Aller>",
        b"<a:Signe xmlns:a='urn:a'><Objet>" + cfu().partition(b"?>")[2] + b"</Objet></a:Signe>",
        b"<Enveloppe>" + b"<Vide/>" * 200_000 + BODY + b"</Enveloppe>",
        b"<Enveloppe><![CDATA[" + MARKED + b"]]></Enveloppe>",
        b"<Enveloppe>" + escape(MARKED.decode()).encode() + b"</Enveloppe>",
    ],
    ids=["pes", "signed", "far", "cdata", "escaped"],
)
def test_a_budget_comes_out_of_its_envelope(content: bytes, strict: bool) -> None:
    found, copy = received(content, strict)
    assert isinstance(found, Received)
    assert found.header.siret == fixtures.SIRET
    assert found.findings[0].code == "unwrapped"
    assert NEEDLE not in copy and b"Enveloppe" not in copy


@both
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (f"<Enveloppe>{'x' * 8180}&lt;DocumentBudgetaire xmlns='u'>\n</Enveloppe>".encode(), "envelope"),
        (b"0\x82\x12\x34\x06\x09*\x86H\x86\xf7\r\x01\x07\x02" + MARKED + b"\x00\x01", "envelope_binary"),
        (b"0\x82\x12\x34\x06\x09*\x86H\x86\xf7\r\x01\x07\x02" + b"x" * 2000 + BODY, "envelope_binary"),
        (b"MIME-Version: 1.0\r\nContent-Type: application/xml\r\n\r\n" + BODY, "envelope"),
    ],
    ids=["between pieces of a text", "p7m", "p7m, far", "mime"],
)
def test_a_budget_that_cannot_be_taken_out_is_refused(content: bytes, code: str, strict: bool) -> None:
    assert refused(content, strict).code == code


@both
def test_a_broken_envelope_is_refused(strict: bool) -> None:
    assert refused(b"<PES_Aller>" + BODY, strict).code == "xml_cut"
    far = b"<Enveloppe>" + b"<Vide/>" * 200_000 + BODY
    assert refused(far, strict).code == "xml_cut"


# -- all else


@both
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b" \r\n\0\t", "empty"),
        (b"%PDF-1.7\n<DocumentBudgetaire>", "pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image"),
        (b"GIF89a\1\0", "image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "spreadsheet"),
        (b"BGT_NATDEC,BGT_ANNEE\r\nbudget primitif,2021\r\n", "other"),
        ("Étape;Année\r\n".encode("utf-16"), "other"),
        (b"<rss version='2.0'><channel/></rss>", "xml"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<a/>", "xml"),
        ('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode("utf-16"), "xml"),
        (b"<a>DocumentBudgetaire &lt;Budget> CompteFinancierUnique</a>", "xml"),
        (b"<DocumentBudgetaires><Budget/></DocumentBudgetaires>", "xml"),
        (b"<documentbudgetaire/>", "xml"),
    ],
)
def test_what_is_no_budget_is_left_alone(content: bytes, kind: str, strict: bool) -> None:
    assert received(content, strict) == (Other(kind), b"")
    assert sniff.sniff(content[: sniff.HEAD]) == kind


DOCTYPE = b"<?xml version='1.0'?><!DOCTYPE html><html><body>budget</body></html>"
BROKEN = [
    (DOCTYPE, "xml_doctype"),
    (b"<html><p>budget<br></html>", "xml_broken"),
    (b"<a><b>", "xml_cut"),
    (b"\n<?xml version='1.0'?><a/>", "not_xml"),
    (b"<a>" * 100, "limit_reached"),
    ("<?xml version='1.0' encoding='x-inconnu'?><a>é</a>".encode("latin-1"), "xml_encoding_unknown"),
]


@pytest.mark.parametrize(("content", "code"), BROKEN)
def test_xml_that_cannot_be_read_is_refused_in_a_budget_dataset(content: bytes, code: str) -> None:
    assert refused(content, strict=True).code == code


@pytest.mark.parametrize(("content", "code"), BROKEN)
def test_xml_that_cannot_be_read_is_left_alone_elsewhere(content: bytes, code: str) -> None:
    assert received(content, strict=False) == (Other("xml"), b"")


@pytest.mark.parametrize("root", ["DocumentBudgetaire", "p:CompteFinancierUnique"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused_everywhere_when_the_head_names_a_budget(root: str, encoding: str) -> None:
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><{root} xmlns:p="urn:p">&a;</{root}>'
    for strict in (True, False):
        assert refused(text.encode(encoding), strict).code == "xml_doctype"
        closed = text.partition("<" + root)[0] + f"<{root}/>"
        assert refused(closed.encode(encoding), strict).code == "xml_doctype"


# -- the head


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04", "zip"),
        (b"PK\x05\x06" + bytes(18), "zip"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"7z\xbc\xaf\x27\x1c", "archive"),
        (b"Rar!\x1a\x07\x00", "archive"),
        (b"a" + bytes(256) + b"ustar\x0000", "tar"),
        (b"Voici le budget principal\n<?xml version='1.0'?>", "xml"),
        (b"\0\0\0<\0\0\0?", "xml"),
        (b"x" * 2000 + b"<?xml", "other"),
    ],
)
def test_kinds_are_told_by_content(head: bytes, kind: str) -> None:
    assert sniff.sniff(head) == kind


def test_the_head_is_read_from_the_start_and_rewound() -> None:
    stream = io.BytesIO(b"x" * (sniff.HEAD + 10))
    stream.seek(5)
    assert len(sniff.read_head(stream)) == sniff.HEAD
    assert stream.tell() == 0
