"""A control: two numbers of a budget that should agree, stated as a fact. It never stops a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from ckanext.budget.messages import Translate
from ckanext.budget.messages.controls import ControlWords, words

Outcome = Literal["vert", "a_verifier", "information"]


@dataclass(frozen=True)
class Control:
    """``code`` names words of :data:`ckanext.budget.messages.controls.WORDS`, which tell the unit of ``left`` and
    ``right`` (None when the control compares no amounts); ``params`` fill their placeholders (text only)."""

    code: str
    outcome: Outcome
    left: Decimal | None = None
    right: Decimal | None = None
    params: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; numbers are decimal text."""
        return {
            "code": self.code,
            "outcome": self.outcome,
            "left": text(self.left),
            "right": text(self.right),
            "params": dict(self.params),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Control:
        """The control that :meth:`to_dict` described."""
        return cls(data["code"], data["outcome"], number(data["left"]), number(data["right"]), dict(data["params"]))

    def words(self, translate: Translate) -> ControlWords:
        """The control in a finance officer's words; KeyError for a code that this version does not know."""
        return words(self.code, self.outcome, self.params, translate)


def text(value: Decimal | None) -> str | None:
    """Decimal text for JSON, never in powers of ten."""
    return None if value is None else f"{value:f}"


def number(value: str | None) -> Decimal | None:
    """What :func:`text` wrote."""
    return None if value is None else Decimal(value)


def same(left: Decimal, right: Decimal, tolerance: Decimal = Decimal("0.005")) -> bool:
    """Equal to the cent (or to ``tolerance``, in the unit of both)."""
    return abs(left - right) <= tolerance


def compared(
    code: str,
    left: Decimal,
    right: Decimal,
    off: Outcome,
    *,
    tolerance: Decimal = Decimal("0.005"),
    params: Mapping[str, str] | None = None,
) -> Control:
    """Green when both numbers are the same, ``off`` otherwise."""
    return Control(code, "vert" if same(left, right, tolerance) else off, left, right, params or {})
