"""Geometry of the charts, in percent of their width: the templates draw it as SVG, a table says the same.

Colours are a fixed pair, recettes blue and dépenses orange, told apart by their words too; shades of one colour are
outlined in it, so that the lightest keeps its contrast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

#: how many shades a colour has; further segments take the lightest
SHADES = 5


@dataclass(frozen=True)
class Segment:
    """A piece of a bar: where it starts and how wide it is (percent), and its shade (0 is the full colour)."""

    start: float
    width: float
    shade: int


@dataclass(frozen=True)
class Bar:
    """A bar on an axis that may have negative values: ``zero`` is where the axis stands (percent)."""

    start: float
    width: float
    zero: float
    negative: bool


def stacked(amounts: Sequence[Decimal], scale: Decimal) -> list[Segment] | None:
    """A bar of pieces, ``scale`` euros being the whole width. None when a stack would lie (a negative amount)."""
    if scale <= 0 or any(a < 0 for a in amounts):
        return None
    segments: list[Segment] = []
    done = Decimal(0)
    for rank, amount in enumerate(amounts):
        segments.append(Segment(_percent(done, scale), _percent(amount, scale), shade(rank)))
        done += amount
    return segments


def shade(rank: int) -> int:
    """Shade of the n-th piece of a bar."""
    return min(rank, SHADES - 1)


def bars(amounts: Sequence[Decimal]) -> list[Bar]:
    """Bars that share one axis, which goes from the lowest amount (or 0) to the highest (or 0)."""
    low, high = min([Decimal(0), *amounts]), max([Decimal(0), *amounts])
    span = high - low
    if not span:
        return [Bar(0, 0, 0, negative=False) for _ in amounts]
    zero = _percent(-low, span)
    return [
        Bar(_percent(min(amount, Decimal(0)) - low, span), _percent(abs(amount), span), zero, negative=amount < 0)
        for amount in amounts
    ]


def _percent(part: Decimal, whole: Decimal) -> float:
    return round(float(part / whole * 100), 2)
