"""The lines of the table of collectivités, from the files of ``@etalab/decoupage-administratif``.

The package gives no SIREN for départements and régions: ``upper.tsv``, beside this file, has those of the répertoire
SIRENE (each passes its key).
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KINDS = {"CC": "cc", "CA": "ca", "CU": "cu", "METRO": "metropole", "MET69": "metropole", "EPT": "ept"}
#: métropole de Lyon: the inhabitants of its communes are not the département du Rhône's
LYON, RHONE = "200046977", "226900017"
#: the package's own sources: the populations of Mayotte are of 2017, those of the overseas collectivités are not dated
MAYOTTE_YEAR = "2017"
#: TNCC of the COG → how a name follows «Département»
LINKS = {0: "de ", 1: "d'", 2: "du ", 3: "de la ", 4: "des ", 5: "de l'"}

Line = tuple[str, ...]


class Source:
    """The files of the package, by name."""

    def __init__(self, folder: Path) -> None:
        self.communes, self.epci, self.ept, self.departements, self.regions = (
            json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            for name in ("communes", "epci", "ept", "departements", "regions")
        )
        self.current = [c for c in self.communes if c["type"] == "commune-actuelle"]
        self.people = {c["code"]: c.get("population") for c in self.current}
        self.departement_of = {c["code"]: c["departement"] for c in self.current}


def lines(folder: Path) -> Iterator[Line]:
    """Every line of the table (see :mod:`ckanext.budget.territory.table`)."""
    source = Source(folder)
    yield from (("R", r["code"], r["nom"]) for r in source.regions)
    yield from (("D", d["code"], d["nom"], d["region"]) for d in source.departements)
    yield from _upper(source)
    yield from _groups(source)
    yield from _communes(source)
    yield from _former(source)


def _communes(source: Source) -> Iterator[Line]:
    epci = {m["code"]: g["code"] for g in source.epci for m in g["membres"]}
    ept = {m["code"]: g["code"] for g in source.ept for m in g["membres"]}
    for c in source.current:
        code, people = c["code"], c.get("population")
        year = MAYOTTE_YEAR if c["departement"] == "976" else "?" if c["zone"] == "com" else ""
        yield (
            "C", code, c.get("siren", ""), c["nom"], c["departement"], epci.get(code, ""), ept.get(code, ""),
            _number(people), year if people else "",
        )  # fmt: skip


def _groups(source: Source) -> Iterator[Line]:
    for group in (*source.epci, *source.ept):
        codes = [m["code"] for m in group["membres"]]
        inhabitants: Counter[str] = Counter()
        for code in codes:
            inhabitants[source.departement_of[code]] += source.people[code] or 0
        year = MAYOTTE_YEAR if set(inhabitants) == {"976"} else ""
        people = _number(sum(inhabitants.values()))
        (departement, _), *_rest = inhabitants.most_common(1)
        yield "E", group["code"], KINDS[group["type"]], group["nom"], departement, people, year


def _upper(source: Source) -> Iterator[Line]:
    names = {d["code"]: d for d in source.departements}
    regions = {r["code"]: r for r in source.regions}
    of_region: dict[str, list[str]] = defaultdict(list)
    for d in source.departements:
        of_region[d["region"]].append(d["code"])
    lyon = {m["code"] for g in source.epci if g["code"] == LYON for m in g["membres"]}
    with (Path(__file__).parent / "upper.tsv").open(encoding="utf-8", newline="") as upper:
        for row in csv.DictReader(upper, delimiter="\t"):
            kind, code = row["kind"], row["code"]
            covered = row["departements"].split(",") if row["departements"] else of_region[code]
            left_out = lyon if row["siren"] == RHONE else set()
            people = sum(
                source.people[c] or 0 for c, d in source.departement_of.items() if d in covered and c not in left_out
            )
            name = _name(kind, code, covered, names, regions)
            region = names[covered[0]]["region"]
            departement = covered[0] if kind == "departement" and len(covered) == 1 else ""
            year = MAYOTTE_YEAR if covered == ["976"] else ""
            yield "U", row["siren"], kind, code, name, departement, region, ",".join(covered), _number(people), year


def _name(kind: str, code: str, covered: list[str], names: dict[str, Any], regions: dict[str, Any]) -> str:
    if code == "6AE":
        return "Collectivité européenne d'Alsace"
    if kind == "departement":
        d = names[covered[0]]
        return f"Département {LINKS[d['typeLiaison']]}{d['nom']}"
    if kind == "region":
        return f"Région {regions[code]['nom']}"
    return "Collectivité de Corse" if code == "94" else f"Collectivité territoriale de {regions[code]['nom']}"


def _former(source: Source) -> Iterator[Line]:
    current = {c["code"] for c in source.current}
    named: dict[str, tuple[str, str]] = {}
    for c in source.communes:
        today = c.get("chefLieu") or c.get("commune")
        if c["type"] != "commune-actuelle" and today in current:
            yield "A", c["code"], c["nom"], today
            named[c["code"]] = c["nom"], today
    for c in source.current:
        for code in c.get("anciensCodes", ()):
            if code not in named and code not in current:
                yield "A", code, "", c["code"]


def _number(people: int | None) -> str:
    return str(people) if people else ""
