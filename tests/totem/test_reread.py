"""The second reading finds what the first would have left, and passes what it did."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.budget.errors import Refusal
from ckanext.budget.totem import reread
from ckanext.budget.totem.occult import occult
from ckanext.budget.totem.reread import verify
from tests.conftest import CORPUS, needs_corpus
from tests.totem.documents import annexed, cfu, finding, occulted, sample, small
from tests.totem.test_occult import DROPPED, MARKER, PAIRS
from tests.totem.test_occult_bytes import DOCUMENTS

CLEAN = occulted(small(encoding="UTF-8"))[0]
WIDE = occulted(small(encoding="UTF-16"))[0]


def element_left(document: bytes) -> str | None:
    """The element that the refusal names; no refusal, no name: None."""
    with pytest.raises(Refusal) as info:
        verify(io.BytesIO(document))
    found = finding(info)
    assert found.code == "occultation_failed"
    assert MARKER not in str(found.to_dict())
    return found.element


def put(xml: str, document: bytes = CLEAN, encoding: str = "utf-8") -> bytes:
    return annexed(xml, document, encoding)


# -- what passes


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_copy_passes_and_its_source_does_not(name: str) -> None:
    verify(io.BytesIO(occulted(DOCUMENTS[name])[0]))
    assert element_left(DOCUMENTS[name])


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-8-sig", "ISO-8859-1", "ISO-8859-15", "windows-1252", "UTF-16"])
@pytest.mark.parametrize("make", [small, cfu])
def test_every_encoding_passes(make: object, encoding: str) -> None:
    document = make(encoding=encoding, marker=MARKER)  # type: ignore[operator]
    verify(io.BytesIO(occulted(document)[0]))
    element_left(document)


@pytest.mark.parametrize(
    "xml",
    [
        '<PRET><NomBenefPret V=""/><NomBenefPret V=" "/><NomBenefPret/></PRET>',
        '<PRET><NomBenefPret V="Occulté"></NomBenefPret>&#32;</PRET>',
        "<PRET><NomBenefPret V=\"Occult&#233;\" W='&#x4F;ccult&#xe9;'/></PRET>",
        '<CONCOURS><CodNatJurBenefCA V="P1"/><LibOrgaBenef V="Club"/></CONCOURS>',
        '<CONCOURS><LibOrgaBenef V="Club"></LibOrgaBenef><X><Y/></X><CodNatJurBenefCA V="U2"/></CONCOURS>',
        '<X A=">" B=\'a>b "c" /> <\'/>'.replace("<'", "&lt;'"),
        "<NomEluDeRien V='x'/><xNomElu V='x'/><X NomElu='x' V='NomComptable Utilisateur'/>",
        '<LigneBudget><LibCpte V="Eau &amp; assainissement"/></LigneBudget>',
    ],
)
def test_what_names_nobody_passes(xml: str) -> None:
    verify(io.BytesIO(put(xml)))
    verify(io.BytesIO(occulted(put(xml))[0]))


# -- what does not


@pytest.mark.parametrize(("record", "field"), PAIRS)
@pytest.mark.parametrize(
    "written",
    [
        '<{field} V="{m}"/>',
        "<{field}\n V = '{m}' ></{field}>",
        '<{field} Code="{m}" V=""/>',
        '<p:{field} xmlns:p="urn:p" p:V="{m}"/>',
        '<xml:{field} V="{m}"/>',
        '<{field} V="&#78;{m}"/>',
        '<{field} V="Occulté" W="{m}"/>',
        '<{field} V="">{m}</{field}>',
        '<{field} V=""><X V="{m}"/></{field}>',
        '<{field} V=""> </{field}>',
        '<{field} A="/>" V="{m}"/>',
    ],
)
def test_a_field_that_was_left_is_named(record: str, field: str, written: str) -> None:
    xml = f'<{record}><Mt V="1"/>{written.format(field=field, m=MARKER)}<Mt V="2"/></{record}>'
    assert field in (element_left(put(xml)) or "") or "> </" not in xml
    assert element_left(put(xml, WIDE, "utf-16-le"))


@pytest.mark.parametrize("part", DROPPED)
@pytest.mark.parametrize("written", ["<{}/>", "<p:{} xmlns:p='u'>\n</p:{}>", "<{}\n A='1'></{}>"])
def test_a_part_that_was_left_is_named(part: str, written: str) -> None:
    assert element_left(put(written.format(part, part))) == part


@pytest.mark.parametrize(
    ("xml", "element"),
    [
        (f"<X>{MARKER}</X>", "texte"),
        (f"<X>&#32;{MARKER}</X>", "texte"),
        ("<X>&#160;</X>", "texte"),
        ("<X A='>'>x</X>", "texte"),
        (f"<!--{MARKER}-->", "commentaire"),
        (f"<X/><?p {MARKER}?>", "commentaire"),
        (f"<X><![CDATA[{MARKER}]]></X>", "commentaire"),
        (f"<X A='1' NomComptable = '{MARKER}'/>", "X/NomComptable"),
        (f"<p:X xmlns:p='u' p:Utilisateur='{MARKER}'/>", "X/Utilisateur"),
        ('<LigneBudget><LibCpte V="Secours à Mme DURAND"/></LigneBudget>', "LibCpte"),
        ('<LigneBudget><CaracSup Code="ProgAutoLib" V="Mme MARTIN"/></LigneBudget>', "CaracSup"),
        ('<LigneBudget><LibCpte V="Secours &#224; M&#109;e DURAND"/></LigneBudget>', "LibCpte"),
    ],
)
def test_what_else_was_left_is_named(xml: str, element: str) -> None:
    assert element_left(put(xml)) == element
    verify(io.BytesIO(occulted(put(xml))[0]))


@pytest.mark.parametrize("code", [None, "", "P3", "p1", " P1", "U7"])
@pytest.mark.parametrize("last", [False, True])
def test_records_are_judged_again(code: str | None, last: bool) -> None:
    told = "" if code is None else f'<CodNatJurBenefCA V="{code}"/>'
    shown = '<ObjSubv V="Fonctionnement"/>'
    assert element_left(put(f"<CONCOURS>{shown + told if last else told + shown}</CONCOURS>")) == "CONCOURS/ObjSubv"


@pytest.mark.parametrize(
    "xml",
    [
        "<CONCOURS>{t}</CONCOURS><CONCOURS>{f}</CONCOURS>",
        "{t}<CONCOURS>{f}</CONCOURS>",
        "<CONCOURS><X>{t}</X>{f}</CONCOURS>",
        "<CONCOURS>{t}<CONCOURS>{f}</CONCOURS></CONCOURS>",
        "<CONCOURS>{t}</CONCOURS>{f}",
        '<CONCOURS>{t}<CodNatJurBenefCA V="P3"/>{f}</CONCOURS>',
        '<CONCOURS><p:CodNatJurBenefCA xmlns:p="u" p:V="P1"/>{f}</CONCOURS>',
        '<AUTRE_ENGAGEMENT><CodTypPersoMorale V="U"/>{f}</AUTRE_ENGAGEMENT>',
    ],
)
def test_only_a_records_own_answer_shows(xml: str) -> None:
    assert element_left(put(xml.format(t='<CodNatJurBenefCA V="P1"/>', f='<ObjSubv V="x"/>')))


def test_a_cut_record_fails() -> None:
    start = CLEAN[: CLEAN.index(b"</CONCOURS>")]
    with pytest.raises(Refusal):
        verify(io.BytesIO(start))


# -- any blocks


@pytest.mark.parametrize("block", [1, 2, 3, 7, 64, 1000])
@pytest.mark.parametrize("name", ["mixed", "CFU"])
def test_blocks_change_nothing(block: int, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = occulted(DOCUMENTS[name])[0]
    wanted = element_left(put('<p:NomElu xmlns:p="u" V="x"></p:NomElu>'))
    monkeypatch.setattr(reread, "_BLOCK", block)
    verify(io.BytesIO(copy))
    assert element_left(put('<p:NomElu xmlns:p="u" V="x"></p:NomElu>')) == wanted


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff<&\"'"))


@given(texts.filter(lambda text: text.strip(" ") not in ("", "Occulté")), st.sampled_from(PAIRS))
@sample
def test_any_value_is_found(text: str, pair: tuple[str, str]) -> None:
    record, field = pair
    document = put(f'<{record}><{field} V="{text}"/></{record}>')
    element_left(document)
    verify(io.BytesIO(occulted(document)[0]))


@needs_corpus
@pytest.mark.parametrize("path", sorted(CORPUS.glob("xml/*/totem.xml")), ids=lambda path: path.parent.name)
def test_copies_of_real_budgets_pass(path: Path) -> None:
    out = io.BytesIO()
    with path.open("rb") as source:
        counts = occult(source, out).counts
        if any("/" in name for name in counts):
            with pytest.raises(Refusal):
                verify(source)
    verify(out)
