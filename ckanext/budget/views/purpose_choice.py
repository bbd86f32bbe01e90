"""What a reader of «what is it spent on?» chooses, in the address: which view, which section, how deep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ckanext.budget.figures.tree import Node

#: by service (plain categories), by official function, by nature, of a hundred euros
VIEWS = ("service", "fonction", "nature", "cent")
#: between the codes of a path: no code holds one
STEP = "."


@dataclass(frozen=True)
class Choice:
    """``view`` is one of :data:`VIEWS`, ``section`` F, I or empty (both), ``path`` codes from the root down."""

    view: str = "service"
    section: str = ""
    path: tuple[str, ...] = ()

    def to_query(self, **changes: Any) -> dict[str, str]:
        """The parameters of an address; another view or section begins at the top."""
        if "path" not in changes and changes:
            changes["path"] = ()
        there = replace(self, **changes)
        every = {"vue": there.view, "section": there.section, "chemin": STEP.join(there.path)}
        return {name: value for name, value in every.items() if value}


def read(given: Mapping[str, str], default: str) -> Choice:
    """The choice that an address states; what means nothing is left out (``default``: the view to begin with)."""
    view, section, path = (given.get(name, "") for name in ("vue", "section", "chemin"))
    return Choice(
        view if view in VIEWS else default,
        section if section in ("F", "I") else "",
        tuple(path.split(STEP)) if path and view in VIEWS else (),
    )


def walk(root: Node, path: tuple[str, ...]) -> list[Node]:
    """The pieces from the root down a path, as far as it goes."""
    found = [root]
    for code in path:
        below = found[-1].find(code)
        if below is None:
            break
        found.append(below)
    return found
