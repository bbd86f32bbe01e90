"""What the search pages show: collectivités, codes that were found, amounts by budget and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.budget import rules
from ckanext.budget.registry import line_search
from ckanext.budget.registry.line_search import KINDS, Asked, Found, Measure
from ckanext.budget.territory.directory import directory
from ckanext.budget.territory.model import Territory
from ckanext.budget.views import addresses, reading, sparkline, territory, wording

Page = dict[str, Any]
#: collectivités of the directory that a search lists, and budgets a page of totals
PLACES, BUDGETS = 8, 20
SHORTEST, LONGEST = 2, 100
#: value of ``mots`` in the address: the words that were typed, without those that mean the same
EXACT = "exacts"
_IN = {"comptes": "nature", "fonctions": "fonction"}


def search(given: Mapping[str, str]) -> Page:
    """What the template ``budget/pages/search.html`` shows."""
    q = " ".join(given.get("q", "").replace("\0", "").split())[:LONGEST]
    page: Page = {
        "q": q,
        "short": bool(q) and len(q) < SHORTEST,
        "places": [],
        "named": [],
        "codes": [],
        "also": [],
        "found": None,
    }
    if len(q) < SHORTEST:
        return page
    visible = reading.visible_datasets()
    places = directory().search(q, PLACES)
    there = line_search.published([p.siren for p in places if p.siren], visible)
    page["places"] = [_place(p, published=p.siren in there) for p in places]
    page["named"] = [
        {"name": name, "url": addresses.of_budget(siret), "siret": siret}
        for siret, name in line_search.budgets_named(q, visible)
    ]
    also = rules.synonyms().also(q)
    exact = {"mots": EXACT} if also and given.get("mots") == EXACT else {}
    page |= {"also": also, "exact": bool(exact)}
    asked = {kind: line_search.understood(q, kind, () if exact else also) for kind in KINDS}
    by_kind = {kind: line_search.codes(asked[kind], visible) for kind in KINDS}
    page["codes"] = [_codes(kind, by_kind[kind]) for kind in KINDS if by_kind[kind]]
    kind = _kind(given.get("dans", ""), by_kind, q)
    page["kinds"] = {word: tk.h.url_for("budget_pages.search", q=q, dans=word, **exact) for word in _IN}
    if by_kind[kind]:
        page["found"] = totals(asked[kind], given, visible, {"q": q, "dans": _word(kind), **exact})
    page["nothing"] = not (page["places"] or page["named"] or page["codes"])
    return page


def account(code: str, given: Mapping[str, str]) -> Page | None:
    """What the template ``budget/pages/account.html`` shows of an account and those below it; None when no budget that
    the reader may see has it."""
    visible = reading.visible_datasets()
    asked = Asked("nature", code=code)
    found = line_search.codes(asked, visible, limit=50)
    if not found:
        return None
    exact = next((c for c in found if c.code == code), None)
    return {
        "code": code,
        "label": exact.label if exact else "",
        "below": [c for c in _codes("nature", found)["codes"] if c["code"] != code],
        "found": totals(asked, given, visible, {"code": code}),
    }


def totals(asked: Asked, given: Mapping[str, str], visible: Any, state: Mapping[str, str]) -> Page | None:
    """Amounts by budget and year: ``years``, ``rows``, ``measures`` (links), ``pager``; None when there is none."""
    there = line_search.available(asked, visible)
    if not there:
        return None
    wanted = Measure(given.get("mesure", "realise"), given.get("sens", "D"), given.get("operations") == "ordre")
    measure = wanted if wanted in there else there[0]
    number = given.get("page", "")
    page = int(number) if number.isascii() and number.isdecimal() and 0 < int(number) < 10**5 else 1
    n, found = line_search.totals(asked, measure, visible, limit=BUDGETS, offset=(page - 1) * BUDGETS)
    endpoint = "account" if "code" in state else "search"

    def url(chosen: Measure, at: int = 1) -> str:
        given = {**state, **_query(chosen), **({"page": str(at)} if at > 1 else {})}
        return tk.h.url_for(f"budget_pages.{endpoint}", **given)

    years = [year for row in found for year in row.amounts]
    span = range(min(years), max(years) + 1) if years else range(0)
    return {
        "kind": asked.kind,
        "n": n,
        "n_words": wording.count(n, tk.h.lang()),
        "measure": measure,
        "measure_name": measure_name(measure),
        "measures": [{"name": measure_name(m), "url": url(m), "current": m == measure} for m in there],
        "years": list(span),
        "rows": [_row(row, span, asked, measure) for row in found],
        "previous": url(measure, page - 1) if page > 1 else None,
        "next": url(measure, page + 1) if page * BUDGETS < n else None,
    }


def measure_name(measure: Measure) -> str:
    """«Dépenses réalisées»."""
    names = {
        ("realise", "D"): tk._("Expenditure carried out"),
        ("realise", "R"): tk._("Receipts carried out"),
        ("vote", "D"): tk._("Expenditure voted"),
        ("vote", "R"): tk._("Receipts voted"),
    }
    name = names[measure.name, measure.code_rd]
    return tk._("{name}, internal entries (ordre)").format(name=name) if measure.ordre else name


def _query(measure: Measure) -> dict[str, str]:
    every = {
        "mesure": "" if measure.name == "realise" else measure.name,
        "sens": "" if measure.code_rd == "D" else measure.code_rd,
        "operations": "ordre" if measure.ordre else "",
    }
    return {name: value for name, value in every.items() if value}


def _row(row: Found, span: range, asked: Asked, measure: Measure) -> Page:
    spark = sparkline.draw(row.amounts, span.start, span.stop - 1) if span else None
    url = addresses.of_budget(row.siret) if row.siret else _dataset_url(row.package_id)
    return {
        "name": row.name,
        "url": url,
        "place": territory.of_siret(row.siret),
        "amounts": [row.amounts.get(year) for year in span],
        "spark": spark,
    }


def _dataset_url(package_id: str) -> str:
    package = model.Package.get(package_id)
    return tk.h.url_for(f"{package.type}.read", id=package.name) if package else ""


def _place(place: Territory, *, published: bool) -> Page:
    return {
        "name": place.name,
        "kind": wording.territory_kind(place.kind),
        "departement": place.departement.name if place.departement else "",
        "url": addresses.of_budget(place.siren) if published else None,
    }


def _codes(kind: str, found: Sequence[line_search.Code]) -> Page:
    title = (
        tk._("Accounts (what is bought, paid, received)") if kind == "nature" else tk._("Functions (what it is for)")
    )
    return {
        "kind": kind,
        "title": title,
        "codes": [
            {
                "code": c.code,
                "label": c.label,
                "budgets": c.budgets,
                "url": tk.h.url_for("budget_pages.account", code=c.code)
                if kind == "nature"
                else tk.h.url_for("budget_pages.search", q=c.code, dans="fonctions"),
            }
            for c in found
        ],
    }


def _kind(wanted: str, by_kind: Mapping[str, Sequence[Any]], q: str) -> str:
    """Where to add up: where it was asked; else accounts for a code and functions for a word, where there are some."""
    if wanted in _IN:
        return _IN[wanted]
    order = ("nature", "fonction") if line_search.understood(q, "nature").code else ("fonction", "nature")
    return next((kind for kind in order if by_kind[kind]), order[0])


def _word(kind: str) -> str:
    return next(word for word, named in _IN.items() if named == kind)
