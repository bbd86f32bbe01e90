"""A budget taken out of its compression and of its envelope is the budget, and nothing of the wrapper comes along."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.budget.convert import convert
from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.totem.receive import Other, Received, receive
from ckanext.budget.totem.unwrap import open_budget
from tests.totem.documents import annexed, cfu, finding, replaced, sample, small
from tests.totem.test_receive import both, received, refused

WRAPPER = "Zéphyrine-Marqueur"
#: a budget that fits in any encoding, and its parts
BUDGET = small(encoding="UTF-8")
BODY = BUDGET.decode().partition("?>")[2].strip()
PREFIXED = (
    BODY.replace("<", "<bud:").replace("<bud:/", "</bud:").replace(' xmlns="', ' xmlns:bud="').replace("<bud:!", "<!")
)
DECLARED = BODY[BODY.index(' xmlns="') : BODY.index('"', BODY.index(' xmlns="') + 8) + 1]

ENVELOPE = f"""<p:PES_Aller xmlns:p="urn:pes" xmlns:o="urn:{WRAPPER}" o:auteur="{WRAPPER}">
  <!-- {WRAPPER} --><?piste {WRAPPER}?><Signataire>{WRAPPER}</Signataire>
  %s
  <ds:Signature xmlns:ds="urn:ds" Id="{WRAPPER}"><ds:X509Certificate>{WRAPPER}</ds:X509Certificate></ds:Signature>
</p:PES_Aller>"""


def csv_of(content: bytes) -> bytes:
    out = io.BytesIO()
    with open_budget(io.BytesIO(content), strict=True) as opened:
        assert opened.budget is not None
        convert(opened.budget, out)
    return out.getvalue()


def taken_out(content: bytes) -> tuple[Received, bytes]:
    found, copy = received(content, strict=True)
    assert isinstance(found, Received)
    return found, copy


# -- compression


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


@both
@pytest.mark.parametrize("kind", COMPRESSIONS)
def test_a_compressed_budget_is_the_budget(kind: str, strict: bool) -> None:
    for document in (BUDGET, cfu(), small(encoding="UTF-16"), small("DM", encoding="windows-1252", declared="UTF-8")):
        plain, copy = received(document, strict)
        found, same = received(COMPRESSIONS[kind](document), strict)
        assert isinstance(plain, Received) and isinstance(found, Received)
        assert same == copy
        assert (found.source_sha256, found.occulted_sha256, found.size, found.counts, found.header) == (
            plain.source_sha256, plain.occulted_sha256, plain.size, plain.counts, plain.header,
        )  # fmt: skip
        assert found.findings == (Finding("unwrapped", params={"what": kind}), *plain.findings)


@both
def test_what_is_compressed_and_no_budget_is_left_alone(strict: bool) -> None:
    for content in (b"BGT_NATDEC\r\n", b"<rss/>", b"%PDF-1.7", b"", bytes(3 << 20)):
        assert received(gzip.compress(content), strict) == (Other("gzip"), b"")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (gzip.compress(BUDGET)[:-1], "compressed_cut"),
        (gzip.compress(BUDGET)[:-9], "compressed_cut"),
        (gzip.compress(BUDGET)[:-300], "compressed_cut"),
        (bz2.compress(BUDGET)[:-9], "compressed_cut"),
        (gzip.compress(BUDGET)[:-8] + bytes(8), "compressed_damaged"),  # another sum
        (gzip.compress(BUDGET) + b"x", "compressed_trailing"),
        (gzip.compress(BUDGET) * 2, "compressed_members"),
        (gzip.compress(BUDGET) + gzip.compress(b""), "compressed_members"),
        (gzip.compress(BUDGET) + bytes(600) + b"x", "compressed_trailing"),
        (b"\x1f\x8b\x08" + bytes(40), "compressed_damaged"),
    ],
)
def test_a_compressed_file_that_is_not_whole_is_refused(content: bytes, code: str) -> None:
    assert refused(content, strict=True).code == code


def test_padding_behind_a_compressed_file_is_nothing() -> None:
    assert isinstance(received(gzip.compress(BUDGET) + bytes(512), strict=True)[0], Received)


def test_elsewhere_only_what_names_a_budget_is_refused() -> None:
    large = annexed(f"<X>{'<a/>' * 40_000}</X>", BUDGET)
    assert refused(gzip.compress(large)[:-9], strict=False).code == "compressed_cut"
    assert received(gzip.compress(b"a,b\r\n" * 900)[:-9], strict=False) == (Other("gzip"), b"")
    assert received(gzip.compress(b"<rss/>" * 9)[:-9], strict=False) == (Other("gzip"), b"")


# -- envelopes


PLACED: dict[str, str] = {
    "an element": BODY,
    "prefixed": PREFIXED,
    "escaped": escape(BODY),
    "escaped, declared": escape('<?xml version="1.0" encoding="ISO-8859-15"?>\n' + BODY),
    "CDATA": f'<O><![CDATA[<?xml version="1.0" encoding="UTF-16"?>{BODY}]]></O>',
}


@pytest.mark.parametrize("codec", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("place", PLACED)
def test_nothing_of_the_envelope_comes_along_and_the_budget_is_whole(place: str, codec: str) -> None:
    declared = "UTF-16" if codec.startswith("utf-16") else codec
    content = f'<?xml version="1.0" encoding="{declared}"?>\n{ENVELOPE % PLACED[place]}'.encode(codec)
    found, copy = taken_out(content)
    assert csv_of(content) == csv_of(BUDGET) == csv_of(copy)
    for encoded in ("utf-8", "utf-16-le", "utf-16-be", "latin-1"):
        assert "phyrine".encode(encoded) not in copy
        assert "PES_Aller".encode(encoded) not in copy
    assert [f.params["what"] for f in found.findings if f.code == "unwrapped"] == ["PES_Aller"]


def test_namespaces_declared_by_the_envelope_follow_the_budget() -> None:
    uri = DECLARED.partition('"')[2].rstrip('"')
    inherited = f'<e xmlns="{uri}"><f>{BODY.replace(DECLARED, "")}</f></e>'
    prefixed = PREFIXED.replace(f' xmlns:bud="{uri}"', "")
    from_far = f'<e xmlns:bud="{uri}" xmlns:non="urn:x"><f xmlns:bud="{uri}"><g>{prefixed}</g></f></e>'
    both_kinds = f'<e xmlns:bud="urn:autre"><f xmlns:bud="{uri}?a=1&amp;b=&lt;&quot;">{prefixed}</f></e>'
    for envelope in (inherited, from_far, both_kinds):
        _, copy = taken_out(envelope.encode())
        assert csv_of(copy) == csv_of(BUDGET)
        assert copy.count(uri.encode()) == 1 and b"urn:" not in copy
        assert taken_out(copy)[1] == copy  # it is a budget like another, already occulted


def test_an_envelope_in_a_lying_encoding_is_read_as_the_budget_would_be() -> None:
    document = small(name="Évry-Fictif", encoding="windows-1252", declared="UTF-8")
    inside = document.partition(b"?>")[2]
    found, copy = taken_out(b'<?xml version="1.0" encoding="UTF-8"?><e>' + inside + b"</e>")
    assert found.header.get("LibelleColl") == "Évry-Fictif"
    assert [f.code for f in found.findings] == ["unwrapped", "encoding_declared_wrong"]
    assert csv_of(copy) == csv_of(document)


@given(size=st.integers(0, 70_000), after=st.integers(0, 70_000))
@sample
def test_where_the_budget_lies_does_not_matter(size: int, after: int) -> None:
    content = f"<e><f>{'x' * size}</f>{BODY}<f>{'y' * after}</f></e>".encode()
    with open_budget(io.BytesIO(content), strict=True) as opened:
        assert opened.budget is not None
        assert opened.budget.read() == b'<?xml version="1.0" encoding="UTF-8"?>\n' + BODY.encode()


def test_a_signature_inside_the_budget_is_no_envelope() -> None:
    signed = annexed(f"<Signature>{WRAPPER}</Signature>", BUDGET)
    found, copy = taken_out(signed)
    assert "unwrapped" not in {f.code for f in found.findings} and b"phyrine" not in copy


def test_an_envelope_may_be_compressed() -> None:
    found, copy = taken_out(gzip.compress((ENVELOPE % BODY).encode()))
    assert [f.params["what"] for f in found.findings] == ["gzip", "PES_Aller"]
    assert csv_of(copy) == csv_of(BUDGET)


@both
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (f"<e>{BODY}{BODY}</e>", "envelope_many"),
        (f"<e>{BODY}<f>{escape(BODY)}</f></e>", "envelope_many"),
        (f"<e><f>{escape(BODY)}</f><f>{escape(BODY)}</f></e>", "envelope_many"),
        (f"<e>{escape(f'<e>{BODY}{BODY}</e>')}</e>", "envelope_many"),
        (f"<e>{escape(f'<e>{escape(BODY)}</e>')}</e>", "envelope"),
        (f"<e>{escape(BODY + BODY)}</e>", "xml_broken"),
        (f"<e>Voici : {escape(BODY)}</e>", "envelope"),
        (f"<e><!-- {BODY} --></e>", "envelope"),
        (f"<e><?x {BODY} ?></e>", "envelope"),
        (f"<!DOCTYPE e><e>{BODY}</e>", "xml_doctype"),
        (f"<!DOCTYPE e [<!ENTITY a 'b'>]><e>&a;{BODY}</e>", "xml_doctype"),
        (f"<e>{escape('<!DOCTYPE x>' + BODY)}</e>", "xml_doctype"),
        (f"<e>{BODY}", "xml_cut"),
        ("<e><DocumentBudgetaire/></e>", "no_budget"),
        ("<e><DocumentBudgetaire></DocumentBudgetaire></e>", "no_budget"),
        ("<e><DocumentBudgetaire a='>'><b/></DocumentBudgetaire></e>", "no_budget"),
        (f"<e>{'<a>' * 70}{BODY}{'</a>' * 70}</e>", "limit_reached"),
    ],
)
def test_an_envelope_that_cannot_be_opened_is_refused_with_its_own_words(
    content: str, code: str, strict: bool
) -> None:
    for codec in ("utf-8", "utf-16"):
        assert refused(content.encode(codec), strict).code == code


P7M = b"0\x80\x06\x09*\x86H\x86\xf7\r\x01\x07\x03" + bytes(range(256)) * 20
ENCRYPTED = b"<x:EncryptedData xmlns:x='http://www.w3.org/2001/04/xmlenc#'><x:CipherData/></x:EncryptedData>"


@pytest.mark.parametrize(("content", "code"), [(P7M, "envelope_binary"), (ENCRYPTED, "envelope_encrypted")])
def test_what_is_encrypted_is_refused_where_budgets_are_put(content: bytes, code: str) -> None:
    assert refused(content, strict=True).code == code
    assert isinstance(received(content, strict=False)[0], Other)


def test_a_refusal_writes_nothing_of_what_was_opened() -> None:
    out = io.BytesIO()
    content = (ENVELOPE % replaced(BUDGET, 'NatDec V="09"', 'NatDec V="77"').decode().partition("?>")[2]).encode()
    with pytest.raises(Refusal) as info:
        receive(io.BytesIO(content), out, strict=True)
    assert finding(info).code == "unknown_stage"
    assert out.getvalue() == b""
