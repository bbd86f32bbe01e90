"""The compiler of charts of accounts: what it keeps of a plan, which years it joins, and that it remakes our table."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from ckanext.budget.nomenclature import compile as compiler
from ckanext.budget.nomenclature import plans
from tests.conftest import CORPUS, needs_corpus

PLAN = """<?xml version="1.0" encoding="ISO-8859-1"?>
<Nomenclature Norme="{norm}" Declinaison="{name}" Exer="{year}">
  <Nature>
    <Chapitres>
      <Chapitre Code="Z1" Libelle="Lumière du soir" Lib_court="Lum." TypeChapitre="1" Section="F" Special="0"/>
      <Chapitre Code="Z2" Libelle="" Lib_court="Ponts" Section="I"/>
      <Chapitre Code="Z1" Libelle="Deux fois" Section="I"/>
    </Chapitres>
    <Comptes>
      <Compte Code="9" Libelle="Tout">
        <Compte Code="90" Libelle="{label}" DR="Z1" RR="Z1" DOES="" ROIS="Z2" DEquip="1" REquip="0">
          <Compte Code="901" Libelle="Lampes&#9;et&#10;mèches" DOES="Z2" DEquip="1" REquip="1"/>
        </Compte>
      </Compte>
    </Comptes>
  </Nature>
  <Fonction>
    <Chapitres><Chapitre Code="Y90" Libelle="Rues" Section="I"/></Chapitres>
    <Comptes><Compte Code="Y" Libelle="Tête"><Compte Code="Y90 1" Libelle="Rue" DR="Y90"/></Compte></Comptes>
    <RefFonctionnelles><RefFonc Code="1" Libelle="Un"><RefFonc Code="11" Libelle="Onze"/></RefFonc></RefFonctionnelles>
  </Fonction>
</Nomenclature>
"""


def write(folder: Path, year: int, label: str = "Lampadaires", name: str = "X9_T", stated: int | None = None) -> None:
    place = folder / str(year) / "X9" / name
    place.mkdir(parents=True)
    text = PLAN.format(norm="X9", name=name, year=stated or year, label=label)
    (place / "planDeCompte.xml").write_bytes(text.encode("iso-8859-1"))


def compiled(folder: Path, output: Path) -> list[list[str]]:
    compiler.compile_folder(folder, output)
    index, *lines = gzip.decompress(output.read_bytes()).decode().splitlines()
    assert index.startswith("@X")
    return [line.split("\t") for line in lines]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "plans"
    made.mkdir()
    return made


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for a table, which the reader takes for the shipped one."""
    monkeypatch.setattr(plans, "TABLE", tmp_path / "table.gz")
    return tmp_path / "table.gz"


def test_a_plan_becomes_lines_of_the_facts_it_states(folder: Path, table: Path) -> None:
    write(folder, 2030)
    assert compiled(folder, table) == [
        ["#X9", "X9_T", "2030"],
        ["A", "9", "2030", "2030", "Tout", "", "", ""],
        ["A", "90", "2030", "2030", "Lampadaires", "Z1,,,Z1,,Z2", "9", "D"],
        ["A", "901", "2030", "2030", "Lampes et mèches", ",Z2,,,,", "90", "DR"],
        ["C", "Z1", "2030", "2030", "Lumière du soir", "F", "", ""],
        ["C", "Z2", "2030", "2030", "Ponts", "I", "", ""],
        ["F", "Y90", "2030", "2030", "Rues", "I", "", ""],
        ["G", "Y", "2030", "2030", "Tête", "", "", ""],
        ["G", "Y90 1", "2030", "2030", "Rue", "Y90,,,,,", "Y", ""],
        ["R", "1", "2030", "2030", "Un", "", "", ""],
        ["R", "11", "2030", "2030", "Onze", "", "1", ""],
    ]


def test_years_that_state_the_same_are_joined_and_a_change_starts_a_span(folder: Path, table: Path) -> None:
    for year, label in ((2030, "Lampes"), (2031, "Lampes"), (2032, "Lanternes"), (2033, "Lampes")):
        write(folder, year, label)
    spans = [line[2:5] for line in compiled(folder, table) if line[:2] == ["A", "90"]]
    assert spans == [["2030", "2031", "Lampes"], ["2032", "2032", "Lanternes"], ["2033", "2033", "Lampes"]]
    assert [line[2:4] for line in compiled(folder, table) if line[:2] == ["C", "Z2"]] == [["2030", "2033"]]


def test_a_code_absent_from_a_year_has_no_span_over_it(folder: Path, table: Path) -> None:
    for year in (2030, 2031, 2032):
        write(folder, year)
    middle = folder / "2031/X9/X9_T/planDeCompte.xml"
    middle.write_bytes(middle.read_bytes().replace(b'Code="901"', b'Code="909"'))
    lines = compiled(folder, table)
    assert [line[2:4] for line in lines if line[:2] == ["A", "901"]] == [["2030", "2030"], ["2032", "2032"]]


def test_the_folder_tells_the_plan_when_its_file_states_another_year(folder: Path, table: Path) -> None:
    write(folder, 2030, stated=1999)
    assert compiled(folder, table)[0] == ["#X9", "X9_T", "2030"]


def test_a_plan_outside_the_layout_is_what_it_states(folder: Path, table: Path) -> None:
    text = PLAN.format(norm="X8", name="X8_Q", year=2029, label="Lampes")
    (folder / "planDeCompte.xml").write_bytes(text.encode("iso-8859-1"))
    assert compiled(folder, table)[0] == ["#X8", "X8_Q", "2029"]


def test_the_reader_answers_from_a_table_just_compiled(folder: Path, table: Path) -> None:
    write(folder, 2030)
    write(folder, 2031, "Lanternes", name="X9_U")
    assert compiler.compile_folder(folder, table) == 2
    found = plans.plan("X9", "X9_T", 2030)
    assert found is not None
    account = found.find("A", "90")
    assert account is not None
    assert [account.entry.chapter(place) for place in plans.PLACES] == ["Z1", "", "", "Z1", "", "Z2"]
    assert plans.declinations() == [("X9", "X9_T", (2030,)), ("X9", "X9_U", (2031,))]


def test_same_plans_same_bytes(folder: Path, tmp_path: Path) -> None:
    write(folder, 2031)
    write(folder, 2030, name="X9_U")
    for name in ("a", "b"):
        compiler.compile_folder(folder, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_command_says_how_many_plans_and_fails_on_none(
    folder: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, 2030)
    assert compiler.main([str(folder), "-o", str(table)]) == 0
    assert capsys.readouterr().out == f"1 plans: {table}\n"
    (folder / "2030/X9/X9_T/planDeCompte.xml").unlink()
    assert compiler.main([str(folder), "-o", str(table)]) == 1


@needs_corpus
def test_the_official_plans_give_the_shipped_table_to_the_byte(tmp_path: Path) -> None:
    again = tmp_path / "plans.tsv.gz"
    assert compiler.compile_folder(CORPUS / "plans_de_comptes", again) == 215
    shipped = plans.TABLE.read_bytes()
    assert gzip.decompress(again.read_bytes()) == gzip.decompress(shipped)
    assert again.read_bytes() == shipped
