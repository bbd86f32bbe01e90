"""One document, however it is cut into blocks or written down: byte for byte the same CSV."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from benchmarks import soak
from dev import fixtures
from tests.conftest import CORPUS, needs_corpus

NAME = "Châtel-sur-Meuse «Éven»"
NS = "http://www.minefi.gouv.fr/cp/demat/docbudgetaire"
#: as text: an accent in the name, one in an operation's label
TEXT = fixtures.document("CA", 2022, name=NAME, encoding="UTF-8").decode()
CSV = soak.table(TEXT.encode())

POWERS = [2**power for power in range(17)]
BESIDE = [size + step for size in (64, 4096, 8192, 65_536) for step in (-1, 1)]
PRIMES = [3, 5, 7, 11, 13, 31, 61, 127, 251, 509, 1021, 2039, 4093, 8191, 16_381, 32_749, 65_521]


def test_the_document_is_worth_it() -> None:
    rows = CSV.decode().splitlines()
    assert len(rows) > 50
    assert NAME in rows[1]


# -- blocks


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "UTF-16"])
def test_any_block_size_gives_the_same_csv(encoding: str) -> None:
    document = as_(encoding)
    assert [size for size in [*POWERS, *BESIDE, *PRIMES] if soak.table(document, size) != CSV] == []


def test_any_block_size_gives_the_same_csv_of_a_cfu() -> None:
    document = fixtures.document(exercice=2023, cfu=True)
    whole = soak.table(document)
    assert [size for size in [*POWERS, *BESIDE, *PRIMES] if soak.table(document, size) != whole] == []


@needs_corpus
@pytest.mark.parametrize(
    "name", ["crach-2021-CA-principal-M14", "herault-2019-CA-M52-minimal", "mohon-2023-CFU-M57A"]
)
def test_any_block_size_gives_the_same_csv_of_a_real_file(name: str) -> None:
    document = (CORPUS / "xml" / name / "totem.xml").read_bytes()
    whole = soak.table(document)
    assert [
        size for size in (1, 7, 61, 1021, 4096, 16_381, 1 << 16, 1 << 20) if soak.table(document, size) != whole
    ] == []


# -- encodings and ways to write


def as_(encoding: str, declared: str | None = None, text: str = TEXT) -> bytes:
    """In an encoding, which it declares (or another); what it lacks becomes character references."""
    said = re.sub(r'encoding="[^"]*"', f'encoding="{declared or encoding}"', text, count=1)
    return said.encode(encoding, "xmlcharrefreplace")


def undeclared(encoding: str) -> bytes:
    return re.sub(r"^<\?xml[^>]*\?>\s*", "", TEXT).encode(encoding)


def written(change: Callable[[str], str], encoding: str = "ISO-8859-1") -> bytes:
    return as_(encoding, text=change(TEXT))


def sub(pattern: str, by: str, count: int = 0) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, by, text, count=count)


def prefixed(text: str, prefix: str = "db") -> str:
    text = re.sub(r"<(/?)(\w)", rf"<\1{prefix}:\2", text)
    return text.replace("xmlns=", f"xmlns:{prefix}=")


def references(text: str) -> str:
    """Every letter of the values as a character reference."""

    def each(match: re.Match[str]) -> str:
        return ' V="' + "".join(f"&#x{ord(c):X};" if c not in "&#;" else c for c in match.group(1)) + '"'

    return re.sub(r' V="([^"&]*)"', each, text)


def in_a_cfu(text: str) -> str:
    body = re.sub(r"^<\?xml[^>]*\?>\s*", "", text)
    uri = "http://www.minefi.gouv.fr/cp/demat/doccfu"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<cfu:CompteFinancierUnique xmlns:cfu="{uri}">{body}'
        "</cfu:CompteFinancierUnique>"
    )


def reordered(text: str) -> str:
    """``<a V="1" Code="2"/>`` for ``<a Code="2" V="1"/>``, and an attribute more."""
    text = re.sub(r'<(\w+) V="([^"]*)" Code="([^"]*)"/>', r'<\1 Code="\3" id="x" V="\2"/>', text)
    return text.replace("<Nature V=", '<Nature id="n" V=')


BOM = b"\xef\xbb\xbf"
WAYS: dict[str, bytes] = {
    "UTF-8": as_("UTF-8"),
    "UTF-8 in small letters": as_("UTF-8", "utf-8"),
    "UTF-8 with its mark": BOM + as_("UTF-8"),
    "UTF-8, marked, ISO-8859-1 declared": BOM + as_("UTF-8", "ISO-8859-1"),
    "UTF-8 undeclared": undeclared("UTF-8"),
    "UTF-8 undeclared, marked": BOM + undeclared("UTF-8"),
    "UTF-8, ISO-8859-1 declared": as_("UTF-8", "ISO-8859-1"),
    "UTF-8, windows-1252 declared": as_("UTF-8", "windows-1252"),
    "ISO-8859-1": as_("ISO-8859-1"),
    "ISO-8859-1 as latin1": as_("ISO-8859-1", "latin1"),
    "ISO-8859-1, UTF-8 declared": as_("ISO-8859-1", "UTF-8"),
    "ISO-8859-1 undeclared": undeclared("ISO-8859-1"),
    "ISO-8859-15": as_("ISO-8859-15"),
    "windows-1252": as_("windows-1252"),
    "windows-1252, UTF-8 declared": as_("windows-1252", "UTF-8"),
    "windows-1252, ISO-8859-1 declared": as_("windows-1252", "ISO-8859-1"),
    "ASCII": as_("US-ASCII"),
    "ASCII, ISO-8859-1 declared": as_("US-ASCII", "ISO-8859-1"),
    "UTF-16 with its mark": as_("UTF-16"),
    "UTF-16 little endian": as_("UTF-16-LE", "UTF-16"),
    "UTF-16 big endian": as_("UTF-16-BE", "UTF-16"),
    "UTF-16 big endian with its mark": b"\xfe\xff" + as_("UTF-16-BE", "UTF-16"),
    "UTF-16, UTF-8 declared": as_("UTF-16", "UTF-8"),
    "UTF-16 undeclared": undeclared("UTF-16"),
    "prefix db": written(prefixed),
    "prefix db, UTF-16": written(prefixed, "UTF-16"),
    "long prefix": written(lambda text: prefixed(text, "n0.x-y")),
    "no namespace": written(sub(r' xmlns="[^"]*"', "", 1)),
    "another namespace": written(sub(r' xmlns="[^"]*"', ' xmlns="urn:autre"', 1)),
    "single quotes": written(sub(r'="([^"\']*)"', r"='\1'")),
    "blanks around =": written(sub(r' V="', ' V = "')),
    "a new line before an attribute": written(sub(r' V="', '\n\tV="')),
    "blanks before />": written(sub("/>", "  />")),
    "another order of attributes": written(reordered),
    "open and close tags": written(sub(r'<(\w+)( V="[^"]*")/>', r"<\1\2></\1>")),
    "open and close tags, blanks inside": written(sub(r'<(\w+)( V="[^"]*")/>', r"<\1\2>\n  </\1>")),
    "no indentation": written(sub(r">\s+<", "><")),
    "one line": written(sub(r"\s*\n\s*", " ")),
    "CRLF": written(lambda text: text.replace("\n", "\r\n")),
    "CR": written(lambda text: text.replace("\n", "\r")),
    "tabs": written(lambda text: text.replace("   ", "\t")),
    "blanks around values": written(sub(r'(<(?:Nature|ContNat|CodRD|Mt\w+|CredOuv)) V="([^"]+)"', r'\1 V=" \2 "')),
    "every character a reference": written(references),
    "decimal references": as_("US-ASCII", "UTF-8"),
    "comments": written(sub("<LigneBudget>", "<!-- ligne --><LigneBudget><!-- <Nature V='1'/> -->")),
    "instructions": written(sub("<LigneBudget>", "<?logiciel LigneBudget?><LigneBudget>")),
    "CDATA between elements": written(sub("</LigneBudget>", "<![CDATA[ ]]></LigneBudget>")),
    "blanks after the end": as_("UTF-8") + b"\r\n \r\n",
    "single quotes in the declaration": written(
        sub(r'version="1.0" encoding="([^"]*)"', r"version='1.0' encoding='\1'")
    ),
    "standalone": written(sub(r"\?>", ' standalone="yes"?>', 1)),
    "in a CFU": in_a_cfu(TEXT).encode(),
    "in a CFU, prefixed": in_a_cfu(prefixed(TEXT)).encode(),
    "other tags in the lines": written(
        sub("</LigneBudget>", '<MtSup Code="X" V="9.99"/><Inconnu V="1"/></LigneBudget>')
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_however_it_is_written_the_csv_is_the_same(way: str) -> None:
    assert soak.table(WAYS[way]) == CSV
    assert soak.table(WAYS[way], 61) == CSV


def test_each_way_is_another() -> None:
    assert len(WAYS) >= 50
    same = [name for name, data in WAYS.items() if data == WAYS["ASCII"] or data == WAYS["UTF-8"]]
    assert set(same) <= {"ASCII", "UTF-8"}
    assert len(set(WAYS.values())) >= len(WAYS) - 2
