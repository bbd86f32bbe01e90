"""The benchmark: its files convert, its measures are made, its gates say pass or fail."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from lxml import etree

from benchmarks import codes, files, gates, generate, peers, subjects
from benchmarks import run as running
from benchmarks.generate import SIZES, Size
from benchmarks.timing import Cost, FailedError, Pairs, in_turn, subject, whole
from ckanext.budget.convert import convert
from ckanext.budget.scdl.schema import check


def made(size: Size, seed: int = 1) -> bytes:
    out = io.BytesIO()
    generate.write(size, out, seed=seed)
    return out.getvalue()


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.xml"
    path.write_bytes(made(SIZES["tiny"]))
    return path


def test_generated_files_convert_with_all_their_labels() -> None:
    out = io.BytesIO()
    report = convert(io.BytesIO(made(Size(3000, 100_000))), out)
    assert (report.lines, report.conserved) == (3000, True)
    assert report.findings == []
    assert list(check(io.BytesIO(out.getvalue()))) == []


def test_generated_files_are_as_heavy_as_said() -> None:
    empty, size = len(made(Size(0, 0))), Size(2000, 400_000)
    document = made(size)
    lines = document.index(b"<Annexes>") - empty
    assert 300 < lines / size.lines < 430
    assert 0.99 < (len(document) - empty - lines) / size.annexes < 1.03
    assert document == made(size) != made(size, seed=2)
    assert "é".encode("iso-8859-1") in document


def test_a_chart_written_for_the_peers_says_what_ours_says(tmp_path: Path) -> None:
    root = etree.parse(str(codes.write_plan("M57", "M57_D", 2023, tmp_path))).getroot()
    chart = codes.shipped("M57", "M57_D", 2023)
    accounts = {element.get("Code"): element.get("Libelle") for element in root.iterfind("Nature/Comptes//Compte")}
    assert len(accounts) > 1000
    assert all(chart.find("A", code).entry.label == label for code, label in accounts.items())
    assert root.find("Nature/Comptes//Compte[@Code='60']/Compte") is not None


@pytest.mark.parametrize("name", subjects.SUBJECTS)
def test_every_subject_is_measured(name: str, tiny: Path) -> None:
    cost = subject(name, tiny)
    assert 0 < cost.cpu < 60
    assert cost.peak >= cost.growth >= 0


def test_a_program_that_fails_is_no_measure() -> None:
    assert whole(["true"]).cpu >= 0
    with pytest.raises(FailedError, match="No such file"):
        whole(["ls", "no-such-file"])
    with pytest.raises(FailedError):
        subject("conversion", Path("no-such-file"))


def test_a_ratio_is_the_median_of_pairs_taken_in_turn() -> None:
    order: list[str] = []

    def cost(name: str, *seconds: float) -> Cost:
        order.append(name)
        return Cost(seconds[order.count(name) - 1], 1)

    pairs = in_turn(lambda: cost("a", 2, 9, 4), lambda: cost("b", 1, 1, 2), 3)
    assert pairs.ratios == [2, 9, 2]
    assert pairs.ratio == 2
    assert order == ["a", "b", "b", "a", "a", "b"]


def test_gates_say_pass_fail_or_why_not(tiny: Path) -> None:
    def absent() -> tuple[str, bool, None]:
        raise peers.NotMeasuredError("xsltproc is not installed")

    def broken() -> tuple[str, bool, None]:
        raise FailedError("exit code 1")

    found = [
        gates.measured("one", "≤ 2", lambda: ("1.5", True, ("conversion", tiny))),
        gates.measured("two", "≤ 2", lambda: ("2.5", False, ("conversion", tiny))),
        gates.measured("three", "≤ 2", absent),
        gates.measured("four", "≤ 2", broken),
    ]
    assert [gate.verdict for gate in found] == ["pass", "FAIL", "not measured", "FAIL"]
    assert (found[0].profile, found[1].profile) == (None, ("conversion", tiny))
    assert "not installed" in found[2].measured
    profiles = [text for gate in found if (text := running.profile(gate))]
    assert len(profiles) == 1 and "tottime" in profiles[0]
    written = running.document(found, ["| table |"], profiles)
    assert "**FAIL**" in written and "2.5" in written
    assert str(files.ROOT) not in written


def test_pairs_say_how_far_they_lie_apart() -> None:
    pairs = Pairs([Cost(2, 0), Cost(3, 0), Cost(4, 0)], [Cost(1, 0)] * 3)
    assert pairs.words == "3.00 (2.00–4.00, 3 pairs)"
