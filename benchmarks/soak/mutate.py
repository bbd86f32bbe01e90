"""Damage that happens to files, and some that nobody would think of: all of it from a number, to be made again."""

from __future__ import annotations

import gzip
import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_TAG = re.compile(rb"<(?![!?])[^<>]*>")
_LEAF = re.compile(rb"<(?![!?/])[^<>]*/>")
_VALUE = re.compile(rb'="([^"<]*)"')
_OPEN = re.compile(rb"<([A-Za-z][\w:.-]*)(?:\s[^<>]*)?(?<!/)>")
_DECLARED = re.compile(rb"(<\?xml[^>]*?encoding=[\"'])([\w.-]+)")

#: values that a field never has, or hardly
VALUES = (
    b"", b" ", b"0", b"-", b"-0.00", b"+5", b"1e5", b"1,50", b"12 000.00", b"0x1F", b"NaN", b"Infinity", b"1_000",
    b"999999999999999999999999.99", b".5", b"5.", b"\xd9\xa3", b"\xe9\xe8", b"\x81\x8d", b"=1+1", b"@SUM(A1)",
    b"&lt;b&gt;", b"&quot;,&quot;", b"&#10;&#13;", b"&#0;", b"&#233;", b"&#x1F600;", b"&nbsp;", b"&amp", b"true",
    b"T", b"P3", b"U", b"09", b"2", b"R", b"D", b"1" * 400, b"A" * 70_000, b"null", b"../../x", b"%s{0}",
)  # fmt: skip
PIECES = (
    b"<!-- NOM Prenom -->", b"<?php NOM ?>", b"<![CDATA[NOM]]>", b"NOM", b"&unknown;", b"\x00", b"\x0b", b"\xff\xfe",
    b"\xef\xbb\xbf", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<Champ_Editeur V='NOM'/>", b"<x:y V='1'/>", b"<a>" * 80,
    b"<Signataire>NOM</Signataire>", b"<LigneBudget/>", b"<Budget/>", b"</Budget>", b"<", b">", b"&", b"\r\n\r\n",
    b"<CodNatJurBenefCA V='P1'/>", b"<CodNatJurBenefCA V='P3'/>", b"<Exer V='1999'/>", b"]]>",
)  # fmt: skip
ENCODINGS = ("utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "utf-16-le", "utf-16-be", "utf-16", "utf-7",
             "us-ascii", "ebcdic-cp-fr", "utf-8-sig", "koi8-r")  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """Damaged ``data``; ``inner`` is what an archive around it holds; ``recipe`` says what was done to what."""

    data: bytes
    inner: bytes
    recipe: str


def variant(sources: Sequence[tuple[str, bytes]], seed: int, number: int) -> Variant:
    """The variant of a number: the same bytes for the same sources."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311  (no secret: to be made again)
    name, data = sources[chance.randrange(len(sources))]
    steps: list[str] = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        damage = chance.choice(DAMAGES)
        data = damage(data, chance)
        steps.append(damage.__name__)
    inner = data
    if chance.random() < 0.02:
        wrap = chance.choice((_gzip, _zip, _envelope))
        data = wrap(data)
        steps.append(wrap.__name__.strip("_"))
    return Variant(data, inner, f"{name}: {', '.join(steps)}")


# -- bytes


def flip(data: bytes, chance: random.Random) -> bytes:
    """One to twenty bytes changed."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 20) if out else 0):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def flip_one(data: bytes, chance: random.Random) -> bytes:
    """One bit of one byte."""
    at = chance.randrange(len(data) or 1)
    return data[:at] + bytes(b ^ (1 << chance.randrange(8)) for b in data[at : at + 1]) + data[at + 1 :]


def cut(data: bytes, chance: random.Random) -> bytes:
    """The end is missing."""
    return data[: chance.randrange(len(data) + 1)]


def cut_late(data: bytes, chance: random.Random) -> bytes:
    """The last bytes are missing."""
    return data[: -chance.randint(1, 200)]


def hole(data: bytes, chance: random.Random) -> bytes:
    """A piece is missing inside."""
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at + chance.choice((1, 7, 300, 5000)) :]


def twice(data: bytes, chance: random.Random) -> bytes:
    """The file, or its end, once more."""
    return data + data[chance.choice((0, len(data) // 2, -30)) :]


def insert(data: bytes, chance: random.Random) -> bytes:
    """Something foreign between two tags, or anywhere."""
    at = _pick(_TAG, data, chance) if chance.random() < 0.7 else None
    where = at.end() if at else chance.randrange(len(data) + 1)
    return data[:where] + chance.choice(PIECES) + data[where:]


def line_ends(data: bytes, chance: random.Random) -> bytes:
    """Other ends of lines, or none."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", chance.choice((b"\r\n", b"\r", b"", b"\n\n", b" \t")))


# -- tags


def double_tag(data: bytes, chance: random.Random) -> bytes:
    """An empty element stands twice, or an opening tag."""
    found = _pick(chance.choice((_LEAF, _LEAF, _TAG)), data, chance)
    return data[: found.end()] + found.group() + data[found.end() :] if found else data


def delete_tag(data: bytes, chance: random.Random) -> bytes:
    """A tag is missing."""
    found = _pick(chance.choice((_LEAF, _LEAF, _TAG)), data, chance)
    return data[: found.start()] + data[found.end() :] if found else data


def rename_tag(data: bytes, chance: random.Random) -> bytes:
    """A tag gets another's name, or another case."""
    found, other = _pick(_LEAF, data, chance), _pick(_LEAF, data, chance)
    if not found or not other:
        return data
    name, new = (re.split(rb"[\s/>]", m.group()[1:], maxsplit=1)[0] for m in (found, other))
    new = chance.choice((new, name.lower(), name + b"x", b"p:" + name))
    return data[: found.start() + 1] + new + data[found.start() + 1 + len(name) :]


def open_tag(data: bytes, chance: random.Random) -> bytes:
    """``<a/>`` becomes ``<a>`` or ``<a></a>``."""
    found = _pick(_LEAF, data, chance)
    if not found:
        return data
    name = re.split(rb"[\s/>]", found.group()[1:], maxsplit=1)[0]
    end = chance.choice((b"", b"</" + name + b">", b"NOM</" + name + b">"))
    return data[: found.end() - 2] + b">" + end + data[found.end() :]


def value(data: bytes, chance: random.Random) -> bytes:
    """A value is replaced."""
    return _values(data, chance, 1)


def values(data: bytes, chance: random.Random) -> bytes:
    """Some values are replaced."""
    return _values(data, chance, chance.randint(2, 30))


def _values(data: bytes, chance: random.Random, count: int) -> bytes:
    for _ in range(count):
        found = _pick(_VALUE, data, chance)
        if found:
            data = data[: found.start(1)] + chance.choice(VALUES) + data[found.end(1) :]
    return data


def swap_values(data: bytes, chance: random.Random) -> bytes:
    """Two values change places."""
    return _swap(_pick(_VALUE, data, chance), _pick(_VALUE, data, chance), data)


def attribute(data: bytes, chance: random.Random) -> bytes:
    """An attribute more: the same again, another one, with other quotes or spaces."""
    found = _pick(_LEAF, data, chance)
    more = chance.choice((b' V="1"', b' v="NOM"', b" W='NOM'", b' x:V="NOM"', b' calculated="true"', b"V='2'", b" V",
                          b' V = "3" ', b' xml:lang="fr"', b' NomComptable="NOM"'))  # fmt: skip
    return data[: found.end() - 2] + more + data[found.end() - 2 :] if found else data


# -- elements


def swap_elements(data: bytes, chance: random.Random) -> bytes:
    """Two elements change places."""
    return _swap(_element(data, chance), _element(data, chance), data)


def repeat_element(data: bytes, chance: random.Random) -> bytes:
    """An element stands several times."""
    found = _element(data, chance)
    return data[: found[1]] + data[found[0] : found[1]] * chance.randint(1, 4) + data[found[1] :] if found else data


def move_element(data: bytes, chance: random.Random) -> bytes:
    """An element goes elsewhere."""
    found, at = _element(data, chance), _pick(_TAG, data, chance)
    if not found or not at:
        return data
    piece, rest = data[found[0] : found[1]], data[: found[0]] + data[found[1] :]
    where = at.end() if at.end() <= found[0] else at.end() - len(piece) if at.end() > found[1] else found[0]
    return rest[:where] + piece + rest[where:]


def delete_element(data: bytes, chance: random.Random) -> bytes:
    """An element is missing."""
    found = _element(data, chance)
    return data[: found[0]] + data[found[1] :] if found else data


# -- encodings and namespaces


def declare(data: bytes, chance: random.Random) -> bytes:
    """Another encoding is declared, or none."""
    name = chance.choice(ENCODINGS).encode()
    if chance.random() < 0.2:
        return re.sub(rb"^\s*<\?xml[^>]*\?>", b"", data, count=1)
    return _DECLARED.sub(rb"\g<1>" + name, data, count=1)


def transcode(data: bytes, chance: random.Random) -> bytes:
    """Written in another encoding, declared or not."""
    declared = _DECLARED.search(data)
    try:
        text = data.decode(declared.group(2).decode() if declared else "utf-8")
    except (UnicodeError, LookupError):
        text = data.decode("latin-1")
    name = chance.choice(ENCODINGS[:7])
    if chance.random() < 0.6:
        text = re.sub(r"(<\?xml[^>]*?encoding=[\"'])[\w.-]+", rf"\g<1>{name}", text, count=1)
    return text.encode(name, "xmlcharrefreplace" if chance.random() < 0.7 else "replace")


def namespace(data: bytes, chance: random.Random) -> bytes:
    """Another namespace, none, or one undeclared."""
    new = chance.choice(
        (b"", b'xmlns="urn:autre"', b'xmlns=""', b'xmlns:p="urn:p"', b'xmlns="http://www.minefi.gouv.fr"')
    )
    return re.sub(rb'xmlns="[^"]*"', new, data, count=1)


# -- around it


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _zip(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("budget.xml"), data)
    return out.getvalue()


def _envelope(data: bytes) -> bytes:
    return b"<envelope>" + re.sub(rb"^[^<]*<\?xml[^>]*\?>", b"", data, count=1) + b"</envelope>"


Damage = Callable[[bytes, random.Random], bytes]
DAMAGES: tuple[Damage, ...] = (
    flip, flip_one, flip_one, cut, cut_late, hole, twice, insert, insert, insert, line_ends, double_tag, double_tag,
    delete_tag, delete_tag, rename_tag, rename_tag, open_tag, value, value, values, swap_values, swap_values,
    attribute, attribute, swap_elements, repeat_element, move_element, delete_element, declare, transcode, namespace,
)  # fmt: skip


def _pick(pattern: re.Pattern[bytes], data: bytes, chance: random.Random) -> re.Match[bytes] | None:
    """The first match after a place of chance (else the first of all)."""
    return pattern.search(data, chance.randrange(len(data) + 1)) or pattern.search(data)


def _element(data: bytes, chance: random.Random) -> tuple[int, int] | None:
    """From an opening tag to the next closing tag of that name."""
    found = _pick(_OPEN, data, chance)
    end = data.find(b"</" + found.group(1) + b">", found.end()) if found else -1
    return (found.start(), end + len(found.group(1)) + 3) if found and end >= 0 else None


def _swap(one: re.Match[bytes] | tuple[int, int] | None, other: object, data: bytes) -> bytes:
    spans = [m.span(m.re.groups) if isinstance(m, re.Match) else m for m in (one, other)]
    if not all(spans):
        return data
    (a, b), (c, d) = sorted(spans)  # type: ignore[type-var]
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:] if b <= c else data
