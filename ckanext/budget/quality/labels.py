"""Where the labels of a document come from: its year's own plan, a neighbour year's, a parent code's, or nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise
from typing import Any

from ckanext.budget.scdl.rows import Inferred, Standardiser

#: findings that tell where a label comes from, the worst first
_SOURCES = {"label_absent": "absent", "label_from_parent": "parent", "label_other_year": "other_year"}


@dataclass(frozen=True)
class Coverage:
    """Rows by the source of their labels (each row once, by its worst), and every inference with its rows."""

    rows: int = 0
    own_plan: int = 0
    other_year: int = 0
    parent: int = 0
    absent: int = 0
    inferences: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def share(self) -> Decimal:
        """Part of the rows whose labels are official ones, as a fraction rounded down."""
        if not self.rows:
            return Decimal(1)
        return (Decimal(self.rows - self.absent) / self.rows).quantize(Decimal("0.0001"), ROUND_DOWN)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "rows": self.rows,
            "own_plan": self.own_plan,
            "other_year": self.other_year,
            "parent": self.parent,
            "absent": self.absent,
            "coverage": str(self.share),
            "inferences": self.inferences,
        }


def coverage(standardiser: Standardiser, rows: int) -> Coverage:
    """Coverage of a converted document."""
    inferred = standardiser.inferred
    by_source: dict[str, set[int]] = {source: set() for source in _SOURCES.values()}
    for noted in inferred:
        if noted.code in _SOURCES:
            by_source[_SOURCES[noted.code]].update(noted.rows)
    absent = by_source["absent"]
    parent = by_source["parent"] - absent
    other = by_source["other_year"] - absent - parent
    if standardiser.plan_year_missing:
        other_year, own = rows - len(absent) - len(parent), 0
    else:
        other_year, own = len(other), rows - len(absent) - len(parent) - len(other)
    return Coverage(rows, own, other_year, len(parent), len(absent), [_inference(noted) for noted in inferred])


def _inference(noted: Inferred) -> dict[str, Any]:
    return {"code": noted.code, "params": noted.params, "rows": ranges(noted.rows)}


def ranges(rows: Iterable[int]) -> str:
    """Row numbers as people write them: ``3-5, 9``."""
    rows = list(rows)
    if not rows:
        return ""
    starts = [rows[0], *(b for a, b in pairwise(rows) if b != a + 1)]
    ends = [*(a for a, b in pairwise(rows) if b != a + 1), rows[-1]]
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True))
