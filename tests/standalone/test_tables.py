"""budget-scdl given a table: the standard CSV, what was changed, and how the columns are understood."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from ckanext.budget.convert import convert
from ckanext.budget.standalone import main
from dev import fixtures


def standard() -> bytes:
    out = io.BytesIO()
    convert(io.BytesIO(fixtures.document("CA", 2021)), out)
    return out.getvalue()


def as_a_town_sends_it(content: bytes) -> bytes:
    """Semicolons, decimal commas, windows-1252."""
    out = io.StringIO()
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    amounts = {n for n, name in enumerate(rows[0]) if name.startswith(("BGT_MT", "BGT_CREDOUV"))}
    written = [[c.replace(".", ",") if n in amounts else c for n, c in enumerate(row)] for row in rows]
    csv.writer(out, delimiter=";").writerows(written)
    return out.getvalue().encode("windows-1252")


def as_a_workbook(content: bytes) -> bytes:
    import pandas as pd

    out = io.BytesIO()
    pd.read_csv(io.BytesIO(content), dtype=str).to_excel(out, index=False)
    return out.getvalue()


@pytest.mark.parametrize(("name", "make"), [("a.csv", as_a_town_sends_it), ("a.xlsx", as_a_workbook)])
def test_a_table_becomes_the_standard_csv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, make
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(make(standard()))
    assert main(["convert", name, "-o", "o.csv", "--report", "o.json"]) == 0
    assert Path("o.csv").read_bytes() == standard()
    said = capsys.readouterr()
    report = json.loads(Path("o.json").read_text(encoding="utf-8"))
    assert said.out == "" and len(said.err.splitlines()) == len(report["findings"])
    assert (report["document"]["siret"], report["document"]["stage"]) == (fixtures.SIRET, "CA")
    assert main(["inspect", name]) == 0
    assert "BGT_MTREAL → BGT_MTREAL" in capsys.readouterr().out
    assert main(["inspect", name, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["mapping"]) == 22
    assert main(["convert", name, "-o", "p.csv", "--occulted", "p.xml"]) == 2
    assert {path.name for path in tmp_path.iterdir()} == {name, "o.csv", "o.json"}


def test_a_table_that_is_no_budget_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.xlsx").write_bytes(as_a_workbook(b"nom,ville\r\nx,y\r\n"))
    assert main(["convert", str(tmp_path / "a.xlsx"), "-o", str(tmp_path / "o.csv")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"a.xlsx"}
