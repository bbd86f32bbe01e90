"""Budgets behind base64, prefixes and blanks: recognised, and refused since they can't be occulted."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from collections.abc import Callable

import pytest

from ckanext.budget.errors import Refusal
from ckanext.budget.totem.receive import Other, receive
from dev import fixtures

BUDGET = fixtures.document(stage="CA", exercice=2021)


def encoded(content: bytes, width: int = 76) -> bytes:
    return b"\n".join(
        base64.b64encode(content)[i : i + width] for i in range(0, len(content) * 4 // 3 + 4, width)
    ).strip()


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("budget.xml", content)
    return out.getvalue()


PES = b"<?xml version='1.0'?><n:PES_Aller xmlns:n='http://www.minefi.gouv.fr/cp/helios/pes_v2/Rev0/aller'><PJ><Fichier>%s</Fichier></PJ></n:PES_Aller>"  # noqa: E501

WRAPPED: dict[str, Callable[[], bytes]] = {
    "a PES flux": lambda: PES % encoded(BUDGET),
    "a PES flux, compressed": lambda: PES % base64.b64encode(gzip.compress(BUDGET)),
    "a PES flux, after something else": lambda: PES % (b"</Fichier><Fichier>".join([b"abc", encoded(BUDGET)])),
    "a signature's object": lambda: (
        b"<ds:Signature xmlns:ds='u'><ds:Object>" + encoded(BUDGET) + b"</ds:Object></ds:Signature>"
    ),
    "an attribute": lambda: b"<a b='" + base64.b64encode(BUDGET[:30000]) + b"'/>",
    "a comment": lambda: b"<a><!-- <DocumentBudgetaire xmlns='u'> --></a>",
    "PEM": lambda: b"-----BEGIN PKCS7-----\n" + encoded(BUDGET, 64) + b"\n-----END PKCS7-----\n",
    "a message": lambda: (
        b"Subject: budget\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded(BUDGET).replace(b"\n", b"\r\n")
    ),
    "a zip behind a program": lambda: b"MZ" + b"\x00" * 500 + zipped(BUDGET),
    "more blanks than one looks at": lambda: b" " * (1 << 20) + b"\n<e><DocumentBudgetaire xmlns='u'/></e>",
}


@pytest.mark.parametrize("strict", [True, False], ids=["budget dataset", "another"])
@pytest.mark.parametrize("case", WRAPPED)
def test_a_wrapped_budget_is_refused(case: str, strict: bool) -> None:
    with pytest.raises(Refusal):
        receive(io.BytesIO(WRAPPED[case]()), io.BytesIO(), strict=strict)


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
