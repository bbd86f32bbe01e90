"""Any document of any stage, vote and chart of accounts: whole, valid, the same bytes at every run."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import codes
from benchmarks.soak import oracle
from ckanext.budget.convert import convert
from ckanext.budget.nomenclature.plans import declinations
from ckanext.budget.scdl.schema import check
from dev import fixtures

STAGES = ("BP", "BS", "DM", "CA", "CFU")
VOTES = {"1": "by nature", "2": "by function", "3": "mixed"}
#: of the fixtures' story; the year of a chart that has none of them is written in its place
TOLD = 2021


@functools.cache
def known(norm: str, declination: str, year: int) -> dict[str, list[str]]:
    """The codes of a chart, by kind; never empty."""
    chart = codes.shipped(norm, declination, year)
    return {kind: [entry.code for entry in codes.entries(chart, kind)] or [""] for kind in ("C", "A", "F", "G", "R")}


def amounts() -> st.SearchStrategy[str | None]:
    texts = st.decimals(-(10**12), 10**12, places=2, allow_nan=False, allow_infinity=False).map(lambda d: f"{d:f}")
    return st.none() | texts | st.sampled_from(["0", "-0.00", "+7.5", "20535", "0012.10", "1.123456"])


@st.composite
def lines(draw: st.DrawFn, known: Mapping[str, list[str]], vote: str) -> dict[str, str]:
    """A line as a vote makes it, with what files leave out or get wrong."""
    line: dict[str, str | None] = {
        "Nature": draw(st.sampled_from(known["A"]) | st.sampled_from(["0000", "9999", "45411"]))
    }
    line["LibCpte"] = draw(st.none() | st.text("Éa \"',;<&=\t", max_size=8))
    if vote == "2":
        line["Fonction"] = draw(st.none() | st.sampled_from(known["G"]))
        line["ContFon"] = draw(st.sampled_from(known["F"]) | st.sampled_from(["13", "020", "93"]))
    else:
        line["Fonction"] = draw(st.none() | st.sampled_from(known["R"]))
        line["ContNat"] = draw(st.none() | st.sampled_from(known["C"]) | st.sampled_from(["2031", "4581001", "99"]))
    line["Operation"] = draw(st.none() | st.sampled_from(["0164A", "12"]))
    line["ArtSpe"] = draw(st.sampled_from([None, "true", "false", "1", "0"]))
    line["CodRD"] = draw(st.sampled_from("RD"))
    line |= {name: draw(amounts()) for name in oracle.AMOUNTS}
    line["OpBudg"] = draw(st.sampled_from("01"))
    line["TypOpBudg"] = draw(st.sampled_from([None, "1", "2"]))
    line["OpeCpteTiers"] = draw(st.none() | st.just("001"))
    line["CaracSup.Section"] = draw(st.sampled_from([None, "I", "F"]))
    return {tag: value for tag, value in line.items() if value}


def document(stage: str, vote: str, year: int, nomenclature: str, rows: list[dict[str, str]]) -> bytes:
    told = fixtures.document(stage, TOLD, lines=rows, nomenclature=nomenclature, cfu=stage == "CFU", encoding="UTF-8")
    changed = told.replace(f'<Exer V="{TOLD}"'.encode(), f'<Exer V="{year}"'.encode())
    for other in VOTES:
        changed = changed.replace(f'<NatFonc V="{other}"'.encode(), f'<NatFonc V="{vote}"'.encode())
    return changed


@pytest.mark.parametrize("vote", VOTES, ids=VOTES.values())
@pytest.mark.parametrize(
    ("norm", "declination", "years"), declinations(), ids=[name for _, name, _ in declinations()]
)
def test_any_document_is_converted_whole_valid_and_the_same(
    norm: str, declination: str, years: tuple[int, ...], vote: str
) -> None:
    chart = known(norm, declination, years[-1])

    @settings(max_examples=4, deadline=None, derandomize=True, database=None)
    @given(st.sampled_from(years), st.lists(lines(chart, vote), min_size=1, max_size=6))
    def holds(year: int, rows: list[dict[str, str]]) -> None:
        for stage in STAGES:
            source = document(stage, vote, year, f"{norm}-{declination}", rows)
            out, again = io.BytesIO(), io.BytesIO()
            report = convert(io.BytesIO(source), out)
            convert(io.BytesIO(source), again)
            assert out.getvalue() == again.getvalue()
            assert report.conserved
            count, sums, _ = oracle.source_sums(oracle.tree(source))
            assert (count, sums) == oracle.csv_sums(out.getvalue())
            assert count == len(rows)
            assert list(check(io.BytesIO(out.getvalue()))) == []
            assert report.header is not None
            assert (report.header.stage, report.header.get("NatFonc"), report.header.exercice) == (stage, vote, year)

    holds()
