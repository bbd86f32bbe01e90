"""What the page of a document shows, from the registry: figures, words, links; no markup."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import ckan.plugins.toolkit as tk

from ckanext.budget.config import originals_path
from ckanext.budget.figures import charts
from ckanext.budget.figures.document import Document, described
from ckanext.budget.figures.groups import Group
from ckanext.budget.figures.statement import Block, Statement
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import (
    addresses,
    annexes,
    council,
    document_figures,
    hidden,
    history,
    mandate_words,
    origin,
    quality,
    sections,
    state,
    territory,
    wording,
)

ZERO = Decimal(0)
Page = dict[str, Any]


class Shown(NamedTuple):
    """What a section of the page is built from: the document, those of its dataset, the dataset as ``package_show``
    gives it, the groups of its lines (:mod:`ckanext.budget.figures.groups`) and what they say; the same groups by
    function, and the document as figures know it. ``embedded`` makes the addresses of a page that stands on another
    site; None on the portal's own."""

    document: BudgetDocument
    documents: Sequence[BudgetDocument]
    package: Mapping[str, Any]
    groups: Sequence[Group]
    said: Statement
    by_function: Sequence[Group]
    known: Document
    embedded: addresses.Here | None = None

    def here(self, anchor: str, query: Mapping[str, str]) -> str:
        """The address of the page that is read, in another state."""
        if self.embedded:
            return self.embedded(anchor, query)
        return addresses.of_document(self.document, "document", _anchor=anchor, **query)


def build(resource: Mapping[str, Any], package: Mapping[str, Any]) -> Page | None:
    """The page of the document that a CSV resource holds; None when the registry does not know it."""
    documents = core.documents_of(package["id"])
    document = state.by_csv(resource, documents)
    return of_document(document, documents, package) if document else None


def of_document(document: BudgetDocument, documents: Sequence[BudgetDocument], package: Mapping[str, Any]) -> Page:
    """What the templates of the sections (:mod:`ckanext.budget.views.sections`) show of a document."""
    shown = read(document, documents, package)
    said = shown.said
    page = {
        **identity(document),
        "said": said,
        "cards": cards(shown),
        "tables": tables(shown),
        "expected": council.expected(shown),
        "beside": _beside(said),
        "siblings": _siblings(document, documents),
        "accounts": _accounts(document, documents),
        "replaced": _replaced(document, documents),
        "level": quality.level(document, documents),
        "controls": quality.in_words(document, documents, package),
        "findings": _findings(document),
        "hidden": _hidden(document),
        "origin": origin.build(shown),
        "annexes": annexes.of_document(document, package),
        "links": _links(document, package),
        "history": history.build(document, documents, package),
        "address": addresses.of_document(document),
        "document_id": document.id,
    }
    return {**page, **sections.build(shown)}


def read(
    document: BudgetDocument,
    documents: Sequence[BudgetDocument],
    package: Mapping[str, Any],
    embedded: addresses.Here | None = None,
) -> Shown:
    """A document with what its lines say."""
    known = described(document)
    found, said = document_figures.groups(known), document_figures.said(known)
    return Shown(document, documents, package, found.without, said, found.by_function, known, embedded)


def identity(document: BudgetDocument) -> Page:
    """Whose document it is, when, what its figures are."""
    stage, year = document.stage, document.exercice
    return {
        "name": document.name,
        "title": state.title(document),
        "stage": stage,
        "exercice": year,
        "siret": document.siret,
        "place": territory.of_siret(document.siret),
        "annexe": None if origin.is_table(document) else document.is_annexe,  # a table does not tell
        "draft": document.is_draft,
        "net_of_vat": document.nomenclature.startswith("M4"),
        "meaning": wording.stage_meaning(stage, year, draft=document.is_draft),
        "voted": _voted_on(document),
        "behalf": mandate_words.behalf(document.on_behalf),
    }


def _voted_on(document: BudgetDocument) -> str | None:
    """Day of the vote, only when it can be true: files give absent and absurd ones."""
    text = (document.header.get("values") or {}).get("DteDec", "")
    try:
        day = dt.date.fromisoformat(text[:10])
    except ValueError:
        return None
    year = document.exercice
    account = document.stage in ("CA", "CFU")
    first = (
        dt.date(year + 1, 1, 2)
        if account
        else dt.date(year - 1, 10, 1)
        if document.stage == "BP"
        else dt.date(year, 1, 2)
    )
    last = dt.date(year + (2 if account else 1), 12, 31) if document.stage != "BP" else dt.date(year, 12, 31)
    return wording.date(day, tk.h.lang()) if first <= day <= last else None


def cards(shown: Shown) -> list[Page]:
    """Both sections as bars on one scale; pieces are chapters, unless an amount is negative."""
    said, norm = shown.said, shown.document.nomenclature
    scale = max((b.total for b in said.blocks), default=ZERO)
    pieces = [charts.stacked([c.amount for c in b.chapters], scale) for b in said.blocks]
    whole = charts.bars([b.total for b in said.blocks])
    stack = all(p is not None for p in pieces)
    bars = [
        {
            "sense": b.sense,
            "name": wording.sense_name(b.sense),
            "total": b.total,
            "pieces": list(zip(p, b.chapters, strict=True)) if stack and p is not None else [],
            "bar": None if stack else w,
        }
        for b, p, w in zip(said.blocks, pieces, whole, strict=True)
    ]
    return [
        {
            "section": "F",
            "name": wording.section_name("F", norm),
            "aim": tk._("the day-to-day services"),
            "bars": bars[:2],
        },
        {
            "section": "I",
            "name": wording.section_name("I", norm),
            "aim": tk._("build, equip, repay"),
            "bars": bars[2:],
        },
    ]


def tables(shown: Shown) -> list[Page]:
    """The four blocks by chapter."""
    return [_table(shown.said, block, shown.document) for block in shown.said.blocks]


def _table(said: Statement, block: Block, document: BudgetDocument) -> Page:
    """A block by chapter; in-row bars share the axis of the table: what was done, over what was opened."""
    count = len(block.chapters)
    opened = [c.opened for c in block.chapters] if said.account else []
    drawn = charts.bars([*(c.amount for c in block.chapters), *opened])
    rows = [
        {
            "chapter": c,
            "bar": bar,
            "opened": drawn[count + rank] if opened else None,
            "share": block.share(c),
            "shade": 0 if opened else charts.shade(rank),
        }
        for rank, (c, bar) in enumerate(zip(block.chapters, drawn[:count], strict=True))
    ]
    section = wording.section_name(block.section, document.nomenclature)
    return {
        "section": block.section,
        "sense": block.sense,
        "title": tk._("{section}: {sense}").format(section=section, sense=wording.sense_name(block.sense).lower()),
        "rows": rows,
        "whole": block.whole,
        "reserve": block.reserve,
        "with_reserve": block.with_reserve,
        "shares": any(row["share"] is not None for row in rows),
        "remaining": said.account and bool(block.whole.remaining),
    }


def _beside(said: Statement) -> list[tuple[str, str, Decimal]]:
    """What the figures leave out, shown apart: (what, what it is, euros)."""
    ordre = tk._("Entries between accounts, without payment: they balance")
    taken_up = tk._("Restes à réaliser: decided last year, still to be paid or received this year")
    rows = [
        (
            tk._("002: operating result carried over"),
            tk._("Surplus or deficit of the years before"),
            said.carried_operating,
        ),
        (
            tk._("001: investment balance carried over"),
            tk._("Surplus or need of the years before"),
            said.carried_investment,
        ),
        (tk._("1068: surplus put in reserve"), tk._("Last year’s surplus, already counted last year"), said.reserve),
        (tk._("Internal entries (ordre): receipts"), ordre, said.ordre_receipts),
        (tk._("Internal entries (ordre): expenditure"), ordre, said.ordre_expenditure),
        (tk._("Last year’s outstanding commitments: expenditure"), taken_up, said.prior_remaining_expenditure),
        (tk._("Last year’s outstanding commitments: receipts"), taken_up, said.prior_remaining_receipts),
    ]
    return [row for row in rows if row[2]]


def _siblings(document: BudgetDocument, documents: Sequence[BudgetDocument]) -> Page:
    """Other documents in force: those of the year, and the same stage (or nearest) of the years around."""
    published = sorted(
        (d for d in documents if d.status == "converted" and d.csv_resource_id), key=core.consolidated_order
    )
    key = core.Key.of(document)
    same_year = [d for d in published if d.exercice == document.exercice and core.Key.of(d) != key]
    years = sorted({d.exercice for d in published} - {document.exercice})
    around = [
        max((y for y in years if y < document.exercice), default=None),
        min((y for y in years if y > document.exercice), default=None),
    ]
    return {
        "stages": [_link(d) for d in sorted([document, *same_year], key=core.consolidated_order)],
        "current": document.id,
        "years": [_link(_like(document, published, y)) for y in around if y is not None],
        "budget": addresses.of_budget(document.siret) if document.siret else None,
    }


def _like(document: BudgetDocument, published: Sequence[BudgetDocument], year: int) -> BudgetDocument:
    candidates = [d for d in published if d.exercice == year]
    account = document.stage in ("CA", "CFU")
    return max(
        candidates,
        key=lambda d: (d.stage == document.stage, (d.stage in ("CA", "CFU")) == account, core.consolidated_order(d)),
    )


def _link(document: BudgetDocument) -> Page:
    return {
        "id": document.id,
        "url": addresses.of_document(document),
        "stage": wording.stage_name(document.stage, document.dm_number),
        "exercice": document.exercice,
    }


def _accounts(document: BudgetDocument, documents: Sequence[BudgetDocument]) -> Page | None:
    """The other account of the year, when there are a CA and a CFU: the CFU prevails (domain §5b)."""
    other = {"CA": "CFU", "CFU": "CA"}.get(document.stage)
    same = (d for d in documents if (d.stage, d.exercice, d.status) == (other, document.exercice, "converted"))
    found = next(same, None)
    return {**_link(found), "prevails": other == "CFU"} if found else None


def _replaced(document: BudgetDocument, documents: Sequence[BudgetDocument]) -> Page | None:
    """Of a version that was replaced: ``by`` (``url`` and day of reception), None when the newer one is elsewhere."""
    if document.status != "superseded":
        return None
    newer = next((d for d in documents if d.id == document.superseded_by), None)
    if newer is None:
        return {"by": None}
    day = wording.date(newer.received.date(), tk.h.lang())
    return {"by": {"url": addresses.of_document(newer), "received": day}}


def _findings(document: BudgetDocument) -> list[dict[str, str]]:
    """Findings in words, the most serious first."""
    order = ("bloquant", "a_verifier", "information")
    rendered = [state.render(f) for f in (document.report or {}).get("findings", [])]
    return sorted(rendered, key=lambda f: order.index(f["level"]) if f["level"] in order else len(order))


def _hidden(document: BudgetDocument) -> Page:
    """What was hidden, what that does to the seal (a table has none), and whether the portal keeps the original."""
    counts = document.occultation or {}
    sealed = None if origin.is_table(document) else hidden.seal(document.seal or {}, counts)
    return {**hidden.words(counts), "seal": sealed, "kept": originals_path() is not None}


def _links(document: BudgetDocument, package: Mapping[str, Any]) -> Page:
    """Files of the document that are still those of their resources, and the addresses of its data."""
    mine = {r["id"]: r for r in package.get("resources", []) if r.get("budget_document_id") == document.id}
    return {
        "csv": mine.get(document.csv_resource_id or "", {}).get("url"),
        "source": mine.get(document.resource_id, {}).get("url"),
        "report": tk.h.url_for("budget_pages.report", document_id=document.id),
        "lines": addresses.of_document(document, "lines"),
        "dataset": tk.h.url_for(f"{package['type']}.read", id=package["name"]),
    }
