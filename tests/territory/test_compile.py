"""From the files of the package to the table: the same bytes whatever the order, nothing else than what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ckanext.budget.territory import table
from ckanext.budget.territory.directory import Directory
from dev.territory import compile as compiling

SOURCE = table.Source("package", "1.0", 2026, 2023)


def commune(code: str, name: str, **more: Any) -> dict[str, Any]:
    fields = {"code": code, "nom": name, "type": "commune-actuelle", "zone": "metro", "departement": code[:2]}
    return {**fields, **more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A country of two communes, one of which absorbed two others."""
    departements = [
        {"code": row.split("\t")[3].split(",")[0], "region": "44", "nom": "Pays", "typeLiaison": 2}
        for row in (Path(compiling.__file__).parent / "upper.tsv").read_text(encoding="utf-8").splitlines()[1:]
        if row.split("\t")[3]
    ]
    regions = {
        row.split("\t")[2]
        for row in (Path(compiling.__file__).parent / "upper.tsv").read_text(encoding="utf-8").splitlines()[1:]
        if row.split("\t")[1] != "departement"
    }
    known = {"departements": departements, "regions": [{"code": c, "nom": f"Région {c}"} for c in sorted(regions)]}
    for place, code in enumerate(sorted(regions)):
        departements[place]["region"] = code  # each has one at least
    files: dict[str, Any] = {
        **known,
        "communes": [
            commune("55901", "Exemple", siren="215509015", population=10, anciensCodes=["55902", "55903"]),
            commune("55904", "Voisine", siren="215509049", population=30),
            commune("55902", "Ancienne", type="commune-deleguee", chefLieu="55901"),
        ],
        "epci": [
            {
                "code": "200000172",
                "nom": "CC d'Essai",
                "type": "CC",
                "membres": [{"code": "55901"}, {"code": "55904"}],
            }
        ],
        "ept": [],
    }
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def test_the_same_files_give_the_same_bytes(folder: Path) -> None:
    lines = list(compiling.lines(folder))
    assert table.packed(SOURCE, lines) == table.packed(SOURCE, reversed(lines))


def test_the_table_says_what_the_files_say(folder: Path) -> None:
    made = Directory(table.packed(SOURCE, compiling.lines(folder)))
    assert made.source == SOURCE
    epci = made.by_siren("200000172")
    assert epci is not None and (epci.kind, epci.population, epci.population_year) == ("cc", 40, 2023)
    assert [m.name for m in made.members("200000172")] == ["Exemple", "Voisine"]
    for code in ("55901", "55902", "55903"):
        found = made.by_insee(code)
        assert found is not None and found.name == "Exemple"
    assert [t.name for t in made.search("ancienne")] == ["Exemple"]


def test_a_line_that_breaks_the_layout_is_refused() -> None:
    for line in (("R", "11"), ("R", "11", "Nom\tcoupé")):
        with pytest.raises(ValueError, match="not a line"):
            table.packed(SOURCE, [line])
