"""The places of a grid (exercices × étapes) as bits of one number: the whole history of a collectivité."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ckanext.budget.territory.expected import ACCOUNT, SLOTS

#: bits of a positive number of 64
BIGINT = 63
#: the stages that the database counts; each exercice has a bit for each
STAGES = ("BP", "BS", "DM", "CA", "CFU")


@dataclass(frozen=True)
class Places:
    """The exercices ``first`` … ``last``."""

    first: int
    last: int

    @property
    def exercices(self) -> range:
        """Every exercice, the oldest first."""
        return range(self.first, self.last + 1)

    @property
    def width(self) -> int:
        """How many bits there are."""
        return len(self.exercices) * len(STAGES)

    def bit(self, exercice: int, stage: str) -> int:
        """The bit of a document."""
        return 1 << self.position(exercice, stage)

    def position(self, exercice: int, stage: str) -> int:
        """The number of the bit of a document, from 0."""
        return (exercice - self.first) * len(STAGES) + STAGES.index(stage)

    def stages(self, slot: str) -> tuple[str, ...]:
        """Stages that a place of the grid may hold, the one that prevails first."""
        return ("CFU", "CA") if slot == ACCOUNT else (slot,)

    def mask(self, exercice: int, slot: str) -> int:
        """The bits of a place of the grid."""
        return sum(self.bit(exercice, stage) for stage in self.stages(slot))

    def held(self, bits: int, exercice: int, slot: str) -> str | None:
        """The stage that fills a place; None when it is empty."""
        return next((stage for stage in self.stages(slot) if bits & self.bit(exercice, stage)), None)

    @property
    def dtype(self) -> str:
        """Of an array of such numbers."""
        return "int64" if self.width <= BIGINT else "object"

    def joined(self, bits: int) -> int:
        """The same with every account under CA, so that bits count documents (of an array, too)."""
        accounts = bits & self._cfu
        return (bits & ~self._cfu) | (accounts >> (STAGES.index("CFU") - STAGES.index("CA")))

    @cached_property
    def _cfu(self) -> int:
        return sum(self.bit(exercice, "CFU") for exercice in self.exercices)

    def chosen(self, slots: Iterable[str], exercices: Iterable[int]) -> Iterator[tuple[int, str, int]]:
        """The places of these slots and exercices (exercice, slot, its bit among the joined ones)."""
        wanted = [slot for slot in SLOTS if slot in set(slots)]
        for exercice in exercices:
            for slot in wanted:
                yield exercice, slot, self.bit(exercice, "CA" if slot == ACCOUNT else slot)
