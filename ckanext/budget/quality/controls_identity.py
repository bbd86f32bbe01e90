"""What the header says of itself: whose budget, of which dates, draft or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from stdnum.fr import siren as stdnum_siren

from ckanext.budget.quality.controls_model import Control
from ckanext.budget.totem.model import Header

_Window = tuple[dt.date, dt.date]


def identity_controls(header: Header) -> Iterator[Control]:
    """Draft mark of an account, SIREN of the budget against the collectivité's, dates against the exercice."""
    yield from _draft(header)
    yield from _siren(header)
    yield from _dates(header)


def _draft(header: Header) -> Iterator[Control]:
    """On a CA or CFU only: a draft BP is already a finding. Adopted accounts carry the mark (domain §1)."""
    mark = header.get("ProjetBudget").lower()
    if header.stage in ("CA", "CFU") and mark in ("true", "1", "false", "0"):
        yield Control("draft_account", "information" if mark in ("true", "1") else "vert")


def _siren(header: Header) -> Iterator[Control]:
    """IdEtab against IdColl, else CodInseeColl: each may be a SIRET or a SIREN, or something else («CD34»)."""
    mine = siren_in(header.get("IdEtab"))
    theirs = siren_in(header.get("IdColl")) or siren_in(header.get("CodInseeColl"))
    if mine and theirs:
        params = {"etab": mine, "coll": theirs}
        yield Control("identity_siren", "vert" if mine == theirs else "a_verifier", params=params)


def siren_in(text: str) -> str | None:
    """SIREN of a SIREN or SIRET, when its key is right; None for anything else."""
    return text[:9] if len(text) in (9, 14) and text.isdecimal() and stdnum_siren.is_valid(text[:9]) else None


def _dates(header: Header) -> Iterator[Control]:
    if header.exercice is None or header.stage is None:
        return
    decided, written = _windows(header.stage, header.exercice)
    given = (
        ("date_document", header.get("DteStr"), written),
        ("date_decision", header.get("DteDec"), decided),
        ("date_seal", header.seal.date.strip(), written),
    )
    for code, date, window in given:
        if date:
            params = {"date": date[:10], "exercice": str(header.exercice)}
            yield Control(code, "vert" if _within(date, window) else "information", params=params)


def _windows(stage: str, year: int) -> tuple[_Window, _Window]:
    """Days between which a budget of that year can be voted; and written or sealed, which may come years later (a
    file made again). Wide on purpose: only what can't be is told."""
    if stage in ("CA", "CFU"):
        first, last = dt.date(year + 1, 1, 1), dt.date(year + 2, 12, 31)
    elif stage == "BP":
        first, last = dt.date(year - 1, 9, 1), dt.date(year, 12, 31)
    else:
        first, last = dt.date(year, 1, 1), dt.date(year + 1, 1, 31)
    return (first, last), (first, dt.date(year + 10, 12, 31))


def _within(date: str, window: _Window) -> bool:
    try:
        return window[0] <= dt.date.fromisoformat(date[:10]) <= window[1]
    except ValueError:
        return False
