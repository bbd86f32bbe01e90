"""What a comparison is asked, in its address: whose budgets, which year, the account or the initial budget, a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk

from ckanext.budget.figures.strata import Sort
from ckanext.budget.views.citation import LASTING

#: most collectivités side by side
MOST = 6
#: value of ``groupe`` → what its members share
GROUPS: dict[str, Sort] = {"strate": "stratum", "type": "kind", "epci": "epci", "departement": "departement"}
#: value of ``etape`` → étapes
STAGES: dict[str, tuple[str, ...]] = {"compte": ("CA", "CFU"), "bp": ("BP",)}
LONGEST = 100


@dataclass(frozen=True)
class State:
    """A comparison. ``year`` None and ``stage`` empty: the page chooses; ``left_out``: numbers beyond the sixth."""

    sirens: tuple[str, ...]
    year: int | None
    stage: str
    group: str
    q: str
    left_out: int

    def url(self, **changed: Any) -> str:
        """The address of another comparison."""
        other = replace(self, **{"q": "", **changed})
        return f"{tk.h.url_for('budget_pages.compare')}?{urlencode(other.pairs())}"

    @property
    def lasting(self) -> str:
        """The address to be kept and given to others."""
        return f"{tk.h.url_for('budget_pages.compare', **LASTING)}?{urlencode(self.pairs())}"

    def file(self, extension: str) -> str:
        """The address of its file."""
        address = tk.h.url_for("budget_pages.view_of_comparison", extension=extension)
        return f"{address}?{urlencode(self.pairs())}"

    def pairs(self) -> Sequence[tuple[str, str]]:
        """Names and values of the address."""
        said = {"exercice": str(self.year or ""), "etape": self.stage, "groupe": self.group, "q": self.q}
        return [*(("siren", siren) for siren in self.sirens), *((k, v) for k, v in said.items() if v)]


def read(arguments: Any) -> State:
    """The state of an address; what it says that does not exist is left out."""
    numbers = ["".join(text.split())[:9] for text in arguments.getlist("siren")]
    sirens = list(dict.fromkeys(n for n in numbers if len(n) == 9 and n.isascii() and n.isdecimal()))
    year, stage, group = (arguments.get(name, "") for name in ("exercice", "etape", "groupe"))
    return State(
        tuple(sirens[:MOST]),
        int(year) if len(year) == 4 and year.isascii() and year.isdecimal() else None,
        stage if stage in STAGES else "",
        group if group in GROUPS else "",
        " ".join(arguments.get("q", "").replace("\0", "").split())[:LONGEST],
        max(len(sirens) - MOST, 0),
    )
