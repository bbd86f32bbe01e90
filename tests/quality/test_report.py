"""The report of a conversion: valid, conserved, in French; and what holds for any lines at all."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.budget import __version__
from ckanext.budget.convert import convert
from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.messages import MESSAGES
from ckanext.budget.quality.report import SCHEMA, Report, describe
from ckanext.budget.scdl.schema import check
from ckanext.budget.totem.model import AMOUNTS
from dev import fixtures

VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
DOCUMENTS: dict[str, dict[str, Any]] = {
    "BP": {"stage": "BP", "exercice": 2022},
    "BS": {"stage": "BS", "exercice": 2021},
    "DM": {"stage": "DM", "exercice": 2021, "dm_number": 2},
    "CA": {"stage": "CA", "exercice": 2022},
    "CFU": {"stage": "CFU", "exercice": 2023, "cfu": True},
}
SENSES = {"recette": "R", "dépense": "D"}
SUMS = [(name, sense) for sense in "RD" for name in AMOUNTS]


def empty_sums() -> dict[tuple[str, str], Decimal]:
    return dict.fromkeys(SUMS, Decimal(0))


def sums_of(report: Report, where: str) -> dict[tuple[str, str], Decimal]:
    return {(name, sense): report.conservation.total(where, name, sense) for name, sense in SUMS}


def made(content: bytes, *, occulted: bool = False) -> tuple[Report, bytes]:
    out = io.BytesIO()
    copy = io.BytesIO() if occulted else None
    return convert(io.BytesIO(content), out, occulted_out=copy), out.getvalue()


def as_json(report: Report) -> dict[str, Any]:
    """What someone who reads the report's file gets; it is valid."""
    data = json.loads(json.dumps(report.to_dict(), ensure_ascii=False))
    VALIDATOR.validate(data)
    return data


@pytest.mark.parametrize("stage", DOCUMENTS)
def test_the_report_of_each_stage_is_valid_and_says_whose_document_it_is(stage: str) -> None:
    report, out = made(fixtures.document(**DOCUMENTS[stage]), occulted=True)
    data = as_json(report)
    document = data["document"]
    assert (document["stage"], document["exercice"], document["siret"], document["siren"]) == (
        stage,
        DOCUMENTS[stage]["exercice"],
        fixtures.SIRET,
        fixtures.SIREN,
    )
    assert document["kind"] == ("cfu" if stage == "CFU" else "totem")
    assert document["dm_number"] == (2 if stage == "DM" else 0)
    assert data["conserved"] is True
    assert data["rows"] == data["lines"] == out.count(b"\r\n") - 1 > 0
    assert (data["calculated_lines"] > 0) is (stage == "CFU")
    assert sum(data["occultation"].values()) > 0
    assert data["findings"] == []
    assert data["level"] == (
        "complet" if all(c["outcome"] != "a_verifier" for c in data["controls"]) else "a_verifier"
    )
    assert len(data["controls"]) >= (3 if stage != "DM" else 1)
    assert data["facts"] and data["labels"]["coverage"] == "1.0000" and data["labels"]["inferences"] == []
    assert data["labels"]["own_plan"] == data["labels"]["rows"] == data["rows"]
    assert data["conservation"] and all(one["source"] == one["csv"] for one in data["conservation"])
    assert summed(data["conservation"]) == {
        (name, sense): Decimal(text) for sense, sums in data["sums"]["csv"].items() for name, text in sums.items()
    }
    assert data["sums"]["csv"] == data["sums"]["source"]


def summed(conservation: list[dict[str, str]]) -> dict[tuple[str, str], Decimal]:
    """The fine sums, by amount column and sense."""
    sums = empty_sums()
    for one in conservation:
        sums[one["amount"], one["sense"]] += Decimal(one["source"])
    return sums


def test_the_subtotals_of_a_cfu_are_controls() -> None:
    report, _ = made(fixtures.document(**DOCUMENTS["CFU"]))
    (control,) = [c for c in as_json(report)["controls"] if c["code"] == "subtotals"]
    assert control["outcome"] == "vert" and control["left"] == control["right"] != "0"


def test_sums_are_told_by_section_and_kind_too() -> None:
    lines = [
        {"Nature": "60611", "CodRD": "D", "MtReal": "1.10", "OpBudg": "0"},
        {"Nature": "6811", "CodRD": "D", "MtReal": "2.20", "OpBudg": "1", "TypOpBudg": "2"},
        {"Nature": "2313", "CodRD": "D", "MtReal": "3.30", "OpBudg": "0"},
        {"Nature": "28188", "CodRD": "R", "MtReal": "2.20", "OpBudg": "1", "TypOpBudg": "2"},
        {"Nature": "0000", "CodRD": "R", "MtReal": "4.40", "OpBudg": "0"},
    ]
    said = as_json(made(fixtures.document("CA", 2021, lines=lines))[0])["conservation"]
    assert said == [
        {"amount": "MtReal", "sense": sense, "section": section, "kind": kind, "source": euros, "csv": euros}
        for sense, section, kind, euros in [
            ("D", "F", "ordre", "2.20"), ("D", "F", "reel", "1.10"), ("D", "I", "reel", "3.30"),
            ("R", "", "reel", "4.40"), ("R", "I", "ordre", "2.20"),
        ]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "more", "level"),
    [
        (None, {"exercice": 2020}, "complet"),
        (None, {}, "complet"),  # with a loan received in the year
        (None, {"draft": True, "stage": "BP"}, "a_verifier"),
        (None, {"siret": "123"}, "a_verifier"),
        (None, {"nomenclature": "M99-M99"}, "lecture_partielle"),
        ([{"ContNat": "011", "CodRD": "D", "MtReal": "1", "OpBudg": "0"}], {}, "lecture_partielle"),
        ([{"Nature": "6811", "CodRD": "D", "MtReal": "1", "OpBudg": "1", "TypOpBudg": "2"}], {}, "a_verifier"),
    ],
)
def test_the_level_is_the_worst_of_findings_and_controls(
    lines: list[dict[str, str]] | None, more: dict[str, Any], level: str
) -> None:
    given = {"stage": "CA", "exercice": 2021, "lines": lines, **more}
    assert as_json(made(fixtures.document(**given))[0])["level"] == level


def test_hashes_and_versions_name_what_was_read_made_and_used() -> None:
    content = fixtures.document("CA", 2021)
    report, out = made(content)
    data = as_json(report)
    assert data["source_sha256"] == hashlib.sha256(content).hexdigest()
    assert data["csv_sha256"] == hashlib.sha256(out).hexdigest()
    assert (data["converter_version"], data["scdl_version"]) == (__version__, "0.8.3")
    assert data["plans_version"].startswith("2013-2024")
    assert data["occultation"] is None


def test_the_report_of_a_refusal_is_valid_and_says_nothing_of_a_document() -> None:
    with pytest.raises(Refusal) as refused:
        made(fixtures.document("CA", 2021)[:-300])
    data = as_json(Report(None, "0" * 64, findings=[refused.value.finding]))
    assert (data["document"], data["rows"], data["csv_sha256"]) == (None, 0, None)
    assert (data["level"], data["facts"], data["controls"], data["conservation"]) == (None, None, [], [])
    (finding,) = data["findings"]
    assert (finding["code"], finding["level"]) == ("xml_cut", "bloquant")
    assert finding["message"].startswith("Ce fichier s’arrête avant")
    assert finding["place"].startswith("ligne ") and finding["remedy"].startswith("Exportez-le")


def test_a_report_without_a_lost_cent_is_conserved_and_one_with_is_not() -> None:
    report, _ = made(fixtures.document("CA", 2021))
    assert report.conserved
    sums = report.conservation.csv["D", "F", "reel"]
    sums[0] += Decimal("0.01")
    assert not report.conserved
    data = as_json(report)
    assert not data["conserved"] and data["sums"]["source"] != data["sums"]["csv"]
    (lost,) = [one for one in data["conservation"] if one["source"] != one["csv"]]
    assert (lost["amount"], lost["sense"], lost["section"], lost["kind"]) == ("MtReal", "D", "F", "reel")
    assert Decimal(lost["csv"]) - Decimal(lost["source"]) == Decimal("0.01")
    sums[0] -= Decimal("0.01")
    assert report.conserved
    report.conservation.rows -= 1
    assert not report.conserved


def test_sums_are_those_of_the_source_by_sense_and_amount() -> None:
    lines = [
        {"Nature": "60611", "CodRD": "D", "MtReal": "12279.97", "CredOuv": "20535", "OpBudg": "0"},
        {"Nature": "60611", "CodRD": "D", "MtReal": "-1595.00", "OpBudg": "0"},
        {"Nature": "70311", "CodRD": "R", "MtReal": "0", "MtRAR3112": "7.5", "OpBudg": "0"},
    ]
    sums = as_json(made(fixtures.document("CA", 2021, lines=lines))[0])["sums"]
    assert sums["source"] == sums["csv"]
    said = {(rd, name): text for rd in "RD" for name, text in sums["csv"][rd].items() if Decimal(text)}
    assert said == {
        ("D", "MtReal"): "10684.97",
        ("D", "CredOuv"): "20535.00",
        ("R", "MtRAR3112"): "7.50",
    }
    assert set(sums["source"]["R"]) == set(AMOUNTS)


@pytest.mark.parametrize("zero", ["0.0000000", "-0.00000000", "0.0"])
def test_a_sum_is_plain_digits_however_long_a_zero_is_written(zero: str) -> None:
    lines = [{"Nature": "60611", "CodRD": "D", "MtReal": zero, "OpBudg": "0"}]
    data = as_json(made(fixtures.document("CA", 2021, lines=lines))[0])
    assert re.fullmatch(r"0\.0+", data["sums"]["csv"]["D"]["MtReal"])


def test_a_code_too_long_for_the_standard_is_published_and_told_once() -> None:
    """The source's schema allows 30 characters, the standard 9: two such lines, one finding that names the first."""
    long = {"Nature": "6061123456", "CodRD": "D", "OpBudg": "0", "MtReal": "1.00"}
    report, out = made(fixtures.document("CA", 2021, lines=[{**long, "Nature": "60611"}, long, long]))
    told = [f for f in report.findings if f.code == "cell_length"]
    assert [(f.level, f.params["column"], f.params["row"]) for f in told] == [("a_verifier", "BGT_NATURE", "2")]
    assert out.count(b"6061123456") >= 2


def test_two_versions_of_a_document_differ_by_what_was_changed() -> None:
    before, after = (made(fixtures.document("CA", 2021, change=euros))[0] for euros in (0, 1200))
    difference = {key: sums_of(after, "source")[key] - sum_ for key, sum_ in sums_of(before, "source").items()}
    assert difference["MtReal", "D"] == 1200
    assert {key for key, euros in difference.items() if euros} <= {("MtReal", "D"), ("CredOuv", "D"), ("MtPrev", "D")}


def test_what_was_inferred_is_told_in_french_with_its_place_and_a_remedy() -> None:
    lines = [
        {"Nature": nature, "CodRD": "D", "MtReal": "1.00", "OpBudg": "0"} for nature in ("0000", "606119", "1022")
    ]
    content = fixtures.document("CA", 2021, lines=lines, siret="123", nomenclature="M14-M14_INVENTEE")
    findings = as_json(made(content)[0])["findings"]
    assert [f["code"] for f in findings] == [
        "siret_faulty",
        "declination_unknown",
        "label_absent",
        "label_from_parent",
        "account_is_heading",
    ]
    by_code = {f["code"]: f for f in findings}
    assert by_code["label_absent"]["message"].startswith(
        "Le code 0000 n’est pas dans la nomenclature M14_INVENTEE 2021"
    )
    assert re.fullmatch(r"ligne \d+", by_code["label_absent"]["place"])
    assert "123" in by_code["siret_faulty"]["message"]
    assert by_code["siret_faulty"]["place"] == ""
    assert all(f["message"] and f["remedy"] and f["message"] != MESSAGES[f["code"]].what for f in findings)


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_every_finding_has_its_words_in_french(code: str) -> None:
    names = re.findall(r"\{(\w+)\}", MESSAGES[code].what + MESSAGES[code].remedy)
    told = describe(Finding(code, "information", {name: f"<{name}>" for name in names}, 12, "Budget/LigneBudget"))
    VALIDATOR.evolve(schema={**VALIDATOR.schema["$defs"]["finding"]}).validate(told)
    assert told["message"] != MESSAGES[code].what.format_map({name: f"<{name}>" for name in names})
    assert all(f"<{name}>" in told["message"] + told["remedy"] for name in names)
    assert told["place"] == "ligne 12, dans Budget/LigneBudget"


# -- whatever the lines

amounts = st.one_of(
    st.decimals(-(10**11), 10**11, places=2).map(str),
    st.integers(-(10**9), 10**9).map(str),
    st.from_regex(r"[+-]?[0-9]{1,9}(\.[0-9]{1,8})?", fullmatch=True),
)
codes = st.sampled_from(["60611", "6419", "2313", "1641", "002", "0000", "4581001", "6811", "99", "777"])


@st.composite
def lines(draw: st.DrawFn) -> dict[str, str]:
    line = {"Nature": draw(codes)}
    if draw(st.booleans()):
        line["ContNat"] = draw(st.sampled_from(["011", "21", "2313", "Z9", "042"]))
    line["ArtSpe"] = draw(st.sampled_from(["true", "false", "1", "0"]))
    line["CodRD"] = draw(st.sampled_from("RD"))
    line.update(draw(st.dictionaries(st.sampled_from(AMOUNTS), amounts)))
    line["OpBudg"] = draw(st.sampled_from("01"))
    if line["OpBudg"] == "1":
        line["TypOpBudg"] = draw(st.sampled_from("12"))
    return line


documents = st.builds(
    fixtures.document,
    st.sampled_from(["BP", "DM", "CA", "CFU"]),
    st.sampled_from([2016, 2021, 2022]),
    lines=st.lists(lines(), min_size=1, max_size=12),
    encoding=st.sampled_from(["ISO-8859-1", "UTF-8", "windows-1252"]),
    nomenclature=st.sampled_from([None, "M52-M52", "M832-M832", "M57-M57_A", "M14-M14_INCONNUE"]),
)


def sums_by_hand(content: bytes) -> dict[tuple[str, str], Decimal]:
    """Read with nothing of the project but the shape of the XML."""
    sums = empty_sums()
    for text in re.findall(rb"<LigneBudget.*?</LigneBudget>", content, re.S):
        values = dict(re.findall(r'<(\w+) V="([^"]*)"', text.decode("latin-1")))
        for name in AMOUNTS:
            sums[name, values["CodRD"]] += Decimal(values.get(name, "0"))
    return sums


@settings(max_examples=80, deadline=None, derandomize=True)
@given(documents)
def test_whatever_the_lines_they_are_conserved_and_the_csv_and_report_are_valid(content: bytes) -> None:
    report, out = made(content)
    as_json(report)
    rows = list(csv.DictReader(io.StringIO(out.decode("utf-8"), newline="")))
    sums = empty_sums()
    for row in rows:
        for name in AMOUNTS:
            sums[name, SENSES[row["BGT_CODRD"]]] += Decimal(row[f"BGT_{name.upper()}"] or "0")
    assert sums == sums_by_hand(content) == sums_of(report, "source") == sums_of(report, "csv")
    assert summed(report.conservation.to_list()) == sums
    assert len(rows) == content.count(b"<LigneBudget") == report.rows
    assert list(check(io.BytesIO(out))) == []
    assert report.conserved


@settings(max_examples=30, deadline=None, derandomize=True)
@given(documents)
def test_the_same_file_gives_the_same_bytes_and_the_same_report(content: bytes) -> None:
    first, second = made(content), made(content)
    assert first[1] == second[1]
    assert first[0].to_dict() == second[0].to_dict()


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(lines(), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_rows_follow_the_order_of_the_lines(given_lines: list[dict[str, str]], random: Any) -> None:
    shuffled = [*given_lines]
    random.shuffle(shuffled)
    first, second = (made(fixtures.document("CA", 2021, lines=order))[1] for order in (given_lines, shuffled))
    assert Counter(first.split(b"\r\n")) == Counter(second.split(b"\r\n"))
    natures = [row["BGT_NATURE"] for row in csv.DictReader(io.StringIO(second.decode(), newline=""))]
    assert natures == [line["Nature"] for line in shuffled]
