"""The directory of collectivités, read once per process and only when it is asked for.

Lines are kept as text and split when a collectivité is looked up: the whole takes a few megabytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

from ckanext.budget.territory import names, table
from ckanext.budget.territory.model import Kind, Place, Territory

#: most answers of a search, unless told otherwise
FOUND = 20


class Directory:
    """Collectivités by SIREN, SIRET, INSEE code and name."""

    def __init__(self, data: bytes) -> None:
        self.source, lines = table.opened(data)
        self._regions = {line.split("\t", 2)[1]: line for line in lines["R"]}
        self._departements = {line.split("\t", 2)[1]: line for line in lines["D"]}
        self._upper = {line[2:11]: line for line in lines["U"]}
        self._epci = {line[2:11]: line for line in lines["E"]}
        self._communes = {line[2:7]: line for line in lines["C"]}
        self._siren = {line[8:17]: line for line in lines["C"] if line[8] != "\t"}
        self._former = lines["A"]
        self._by_former: dict[str, str] | None = None
        self._members: dict[str, list[str]] | None = None
        self._keys: list[tuple[str, str]] | None = None

    # -- look-ups

    def by_siren(self, siren: str) -> Territory | None:
        """The collectivité of a SIREN (nine digits, spaces allowed); None when it is not in the table."""
        siren = "".join(siren.split())
        line = self._siren.get(siren) or self._epci.get(siren) or self._upper.get(siren)
        return self._read(line) if line else None

    def by_siret(self, siret: str) -> Territory | None:
        """The collectivité whose SIREN a SIRET begins with: an annexe budget leads to its collectivité."""
        return self.by_siren("".join(siret.split())[:9])

    def by_insee(self, code: str) -> Territory | None:
        """The commune of an INSEE code; that of a former commune, a commune déléguée or associée or a municipal
        arrondissement leads to the commune of today."""
        line = self._communes.get(code) or self._communes.get(self._formers().get(code, ""))
        return self._read(line) if line else None

    def departement(self, code: str) -> Territory | None:
        """Who exercises the powers of a département (``34``, ``2A``): its council, the city of Paris (``75``), the
        collectivité européenne d'Alsace (``67``, ``68``), a single collectivité (Corse, Guyane, Martinique)."""
        if code == "75":
            return self.by_insee("75056")
        return self._upper_of(code, ("departement", "collectivite_unique"))

    def departement_named(self, code: str) -> Place | None:
        """A département by its code as files write it (``34``, ``034``, ``2a``); None when there is none."""
        text = code.strip().upper()
        return self._departement(text) or self._departement(text.lstrip("0").zfill(2))

    def members(self, siren: str) -> list[Territory]:
        """Communes of an EPCI or EPT, by INSEE code; empty for anything else."""
        if self._members is None:
            found: dict[str, list[str]] = {}
            for line in self._communes.values():
                cells = line.split("\t")
                for group in filter(None, cells[5:7]):
                    found.setdefault(group, []).append(line)
            self._members = found
        return [self._read(line) for line in self._members.get(siren, ())]

    def __iter__(self) -> Iterator[Territory]:
        """Every collectivité: régions and départements, EPCI and EPT, communes."""
        for lines in (self._upper, self._epci, self._communes):
            yield from map(self._read, lines.values())

    # -- search

    def search(self, text: str, limit: int = FOUND) -> list[Territory]:
        """Collectivités whose name, former name, SIREN or INSEE code is, begins with or holds ``text``; the exact
        names first, then the beginnings of names, then of words; the most inhabitants first. Accents, case and
        punctuation do not count."""
        digits = "".join(text.split())
        if digits.isdecimal() and len(digits) in (9, 14):
            found = self.by_siret(digits)
            return [found] if found else []
        wanted = names.key(text)
        if not wanted:
            return []
        by_code = self.by_insee(text.strip().upper())
        ranks: dict[str, int] = {}
        for key, line in self._search_keys():
            rank = _rank(key, wanted)
            if rank is not None:
                ranks[line] = min(rank, ranks.get(line, rank))
        found = [(rank, self._read(line)) for line, rank in ranks.items()]
        found.sort(key=lambda pair: (pair[0], -(pair[1].population or 0), pair[1].insee or pair[1].siren))
        answers = [territory for _, territory in found]
        return list(dict.fromkeys([by_code, *answers] if by_code else answers))[:limit]

    def named(self, title: str) -> Territory | None:
        """The one collectivité that a title names («Commune de Metz», «CC du Pays de Sault»); None when there is none
        or several (a commune and its EPCI may share a name: the title must say which)."""
        wanted, kinds = names.told(title)
        if not wanted:
            return None
        first = wanted.split(" ", 1)[0]
        found: set[str] = set()
        for key, line in self._search_keys():
            if first in key and names.told(key)[0] == wanted:
                found.add(line)
        lines = list(map(self._read, found))
        matching = [t for t in lines if not kinds or t.kind in kinds]
        return matching[0] if len(matching) == 1 else None

    # -- reading

    def _search_keys(self) -> list[tuple[str, str]]:
        if self._keys is None:
            keys = [(names.key(_name(line)), line) for line in (*self._upper.values(), *self._epci.values())]
            keys += [(names.key(_name(line)), line) for line in self._communes.values()]
            keys += [
                (names.key(name), self._communes[commune])
                for _, _, name, commune in (line.split("\t") for line in self._former)
                if name and commune in self._communes
            ]
            self._keys = keys
        return self._keys

    def _formers(self) -> Mapping[str, str]:
        if self._by_former is None:
            self._by_former = {line[2:7]: line[-5:] for line in self._former}
        return self._by_former

    def _upper_of(self, departement: str, kinds: tuple[Kind, ...]) -> Territory | None:
        for line in self._upper.values():
            cells = line.split("\t")
            if cells[2] in kinds and departement in cells[7].split(","):
                return self._read(line)
        return None

    def _read(self, line: str) -> Territory:
        letter, *cells = line.split("\t")
        if letter == "C":
            insee, siren, name, departement, epci, _, population, year = cells
            kind: Kind = "commune"
            region = self._region_of(departement)
            of = self._epci.get(epci)
            group = Place(epci, _name(of)) if of else None
            return Territory(
                siren,
                insee,
                name,
                kind,
                self._departement(departement),
                region,
                group,
                *self._people(population, year),
            )
        if letter == "E":
            siren, kind, name, departement, population, year = cells[0], cast("Kind", cells[1]), *cells[2:]
            place, region = self._departement(departement), self._region_of(departement)
            return Territory(siren, "", name, kind, place, region, None, *self._people(population, year))
        siren, kind, code, name, departement, region_code, _, population, year = (
            cells[0],
            cast("Kind", cells[1]),
            *cells[2:],
        )
        place = self._departement(departement) if departement else None
        return Territory(
            siren, code, name, kind, place, self._region(region_code), None, *self._people(population, year)
        )

    def _people(self, population: str, year: str) -> tuple[int | None, int | None]:
        """Inhabitants and their year: the table's own when the line states none, ``?`` when the source does not say."""
        if not population:
            return None, None
        return int(population), None if year == "?" else int(year) if year else self.source.population_year

    def _departement(self, code: str) -> Place | None:
        line = self._departements.get(code)
        return Place(code, line.split("\t")[2]) if line else None

    def _region_of(self, departement: str) -> Place | None:
        line = self._departements.get(departement)
        return self._region(line.split("\t")[3]) if line else None

    def _region(self, code: str) -> Place | None:
        line = self._regions.get(code)
        return Place(code, line.split("\t")[2]) if line else None


def _name(line: str) -> str:
    cells = line.split("\t", 5)
    return cells[4] if cells[0] == "U" else cells[3]


def _rank(key: str, wanted: str) -> int | None:
    """0 the same, 1 its beginning, 2 the beginning of one of its words; None otherwise."""
    if wanted not in key:
        return None
    if key == wanted:
        return 0
    return 1 if key.startswith(wanted) else 2 if f" {wanted}" in key else None


@lru_cache(maxsize=1)
def directory() -> Directory:
    """The directory that ships, read at the first call. Raises ``ValueError`` when its table is damaged."""
    return Directory(table.TABLE.read_bytes())
