"""What the council voted in the year (BP, BS, DM), apart from what was opened and done; which votes are not here."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk

from ckanext.budget import config
from ckanext.budget.figures import results
from ckanext.budget.figures.document import ACCOUNTS, Document, described, stage_of
from ckanext.budget.figures.results import Council, Voted
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.territory.directory import directory
from ckanext.budget.views import addresses, document_figures, wording
from ckanext.budget.views.kept import Kept

if TYPE_CHECKING:
    from ckanext.budget.views.document_page import Shown

Page = dict[str, Any]
_KEPT = Kept[Council](512)


def build(shown: Shown) -> Page | None:
    """``done`` (a sentence), ``votes`` (links), ``blocks`` (chapters of each, with the votes), ``missing`` (names),
    ``unexplained`` (euros; None without account), ``account``; None when the chapters of the page say all of it."""
    year = [d for d in shown.documents if d.status == "converted" and d.exercice == shown.document.exercice]
    votes = [d for d in year if d.stage in ("BP", "BS", "DM") and not d.is_draft]
    account = _account(shown, year)
    if not votes:
        return {"votes": []} if shown.known.account else None
    if len(votes) == 1 and votes[0].stage == "BP" and not account:
        return None
    said = _council([described(d) for d in votes], described(account) if account else None)
    by_id = {d.id: d for d in votes}
    initial = next((d for d in votes if d.stage == "BP"), None)
    return {
        "done": _done(initial, account) if initial and account else "",
        "votes": [_link(by_id[d.id]) for d in said.documents],
        "blocks": _blocks(said.chapters, shown.document.nomenclature) if account or len(votes) > 1 else [],
        "missing": [_named(text) for text in said.missing],
        "unexplained": said.unexplained,
        "account": account is not None,
    }


def expected(shown: Shown) -> Page | None:
    """Of a vote: where what was really done is told, or when it will be; None for an account."""
    if shown.known.account:
        return None
    year = shown.document.exercice
    found = _account(shown, [d for d in shown.documents if d.status == "converted" and d.exercice == year])
    if found:
        words = tk._("What was really spent and received in {year} is in the account:").format(year=year)
        return {"words": words, "link": _link(found)}
    known = tk._("What will really have been spent and received in {year} is known with the account.").format(
        year=year
    )
    place = directory().by_siren(shown.document.siren) if shown.document.siren else None
    due = config.obligations().due("CA", year, place.kind if place else "commune")
    if due is None:
        return {"words": known, "link": None}
    by = tk._("It is voted by {day} at the latest ({source}).")
    told = by.format(day=wording.date(due.vote, tk.h.lang()), source=due.source)
    return {"words": f"{known} {told}", "link": None}


def _account(shown: Shown, year: Sequence[BudgetDocument]) -> BudgetDocument | None:
    """The account of the year: the one that is read, else the CFU rather than the CA."""
    if shown.known.account:
        return shown.document
    found = [d for d in year if d.stage in ACCOUNTS]
    return max(found, key=lambda d: d.stage == "CFU", default=None)


def _council(votes: Sequence[Document], account: Document | None) -> Council:
    def make() -> Council:
        told = document_figures.groups(account).without if account else None
        return results.council([(d, document_figures.groups(d).without) for d in votes], told)

    asked = tuple((d.id, d.converted) for d in votes)
    return _KEPT.one(account or votes[0], (account is None, asked), make)


def _done(initial: BudgetDocument, account: BudgetDocument) -> str:
    """Which part of the initial budget was carried out."""
    votes, told = document_figures.groups(described(initial)), document_figures.groups(described(account))
    parts = results.done(votes.without, told.without)
    if not parts:
        return ""
    words = tk._(
        "Of the expenditure of the initial budget, {whole} was carried out: {operating} in operations, {investment} in "
        "investment."
    )
    whole, operating, investment = (tk.h.budget_percent(part.share) for part in parts)
    return words.format(whole=whole, operating=operating, investment=investment)


def _blocks(chapters: Sequence[Voted], norm: str) -> list[Page]:
    blocks = []
    for (section, sense), kept in groupby(chapters, key=lambda v: (v.section, v.sense)):
        words = tk._("{section}: {sense}")
        title = words.format(section=wording.section_name(section, norm), sense=wording.sense_name(sense).lower())
        blocks.append({"title": title, "chapters": list(kept)})
    return blocks


def _named(text: str) -> str:
    """«DM 2» in words."""
    stage, number = stage_of(text.replace(" ", "-")) or (text, 0)
    return wording.stage_name(stage, number)


def _link(document: BudgetDocument) -> Page:
    name = wording.stage_name(document.stage, document.dm_number)
    return {"name": name, "url": addresses.of_document(document), "exercice": document.exercice}
