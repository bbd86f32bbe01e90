"""Outlines of the départements of metropolitan France, to be drawn (``data/outlines.json``)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "outlines.json"
#: around a map, as a part of its longer side
_MARGIN = 0.03


@dataclass(frozen=True)
class Outline:
    """A département: its path, where its label stands, and its width (units of the map)."""

    code: str
    path: str
    x: int
    y: int
    width: int


@dataclass(frozen=True)
class Map:
    """Outlines and the box that they fill: ``x``, ``y``, ``width``, ``height``."""

    outlines: tuple[Outline, ...]
    box: tuple[int, int, int, int]


@lru_cache(maxsize=1)
def _known() -> Mapping[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def source() -> str:
    """Where the outlines come from, with their licence."""
    return str(_known()["source"])


@lru_cache(maxsize=32)
def of(codes: tuple[str, ...]) -> Map | None:
    """The map of these départements; None when fewer than two are known, or one is not: a map that leaves some out
    would say that they do not exist."""
    known = _known()["departements"]
    if len(codes) < 2 or any(code not in known for code in codes):
        return None
    boxes = [known[code]["box"] for code in codes]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    width, height = max(box[2] for box in boxes) - left, max(box[3] for box in boxes) - top
    margin = round(max(width, height) * _MARGIN)
    return Map(
        tuple(_outlines(known, codes)),
        (left - margin, top - margin, width + 2 * margin, height + 2 * margin),
    )


def _outlines(known: Mapping[str, Any], codes: Iterable[str]) -> Iterable[Outline]:
    for code in codes:
        found = known[code]
        x, y = found["label"]
        left, _, right, _ = found["box"]
        yield Outline(code, found["path"], x, y, right - left)
