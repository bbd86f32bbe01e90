"""The XML attacks: what is written, and what must come of it.

Files are written piece by piece from generators: none is held in memory here either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from dev import fixtures

MARKER = "Zéphyrine-Marqueur"
NAME = "=cmd|' /C calc'!A0"
MIB = 1 << 20
TIMES = 10


@dataclass(frozen=True)
class Attack:
    """A hostile file: its pieces; the code of the refusal expected (empty: it is taken, and is harmless); the limit
    that the refusal names; limits lowered for it (so that it need not be as large as they are)."""

    name: str
    pieces: Callable[[], Iterable[bytes]]
    code: str = ""
    limit: str = ""
    limits: Mapping[str, int] = field(default_factory=dict[str, int])


def budget(encoding: str = "UTF-8", declared: str | None = None, name: str = "Exemple-sur-Meuse") -> bytes:
    return fixtures.document("CA", 2021, encoding=encoding, declared=declared, name=name)


def annexed(*pieces: bytes | Iterator[bytes], document: bytes | None = None) -> Iterator[bytes]:
    """A budget with more in its annexes."""
    head, end, tail = (document or budget()).partition(b"</Annexes>")
    yield head + b"<X>"
    for piece in pieces:
        yield from [piece] if isinstance(piece, bytes) else piece
    yield b"</X>" + end + tail


def declared(doctype: str, use: str = "") -> list[bytes]:
    """A budget with a document type, and something of it used."""
    head, mark, tail = b"".join(annexed(use.encode())).partition(b"?>")
    return [head, mark, doctype.encode(), tail]


def repeated(piece: bytes, times: int) -> Iterator[bytes]:
    """A piece many times, about a tenth of a MiB at once."""
    at_once = max(1, 100_000 // len(piece))
    for _ in range(times // at_once):
        yield piece * at_once
    yield piece * (times % at_once)


def numbered(template: bytes, times: int) -> Iterator[bytes]:
    for first in range(0, times, 1000):
        yield b"".join(template % (n, n) for n in range(first, min(first + 1000, times)))


def _laughs() -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE l [<!ENTITY l0 "ha">{entities}]>'


LONG = TIMES * MIB
FIELD = f'<NomElu V="{MARKER}"/>'.encode()
REFERENCES = "".join(f"&#{ord(c)};" for c in MARKER).encode()

DOCTYPES = [
    Attack("DTD", lambda: declared("<!DOCTYPE DocumentBudgetaire>"), "xml_doctype"),
    Attack("internal entity", lambda: declared('<!DOCTYPE x [<!ENTITY e "z">]>', "&e;"), "xml_doctype"),
    Attack(
        "external entity (file)",
        lambda: declared('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>', "&e;"),
        "xml_doctype",
    ),
    Attack(
        "external DTD (network)", lambda: declared('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'), "xml_doctype"
    ),
    Attack(
        "parameter entity",
        lambda: declared('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>'),
        "xml_doctype",
    ),
    Attack("billion laughs", lambda: declared(_laughs(), "&l9;"), "xml_doctype"),
    Attack(
        "quadratic blow-up",
        lambda: declared(f'<!DOCTYPE x [<!ENTITY e "{"a" * MIB}">]>', "&e;" * 1000),
        "xml_doctype",
    ),
    Attack("entity that nothing defines", lambda: annexed(b"&e;"), "xml_broken"),
]

FLOODS = [
    Attack("depth 10,000", lambda: annexed(b"<a>" * 10_000, b"</a>" * 10_000), "limit_reached", "depth"),
    Attack("text of 10 MiB", lambda: annexed(repeated(b"x", LONG)), "limit_reached", "text"),
    Attack("blanks of 10 MiB", lambda: annexed(repeated(b" \n", LONG // 2)), "limit_reached", "text"),
    Attack("CDATA of 10 MiB", lambda: annexed(b"<![CDATA[", repeated(b"x", LONG), b"]]>"), "limit_reached", "text"),
    Attack(
        "attribute of 10 MiB",
        lambda: annexed(b'<a V="', repeated(b"x", LONG), b'"/>'),
        "limit_reached",
        "text",
    ),
    Attack(
        "10,000 attributes on a tag",
        lambda: annexed(b"<a", numbered(b' a%d="%d"', 10_000), b"/>"),
        "limit_reached",
        "attributes",
    ),
    Attack(
        "10,000,000 elements (limit 1,000,000)",
        lambda: annexed(repeated(b"<a/>", 10_000_000)),
        "limit_reached",
        "elements",
        {"elements": 1_000_000},
    ),
    Attack(
        "10,000,000 plain elements (limit 1,000,000)",
        lambda: annexed(repeated(b'<A V=""/>\n', 10_000_000)),
        "limit_reached",
        "elements",
        {"elements": 1_000_000},
    ),
    Attack(
        "100 MiB (limit 50 MiB)",
        lambda: annexed(repeated(b'<A V="' + b"x" * 1000 + b'"/>\n', 100 * MIB // 1011)),
        "limit_reached",
        "bytes",
        {"bytes": 50 * MIB},
    ),
    Attack("10,000 namespaces on a tag", lambda: annexed(b"<a", numbered(b' xmlns:p%d="u%d"', 10_000), b"/>")),
    Attack(
        "100,000 namespaces in turn",
        lambda: annexed(numbered(b'<p:a xmlns:p="u%d" V="%d"/>', 100_000)),
        "limit_reached",
        "names",
    ),
    Attack("100,000 names", lambda: annexed(numbered(b'<a%d V="%d"/>', 100_000))),
]

TAGS = [
    Attack("tag name of 10 MiB", lambda: annexed(b"<", repeated(b"a", LONG), b"/>"), "limit_reached", "text"),
    Attack("comment of 10 MiB", lambda: annexed(b"<!--", repeated(b"x", LONG), b"-->"), "limit_reached", "text"),
    Attack("instruction of 10 MiB", lambda: annexed(b"<?p ", repeated(b"x", LONG), b"?>"), "limit_reached", "text"),
    Attack("comment of 10 MiB without end", lambda: annexed(b"<!--", repeated(b"x", LONG)), "limit_reached", "text"),
    Attack("comment without end", lambda: annexed(b"<!-- "), "xml_cut"),
    Attack("attribute said twice", lambda: annexed(b'<CodNatJurBenefCA V="P1" V="P3"/>'), "xml_broken"),
    Attack(
        "attribute said twice by namespaces",
        lambda: annexed(b"<a xmlns:p='u' xmlns:q='u' p:V='1' q:V='2'/>"),
        "xml_broken",
    ),
    Attack(
        "prefix that nothing declares", lambda: annexed(b"<p:NomElu V='" + MARKER.encode() + b"'/>"), "xml_broken"
    ),
]

BYTES = [
    Attack("NUL bytes", lambda: annexed(b"<a V='\0'/>"), "xml_broken"),
    Attack("reference to NUL", lambda: annexed(b"<a V='&#0;'/>"), "xml_broken"),
    Attack("reference to a surrogate", lambda: annexed(b"<a V='&#xD800;'/>"), "xml_broken"),
    Attack("surrogate in UTF-8", lambda: annexed(b"<a V='\xed\xa0\x80'/>" + FIELD)),
    Attack("overlong UTF-8", lambda: annexed(b"\xc0\xbcNomElu V='" + MARKER.encode() + b"'/>")),
    Attack("UTF-7 declared", lambda: [budget("ISO-8859-1", "UTF-7", "Écaillé")], "xml_encoding_unknown"),
    Attack("UTF-7 declared, bytes of UTF-8", lambda: [budget(declared="UTF-7", name="Écaillé")]),
    Attack("UTF-7 inside", lambda: annexed(b"+ADw-NomElu V='x'/+AD4-")),
    Attack("EBCDIC declared", lambda: [budget("ISO-8859-1", "cp037", "Écaillé")], "xml_encoding_unknown"),
    Attack("EBCDIC declared, bytes of UTF-8", lambda: [budget(declared="cp037", name="Écaillé")]),
    Attack("unknown encoding", lambda: [budget("ISO-8859-1", "x-klingon", "Écaillé")], "xml_encoding_unknown"),
    Attack("Shift_JIS declared", lambda: [budget("ISO-8859-1", "Shift_JIS", "Écaillé")], "xml_encoding_unknown"),
    Attack("UTF-16 declared, bytes of UTF-8", lambda: [budget(declared="UTF-16", name="Écaillé")]),
    Attack("UTF-8 declared, bytes of UTF-16", lambda: [budget("UTF-16", "UTF-8", "Écaillé")]),
    Attack("mark of UTF-8, bytes of UTF-16", lambda: [b"\xef\xbb\xbf" + budget("UTF-16")], "envelope"),
    Attack("mark of UTF-16, bytes of UTF-8", lambda: [b"\xff\xfe" + budget()], "not_xml"),
    Attack(
        "lone surrogate in UTF-16",
        lambda: [budget("UTF-16").replace("</Annexes>".encode("utf-16-le"), b"\x00\xd8</Annexes>\0")],
        "xml_cut",
    ),
    Attack("two encodings in one file", lambda: annexed(FIELD, FIELD.decode().encode("latin-1"))),
]

HIDDEN = [
    Attack("listed field in a comment", lambda: annexed(b"<!--" + FIELD + b"-->")),
    Attack("listed field in CDATA", lambda: annexed(b"<![CDATA[" + FIELD + b"]]>")),
    Attack(
        "listed field behind a prefix",
        lambda: annexed(b"<p:A xmlns:p='u'>" + FIELD.replace(b"<", b"<p:") + b"</p:A>"),
    ),
    Attack("listed field of another namespace", lambda: annexed(FIELD.replace(b"/>", b' xmlns="urn:x"/>'))),
    Attack("value in references", lambda: annexed(b'<NomElu V="' + REFERENCES + b'"/>')),
    Attack("name in references", lambda: annexed(b"<&#78;omElu V='x'/>"), "xml_broken"),
    Attack("value around its quotes", lambda: annexed(b"<NomElu V='\">" + MARKER.encode() + b"<\"'/>"), "xml_broken"),
    Attack("tag's end in a value", lambda: annexed(b"<NomElu A='/>' V='" + MARKER.encode() + b"'/>")),
    Attack("stylesheet", lambda: declared('<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>')),
    Attack(
        "XInclude",
        lambda: annexed(
            b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
        ),
    ),
    Attack(
        "schemaLocation",
        lambda: annexed(
            b'<a xmlns:s="http://www.w3.org/2001/XMLSchema-instance" s:schemaLocation="u http://127.0.0.1:9/x.xsd"/>'
        ),
    ),
    Attack("formula in a label", lambda: [budget(name=NAME)]),
]

ATTACKS = [*DOCTYPES, *FLOODS, *TAGS, *BYTES, *HIDDEN]
INNOCENT = Attack("innocent file", lambda: [budget()])
