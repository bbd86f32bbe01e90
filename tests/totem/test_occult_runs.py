"""Plain runs, read in silence, come out as if each of their elements had been told of."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.budget.errors import Refusal
from ckanext.budget.totem import lexical
from ckanext.budget.totem.feed import Feed, Limits
from ckanext.budget.totem.occult_rules import ALWAYS, CONDITIONAL, DROPPED, LABELS, UNLESS
from ckanext.budget.totem.reread import verify
from tests.conftest import CORPUS, needs_corpus
from tests.totem.documents import annexed, occulted, sample, small
from tests.totem.test_occult_bytes import DOCUMENTS


def told(document: bytes, **more: Any) -> tuple[bytes, dict[str, int]] | tuple[str, object]:
    """The copy and what was hidden; or the refusal, of the occulter or of who reads the copy, as the source has it:
    its code, its limit, its line."""
    limits = {"limits": more["limits"]} if "limits" in more else {}
    try:
        try:
            copy, counts = occulted(document, **more)
            parsed(copy, **limits)
        except Refusal:
            parsed(document, **limits)
            raise
    except Refusal as refusal:
        return refusal.finding.code, (refusal.finding.params, refusal.finding.line, refusal.finding.element)
    return copy, counts


def parsed(document: bytes, **limits: Limits) -> None:
    for _ in Feed(io.BytesIO(document), **limits).run():
        pass


def both(document: bytes, **more: Any) -> tuple[tuple[object, object], tuple[object, object]]:
    """With plain runs, and without."""
    fast = told(document, **more)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexical, "within", lambda _: False)
        return fast, told(document, **more)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_runs_change_nothing(name: str) -> None:
    fast, slow = both(DOCUMENTS[name])
    assert fast == slow


@needs_corpus
@pytest.mark.parametrize(
    "path", sorted(CORPUS.glob("xml/m*-202[2-5]-*/totem.xml")), ids=lambda path: path.parent.name
)
def test_runs_change_nothing_in_real_budgets(path: Path) -> None:
    fast, slow = both(path.read_bytes())
    assert fast == slow


RUN = '<A V="1"/>\n <B Code="x" V="2"/>\r\n<C V="&amp;>"/><D V="é"/>'


@pytest.mark.parametrize(
    "xml",
    [
        f"<!-- {RUN} -->",
        f"<![CDATA[ {RUN} ]]>",
        f"<?p {RUN}?>",
        f"<![CDATA[ {RUN} ]]>{RUN}<!-- {RUN}",
        f"texte {RUN} texte {RUN}",
        f"<NomElu V='x'>{RUN}</NomElu>{RUN}",
        f"<NomElu V='x'>\n{RUN}{RUN}</NomElu>{RUN}",
        f"<Signature>{RUN}</Signature>{RUN}",
        f"<CONCOURS>{RUN}<ObjSubv V='x'/>{RUN}<CodNatJurBenefCA V='P1'/>{RUN}</CONCOURS>{RUN}",
        f"<R>{RUN}</R>\n<R>{RUN}</R><R>{RUN}</R>",
        f"<R>{RUN}</R><R a='1'>{RUN}</R>",
        f"<R>{RUN}</R></X><X>{RUN}",
        f"<Y W='{RUN.replace('<', '&lt;').replace(chr(39), '')}'/>",
        '<NomElu V="x"/><NomElu Code="x" V=""/><NomElu Code="" V="x"/><NomElu Code="Occult&#233;" V=""/><A V="1"/>',
        '<LibCpte V="O"/><LibCpte V="Mme MARTIN"/><LibCpte V="M&#109;e MARTIN"/><LibCpte V="Eau &amp; gaz"/><A V="1"/>',
        '<CaracSup Code="ProgAutoLib" V="Mme MARTIN"/><CaracSup Code="&#80;" V="Mme MARTIN"/><A V="1"/>',
        '<PRET><NomBenefPret V="x"/></PRET><PRET><NomBenefPret V="y"/></PRET><A V=\'\r\'/>\r<B V=""/>\r',
        f"{RUN}<p:A/>",
        f"{RUN}</Y>{RUN}",
        f'{RUN}<A V="<"/>',
        f'{RUN}<NomElu V="<"/>{RUN}',
        f'{RUN}<NomElu V="\x01"/>{RUN}',
        f'{RUN}<NomElu V="\uffff"/>{RUN}',
        f'{RUN}<NomElu V="&rien;"/>{RUN}',
        f'{RUN}<NomElu V="x" V="y"/>{RUN}',
        f'{RUN}<A Code="1" V="2" V="3"/>',
        f"{RUN}<A V='1'",
    ],
)
@pytest.mark.parametrize("block", [64, 100, 1 << 16])
def test_a_run_is_one_only_where_it_stands_as_one(xml: str, block: int) -> None:
    fast, slow = both(annexed(f"<X>{xml}</X>", small(encoding="UTF-8"), "utf-8"), block=block)
    assert fast == slow


names = st.sampled_from(
    sorted(ALWAYS | CONDITIONAL | DROPPED | LABELS | frozenset(UNLESS) | {"A", "Bc", "CodNatJurBenefCA"})
)
values = st.sampled_from(
    ["", "x", "P1", "P3", "Mme MARTIN", "a &amp; b", "&#77;me MARTIN", ">", "/>", "é", "Occult&#233;"]
)
elements = st.recursive(
    st.builds(
        '<{0} {2}V="{1}"/>{3}'.format, names, values, st.sampled_from(["", 'Code="1" ']), st.sampled_from(["", "\n "])
    ),
    lambda inner: st.builds(
        lambda name, content: f"<{name}>{''.join(content)}</{name}>", names, st.lists(inner, max_size=6)
    ),
    max_leaves=30,
)


@given(st.lists(elements, max_size=8), st.integers(20, 400))
@sample
def test_any_elements_come_out_the_same(xml: list[str], block: int) -> None:
    document = annexed(f"<X>{''.join(xml)}</X>", small(encoding="UTF-8", lines=[]), "utf-8")
    fast, slow = both(document, block=block)
    assert fast == slow
    verify(io.BytesIO(occulted(document)[0]))


@pytest.mark.parametrize("limit", ["depth", "elements", "text", "attribute", "attributes", "bytes"])
@given(st.integers(1, 3000))
@sample
def test_limits_are_the_same(limit: str, value: int) -> None:
    document = annexed("<X>" + (RUN + "\n" * 300) * 20 + "</X>", small(encoding="UTF-8"), "utf-8")
    fast, slow = both(document, limits=Limits(**{limit: value}))
    assert fast[0] == slow[0]
    if limit != "bytes":  # counted by piece: the line is that of the piece
        assert fast == slow


@pytest.mark.parametrize("text", [RUN + "\n" * 900 + "x" * 200, "x" * 200 + "\n" * 900 + RUN])
def test_blanks_around_a_run_count_as_text(text: str) -> None:
    fast, slow = both(annexed(f"<X>{text}</X>", small(encoding="UTF-8"), "utf-8"), limits=Limits(text=1000))
    assert fast == slow
    assert fast[0] == "limit_reached"


def test_most_of_a_budget_is_read_in_silence() -> None:
    document = small(encoding="UTF-8")
    silent = sum(lexical.elements(run[0]) for run in lexical.RUN.finditer(document))
    assert silent > 0.7 * len(re.findall(rb"<\w", document))
