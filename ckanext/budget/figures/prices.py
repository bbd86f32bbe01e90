"""Current and constant euros: a yearly price index, shipped as data with its source (``data/prices.json``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from ckanext.budget.jsonfile import plain, read

FILE = Path(__file__).parent / "data" / "prices.json"
SCHEMA = Path(__file__).parent / "prices.schema.json"
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Prices:
    """An index by year, what it is (``labels`` by language), where it comes from."""

    version: str
    labels: Mapping[str, str]
    source: str
    url: str
    indexes: Mapping[int, Decimal]

    @property
    def years(self) -> tuple[int, ...]:
        """The years that have an index, in order."""
        return tuple(sorted(self.indexes))

    def constant(self, amount: Decimal | None, year: int, reference: int) -> Decimal | None:
        """An amount of ``year`` in euros of ``reference``, to the cent; None when one of them has no index."""
        if amount is None or year not in self.indexes or reference not in self.indexes:
            return None
        return (amount * self.indexes[reference] / self.indexes[year]).quantize(CENT, ROUND_HALF_UP)

    def change(self, first: int, last: int) -> Decimal | None:
        """How much prices rose between two years, as a fraction; None when one of them has no index."""
        if first not in self.indexes or last not in self.indexes:
            return None
        return self.indexes[last] / self.indexes[first] - 1


def _of(rules: Mapping[str, Any]) -> Prices:
    indexes = {int(year): Decimal(value) for year, value in rules["indexes"].items()}
    return Prices(rules["version"], rules["label"], rules["source"], rules["url"], indexes)


def load(path: Path) -> Prices:
    """The index of a file. Raises :class:`~ckanext.budget.jsonfile.JsonFileError`."""
    return _of(read(path, SCHEMA))


@lru_cache(maxsize=1)
def shipped() -> Prices:
    """The index that ships."""
    return _of(plain(FILE))
