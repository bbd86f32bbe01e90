"""What the reader refuses: which reason, on which line, in which part."""

from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.totem import feed
from ckanext.budget.totem.feed import Limits
from ckanext.budget.totem.receive import receive
from tests.totem.documents import LINE, annexed, cfu, finding, occulted, read, refused, replaced, sample, small

#: a line in the order of the XSD, which is taken from the bytes
PLAIN = {"Nature": "60611", "ContNat": "011", "CodRD": "D", "MtReal": "12.00", "OpBudg": "0"}

LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


# -- bytes that are no XML, or not all of it


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"   \r\n", "not_xml"),
        (b"%PDF-1.7", "not_xml"),
        (b"BGT_NATDEC;BGT_ANNEE\r\n", "not_xml"),
        (b"\xff\xd8\xff\xe0", "not_xml"),
        (b"<html><body>budget</body></html>", "not_budget"),
        (b'<PES_Aller xmlns="urn:p"><Budget/></PES_Aller>', "not_budget"),
        (b"<p:documentbudgetaire xmlns:p='u'/>", "not_budget"),
    ],
)
def test_what_is_no_budget_is_refused(content: bytes, code: str) -> None:
    assert refused(content).code == code


@pytest.mark.parametrize("document", [small(), cfu(), small(encoding="UTF-8", name="Écaillé")])
@given(share=st.floats(0, 1))
@sample
def test_a_file_cut_anywhere_is_refused(document: bytes, share: float) -> None:
    document = document.rstrip()
    part = document[: int(share * (len(document) - 1))]
    inside = part.count(b">") > 2  # the declaration and the root are whole
    assert refused(part).code in (("xml_cut",) if inside else ("empty_file", "not_xml", "xml_cut"))


def test_a_cut_says_where() -> None:
    document = small()
    part = document[: document.index(b"<DATA_CONCOURS>") + 200]
    found = refused(part)
    assert (found.code, found.element) == ("xml_cut", "Budget/Annexes")
    assert found.line == part.count(b"\n") + 1


def test_a_cut_in_a_cfu_says_where() -> None:
    found = refused(cfu()[:-80])
    assert (found.code, found.element) == ("xml_cut", "Signatures/PageSignatures")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</EMPRUNT>", "</EMPRUNTS>"),
        ("</EMPRUNT>", "<&</EMPRUNT>"),
        ("</EMPRUNT>", "&nbsp;</EMPRUNT>"),
        ('<CodTypEmpr V="01"/>', '<CodTypEmpr V="01" V="02"/>'),
        ('<CodTypEmpr V="01"/>', "<CodTypEmpr V=01/>"),
        ('<CodTypEmpr V="01"/>', '<x:CodTypEmpr V="01"/>'),
        ("</DocumentBudgetaire>", "</DocumentBudgetaire><Autre/>"),
    ],
)
def test_broken_xml_is_refused_on_its_line(old: str, new: str) -> None:
    document = replaced(small(), old, new)
    found = refused(document)
    assert found.code == "xml_broken"
    assert found.line == document[: document.index(new.encode())].count(b"\n") + 1


# -- DOCTYPE: no entity is ever defined


@pytest.mark.parametrize("doctype", [LAUGHS, "<!DOCTYPE x>", '<!DOCTYPE x SYSTEM "file:///etc/hostname">'])
@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16"])
def test_a_doctype_is_refused_at_once(doctype: str, encoding: str) -> None:
    text = small(encoding=encoding).decode(encoding).replace("?>", f"?>\n<!-- c -->{doctype}", 1)
    found = refused(text.replace("<Annexes>", "<Annexes>&c;").encode(encoding))
    assert (found.code, found.line) == ("xml_doctype", 2)


# -- limits


def refused_at_the_door(document: bytes, limits: Limits) -> Finding:
    with pytest.raises(Refusal) as info:
        receive(io.BytesIO(document), io.BytesIO(), strict=True, limits=limits)
    return finding(info)


def refused_by_the_copy(document: bytes, limits: Limits) -> Finding:
    with pytest.raises(Refusal) as info:
        occulted(document, limits=limits)
    return finding(info)


@pytest.mark.parametrize(
    ("limits", "xml", "name"),
    [
        (Limits(depth=8), "<a><b><c><d><e><f/></e></d></c></b></a>", "depth"),
        (Limits(attributes=3), '<a b="" c="" d="" e=""/>', "attributes"),
        (Limits(attribute=100), f'<a b="{"x" * 101}"/>', "attribute"),
        (Limits(text=100), f"<a>{'x' * 60}\n{'x' * 60}</a>", "text"),
        (Limits(text=100), f"<a>{'&#120;' * 101}</a>", "text"),
        (Limits(text=100), f"<a><![CDATA[{'x' * 101}]]></a>", "text"),
        (Limits(elements=400), "<a/>" * 400, "elements"),
        (Limits(bytes=50_000), f"<!--{'x' * 50_000}-->", "bytes"),
    ],
)
@pytest.mark.parametrize("line", [LINE, PLAIN], ids=["parsed", "plain"])
def test_each_limit_is_named(limits: Limits, xml: str, name: str, line: dict[str, str]) -> None:
    """Wherever elements are looked at: by the handlers, and in every budget that is put in the portal."""
    document = annexed(f"<X>{xml}</X>", small(lines=[line, line]))
    assert len(read(document)[1]) == 2  # the usual limits let it pass
    every = (
        refused(document, limits=limits, fast=False),
        refused_by_the_copy(document, limits),
        refused_at_the_door(document, limits),
    )
    for found in every:
        assert (found.code, found.params["limit"]) == ("limit_reached", name)
        assert found.params["value"] == str(getattr(limits, name))


@pytest.mark.parametrize(
    ("limits", "xml", "name"),
    [
        (Limits(bytes=500_000), f"<a>{'<b/>' * 150_000}</a>", "bytes"),
        (Limits(text=1000), f"<a>{'x' * 200_000}</a>", "text"),
        (Limits(text=1000), f"<a>{'&#120;' * 50_000}</a>", "text"),
        (Limits(text=1000), f"<a><![CDATA[{'x' * 200_000}]]></a>", "text"),
        (Limits(text=1000), f"<!--{'x' * 200_000}-->", "text"),
        (Limits(text=1000), f'<a b="{"x" * 200_000}"/>', "text"),
    ],
)
@pytest.mark.parametrize("block", [1 << 16, 1000])
def test_behind_plain_lines_bytes_and_the_longest_stretch_without_a_tag_are_bounded(
    limits: Limits, xml: str, name: str, block: int
) -> None:
    document = annexed(f"<X>{xml}</X>", small(lines=[PLAIN, PLAIN]))
    assert read(document)[0].took_bytes
    found = refused(document, limits=limits, block=block)
    assert (found.code, found.params["limit"]) == ("limit_reached", name)


@pytest.mark.parametrize("tag", ["Nature", "LibCpte", "ContNat", "MtReal"])
def test_a_line_too_long_to_be_plain_is_bounded_too(tag: str) -> None:
    """Nothing of any length is taken from the bytes: the handlers bound it."""
    long = {"Nature": "60611", "LibCpte": "Eau", "ContNat": "011", "CodRD": "D", "MtReal": "1", "OpBudg": "0"}
    document = small(lines=[PLAIN, PLAIN, {**long, tag: "1" * 2_000_000}, PLAIN])
    assert refused(document).code == "limit_reached"


def test_what_is_at_the_limit_passes() -> None:
    document = annexed(f'<X b="{"x" * 100}">{"y" * 100}</X>')
    limits = Limits(
        attribute=100, text=100, bytes=len(document), elements=document.count(b"<"), attributes=12, depth=6
    )
    assert len(read(document, limits=limits, fast=False)[1]) == 1
    assert len(read(document, limits=limits)[1]) == 1
    assert occulted(document, limits=limits)[0]


def test_usual_limits_stop_a_very_deep_file() -> None:
    document = annexed("<a>" * 100 + "</a>" * 100)
    usual = Limits()
    assert refused(document, fast=False).params["limit"] == "depth"
    assert refused_by_the_copy(document, usual).params["limit"] == "depth"
    assert refused_at_the_door(document, usual).params["limit"] == "depth"


def test_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(step=200)
    monkeypatch.setattr(feed.time, "monotonic", lambda: next(clock))
    assert refused(small(), block=1000).params["limit"] == "seconds"
    plain = small(lines=[PLAIN] * 9)
    assert refused(plain).params["limit"] == refused(plain, fast=False).params["limit"] == "seconds"


# -- a budget, but of nothing, or of several


def test_a_totem_without_budget_is_refused() -> None:
    document = small()
    start, end = document.index(b"<Budget>"), document.index(b"</DocumentBudgetaire>")
    assert refused(document[:start] + document[end:]).code == "no_budget"
    assert refused(b"<CompteFinancierUnique/>").code == "no_budget"


def test_a_budget_without_line_is_refused() -> None:
    assert refused(small(lines=[])).code == "no_line"


def test_a_budget_of_subtotals_only_is_refused() -> None:
    assert refused(small().replace(b"<LigneBudget>", b'<LigneBudget calculated="true">')).code == "no_line"


@pytest.mark.parametrize("value", ["77", "", "9", "CA"])
def test_an_unknown_stage_is_refused(value: str) -> None:
    found = refused(replaced(small(), '<NatDec V="09"', f'<NatDec V="{value}"'))
    assert (found.code, found.params["value"]) == ("unknown_stage", value or "?")


@pytest.mark.parametrize("value", ["2022 en erreur", "22", "", "20222", "1822", "20٢٢"])
def test_a_year_that_is_none_is_refused(value: str) -> None:
    document = replaced(small(encoding="UTF-8"), '<Exer V="2021"', f'<Exer V="{value}"')
    found = refused(document)
    assert (found.code, found.params["value"]) == ("bad_year", value or "?")


# -- lines


@pytest.mark.parametrize(
    "amount", ["MtReal", "MtBudgPrec", "MtRARPrec", "MtPropNouv", "MtPrev", "CredOuv", "MtRAR3112"]
)
@pytest.mark.parametrize("value", ["12,5", "1 000.00", "1e3", "NaN", "--1", ".5", "12.", "١٢", "x" * 90])
def test_an_amount_that_is_no_number_is_refused_on_its_line(amount: str, value: str) -> None:
    document = small(lines=[LINE, LINE, {**LINE, amount: value}], encoding="UTF-8")
    found = refused(document)
    assert (found.code, found.params["amount"], found.params["value"]) == ("bad_amount", amount, value[:40])
    assert found.line == document[: document.rindex(b"<LigneBudget>")].count(b"\n") + 1


@pytest.mark.parametrize("value", ["0", "-1595.00", "+3", "20535", "", " 12.10 ", "99999999999999.999"])
def test_amounts_pass_with_their_own_digits(value: str) -> None:
    assert read(small(lines=[{**LINE, "MtReal": value}]))[1][0]["MtReal"] == value.strip()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"CodRD": "X"}, "bad_line_direction"),
        ({"CodRD": ""}, "bad_line_direction"),
        ({"OpBudg": "T"}, "bad_line_order"),
        ({"OpBudg": ""}, "bad_line_order"),
    ],
)
def test_a_line_says_its_direction_and_order(change: dict[str, str], code: str) -> None:
    document = small(lines=[LINE, {**LINE, **change}])
    found = refused(document)
    assert found.code == code
    assert found.line == document[: document.rindex(b"<LigneBudget>")].count(b"\n") + 1


@pytest.mark.parametrize("tag", ["CodRD", "OpBudg"])
def test_a_line_without_its_compulsory_fields_is_refused(tag: str) -> None:
    assert refused(small(lines=[{k: v for k, v in LINE.items() if k != tag}])).code.startswith("bad_line_")


def test_a_second_budget_is_refused_on_its_line() -> None:
    document = replaced(small(), "</Budget>", "</Budget>\n<Budget>\n</Budget>")
    for fast in (True, False):
        found = refused(document, fast=fast)
        assert (found.code, found.line) == (
            "several_budgets",
            document[: document.rindex(b"<Budget>")].count(b"\n") + 1,
        )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<LigneBudget>", "<Lignes><LigneBudget>{line}</LigneBudget></Lignes><LigneBudget>"),
        ("<OpBudg ", "<LigneBudget>{line}</LigneBudget><OpBudg "),
        ("</Annexes>", "</Annexes><LigneBudget>{line}</LigneBudget>"),
        ("<EnTeteBudget>", "<EnTeteBudget><LigneBudget>{line}</LigneBudget>"),
    ],
)
def test_a_line_elsewhere_in_the_budget_is_refused_not_dropped(old: str, new: str) -> None:
    line = '<Nature V="6"/><CodRD V="D"/><OpBudg V="0"/>'
    document = replaced(small(lines=[PLAIN, PLAIN]), old, new.format(line=line))
    for fast in (True, False):
        found = refused(document, fast=fast)
        at = document.index(("<LigneBudget>" + line).encode())
        assert (found.code, found.line) == ("line_misplaced", document[:at].count(b"\n") + 1)


@pytest.mark.parametrize("tag", ["Nature", "CodRD", "OpBudg", "MtReal", "ContNat"])
def test_a_line_that_says_two_things_is_refused_whichever_is_meant(tag: str) -> None:
    for document in (small(lines=[PLAIN, PLAIN]), small(lines=[LINE])):
        start = document.rindex(f"<{tag} V=".encode(), 0, document.index(b"<Annexes>"))
        twice = document[:start] + f'<{tag} V="1"/>'.encode() + document[start:]
        found = refused(twice)
        assert (found.code, found.params["field"]) == ("line_says_twice", tag)
        assert found.line == document[:start].count(b"\n") + 1


def test_subtotals_need_not_be_lines() -> None:
    """Calculated lines say OpBudg «T» and are controls: their faults stop nothing."""
    lines = [LINE, {**LINE, "OpBudg": "T", "MtReal": "?"}]
    head, _, tail = small(lines=lines).rpartition(b"<LigneBudget>")
    assert read(head + b'<LigneBudget calculated="1">' + tail)[0].calculated == 1
