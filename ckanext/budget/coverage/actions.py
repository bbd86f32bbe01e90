"""Actions: the coverage as data, and why a file was refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.budget import config
from ckanext.budget.coverage import access, answer, asked, one
from ckanext.budget.coverage.recent import recent
from ckanext.budget.coverage.region import Region
from ckanext.budget.deposit import batches, described

__all__ = ["budget_coverage", "budget_refusal_show"]

#: most rows of an answer that is kept
FEW = 100


def today() -> dt.date:
    """The day by which documents are expected or late."""
    return dt.datetime.now(dt.timezone.utc).astimezone().date()


@tk.side_effect_free
def budget_coverage(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Who has published which budget documents, and what is expected, late or missing.

    With ``siren``, the grid of one collectivité: ``siren``, ``name``, ``kind``, ``concern`` (``likely``, ``below``,
    ``unknown``), ``exercices``, and ``budgets``, each with ``siret``, ``name``, ``annexe`` and ``cells`` (``exercice``,
    ``etape``: ``BP``, ``BS``, ``DM`` or ``compte``; ``status``; ``due``; ``documents``; ``refusal_id``).

    Otherwise the territory: ``count`` and ``rows`` (``siren``, ``name``, ``kind``, ``departement``, ``epci``,
    ``population``, ``concern``, ``organization``, ``published``, ``missing``, ``cells``), ``groups`` (how many in
    each), ``rates`` (by ``kind``, null for all: ``number`` of concerned collectivités and how many publish each place),
    ``choices`` of the filters, ``calendar`` and ``checked`` (the day of the last comparison with the law).

    ``status``: ``published``; ``expected`` (its legal day has not come), ``late`` (it came less than a year ago),
    ``missing``; ``none`` (nobody has to make it); and, for those who may know, ``refused`` and ``private``. They also
    get ``trouble`` of each row: the last error, what waits.

    :param siren: SIREN of one collectivité (the other parameters do not count then)
    :type siren: string
    :param group: ``concerned`` (3,500 inhabitants and more, 50 agents to check; the default), ``volunteers``,
        ``others``, ``outside``
    :type group: string
    :param region: code of a région (``76``)
    :type region: string
    :param departement: code of a département
    :type departement: string
    :param epci: SIREN of an EPCI
    :type epci: string
    :param kind: kind of collectivité, as ``budget_territory_show`` says it
    :type kind: string
    :param q: part of a name, or a SIREN
    :type q: string
    :param etapes: among ``BP``, ``BS``, ``DM`` and ``compte`` (``BP compte`` by default)
    :type etapes: list of strings, or one with spaces
    :param first: first exercice
    :type first: int
    :param last: last exercice
    :type last: int
    :param state: rows with one place at least in this state
    :type state: string
    :param sort: ``name`` (the default), ``population``, ``published`` or ``missing``
    :type sort: string
    :param order: ``asc`` (the default) or ``desc``
    :type order: string
    :param limit: most rows (25 by default)
    :type limit: int
    :param offset: rows to leave out first
    :type offset: int
    :param details: documents and refusals of each place, troubles of each row (the default; several thousand rows are
        faster without)
    :type details: bool
    """
    tk.check_access("budget_coverage", context, data_dict)
    viewer, day = access.viewer(context), today()
    if data_dict.get("siren"):
        return _one(str(data_dict["siren"]), viewer, day)
    question, linked = asked.read(data_dict, day), tk.asbool(data_dict.get("details", True))

    def build() -> dict[str, Any]:
        return answer.build(Region(question, viewer, day), linked=linked)

    if question.limit > FEW:
        return build()
    return recent((question, viewer, day, linked, config.language()), build)


def _one(siren: str, viewer: access.Viewer, day: dt.date) -> dict[str, Any]:
    siren = "".join(siren.split())[:9]
    if len(siren) != 9 or not siren.isdecimal():
        raise tk.ValidationError({"siren": [tk._("A SIREN has nine digits")]})
    grid = one.build(siren, viewer, day)
    if not grid["name"]:
        raise tk.ObjectNotFound(tk._("No local government of this SIREN is known"))
    for budget in grid["budgets"]:
        for cell in budget["cells"]:
            cell["due"] = cell["due"].isoformat() if cell["due"] else None
            cell["documents"] = [{**d, "received": d["received"].isoformat()} for d in cell["documents"]]
    return grid


@tk.side_effect_free
def budget_refusal_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Why a deposited file was refused: ``filename``, ``siren``, ``name``, ``exercice``, ``etape``, ``message``
    (``what``, ``where``, ``remedy``), ``at``, ``batch_id``.

    :param id: id of the refused file in its deposit
    :type id: string
    """
    row_id = tk.get_or_bust(data_dict, "id")
    tk.check_access("budget_refusal_show", context, data_dict)
    row = batches.row(row_id)
    if row is None:
        raise tk.ObjectNotFound(tk._("This refusal does not exist"))
    return {
        "id": row.id,
        "batch_id": row.batch_id,
        "filename": row.filename,
        "siren": row.siren,
        "name": row.name,
        "exercice": row.exercice,
        "etape": row.stage,
        "dm_number": row.dm_number,
        "message": described.said(row.message, tk._),
        "at": row.settled.isoformat() if row.settled else None,
    }
