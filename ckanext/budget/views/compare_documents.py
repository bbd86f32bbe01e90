"""Which documents a comparison holds: public ones, of principal budgets, of one year, and all accounts or all initial
budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from ckan import model

from ckanext.budget import rules
from ckanext.budget.figures import documents
from ckanext.budget.figures.document import Document, prevailing
from ckanext.budget.figures.documents import DOCUMENTS, PACKAGES
from ckanext.budget.territory.directory import directory
from ckanext.budget.territory.model import Territory
from ckanext.budget.views.compare_state import GROUPS, STAGES, State

#: most members of a group whose figures are worked out: those of the nearest number of inhabitants
MOST_MEMBERS = 100
#: (year, ``compte`` or ``bp``) → document by SIREN
There = Mapping[tuple[int, str], Mapping[str, Document]]


def of(sirens: Sequence[str], years: Sequence[int] = (), kinds: Sequence[str] = tuple(STAGES)) -> There:
    """What these collectivités publish; a CFU prevails over the CA of its year."""
    if not sirens:
        return {}
    stages = [stage for kind in kinds for stage in STAGES[kind]]
    found = documents.find(model.Session(), sirens=sirens, exercices=years, stages=stages, annexe=False)
    there: dict[tuple[int, str], dict[str, Document]] = {}
    for document in prevailing(d for d in found if not d.is_draft):
        kind = "compte" if document.account else "bp"
        # a collectivité that moved has two numbers, and tables do not tell annexes: the lowest is likely the seat's
        there.setdefault((document.exercice, kind), {}).setdefault(document.siren or "", document)
    return there


def chosen(state: State, there: There) -> tuple[int, str] | None:
    """The year and étape to show: what is asked, else where most are, accounts first, the latest."""
    if state.year is not None and (state.year, state.stage or "compte") in there:
        return state.year, state.stage or "compte"
    fitting = [key for key in there if state.year in (None, key[0]) and state.stage in ("", key[1])] or list(there)
    return max(fitting, key=lambda key: (len(there[key]), key[1] == "compte", key[0]), default=None)


def members(first: Territory, group: str, key: tuple[int, str]) -> list[Territory]:
    """Those of the group of a collectivité that publish for this year and étape, itself too; the nearest in number of
    inhabitants first."""
    c, p = DOCUMENTS.c, PACKAGES.c
    wanted = (
        sa.select(c.siren)
        .join(PACKAGES, p.id == c.package_id)
        .where(c.status == "converted", p.state == "active", ~p.private, c.is_annexe.is_(False), c.siren.is_not(None))
        .where(c.exercice == key[0], c.stage.in_(STAGES[key[1]]), c.is_draft.is_(False))
        .distinct()
    )
    known = (directory().by_siren(siren) for siren in model.Session.scalars(wanted))
    found = rules.strata().group(first, GROUPS[group], [one for one in known if one is not None])
    return sorted(found, key=lambda one: (_distance(first, one), one.siren))


def _distance(first: Territory, other: Territory) -> float:
    if first.population is None or other.population is None:
        return float("inf")
    return abs(first.population - other.population)
