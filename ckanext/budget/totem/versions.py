"""Which of two versions of a document is the newer: its seal's date, else DteStr; else the order of reception."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Evidence:
    """Moments that a document states, None when absent or unreadable."""

    seal: dt.datetime | None = None
    dte_str: dt.datetime | None = None

    def compare(self, other: Evidence) -> int:
        """-1 older, 1 newer, 0 equal evidence (or none in common)."""
        for mine, theirs in ((self.seal, other.seal), (self.dte_str, other.dte_str)):
            if mine and theirs:
                return (mine > theirs) - (mine < theirs)
        return 0


def evidence(seal_date: str | None, dte_str: str | None) -> Evidence:
    """Evidence from the text of Scellement/@date and DteStr."""
    return Evidence(_moment(seal_date), _moment(dte_str))


def _moment(text: str | None) -> dt.datetime | None:
    from dateutil import parser  # noqa: PLC0415  (only who compares versions pays for it)

    try:
        moment = parser.isoparse((text or "").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.timezone.utc)
