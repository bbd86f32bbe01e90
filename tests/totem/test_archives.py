"""Archives at the door: budgets inside refuse them, whatever the packing; what can't be looked at refuses in a budget
dataset; a single compressed budget is no archive."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest

from ckanext.budget.errors import Refusal
from ckanext.budget.messages import render
from ckanext.budget.totem import archives, sniff
from ckanext.budget.totem.archives import ArchiveLimits
from ckanext.budget.totem.receive import Other, Received, receive
from tests.tables import made
from tests.totem.documents import cfu, small
from tests.totem.test_receive import both, received, refused

BUDGET = small()
CSV = b"BGT_NATDEC,BGT_ANNEE\r\n" * 20


def zipped(*contents: bytes, method: int = zipfile.ZIP_DEFLATED, folder: bool = True) -> bytes:
    """A zip of these contents, after a folder and a text."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        if folder:
            archive.writestr("dossier/", b"")
            archive.writestr("dossier/lisez-moi.txt", "à lire")
        for number, content in enumerate(contents):
            archive.writestr(f"dossier/{number}.bin", content)
    return out.getvalue()


def tarred(*contents: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        folder = tarfile.TarInfo("dossier")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        link = tarfile.TarInfo("lien")
        link.type, link.linkname = tarfile.SYMTYPE, "0.bin"
        archive.addfile(link)
        for number, content in enumerate(contents):
            info = tarfile.TarInfo(f"{number}.bin")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def encrypted(content: bytes) -> bytes:
    """The flag of an encrypted member, set in both of its headers."""
    data = bytearray(zipped(content, folder=False))
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def of_method(content: bytes, method: int) -> bytes:
    """A compression that can't be undone here."""
    data = bytearray(zipped(content, folder=False))
    data[data.index(b"PK\x03\x04") + 8] = data[data.index(b"PK\x01\x02") + 10] = method
    return bytes(data)


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "zip": zipped,
    "zip, stored": lambda content: zipped(content, method=zipfile.ZIP_STORED),
    "zip, bzip2": lambda content: zipped(content, method=zipfile.ZIP_BZIP2),
    "zip, lzma": lambda content: zipped(content, method=zipfile.ZIP_LZMA),
    "zip of many": lambda content: zipped(CSV, b"%PDF-1.7", content, b"<a/>"),
    "zip in a zip": lambda content: zipped(CSV, zipped(content)),
    "zip in a zip in a zip": lambda content: zipped(zipped(zipped(content))),
    "tar": tarred,
    "tar.gz": lambda content: gzip.compress(tarred(CSV, content)),
    "tar.xz": lambda content: lzma.compress(tarred(content)),
    "gzip in a zip": lambda content: zipped(gzip.compress(content)),
    "zip in a gzip": lambda content: gzip.compress(zipped(content)),
    "gzip in a gzip": lambda content: gzip.compress(gzip.compress(content)),
    "gzip in a bzip2": lambda content: bz2.compress(gzip.compress(content)),
    "zip with a comment": lambda content: zipped(content)[:-2] + b"\x03\x00abc",
    "beside what can't be read": lambda content: zipped(encrypted(CSV), b"7z\xbc\xaf\x27\x1c", content),
}

CONTENTS = {
    "totem": BUDGET,
    "cfu": cfu(),
    "utf-16": small(encoding="UTF-16"),
    "bom": small(encoding="UTF-8-sig", declared="UTF-8"),
    "prefixed": b"<a:DocumentBudgetaire xmlns:a='urn:a'/>",
    "cut": BUDGET[:4000],
    "encoded": b"<PES>" + base64.b64encode(BUDGET) + b"</PES>",
    "envelope": b"<PES>" + BUDGET.partition(b"?>")[2] + b"</PES>",
    "doctype": BUDGET.replace(b"?>", b"?><!DOCTYPE x>", 1),
    "p7m": b"0\x82\x12\x34\x06\x09*\x86H\x86\xf7\r\x01\x07\x02" + b"x" * 2000 + BUDGET,
}


@both
@pytest.mark.parametrize("packing", PACKINGS)
def test_a_budget_inside_is_refused(packing: str, strict: bool) -> None:
    found = refused(PACKINGS[packing](BUDGET), strict)
    # where something else could not be looked at, there may be more than one
    assert found.code == ("archive_budgets" if packing == "beside what can't be read" else "archive_budget")
    assert "/budgets/deposer" in render(found, str).sentence


@both
def test_how_many_budgets_were_seen_is_said(strict: bool) -> None:
    three = refused(zipped(BUDGET, CSV, zipped(BUDGET, cfu())), strict)
    assert (three.code, three.params["count"]) == ("archive_budgets", "3")
    assert refused(zipped(BUDGET, BUDGET, encrypted(CSV)), strict).params["count"] == "2+"


@both
@pytest.mark.parametrize("content", CONTENTS)
def test_any_budget_inside_is_refused(content: str, strict: bool) -> None:
    for packing in ("zip", "tar"):
        assert refused(PACKINGS[packing](CONTENTS[content]), strict).code == "archive_budget"


@both
@pytest.mark.parametrize(
    ("content", "code"),
    [("cut", "xml_cut"), ("doctype", "xml_doctype"), ("p7m", "envelope_binary"), ("prefixed", "no_budget")],
)
def test_what_is_compressed_is_refused_for_what_it_is(content: str, code: str, strict: bool) -> None:
    assert refused(gzip.compress(CONTENTS[content]), strict).code == code


@both
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (zipped(CSV, b"<a/>", b"%PDF-1.7", zipped(CSV)), "zip"),
        (zipped(folder=False), "zip"),
        (gzip.compress(CSV), "gzip"),
        (bz2.compress(CSV), "bzip2"),
        (lzma.compress(CSV), "xz"),
        (tarred(CSV), "tar"),
        (gzip.compress(b""), "gzip"),
    ],
)
def test_an_archive_without_budget_is_left_alone(content: bytes, kind: str, strict: bool) -> None:
    assert received(content, strict) == (Other(kind), b"")


def office(*names: str, first: bytes | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr(zipfile.ZipInfo("mimetype"), first)
        for name in names:
            archive.writestr(name, "<?xml version='1.0'?><workbook>budget</workbook>")
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        office("[Content_Types].xml", "xl/workbook.xml"),
        office("content.xml", first=b"application/vnd.oasis.opendocument.spreadsheet"),
    ],
    ids=["xlsx", "ods"],
)
def test_a_spreadsheet_that_cannot_be_opened_is_left_alone_but_where_budgets_are_expected(content: bytes) -> None:
    assert received(content, strict=False) == (Other("spreadsheet"), b"")
    assert refused(content, strict=True).code == "table_workbook_unreadable"


@both
@pytest.mark.parametrize("workbook", [made.xlsx, made.ods], ids=["xlsx", "ods"])
def test_a_spreadsheet_without_budget_lines_is_left_alone(workbook: Callable[..., bytes], strict: bool) -> None:
    content = workbook([["Salle", "Capacité"], ["Salle des fêtes", 120]])
    assert received(content, strict) == (Other("spreadsheet"), b"")


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_table_of_budget_lines_is_put_in_order_as_if_it_had_come_alone(
    compress: Callable[[bytes], bytes],
) -> None:
    lines = [made.line(), made.line(NATURE="6064")]
    for table in (made.csv_of([[*row, "Mme MARTIN"] for row in made.table(*lines)]), made.xlsx(made.table(*lines))):
        (alone, kept), (found, copy) = (received(content, strict=True) for content in (table, compress(table)))
        assert isinstance(alone, Received)
        assert isinstance(found, Received)
        assert copy == kept
        assert b"MARTIN" not in copy
        assert [finding.code for finding in found.findings] == ["unwrapped", *(f.code for f in alone.findings)]


UNREADABLE = {
    "encrypted": encrypted(BUDGET),
    "unknown method": of_method(BUDGET, 77),
    "cut zip": zipped(BUDGET)[:-40],
    "damaged member": zipped(CSV, method=zipfile.ZIP_STORED).replace(b"BGT_ANNEE", b"BGT_ANNEX", 1),
    "cut gzip in a zip": zipped(gzip.compress(CSV)[:-12]),
    "cut xz in a zip": zipped(lzma.compress(CSV)[:-20]),
    "cut bzip2 in a zip": zipped(bz2.compress(CSV)[:-20]),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(40),
    "rar": b"Rar!\x1a\x07\x01\x00",
    "7z in a zip": zipped(b"7z\xbc\xaf\x27\x1c" + bytes(40)),
    "too deep": zipped(zipped(zipped(zipped(CSV)))),
    "encrypted in a zip": zipped(encrypted(CSV)),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_looked_at_is_refused_in_a_budget_dataset(case: str) -> None:
    assert refused(UNREADABLE[case], strict=True).code == "archive_unreadable"


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_looked_at_is_left_alone_elsewhere(case: str) -> None:
    found, written = received(UNREADABLE[case], strict=False)
    assert isinstance(found, Other)
    assert written == b""


# -- limits


def looked_at(content: bytes, *, strict: bool, **bounds: int) -> str:
    """Why an archive is refused, if it is."""
    source = io.BytesIO(content)
    try:
        archives.refuse_budgets(source, sniff.sniff(content), strict=strict, limits=ArchiveLimits(**bounds))
    except Refusal as refusal:
        return refusal.finding.code
    finally:
        assert source.tell() == 0
    return ""


def test_too_many_members_cannot_be_looked_at() -> None:
    assert looked_at(zipped(CSV, CSV, CSV, CSV), strict=True, members=5) == ""
    assert looked_at(zipped(CSV, CSV, CSV, CSV, CSV), strict=True, members=5) == "archive_unreadable"
    assert looked_at(zipped(CSV, CSV, CSV, CSV, CSV), strict=False, members=5) == ""
    assert looked_at(tarred(*[CSV] * 6), strict=True, members=5) == "archive_unreadable"
    assert looked_at(zipped(BUDGET, CSV, CSV, CSV, CSV), strict=False, members=5) == "archive_budgets"


def test_a_nested_archive_that_is_too_big_cannot_be_looked_at() -> None:
    nested = zipped(CSV)
    assert looked_at(zipped(nested), strict=True, member_bytes=len(nested)) == ""
    assert looked_at(zipped(nested), strict=True, member_bytes=len(nested) - 1) == "archive_unreadable"


def test_a_huge_member_is_not_unpacked() -> None:
    bomb = io.BytesIO(zipped(bytes(60 << 20), folder=False))
    tracemalloc.start()
    assert receive(bomb, io.BytesIO(), strict=True) == Other("zip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
