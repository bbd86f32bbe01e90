"""Compile the official planDeCompte.xml files into one compact table of the facts they state.

The layout of the table is told in :mod:`ckanext.budget.nomenclature.table`.
Run as ``python -m ckanext.budget.nomenclature.compile FOLDER -o TABLE``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ckanext.budget.nomenclature.table import Fact, Facts, Plans, packed

#: chapter attributes of an account, in the order of the table: sense × (réel, ordre between sections, ordre inside)
CHAPTER_ATTRIBUTES = ("DR", "DOES", "DOIS", "RR", "ROES", "ROIS")


def facts_of_plan(root: Any) -> Facts:
    """What a plan (its root element) states; of a code stated twice, the first."""
    facts: Facts = {}
    for fact in _facts(root):
        facts.setdefault((fact.kind, fact.code), fact)
    return facts


def _facts(root: Any) -> Iterator[Fact]:
    for kind, path in (("C", "Nature/Chapitres"), ("F", "Fonction/Chapitres")):
        for element in root.iterfind(f"{path}/Chapitre"):
            yield Fact(kind, element.get("Code"), _label(element), element.get("Section", ""), "", "")
    for kind, path, tag in (
        ("A", "Nature/Comptes", "Compte"),
        ("G", "Fonction/Comptes", "Compte"),
        ("R", "Fonction/RefFonctionnelles", "RefFonc"),
    ):
        for element in root.iterfind(f"{path}//{tag}"):
            parent = element.getparent().get("Code") or ""
            places = ",".join(element.get(name, "") for name in CHAPTER_ATTRIBUTES) if kind != "R" else ""
            flags = "".join(n[0] for n in ("DEquip", "REquip") if element.get(n) == "1")
            yield Fact(kind, element.get("Code"), _label(element), places.strip(",") and places, parent, flags)


def _label(element: Any) -> str:
    """The label to the letter (published CSVs carry it so), but for what would break the table's lines."""
    return (element.get("Libelle") or element.get("Lib_court") or "").translate({9: " ", 10: " ", 13: " "})


def folder_identity(parts: tuple[str, ...]) -> tuple[str, str, int] | None:
    """Norm, declination and year of a file laid out as ``<exercice>/<norme>/<déclinaison>/planDeCompte.xml``."""
    place = parts[-4:-1]
    return (place[1], place[2], int(place[0])) if len(place) == 3 and place[0].isdecimal() else None


def _identity(path: Path, root: Any) -> tuple[str, str, int]:
    """Those of the folder when it is laid out so, for some files state another year or declination than their own."""
    return folder_identity(path.parts) or (root.get("Norme"), root.get("Declinaison"), int(root.get("Exer")))


def compile_folder(folder: Path, output: Path) -> int:
    """Write the table of every planDeCompte.xml below ``folder``; returns how many plans were read."""
    from lxml import etree  # noqa: PLC0415  (heavy; a conversion never needs it)

    plans: Plans = {}
    count = 0
    for path in sorted(folder.rglob("planDeCompte.xml")):
        root = etree.parse(str(path), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
        norm, declination, year = _identity(path, root)
        plans.setdefault((norm, declination), {})[year] = facts_of_plan(root)
        count += 1
    output.write_bytes(packed(plans))
    return count


def main(arguments: list[str] | None = None) -> int:
    """Console entry: ``compile FOLDER -o TABLE``."""
    parser = argparse.ArgumentParser(description="Compile official charts of accounts into one table.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    count = compile_folder(options.folder, options.output)
    sys.stdout.write(f"{count} plans: {options.output}\n")
    return 0 if count else 1


if __name__ == "__main__":
    raise SystemExit(main())
