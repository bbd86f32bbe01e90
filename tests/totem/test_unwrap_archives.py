"""Safe reading of a zip: what is passed over, what is refused alone, what stops it, in bounded memory."""

from __future__ import annotations

import base64
import gzip
import io
import stat
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ckanext.budget.errors import Refusal
from ckanext.budget.messages import render
from ckanext.budget.totem import zips
from ckanext.budget.totem.archives import ArchiveLimits, members
from ckanext.budget.totem.feed import Limits
from ckanext.budget.totem.receive import receive
from tests.totem.documents import small
from tests.totem.test_archives import encrypted, of_method

MIB = 1 << 20


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def listed(content: bytes, **bounds: int) -> list[tuple[str, bytes | str]]:
    """Each member: its name, and its content or why it is refused (each in words of its own)."""
    found: list[tuple[str, bytes | str]] = []
    for member in members(io.BytesIO(content), limits=ArchiveLimits(**bounds)):
        if member.stream is not None:
            found.append((member.name, member.stream.read()))
        else:
            assert member.refusal is not None and render(member.refusal.finding, str).remedy
            found.append((member.name, member.refusal.finding.code))
    return found


def stopped(content: bytes, **bounds: int) -> str:
    with pytest.raises(Refusal) as refused:
        listed(content, **bounds)
    assert render(refused.value.finding, str).remedy
    return refused.value.finding.code


@contextmanager
def within(bytes_: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < bytes_
    finally:
        tracemalloc.stop()


def test_members_come_in_order_from_folders_inner_zips_and_gzip() -> None:
    inner = packed({"b.xml": b"<b/>", "plus bas/c.zip": packed({"c.xml": b"<c/>"})})
    content = packed({"z/a.xml": b"<a/>", "z/vide/": b"", "i.zip": inner, "d.xml.gz": gzip.compress(b"<d/>")})
    assert listed(content) == [
        ("z/a.xml", b"<a/>"),
        ("i.zip/b.xml", b"<b/>"),
        ("i.zip/plus bas/c.zip/c.xml", b"<c/>"),
        ("d.xml.gz", b"<d/>"),
    ]
    assert listed(packed({})) == []


def test_a_member_is_seekable_and_rewound() -> None:
    for member in members(io.BytesIO(packed({"a": b"abc"}))):
        assert member.stream is not None
        assert (member.stream.read(), member.stream.seek(1), member.stream.read()) == (b"abc", 1, b"bc")


def test_what_systems_add_is_passed_over() -> None:
    added = [
        "__MACOSX/._a.xml",
        "d/__MACOSX/a",
        "d/._a.xml",
        ".DS_Store",
        "d/.DS_Store",
        "d/Thumbs.db",
        "desktop.ini",
    ]
    assert listed(packed(dict.fromkeys(added, b"x") | {"a.DS_Store.xml": b"<a/>"})) == [("a.DS_Store.xml", b"<a/>")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\Windows\\a.xml", "Windows/a.xml"),
        ("..\\..\\a.xml", "a.xml"),
        ("a\x00.xml", "a"),
        ("a\x1b[31m\r\nb.xml", "a[31mb.xml"),
        ("gpj.\u202elmx.xml", "gpj.lmx.xml"),
        ("..", "…"),
        ("d/" * 300 + "a.xml", "…" + ("d/" * 300 + "a.xml")[-200:]),
        ("Décision modificative n° 2.xml", "Décision modificative n° 2.xml"),
    ],
)
def test_a_name_is_only_shown_without_its_tricks(name: str, shown: str) -> None:
    assert zips.shown_name(name.partition("\0")[0]) == shown
    assert listed(packed({name: b"<a/>"})) == [(shown, b"<a/>")]


def test_names_that_repeat_and_links_are_contents_like_others() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.xml", b"<a/>")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.xml", b"<b/>")
        link = zipfile.ZipInfo("lien")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert listed(out.getvalue()) == [("a.xml", b"<a/>"), ("a.xml", b"<b/>"), ("lien", b"/etc/passwd")]


# -- refused alone


def test_what_cannot_be_read_does_not_hide_the_rest() -> None:
    damaged = packed({"a": b"abcdef"}, zipfile.ZIP_STORED).replace(b"abcdef", b"abcdeX", 1)
    content = packed(
        {
            "secret.zip": encrypted(b"x"),
            "autre.zip": of_method(b"x", 77),
            "casse.zip": damaged,
            "coupe.zip": packed({"a": b"x" * 500})[:-30],
            "coupe.gz": gzip.compress(b"x" * 500)[:-9],
            "double.gz": gzip.compress(gzip.compress(b"x")),
            "bon.xml": b"<a/>",
        }
    )
    assert listed(content) == [
        ("secret.zip/dossier/0.bin", "member_encrypted"),
        ("autre.zip/dossier/0.bin", "member_method"),
        ("casse.zip/a", "member_damaged"),
        ("coupe.zip", "zip_damaged"),
        ("coupe.gz", "compressed_cut"),
        ("double.gz", "wrapped_deep"),
        ("bon.xml", b"<a/>"),
    ]


def test_a_declared_size_that_lies_is_no_size() -> None:
    content = bytearray(packed({"a": bytes(5 * MIB)}))
    for header, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", content, content.index(header) + offset, 10)
    assert listed(bytes(content)) == [("a", "member_damaged")]
    for header, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", content, content.index(header) + offset, 6 * MIB)
    assert listed(bytes(content)) == [("a", "member_damaged")]


def test_one_member_over_a_limit_is_refused_alone() -> None:
    content = packed({"gros": b"x" * 2000, "petit": b"y", "gros.gz": gzip.compress(b"x" * 2000)})
    assert listed(content, member_bytes=1000) == [
        ("gros", "unpacked_bytes"),
        ("petit", b"y"),
        ("gros.gz", "unpacked_bytes"),
    ]


# -- what stops the archive


def test_each_limit_on_the_whole_has_its_own_words() -> None:
    content = packed({"a": b"x" * 600, "z.zip": packed({"b": b"y" * 600, "c": b"z"})})
    assert [name for name, _ in listed(content, members=4)] == ["a", "z.zip/b", "z.zip/c"]
    assert stopped(content, members=3) == "zip_members"
    assert stopped(content, total_bytes=1200) == "zip_bytes"
    assert listed(content, nesting=0)[1] == ("z.zip", "zip_nested")
    assert stopped(content[:-30]) == "zip_damaged"
    assert stopped(b"PK\x05\x06") == "zip_damaged"


# -- attacks


def nested(levels: int, content: bytes) -> bytes:
    for level in range(levels):
        content = packed({f"{level}.zip" if level else "a.xml": content})
    return content


def test_a_zip_bomb_is_refused_in_bounded_memory() -> None:
    bomb = packed({"a.xml": bytes(40 * MIB), "b.xml": b"<b/>"})
    with within(4 * MIB):
        assert [found for _, found in listed_codes(bomb)] == ["unpacked_ratio", ""]


def listed_codes(content: bytes, **bounds: int) -> Iterator[tuple[str, str]]:
    for member in members(io.BytesIO(content), limits=ArchiveLimits(**bounds)):
        yield member.name, member.refusal.finding.code if member.refusal else ""


def test_nested_bombs_and_what_nests_for_ever_end() -> None:
    assert [code for _, code in listed_codes(nested(40, b"<a/>"))] == ["zip_nested"]
    inner = packed({f"{n}.xml": bytes(15 * MIB) for n in range(4)})
    middle = packed({f"{n}.zip": inner for n in range(50)})
    with within(6 * MIB), pytest.raises(Refusal) as refused:
        list(listed_codes(packed({"m.zip": middle}), total_bytes=100 * MIB))
    assert refused.value.finding.code == "zip_bytes"


def overlapping() -> bytes:
    """A kernel of 1 MiB that a hundred entries of the table of contents share."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = kernel.compress(bytes(MIB)) + kernel.flush()
    crc = zlib.crc32(bytes(MIB))
    fields = (20, 0, 8, 0, 0, crc, len(data), MIB, 1, 0)
    local = b"PK\x03\x04" + struct.pack("<HHHHHLLLHH", *fields) + b"a" + data
    central = b"PK\x01\x02" + struct.pack("<HHHHHHLLLHHHHHLL", 20, *fields, 0, 0, 0, 0, 0) + b"a"
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 100, 100, len(central) * 100, len(local), 0)
    return local + central * 100 + end


def test_entries_that_share_bytes_are_refused() -> None:
    content = overlapping()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert len(archive.infolist()) == 100
    with within(2 * MIB):
        assert stopped(content) == "zip_overlap"


def test_a_hundred_thousand_tiny_members_are_refused_in_bounded_memory() -> None:
    content = packed(dict.fromkeys(map(str, range(100_000)), b""), zipfile.ZIP_STORED)
    with within(16 * MIB):
        assert stopped(content) == "zip_contents"
    fewer = packed(dict.fromkeys(map(str, range(2_000)), b""), zipfile.ZIP_STORED)
    assert stopped(fewer, members=1_999) == "zip_members"


@pytest.mark.parametrize("strict", [True, False])
def test_a_compression_bomb_is_refused_in_bounded_memory(strict: bool) -> None:
    budget = small(encoding="UTF-8")
    bomb = gzip.compress(budget.replace(b"<Annexes>", b"<Annexes>" + b" " * (40 * MIB)))
    encoded = b"<PES><Fichier>" + base64.b64encode(bomb) + b"</Fichier></PES>"
    for content in (bomb, encoded):
        with within(8 * MIB), pytest.raises(Refusal) as refused:
            receive(io.BytesIO(content), io.BytesIO(), strict=strict)
        assert refused.value.finding.code == "unpacked_ratio"


@pytest.mark.parametrize(
    ("limits", "code"), [(Limits(bytes=20_000), "unpacked_bytes"), (Limits(seconds=-1), "unpacked_seconds")]
)
def test_limits_on_what_is_decompressed_have_their_own_words(limits: Limits, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        receive(io.BytesIO(gzip.compress(small() + b" " * 20_000)), io.BytesIO(), strict=True, limits=limits)
    assert refused.value.finding.code == code


def test_a_long_encoded_budget_is_decoded_in_bounded_memory() -> None:
    budget = small(encoding="UTF-8").replace(b"<Annexes>", b"<Annexes>" + b"<X V='1'/>\n" * 200_000)
    content = b"<PES><Fichier>" + base64.b64encode(budget) + b"</Fichier></PES>"
    out = io.BytesIO()
    source = io.BytesIO(content)
    with within(9 * MIB):  # the copy, in memory here, included
        receive(source, out, strict=True)
