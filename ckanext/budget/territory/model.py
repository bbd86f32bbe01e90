"""What is known of a collectivité."""

from __future__ import annotations

from typing import Literal, NamedTuple

#: cc, ca, cu: communautés de communes, d'agglomération, urbaine; ept: établissement public territorial (Grand Paris);
#: collectivite_unique: Corse, Guyane, Martinique. The métropole de Lyon, a collectivité of its own, is a metropole.
Kind = Literal["commune", "cc", "ca", "cu", "metropole", "ept", "departement", "region", "collectivite_unique"]

#: kinds of EPCI with their own taxation: a commune is member of one at most
EPCI: frozenset[Kind] = frozenset(("cc", "ca", "cu", "metropole"))


class Place(NamedTuple):
    """A code and a name (``codes`` are the COG's: ``34``, ``2A``, ``976``; a SIREN for an EPCI)."""

    code: str
    name: str


class Territory(NamedTuple):
    """A collectivité.

    ``siren`` is empty for the communes of the Pacific and of Saint-Pierre-et-Miquelon, whose SIREN the source lacks.
    ``insee`` is the COG's code: five characters for a commune, that of the département or région for these; empty for
    an EPCI. ``departement`` of an EPCI is that where most of its inhabitants live. ``population`` is the municipal
    one, in inhabitants, of the year ``population_year`` (None: unknown; the year differs in Mayotte and is not stated
    for the overseas collectivités); that of an EPCI, a département or a région is the sum of its communes'.
    """

    siren: str
    insee: str
    name: str
    kind: Kind
    departement: Place | None
    region: Place | None
    epci: Place | None
    population: int | None
    population_year: int | None

    @property
    def population_source(self) -> str:
        """Where the population comes from, to be cited with its year."""
        if self.kind == "commune":
            return "Insee, populations légales : population municipale"
        return "Insee, populations légales : somme des populations municipales des communes"
