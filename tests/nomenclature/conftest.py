"""Invented plans, written as official ones are laid out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ckanext.budget.nomenclature import plans

ACCOUNT = '<Compte Code="{code}" Libelle="{label}" DR="{chapter}" RR="{chapter}"/>'
PLAN = """<?xml version="1.0" encoding="UTF-8"?>
<Nomenclature{identity}>
  <Nature>
    <Chapitres>
      <Chapitre Code="65" Libelle="Dépenses de jour" Section="F"/>
      <Chapitre Code="66" Libelle="Dépenses de nuit" Section="F"/>
    </Chapitres>
    <Comptes><Compte Code="6" Libelle="Tout">{accounts}</Compte></Comptes>
  </Nature>
  <Fonction><Chapitres/><Comptes/><RefFonctionnelles/></Fonction>
</Nomenclature>
"""

#: code, label, chapter
Accounts = tuple[tuple[str, str, str], ...]
LAMPS: Accounts = (("651", "Lampes", "65"), ("652", "Mèches", "65"))


def xml(year: int | str = 2030, accounts: Accounts = LAMPS, norm: str = "X9", name: str = "X9_T") -> bytes:
    """A plan that states its identity (an empty part is left out)."""
    parts = {"Norme": norm, "Declinaison": name, "Exer": str(year)}
    identity = "".join(f' {key}="{value}"' for key, value in parts.items() if value)
    made = "".join(ACCOUNT.format(code=code, label=label, chapter=chapter) for code, label, chapter in accounts)
    return PLAN.format(identity=identity, accounts=made).encode()


def write(folder: Path, content: bytes, name: str = "planDeCompte.xml") -> Path:
    """The plan as a file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """The folder of an administrator's plans, which this process reads."""
    folder = tmp_path / "own"
    plans.use_tables(folder / "plans.tsv.gz")
    yield folder
    plans.use_tables()
