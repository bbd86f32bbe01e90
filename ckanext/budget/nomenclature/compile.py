"""Compile the official planDeCompte.xml files into one compact table of the facts they state.

Layout of the table (gzip, UTF-8, tab-separated): one section a declination, opened by a line
``#norm⇥declination⇥years``, then one line an entry and span of years: kind, code, first year, last year, label,
section (chapters) or six chapters (accounts), parent code, equipment flags (D, R).
Run as ``python -m ckanext.budget.nomenclature.compile FOLDER -o TABLE``.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

#: chapter attributes of an account, in the order of the table: sense × (réel, ordre between sections, ordre inside)
CHAPTER_ATTRIBUTES = ("DR", "DOES", "DOIS", "RR", "ROES", "ROIS")


class Fact(NamedTuple):
    """One entry of one plan, years aside."""

    kind: str  # C chapter, A account (nature); F chapter, G article, R reference (function)
    code: str
    label: str
    places: str  # section of a chapter; six chapters of an account, comma-separated
    parent: str
    flags: str


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


def _identity(path: Path, root: Any) -> tuple[str, str, int]:
    """Norm, declination and year: those of the folder (<exercice>/<norme>/<déclinaison>) when it is laid out so, for
    some files state another year or declination than their own."""
    parts = path.parts[-4:-1]
    if len(parts) == 3 and parts[0].isdecimal():
        return parts[1], parts[2], int(parts[0])
    return root.get("Norme"), root.get("Declinaison"), int(root.get("Exer"))


def _spans(years: list[int], stated: dict[int, Fact]) -> Iterator[tuple[int, int, Fact]]:
    """Runs of consecutive plans that state the same fact."""
    run: tuple[int, int, Fact] | None = None
    for year in years:
        fact = stated.get(year)
        if run and fact == run[2]:
            run = (run[0], year, run[2])
            continue
        if run:
            yield run
        run = (year, year, fact) if fact else None
    if run:
        yield run


def compile_folder(folder: Path, output: Path) -> int:
    """Write the table of every planDeCompte.xml below ``folder``; returns how many plans were read."""
    plans: dict[tuple[str, str], dict[int, dict[tuple[str, str], Fact]]] = {}
    count = 0
    for path in sorted(folder.rglob("planDeCompte.xml")):
        root = etree.parse(str(path), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
        facts: dict[tuple[str, str], Fact] = {}
        for fact in _facts(root):
            facts.setdefault((fact.kind, fact.code), fact)
        norm, declination, year = _identity(path, root)
        plans.setdefault((norm, declination), {})[year] = facts
        count += 1
    lines: list[str] = []
    for (norm, declination), by_year in sorted(plans.items()):
        years = sorted(by_year)
        lines.append(f"#{norm}\t{declination}\t{','.join(map(str, years))}")
        for key in sorted({key for facts in by_year.values() for key in facts}):
            stated = {year: facts[key] for year, facts in by_year.items() if key in facts}
            lines.extend(
                "\t".join((f.kind, f.code, str(first), str(last), f.label, f.places, f.parent, f.flags))
                for first, last, f in _spans(years, stated)
            )
    text = "\n".join(lines) + "\n"
    output.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
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
