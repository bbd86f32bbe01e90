"""What the law expects: who is likely to have to publish, and when budgets and accounts are voted and transmitted.

Rules are data (``data/obligations.json``, each with its source and all with the day when they were checked), which a
portal may replace by a file of its own; ``obligations.schema.json`` says its layout.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from ckanext.budget.jsonfile import JsonFileError, read
from ckanext.budget.territory.model import Kind, Territory
from ckanext.budget.totem.model import Stage

FILE = Path(__file__).parent / "data" / "obligations.json"
SCHEMA = Path(__file__).parent / "obligations.schema.json"

#: «likely»: «susceptible d'être concernée (50 agents à vérifier)»; «below» the threshold; «unknown»: no population
Concern = Literal["likely", "below", "unknown"]


@dataclass(frozen=True)
class Due:
    """Last days of the vote of a document and of its transmission to the prefecture, and the text that says so."""

    vote: dt.date
    transmission: dt.date
    source: str


@dataclass(frozen=True, eq=False)
class Obligations:
    """The rules of a file that follows the schema (one object a file: compared by identity)."""

    rules: Mapping[str, Any]

    @property
    def checked(self) -> dt.date:
        """Day when the rules were last compared with the texts."""
        return dt.date.fromisoformat(self.rules["checked"])

    def concern(self, territory: Territory | None) -> Concern:
        """Whether a collectivité is likely concerned by the obligation to publish its data.

        Articles L. 312-1-1 and D. 312-1-1-1 of the code des relations entre le public et l'administration leave out
        the collectivités territoriales of fewer than 3,500 inhabitants and the bodies of fewer than 50 agents
        (full-time equivalents). An EPCI is no collectivité territoriale: the number of agents alone counts for it. No
        open source gives the agents, so that «likely» always means «50 agents to check». The directory has the
        municipal population and the law means the total one, a little higher: a commune just below may be concerned.
        """
        if territory is None:
            return "unknown"
        if territory.kind != "commune":
            return "likely"
        if territory.population is None:
            return "unknown"
        return "likely" if territory.population >= self.rules["open_data"]["inhabitants"] else "below"

    def due(self, stage: Stage, exercice: int, kind: Kind = "commune") -> Due | None:
        """When a document is voted at the latest; None for a stage without a legal day (BS, DM).

        The law gives other days to some: fifteen days after the State's information when it comes late, 1 June when
        the prefect settled the year before. Those depend on facts that no file tells and are not computed.
        """
        fitting = [
            (_weight(rule), -rank, rule)
            for rank, rule in enumerate(self.rules["calendar"])
            if stage in rule["stages"]
            and exercice in rule.get("exercices", (exercice,))
            and kind in rule.get("kinds", (kind,))
            and (not rule.get("renewal") or self.is_renewal(exercice + rule["year"], kind))
        ]
        if not fitting:
            return None
        rule = max(fitting, key=lambda found: found[:2])[2]
        month, day = map(int, rule["vote"].split("-"))
        vote = dt.date(exercice + rule["year"], month, day)
        return Due(vote, vote + dt.timedelta(days=rule["transmission_days"]), rule["source"])

    def is_renewal(self, year: int, kind: Kind = "commune") -> bool:
        """Whether the councils of a kind of collectivité are renewed that year."""
        return any(kind in renewal["kinds"] and year in renewal["years"] for renewal in self.rules["renewals"])

    def accounts(self, exercice: int) -> tuple[Stage, ...]:
        """The account that an exercice ends with: a CA, a CFU, or one or the other."""
        single = self.rules["single_account"]
        if exercice < single["first"]:
            return ("CA",)
        return ("CFU",) if exercice >= single["compulsory"] else ("CFU", "CA")


def _weight(rule: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    return "exercices" in rule, bool(rule.get("renewal")), "kinds" in rule


class ObligationsError(JsonFileError):
    """A file of obligations that can't be used; the text says where and why (English: an administrator reads it)."""


def load(path: Path) -> Obligations:
    """The rules of a JSON file. Raises :class:`ObligationsError` (unreadable, or not as the schema says)."""
    try:
        rules = read(path, SCHEMA)
    except JsonFileError as error:
        raise ObligationsError(str(error)) from error
    _check_days(path, rules)
    return Obligations(rules)


def _check_days(path: Path, rules: Mapping[str, Any]) -> None:
    """Days that the schema's patterns let through and no calendar has (30 February)."""
    try:
        dt.date.fromisoformat(rules["checked"])
        for rule in rules["calendar"]:
            dt.date(2001, *map(int, rule["vote"].split("-")))
    except ValueError as error:
        raise ObligationsError(f"{path}: {error}") from error


@lru_cache(maxsize=1)
def shipped() -> Obligations:
    """The rules that ship."""
    return load(FILE)


def due(stage: Stage, exercice: int, kind: Kind = "commune") -> dt.date | None:
    """Last day of the vote by the rules that ship; see :meth:`Obligations.due`."""
    found = shipped().due(stage, exercice, kind)
    return found.vote if found else None
