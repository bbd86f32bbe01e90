"""Columns over the years, as SVG: what is stacked, beside what it is compared with; the table beside says the same.

Places along the years are percents of the width and heights are pixels, so that words keep their size on any screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

HEIGHT = 220
ZERO = Decimal(0)
#: part of the place of a year that its columns take
FILLED = 76
Height = Callable[[Decimal], float]


class Stack(NamedTuple):
    """The column of a year: ``pieces`` are (what, hatched or not, amount), from the axis outwards; ``mark`` is the
    amount of a line across it. ``sense`` chooses the colour."""

    sense: str
    pieces: Sequence[tuple[str, bool, Decimal]]
    mark: Decimal | None = None


class Rectangle(NamedTuple):
    """A piece of a column, drawn."""

    what: str
    amount: Decimal
    hatched: bool
    y: float
    height: float


class Column(NamedTuple):
    """A column, drawn; ``mark`` is the height of the line across it and ``marked`` what it stands for."""

    sense: str
    x: float
    width: float
    pieces: Sequence[Rectangle]
    mark: float | None
    marked: Decimal | None


class Place(NamedTuple):
    """A year along the axis: from ``x``, ``middle``; ``empty`` without column nor mark."""

    year: int
    x: float
    middle: float
    width: float
    columns: Sequence[Column]
    empty: bool


class Chart(NamedTuple):
    """``lines``: the heights of round amounts; ``zero``: that of the axis."""

    height: int
    zero: float
    lines: Sequence[tuple[float, Decimal]]
    places: Sequence[Place]


def draw(years: Sequence[int], stacks: Mapping[int, Sequence[Stack]], height: int = HEIGHT) -> Chart | None:
    """The chart of some years, each with its columns side by side; None without any amount."""
    ends = [end for of_year in stacks.values() for stack in of_year for end in _ends(stack)]
    if not ends or not any(ends):
        return None
    low, high, step = _scale(min(ZERO, *ends), max(ZERO, *ends))

    def y(value: Decimal) -> float:
        return round(float((high - value) / (high - low)) * height, 1)

    wide = 100 / len(years)
    places = [_place(year, n * wide, wide, stacks.get(year, ()), y) for n, year in enumerate(years)]
    lines = [(y(low + step * n), low + step * n) for n in range(int((high - low) / step) + 1)]
    return Chart(height, y(ZERO), lines, places)


def _ends(stack: Stack) -> list[Decimal]:
    above = sum((amount for _, _, amount in stack.pieces if amount > 0), ZERO)
    below = sum((amount for _, _, amount in stack.pieces if amount < 0), ZERO)
    return [above, below, *([stack.mark] if stack.mark is not None else [])] if stack.pieces or stack.mark else []


def _scale(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Round ends, and the step of about four lines."""
    rough = (high - low) / 4
    power = Decimal(10) ** rough.adjusted()
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= rough)
    return (
        (low / step).to_integral_value(ROUND_FLOOR) * step,
        (high / step).to_integral_value(ROUND_CEILING) * step,
        step,
    )


def _place(year: int, x: float, wide: float, stacks: Sequence[Stack], y: Height) -> Place:
    filled = wide * FILLED / 100
    one = filled / max(len(stacks), 1)
    start = x + (wide - filled) / 2
    columns = [_column(stack, round(start + n * one, 3), round(one * 0.92, 3), y) for n, stack in enumerate(stacks)]
    empty = not any(column.pieces or column.mark is not None for column in columns)
    return Place(year, round(x, 3), round(x + wide / 2, 3), round(wide, 3), columns, empty)


def _column(stack: Stack, x: float, width: float, y: Height) -> Column:
    above = below = ZERO
    drawn: list[Rectangle] = []
    for what, hatched, amount in stack.pieces:
        start = above if amount >= 0 else below
        end = start + amount
        above, below = (end, below) if amount >= 0 else (above, end)
        top = min(y(start), y(end))
        drawn.append(Rectangle(what, amount, hatched, top, round(abs(y(start) - y(end)), 1)))
    return Column(stack.sense, x, width, drawn, None if stack.mark is None else y(stack.mark), stack.mark)
