"""Staff as aggregates that cannot identify anyone: every figure covers at least :data:`K` people.

Only counts are kept (full-time equivalents in post, budgeted posts), by status, category and filière: no grade, no
pay, no index, no contract, no row of the source. Each person is in one published group and one only; there is no
total beside them. So that no small group can be found by subtraction, small groups are merged, never left out: a
group under K joins the others of its category, then of its status, then of the whole; what is still under K takes in
the smallest group beside it. Only a staff under K is not published at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

#: fewest people behind a published figure. People are counted by full-time equivalents in post: nobody is more than
#: one, so there are at least as many people
K = 5

#: what stands for «several of them» in a merged group
SEVERAL = "Regroupées"

_STATUS = {"I": "Titulaire", "N": "Non titulaire", "R": "Rattachement"}
_SECTOR = {
    "ADM": "Administrative", "TECH": "Technique", "S": "Sociale", "MS": "Médico-sociale", "MT": "Médico-technique",
    "SP": "Sportive", "CULT": "Culturelle", "ANIM": "Animation", "POL": "Police", "URB": "Urbanisme",
    "FIN": "Financière", "ENV": "Environnement", "COM": "Communication", "RS": "Restauration scolaire",
    "ENT": "Entretien",
}  # fmt: skip
#: management and cabinet posts, often held by one person, go with the posts that no filière holds
_OTHER = "Autres emplois"
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)

Key = tuple[str, str, str]  # status, category, filière


class Group(NamedTuple):
    """A group of staff: its key, its full-time equivalents in post, its budgeted posts (None when not all known)."""

    key: Key
    posts: Decimal
    budgeted: Decimal | None

    def with_other(self, other: Group, key: Key) -> Group:
        """Both together."""
        known = self.budgeted is not None and other.budgeted is not None
        budgeted = (self.budgeted or Decimal(0)) + (other.budgeted or Decimal(0)) if known else None
        return Group(key, self.posts + other.posts, budgeted)


class Staff:
    """Sums records of PERSONNEL; memory does not grow with their number."""

    def __init__(self) -> None:
        self._groups: dict[Key, Group] = {}
        #: records counted
        self.records = 0

    def add(self, fields: Mapping[str, str]) -> bool:
        """Count a record; False when its EffectifPourvu is absent or no number (it is left out)."""
        posts = fields.get("EffectifPourvu", "")
        if not _NUMBER.fullmatch(posts):
            return False
        self.records += 1
        budgeted = fields.get("EffectifBud", "")
        key = _key(fields)
        one = Group(key, Decimal(posts), Decimal(budgeted) if _NUMBER.fullmatch(budgeted) else None)
        known = self._groups.get(key)
        self._groups[key] = known.with_other(one, key) if known else one
        return True

    def published(self) -> list[Group]:
        """The groups, merged until each holds K full-time equivalents or more; none for a smaller staff."""
        return merged(self._groups.values())


def _key(fields: Mapping[str, str]) -> Key:
    sector = fields.get("CodSectAgentTitulaire") or fields.get("CodSectAgentNonTitulaire", "")
    category = fields.get("CodCatAgent", "")
    return (
        _STATUS.get(fields.get("CodTypAgent", ""), "Non précisé"),
        category if category in ("A", "B", "C") else "Non précisée",
        _SECTOR.get(sector, _OTHER),
    )


def merged(groups: Iterable[Group]) -> list[Group]:
    """Groups of the finest level, merged so that each holds :data:`K` or more; sums are kept. Sorted by key."""
    done = [group for group in groups if group.posts or group.budgeted]
    for level in (2, 1, 0):  # within a category, within a status, within all
        done = [merged_group for some in _by(done, level).values() for merged_group in _merged(some, level)]
    return sorted(group for group in done if group.posts >= K)


def _by(groups: Iterable[Group], level: int) -> dict[tuple[str, ...], list[Group]]:
    split: dict[tuple[str, ...], list[Group]] = {}
    for group in groups:
        split.setdefault(group.key[:level], []).append(group)
    return split


def _merged(groups: list[Group], level: int) -> list[Group]:
    """The groups of one parent: those under K together, with the smallest others as long as it takes."""
    ordered = sorted(groups, key=lambda group: (group.posts, group.key))
    small = [group for group in ordered if group.posts < K]
    if not small or len(ordered) == 1:
        return ordered
    large = ordered[len(small) :]
    while large and sum(group.posts for group in small) < K:
        small.append(large.pop(0))
    total = small[0]
    for group in small[1:]:
        total = total.with_other(group, _common(total.key, level))
    return [total, *large]


def _common(key: Key, level: int) -> Key:
    """The key of several groups together: what their parent says, «Regroupées» for the rest."""
    return (
        key[0] if level > 0 else SEVERAL,
        key[1] if level > 1 else SEVERAL,
        SEVERAL,
    )
