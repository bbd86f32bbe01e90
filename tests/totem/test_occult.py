"""What may name a person is hidden, wherever and however it is written; what does not is left."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.totem.documents import annexed, cfu, occulted, sample, small

MARKER = "Zéphyrine-Marqueur"
NEEDLE = b"phyrine-Marqueur"
HIDDEN = "Occulté"

#: the list of the domain, element by element
FIELDS = {
    "PRET": ["NomBenefPret"],
    "PROVISION": ["LibNatProv", "LibObjProv"],
    "PERSONNEL": ["RemunAgent", "IndiceAgent"],
    "ORGANISME_ENG": ["NomOrgEng", "RSOrgEng"],
    "CREDIT_BAIL": ["LibCredBail"],
    "DETTE": ["LibTypDette"],
    "PJRef": ["NomPJ"],
    "EMPRUNT": ["NomBenefEmprGaranti", "Champ_Editeur"],
    "SOMMAIRE": ["Champ_Editeur"],
    "MEMBREASA": ["Proprietaire"],
    "SIGNATAIRE": ["Signataire"],
    "SIGNATURE": ["LibPresentPar"],
    "FORMATION": ["NomElu"],
    "CONCOURS": ["LibOrgaBenef", "DenomOuNumSubv", "LibPrestaNat", "ObjSubv"],
    "AUTRE_ENGAGEMENT": ["NomOrgaBenef", "NatEng"],
    "Gestion": ["NomComptable"],
    "Edition": ["Utilisateur"],
}
PAIRS = [(record, field) for record, fields in FIELDS.items() for field in fields]
DROPPED = ["DocumentComptable", "DocumentRapport", "Signatures", "Signature", "KeyInfo", "X509Data", "X509Certificate",
           "SignatureValue", "Certificate", "Certificat", "QualifyingProperties"]  # fmt: skip
BASE = occulted(annexed(""))[1]


def strings(copy: bytes) -> Iterator[str]:
    """Every piece of text of an XML file, references resolved."""
    for node in etree.fromstring(copy).getroottree().xpath("//node()|//@*|/comment()|/processing-instruction()"):
        yield node if isinstance(node, str) else f"{node.text} {node.tail}"


def leaks(copy: bytes) -> bool:
    return NEEDLE in copy or any(MARKER in text for text in strings(copy))


def gained(xml: str) -> tuple[bytes, dict[str, int]]:
    """The copy of a document with ``xml`` in its annexes, and what was hidden in ``xml``."""
    copy, counts = occulted(annexed(xml))
    return copy, {name: n - BASE.get(name, 0) for name, n in counts.items() if n != BASE.get(name, 0)}


def values(copy: bytes, tag: str) -> list[str]:
    """V of the last record's elements of that name."""
    record = next(etree.fromstring(copy).iter("{*}Annexes"))[-1]
    return [str(element.get("V")) for element in record.iter(f"{{*}}{tag}")]


# -- the fields


def test_fixtures_carry_every_field() -> None:
    written = {element.tag.rpartition("}")[2] for element in etree.fromstring(cfu()).iter(etree.Element)}
    assert {field for record, field in PAIRS if record not in ("Gestion", "Edition")} <= written


@pytest.mark.parametrize("document", [small(marker=MARKER), cfu(marker=MARKER)], ids=["totem", "cfu"])
def test_no_marker_of_a_whole_document_survives(document: bytes) -> None:
    assert document.count(NEEDLE) > 50
    assert not leaks(occulted(document)[0])


@pytest.mark.parametrize(("record", "field"), PAIRS)
@pytest.mark.parametrize(
    "written",
    [
        '<{field} V="{m}"/>',
        "<{field} V='{m}'/>",
        '<{field}\n\tV = "{m}"\r\n></{field}>',
        '<{field} Code="1" Autre="{m}" V="{m}"/>',
        '<p:{field} xmlns:p="urn:p" p:V="{m}" xml:lang="fr"/>',
        "<{field} V=\"{r}\" W='{h}'/>",
        "<{field} V='a>\"b\" {m}'/>",
        '<{field} V="x">{m}<A V="{m}">{m}</A><!--{m}--><?p {m}?><![CDATA[{m}]]>{r}</{field}>',
    ],
)
def test_a_field_is_hidden_however_it_is_written(record: str, field: str, written: str) -> None:
    references = "".join(f"&#{ord(c)};" for c in MARKER), "".join(f"&#x{ord(c):x};" for c in MARKER)
    xml = written.format(field=field, m=MARKER, r=references[0], h=references[1])
    copy, counts = gained(f'<{record}><Mt V="1"/>{xml}<Mt V="2"/></{record}>')
    assert not leaks(copy) and b"&#90;" not in copy and b"&#x5a;" not in copy
    assert counts == {f"{record}/{field}": 1}
    assert values(copy, "Mt") == ["1", "2"]


def test_an_empty_or_hidden_value_is_not_counted() -> None:
    copy, counts = gained('<PRET><NomBenefPret V=""/><NomBenefPret V="Occulté"/><NomBenefPret/></PRET>')
    assert counts == {}
    assert values(copy, "NomBenefPret") == ["", HIDDEN, "None"]


@pytest.mark.parametrize("name", ["NomComptable", "Utilisateur"])
def test_attributes_that_name_are_hidden_on_any_element(name: str) -> None:
    copy, counts = gained(f'<X><Infos A="1" {name}=\'{MARKER}\' B="2"/><Infos {name}="{MARKER}">\n</Infos></X>')
    assert not leaks(copy)
    assert counts == {"Infos": 2}
    assert f'<Infos A="1" {name}=\'Occult&#233;\' B="2"/><Infos {name}="Occult&#233;">\n</Infos>'.encode() in copy


@pytest.mark.parametrize(
    "xml",
    [
        f"<X><!-- {MARKER} --></X>",
        f"<X><?note {MARKER}?></X>",
        f"<?{MARKER}?>",
        f"<X>{MARKER}</X>",
        f"<X>\n  {MARKER} <Y/> {MARKER}\n</X>",
        f"<X><![CDATA[<{MARKER}>]]></X>",
        f"<X><![CDATA[]]>]]&gt;{MARKER}</X>",
        f"<CONCOURS>{MARKER}</CONCOURS>",
    ],
)
def test_comments_instructions_and_text_are_dropped(xml: str) -> None:
    copy, counts = gained(xml)
    assert not leaks(copy)
    assert set(counts) <= {"texte", "commentaire"} and counts


def test_comments_around_the_root_are_dropped() -> None:
    document = small().replace(b"?>", f"?><!--{MARKER}--><?p {MARKER}?>".encode("latin-1"), 1)
    copy, counts = occulted(document + f"<!--{MARKER}--><?p {MARKER}?>\n".encode("latin-1"))
    assert NEEDLE not in copy
    assert counts["commentaire"] == 4


def test_a_text_counts_once() -> None:
    assert gained("<X>Mme&#32;&amp;\n M.   Dupré &#233; </X><X> \n </X>")[1] == {"texte": 1}


# -- records that say who the beneficiary is

CONCOURS = "".join(f'<{field} V="{MARKER}"/>' for field in FIELDS["CONCOURS"])
OTHER = "".join(f'<{field} V="{MARKER}"/>' for field in FIELDS["AUTRE_ENGAGEMENT"])


def says(name: str, code: str | None) -> str:
    return "" if code is None else f'<{name} V="{code}"/>'


@pytest.mark.parametrize("code", [None, "", "P3", "P5", "p1", " P1", "U", "U7", "P1 P3"])
@pytest.mark.parametrize("last", [False, True])
def test_grants_to_persons_are_hidden(code: str | None, last: bool) -> None:
    told = says("CodNatJurBenefCA", code)
    copy, counts = gained(f"<CONCOURS>{CONCOURS + told if last else told + CONCOURS}</CONCOURS>")
    assert not leaks(copy)
    assert counts == {f"CONCOURS/{field}": 1 for field in FIELDS["CONCOURS"]}


@pytest.mark.parametrize("code", ["P1", "P2", "P4", "U1", "U2", "U3", "U4", "U5", "U6"])
@pytest.mark.parametrize("last", [False, True])
def test_grants_to_legal_persons_are_shown(code: str, last: bool) -> None:
    told = says("CodNatJurBenefCA", code)
    copy, counts = gained(f"<CONCOURS>{CONCOURS + told if last else told + CONCOURS}</CONCOURS>")
    assert CONCOURS.encode() in copy
    assert counts == {}


@pytest.mark.parametrize("codes", [("P1", "P3"), ("P3", "P1"), ("P1", ""), ("P1", "P1", "P3")])
def test_two_answers_that_differ_hide(codes: tuple[str, ...]) -> None:
    told = [says("CodNatJurBenefCA", code) for code in codes]
    for xml in ("".join(told) + CONCOURS, told[0] + CONCOURS + "".join(told[1:])):
        assert not leaks(gained(f"<CONCOURS>{xml}</CONCOURS>")[0])


@pytest.mark.parametrize(
    "xml",
    [
        "<CONCOURS>{told}</CONCOURS><CONCOURS>{fields}</CONCOURS>",
        "<CONCOURS>{fields}</CONCOURS><CONCOURS>{told}</CONCOURS>",
        "{told}<CONCOURS>{fields}</CONCOURS>",
        "<CONCOURS><X>{told}</X>{fields}</CONCOURS>",
        "<CONCOURS><LibOrgaBenef>{told}</LibOrgaBenef>{fields}</CONCOURS>",
        "<CONCOURS><!--{told}-->{fields}</CONCOURS>",
        "<CONCOURS>{told}<CONCOURS>{fields}</CONCOURS></CONCOURS>",
        "<CONCOURS>{told}</CONCOURS>{fields}",
        '<CONCOURS><p:CodNatJurBenefCA xmlns:p="u" p:V="P1"/>{fields}</CONCOURS>',
    ],
)
def test_only_the_records_own_answer_counts(xml: str) -> None:
    assert not leaks(gained(xml.format(told=says("CodNatJurBenefCA", "P1"), fields=CONCOURS))[0])


@pytest.mark.parametrize(("code", "shown"), [("U", True), ("P", False), ("", False), (None, False), ("U1", False)])
def test_commitments_are_shown_for_public_bodies_only(code: str | None, shown: bool) -> None:
    for told in (says("CodTypPersoMorale", code) + OTHER, OTHER + says("CodTypPersoMorale", code)):
        copy, counts = gained(f"<AUTRE_ENGAGEMENT>{told}</AUTRE_ENGAGEMENT>")
        assert leaks(copy) is shown
        assert sum(counts.values()) == (0 if shown else 2)


@pytest.mark.parametrize(
    "content", [MARKER, f"<!--{MARKER}-->", f"<?p {MARKER}?>", f"<![CDATA[{MARKER}]]>", f'<NomElu V="{MARKER}"/>']
)
def test_a_shown_field_shows_its_value_and_nothing_else(content: str) -> None:
    for told in ("{}<LibOrgaBenef V='Club'>{}</LibOrgaBenef>", "<LibOrgaBenef V='Club'>{1}</LibOrgaBenef>{0}"):
        copy = gained(f"<CONCOURS>{told.format(says('CodNatJurBenefCA', 'P1'), content)}</CONCOURS>")[0]
        assert not leaks(copy)
        assert values(copy, "LibOrgaBenef") == ["Club"]


def test_attributes_that_name_are_hidden_on_a_shown_field_too() -> None:
    field = f'<LibOrgaBenef V="Club" Utilisateur="{MARKER}"/>'
    copy = gained(f"<CONCOURS>{field}{says('CodNatJurBenefCA', 'P1')}</CONCOURS>")[0]
    assert b'<LibOrgaBenef V="Club" Utilisateur="Occult&#233;"/>' in copy


# -- parts dropped whole


@pytest.mark.parametrize("part", DROPPED)
def test_a_part_is_dropped_whole(part: str) -> None:
    xml = f'<{part} A="{MARKER}">{MARKER}<Y V="{MARKER}"><{part}/></Y><!--{MARKER}--></{part}>'
    copy, counts = gained(f'<X>\n<p:A V="1" xmlns:p="u"/>{xml}<{part}/><Mt V="2"/></X>')
    assert not leaks(copy)
    assert b'<X>\n<p:A V="1" xmlns:p="u"/><Mt V="2"/></X>' in copy
    assert counts == {part: 2}


def test_the_parts_of_a_cfu_count_once_each() -> None:
    copy, counts = occulted(cfu())
    assert {name: n for name, n in counts.items() if "/" not in name} == {
        "DocumentComptable": 1,
        "DocumentRapport": 1,
        "Signatures": 1,
    }
    assert not re.search(rb"NomComptable|Rapport|Signature[s>]|X509|Auteur|FICTIVE", copy)


# -- anything, anywhere

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
HOW = ["V='{q}'", 'V="{q}"', "A=\"1\" V='{q}' B=''", 'V="{r}"', 'p:V="{q}" xmlns:p="urn:p"']
WHERE = ["<!--{c}-->", "<?p {p}?>", "{q}", "<![CDATA[{d}]]>", "{r}", "<Y>{q}</Y>", "<Signature>{q}</Signature>"]


@given(texts, texts, st.sampled_from(PAIRS), st.sampled_from(HOW), st.sampled_from(WHERE), st.booleans())
@sample
def test_no_text_survives(before: str, after: str, pair: tuple[str, str], how: str, where: str, first: bool) -> None:
    text = before + MARKER + after
    quoted = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&apos;")
    quoted = quoted.replace('"', "&quot;")
    written = {
        "q": quoted,
        "r": "".join(f"&#{ord(c)};" for c in text),
        "c": text.replace("-", "\u2010").replace(MARKER.replace("-", "\u2010"), MARKER),
        "p": text.replace("?>", ""),
        "d": text.replace("]]>", ""),
    }
    record, field = pair
    parts = [f"<{field} {how.format(**written)}>{where.format(**written)}</{field}>", where.format(**written)]
    copy, _ = occulted(annexed(f"<{record}>{''.join(parts if first else parts[::-1])}</{record}>"))
    assert not leaks(copy)
