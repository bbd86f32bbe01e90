"""What the page of a territory shows: who publishes there, how many of those who should, what came last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.budget.coverage import actions, asked, scope
from ckanext.budget.coverage.access import Viewer
from ckanext.budget.coverage.region import Region
from ckanext.budget.figures import documents
from ckanext.budget.figures.document import Document, order, prevailing
from ckanext.budget.registry import headlines, line_search, publishers
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.registry.publishers import Publisher
from ckanext.budget.territory.directory import directory
from ckanext.budget.territory.expected import EXPECTED
from ckanext.budget.territory.model import Territory
from ckanext.budget.views import addresses, territory_map, wording
from ckanext.budget.views.coverage_words import slot_name

Page = dict[str, Any]
ROWS = 50


def build(code: str, number: int) -> Page | None:
    """What ``budget/pages/territory.html`` shows of a région (``R44``), a département (``55``) or an EPCI (its SIREN);
    None when there is none. ``number``: page of the list."""
    try:
        codes = scope.configured([code])
    except scope.UnknownCodeError:
        return None
    within = scope.of_codes(codes)
    there = publishers.publishers()
    publishing = [place for place in within.places if place.siren in there]
    pages = max(1, -(-len(publishing) // ROWS))
    at = min(max(number, 1), pages)
    shown = publishing[(at - 1) * ROWS : at * ROWS]
    region = Region(asked.read({"limit": 0}, actions.today()), Viewer(), actions.today(), within)
    return {
        **_named(codes, within),
        "n": len(publishing),
        "n_words": wording.count(len(publishing), tk.h.lang()),
        "known": wording.count(len(within.places), tk.h.lang()),
        "rates": _rates(region, there),
        "map": territory_map.build(within, region.concerned.likely, there) if codes.regions else None,
        "rows": _rows(shown, there),
        "latest": _latest([place.siren for place in publishing]),
        "page": at,
        "pages": pages,
    }


def _named(codes: scope.Codes, within: scope.Scope) -> Page:
    """``name``, ``code``, ``about``, the dashboard's address, the territories ``around`` and ``inside``."""
    if codes.epcis:
        (siren,) = codes.epcis
        found = directory().by_siren(siren)
        place = found.departement if found else None
        return {
            "name": found.name if found else siren,
            "about": wording.territory_kind(found.kind) if found else "",
            "code": siren,
            "dashboard": tk.h.url_for("budget_pages.dashboard", epci=siren),
            "around": _link(place.name, place.code) if place else None,
            "inside": [],
        }
    if codes.regions:
        (code,) = codes.regions
        region = next(p.region for p in within.places if p.region and p.region.code == code)
        return {
            "name": region.name,
            "about": tk._("région"),
            "code": f"R{code}",
            "dashboard": tk.h.url_for("budget_pages.dashboard", region=code),
            "around": None,
            "inside": [_link(f"{p.name} ({p.code})", p.code) for p in within.departements],
        }
    (code,) = codes.departements
    place = directory().departement_named(code)
    region = next((p.region for p in within.places if p.region), None)
    return {
        "name": place.name if place else code,
        "about": tk._("département"),
        "code": code,
        "dashboard": tk.h.url_for("budget_pages.dashboard", departement=code),
        "around": _link(region.name, f"R{region.code}") if region else None,
        "inside": [_link(epci.name, epci.code) for epci in within.epcis.get(code, [])],
    }


def _link(name: str, code: str) -> Page:
    return {"name": name, "url": tk.h.url_for("budget_pages.territory", code=code)}


def _rates(region: Region, there: Mapping[str, Publisher]) -> Page:
    """Of those whom the law likely asks to publish, how many do: at all, and by exercice and étape."""
    lang = tk.h.lang()
    likely = [place.siren for place in region.concerned.likely]
    rates = region.select().rates[None]
    rows: dict[int, list[str]] = {}
    for exercice, _, bit in region.chosen:
        due, published = rates.due[bit], rates.published[bit]
        said = wording.percent(Decimal(published) / due, lang) if due else tk._("expected")
        rows.setdefault(exercice, []).append(f"{said} ({published}/{due})" if due else said)
    publishing = sum(siren in there for siren in likely)
    return {
        "likely": wording.count(len(likely), lang),
        "publishing": wording.count(publishing, lang),
        "rate": wording.percent(Decimal(publishing) / len(likely), lang) if likely else "",
        "slots": [slot_name(slot) for slot in EXPECTED],
        "rows": sorted(rows.items(), reverse=True),
    }


def _rows(shown: Sequence[Territory], there: Mapping[str, Publisher]) -> list[Page]:
    """One row a collectivité: its latest principal document, with its headline figures."""
    years = sorted({there[place.siren].last for place in shown})
    found = documents.find(model.Session(), sirens=[p.siren for p in shown], exercices=years, annexe=False)
    last: dict[str, Document] = {}
    for document in sorted(prevailing(d for d in found if d.stage not in ("BS", "DM")), key=order):
        last[document.siren or ""] = document
    sums = headlines.of_documents([d.id for d in last.values()])
    return [_row(place, there[place.siren], last.get(place.siren), sums) for place in shown]


def _row(
    place: Territory, published: Publisher, document: Document | None, sums: Mapping[str, headlines.Headline]
) -> Page:
    found = sums.get(document.id) if document else None
    return {
        "name": place.name,
        "kind": wording.territory_kind(place.kind),
        "url": addresses.of_budget(place.siren),
        "years": str(published.last) if published.first == published.last else f"{published.first}–{published.last}",
        "latest": f"{wording.stage_name(document.stage)} {document.exercice}" if document else "",
        "expenditure": found.expenditure if found else None,
        "receipts": found.receipts if found else None,
    }


def _latest(sirens: Sequence[str]) -> list[Page]:
    found = line_search.latest(sa.and_(publishers.PUBLIC, BudgetDocument.siren.in_(list(sirens))))
    return [
        {
            "title": f"{wording.stage_name(one.stage, one.dm_number)} {one.exercice}, {one.name}",
            "url": addresses.of_document(one),
            "day": wording.date(one.converted.date(), tk.h.lang()) if one.converted else "",
        }
        for one in found
    ]
