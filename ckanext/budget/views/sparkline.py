"""A small trend, as SVG: the table beside it states the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

WIDTH, HEIGHT, MARGIN = 90, 24, 3


class Spark(NamedTuple):
    """``lines`` (points of SVG polylines; a year without amount is a gap), ``dots`` (x, y) and ``zero``, the height of
    the axis when amounts have both signs."""

    lines: list[str]
    dots: list[tuple[float, float]]
    zero: float | None


def draw(amounts: Mapping[int, Decimal], first: int, last: int) -> Spark | None:
    """A trend over the years ``first`` to ``last``; None when fewer than two years state an amount."""
    if len(amounts) < 2:
        return None
    low, high = min(Decimal(0), *amounts.values()), max(Decimal(0), *amounts.values())

    def x(year: int) -> float:
        return round(MARGIN + (year - first) / max(last - first, 1) * (WIDTH - 2 * MARGIN), 1)

    def y(value: Decimal) -> float:
        share = float((value - low) / (high - low)) if high > low else 0.0
        return round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1)

    runs: list[list[tuple[float, float]]] = []
    for year in range(first, last + 1):
        if year not in amounts:
            continue
        if year - 1 not in amounts or not runs:
            runs.append([])
        runs[-1].append((x(year), y(amounts[year])))
    lines = [" ".join(f"{px},{py}" for px, py in run) for run in runs if len(run) > 1]
    return Spark(lines, [point for run in runs for point in run], y(Decimal(0)) if low < 0 < high else None)
