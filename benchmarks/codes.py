"""Codes of a chart of accounts, as the shipped table knows them; and that chart as an official XML file, which the
peers ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from ckanext.budget.nomenclature.plans import PLACES, Entry, Kind, Plan, plan

#: longest code that the walk looks for
_LONGEST = 7


def entries(chart: Plan, kind: Kind) -> list[Entry]:
    """Every entry of a kind in the chart's own year, by code (codes of digits: all those that lines carry)."""
    return list(_below(chart, kind, ""))


def _below(chart: Plan, kind: Kind, prefix: str) -> Iterator[Entry]:
    for digit in "0123456789":
        code = prefix + digit
        found = chart.find(kind, code)
        if found and found.entry.distance(chart.year) == 0:
            yield found.entry
        if len(code) < 3 or (found and len(code) < _LONGEST):
            yield from _below(chart, kind, code)


def shipped(norm: str, declination: str, year: int) -> Plan:
    """A chart that is surely in the table."""
    chart = plan(norm, declination, year)
    if chart is None or chart.substituted or not chart.year_known:
        raise LookupError(f"no chart {declination} {year} in the table")
    return chart


def write_plan(norm: str, declination: str, year: int, folder: Path) -> Path:
    """``folder/<year>/<norm>/<declination>/planDeCompte.xml``, with what peers read of an official file."""
    chart = shipped(norm, declination, year)
    path = folder / str(year) / norm / declination / "planDeCompte.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    nature, function = ET.Element("Nature"), ET.Element("Fonction")
    parts: list[tuple[ET.Element, str, Kind, str]] = [
        (nature, "Chapitres", "C", "Chapitre"),
        (nature, "Comptes", "A", "Compte"),
        (function, "Chapitres", "F", "Chapitre"),
        (function, "Comptes", "G", "Compte"),
        (function, "RefFonctionnelles", "R", "RefFonc"),
    ]
    for parent, name, kind, tag in parts:
        _nest(ET.SubElement(parent, name), tag, entries(chart, kind))
    root = ET.Element("Nomenclature", Norme=norm, Declinaison=declination, Exer=str(year))
    root.extend([nature, function])
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True)
    return path


def _nest(folder: ET.Element, tag: str, found: list[Entry]) -> None:
    """One element an entry, below its parent code's."""
    known: dict[str, ET.Element] = {}
    for entry in found:
        values = {"Code": entry.code, "Libelle": entry.label, "Lib_court": entry.label[:40]}
        if tag == "Chapitre":
            values["Section"] = entry.places
        elif tag == "Compte":
            values |= {place: chapter for place in PLACES if (chapter := entry.chapter(place))}
        known[entry.code] = ET.SubElement(known.get(entry.parent, folder), tag, values)
