"""Budgets behind base64, prefixes and blanks: recognised; taken out where they are whole and alone, else refused."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from collections.abc import Callable

import pytest

from ckanext.budget.errors import Refusal
from ckanext.budget.totem.receive import Other, Received, receive
from dev import fixtures

BUDGET = fixtures.document(stage="CA", exercice=2021)


def encoded(content: bytes, width: int = 76) -> bytes:
    text = base64.b64encode(content)
    return b"\n".join(text[start : start + width] for start in range(0, len(text), width))


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("budget.xml", content)
    return out.getvalue()


PES = b"<?xml version='1.0'?><n:PES_Aller xmlns:n='http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller'><PJ><Fichier>%s</Fichier></PJ></n:PES_Aller>"  # noqa: E501

OPENED: dict[str, Callable[[], bytes]] = {
    "a PES flux": lambda: PES % encoded(BUDGET),
    "a PES flux, in one line": lambda: PES % base64.b64encode(BUDGET),
    "a PES flux, of another alphabet": lambda: PES % base64.urlsafe_b64encode(BUDGET),
    "a PES flux, without padding": lambda: PES % base64.b64encode(BUDGET).rstrip(b"="),
    "a PES flux, compressed": lambda: PES % base64.b64encode(gzip.compress(BUDGET)),
    "a PES flux, after something else": lambda: PES % (b"</Fichier><Fichier>".join([b"abc", encoded(BUDGET)])),
    "a signature's object": lambda: (
        b"<ds:Signature xmlns:ds='u'><ds:Object>" + encoded(BUDGET) + b"</ds:Object></ds:Signature>"
    ),
    "a flux in UTF-16": lambda: (
        (PES % encoded(BUDGET)).decode().replace("?>", " encoding='UTF-16'?>").encode("utf-16")
    ),
    "PEM": lambda: b"-----BEGIN PKCS7-----\n" + encoded(BUDGET, 64) + b"\n-----END PKCS7-----\n",
    "a message": lambda: (
        b"Subject: budget\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded(BUDGET).replace(b"\n", b"\r\n")
    ),
    "a message, after a picture": lambda: (
        b"MIME-Version: 1.0\r\n\r\n--x\r\nContent-Type: image/png\r\n\r\n"
        + encoded(b"\x89PNG" + bytes(1 << 20)).replace(b"\n", b"\r\n")
        + b"\r\n\r\n--x\r\nContent-Type: text/xml\r\n\r\n"
        + encoded(BUDGET).replace(b"\n", b"\r\n")
        + b"\r\n\r\n--x--\r\n"
    ),
}


@pytest.mark.parametrize("strict", [True, False], ids=["budget dataset", "another"])
@pytest.mark.parametrize("case", OPENED)
def test_an_encoded_budget_is_taken_out_byte_for_byte(case: str, strict: bool) -> None:
    plain, opened = io.BytesIO(), io.BytesIO()
    expected = receive(io.BytesIO(BUDGET), plain, strict=strict)
    found = receive(io.BytesIO(OPENED[case]()), opened, strict=strict)
    assert isinstance(expected, Received) and isinstance(found, Received)
    assert opened.getvalue() == plain.getvalue()
    assert found.source_sha256 == expected.source_sha256  # the same budget, sent alone, is known
    assert {f.code for f in found.findings} == {"unwrapped"}


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "an attribute": (lambda: b"<a b='" + base64.b64encode(BUDGET[:30000]) + b"'/>", "envelope"),
    "a comment": (lambda: b"<a><!-- <DocumentBudgetaire xmlns='u'> --></a>", "envelope"),
    "JSON": (lambda: b'{"fichier": "' + base64.b64encode(BUDGET) + b'"}', "envelope"),
    "a zip behind a program": (lambda: b"MZ" + b"\x00" * 2000 + zipped(BUDGET), "archive_budget"),
    "two encoded budgets": (
        lambda: PES % b"</Fichier><Fichier>".join([encoded(BUDGET), encoded(BUDGET)]),
        "envelope_many",
    ),
    "two in a message": (
        lambda: b"MIME-Version: 1.0\n\n" + b"\n\n--x\n\n".join([encoded(BUDGET), encoded(BUDGET)]) + b"\n",
        "envelope_many",
    ),
    "one encoded, one in clear": (
        lambda: PES % (encoded(BUDGET) + b"</Fichier><Fichier>" + BUDGET.partition(b"?>")[2]),
        "envelope_many",
    ),
    "damaged": (lambda: PES % (base64.b64encode(BUDGET[:30000]) + b"=A" * 9), "base64_damaged"),
    "cut": (lambda: PES % encoded(BUDGET[:30000]), "xml_cut"),
    "encoded twice": (lambda: PES % encoded(PES % encoded(BUDGET)), "wrapped_deep"),
    "encoded and compressed twice": (lambda: PES % encoded(gzip.compress(gzip.compress(BUDGET))), "archive_budget"),
    "more blanks than one looks at": (
        lambda: b" " * (1 << 20) + b"\n<e><DocumentBudgetaire xmlns='u'/></e>",
        "no_budget",
    ),
}


@pytest.mark.parametrize("strict", [True, False], ids=["budget dataset", "another"])
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_taken_out_is_refused(case: str, strict: bool) -> None:
    content, code = REFUSED[case]
    with pytest.raises(Refusal) as refused:
        receive(io.BytesIO(content()), io.BytesIO(), strict=strict)
    assert refused.value.finding.code == code


HARMLESS: dict[str, bytes] = {
    "base64 of something else": b"<a><b>" + encoded(b"un texte sans rien " * 100) + b"</b></a>",
    "long words": b"<a>" + b"abcdefghij" * 200 + b"</a>",
    "a text with long lines": b"abcdefghij" * 5000,
    "an image in XML": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='data:image/png;base64,"
    + base64.b64encode(b"\x89PNG" + bytes(2000))
    + b"'/></svg>",
}


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("case", HARMLESS)
def test_what_is_encoded_and_no_budget_passes(case: str, strict: bool) -> None:
    assert isinstance(receive(io.BytesIO(HARMLESS[case]), io.BytesIO(), strict=strict), Other)


def test_an_encoded_archive_is_refused_where_budgets_are_put_and_left_alone_elsewhere() -> None:
    content = PES % base64.b64encode(zipped(b"x" * 3000))
    with pytest.raises(Refusal):
        receive(io.BytesIO(content), io.BytesIO(), strict=True)
    assert isinstance(receive(io.BytesIO(content), io.BytesIO(), strict=False), Other)
