"""Groups that budgets are compared within, and what «semblable» means: data (``data/strata.json``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from ckanext.budget.jsonfile import JsonFileError, plain, read
from ckanext.budget.territory.model import Territory

FILE = Path(__file__).parent / "data" / "strata.json"
SCHEMA = Path(__file__).parent / "strata.schema.json"

#: what the members of a group share
Sort = Literal["stratum", "kind", "epci", "departement", "region"]


@dataclass(frozen=True)
class Stratum:
    """A stratum of population, or a sort of intercommunal body; ``to`` is excluded (None: no end)."""

    key: str
    kinds: frozenset[str]
    first: int
    to: int | None
    labels: Mapping[str, str]

    def label(self, lang: str = "fr") -> str:
        """What it is called."""
        return self.labels.get(lang[:2], self.labels["en"])

    def holds(self, territory: Territory) -> bool:
        """Whether a collectivité is in it; one of unknown population is in none that has an end or a beginning."""
        if territory.kind not in self.kinds:
            return False
        if territory.population is None:
            return self.first == 0 and self.to is None
        return self.first <= territory.population and (self.to is None or territory.population < self.to)


class Strata:
    """The strata of a file that follows the schema."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self.version: str = rules["version"]
        self.source: str = rules["source"]
        self.strata = [
            Stratum(s["key"], frozenset(s["kinds"]), s["from"], s["to"], s["label"]) for s in rules["strata"]
        ]
        self.criteria: tuple[Sort, ...] = tuple(rules["similar"]["criteria"])
        #: fewer budgets than that make no group
        self.minimum: int = rules["similar"]["minimum"]
        self._meaning: Mapping[str, str] = rules["similar"]["meaning"]

    def meaning(self, lang: str = "fr") -> str:
        """What «semblable» means, said before the first bar."""
        return self._meaning.get(lang[:2], self._meaning["en"])

    def of(self, territory: Territory) -> Stratum | None:
        """The stratum of a collectivité; None when its population is unknown."""
        return next((s for s in self.strata if s.holds(territory)), None)

    def key(self, territory: Territory, sort: Sort) -> str | None:
        """What names the group of a collectivité (key of a stratum, kind, SIREN of an EPCI, code of a département or
        région); None when it has none. An EPCI and its members are of one EPCI group."""
        if sort == "stratum":
            found = self.of(territory)
            return found.key if found else None
        if sort == "kind":
            return territory.kind
        place = getattr(territory, sort)
        if sort == "epci" and place is None and territory.kind in ("cc", "ca", "cu", "metropole"):
            return territory.siren
        return place.code if place else None

    def group(self, territory: Territory, sort: Sort, among: Iterable[Territory]) -> list[Territory]:
        """Those that share with a collectivité what ``sort`` names (itself too when it is among them); none when it
        belongs to no such group."""
        wanted = self.key(territory, sort)
        return [] if wanted is None else [other for other in among if self.key(other, sort) == wanted]

    def similar(self, territory: Territory, among: Iterable[Territory]) -> list[Territory]:
        """The semblables of a collectivité: those that share every criterion with it, without itself."""
        found = [other for other in among if other != territory]
        for sort in self.criteria:
            found = self.group(territory, sort, found)
        return found


def load(path: Path) -> Strata:
    """The strata of a file. Raises :class:`~ckanext.budget.jsonfile.JsonFileError`."""
    rules = read(path, SCHEMA)
    keys = [s["key"] for s in rules["strata"]]
    if len(set(keys)) != len(keys):
        raise JsonFileError(f"{path}: $.strata: each key once")
    return Strata(rules)


@lru_cache(maxsize=1)
def shipped() -> Strata:
    """The strata that ship."""
    return Strata(plain(FILE))
