"""What the comparison of budgets shows: per inhabitant only, one year and étape, principal budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.budget import rules
from ckanext.budget.figures.categories import norm_of
from ckanext.budget.figures.document import Document
from ckanext.budget.logic.figures import inhabitants
from ckanext.budget.registry import line_search
from ckanext.budget.territory.directory import directory
from ckanext.budget.territory.model import Territory
from ckanext.budget.views import addresses, compare_bars, compare_documents, compare_state, view_export, wording
from ckanext.budget.views.compare_state import GROUPS, MOST, State
from ckanext.budget.views.view_export import Export

Page = dict[str, Any]
FOUND = 12


def build(arguments: Any) -> Page:
    """What ``budget/pages/compare.html`` shows."""
    state = compare_state.read(arguments)
    there = compare_documents.of(state.sirens)
    key = compare_documents.chosen(state, there)
    held = there.get(key, {}) if key else {}
    first = directory().by_siren(state.sirens[0]) if state.sirens else None
    members = compare_documents.members(first, state.group, key) if first and state.group and key else []
    people = {siren: found for siren in state.sirens if (found := inhabitants(siren))}
    names = {siren: _name(siren, there) for siren in state.sirens}
    shown = [held[siren] for siren in state.sirens if siren in held]
    compared = (
        compare_bars.build(shown, names, people, members, replace(state, year=key[0], stage=key[1])) if key else None
    )
    return {
        "state": state,
        "pairs": [pair for pair in state.pairs() if pair[0] != "q"],
        "meaning": rules.strata().meaning(tk.h.lang()),
        "strata": rules.strata().source,
        "chosen": [_one(siren, state, names, held, people) for siren in state.sirens],
        "found": _found(state) if state.q else None,
        "full": len(state.sirens) >= MOST,
        "most": MOST,
        "years": _years(state, there, key),
        "key": key,
        "title": _title(key) if key else "",
        "groups": _groups(state, first),
        "said": _said(state, names, key, held, people),
        "compared": compared,
        "export": _export(state, key, [names[siren] for siren in state.sirens]) if key and compared else None,
    }


def _export(state: State, key: tuple[int, str], names: Sequence[str]) -> Export:
    """The files of the comparison, of the year and étape that are shown."""
    chosen = replace(state, year=key[0], stage=key[1], q="")
    return view_export.of_portal(
        f"{tk._('Compare budgets')}{tk._(': ')}{_title(key)}, {', '.join(names)} ({tk._('euros per inhabitant')})",
        tk._("files deposited by the collectivités; inhabitants: see the page"),
        chosen.lasting,
        view_export.file_name("comparaison", str(key[0]), key[1], *state.sirens, state.group),
        {e: chosen.file(e) for e in view_export.EXTENSIONS},
    )


def _name(siren: str, there: compare_documents.There) -> str:
    known = directory().by_siren(siren)
    if known:
        return known.name
    held = [documents[siren] for documents in there.values() if siren in documents]
    return max(held, key=lambda d: d.exercice).name if held else siren


def _one(
    siren: str, state: State, names: Mapping[str, str], held: Mapping[str, Document], people: Mapping[str, Any]
) -> Page:
    known, found = directory().by_siren(siren), held.get(siren)
    about = [wording.territory_kind(known.kind)] if known else []
    if siren in people:
        one, count = people[siren], wording.count(people[siren].number, tk.h.lang())
        said = tk._("{n} inhabitants in {year}") if one.year else tk._("{n} inhabitants")
        about.append(said.format(n=count, year=one.year))
    return {
        "name": names[siren],
        "about": ", ".join(about),
        "url": _document_url(found) if found else addresses.of_budget(siren),
        "without": state.url(sirens=tuple(s for s in state.sirens if s != siren)),
    }


def _document_url(document: Document) -> str:
    parts = {"number": document.siret or document.siren, "exercice": f"{document.exercice:04d}"}
    return tk.h.url_for("budget_pages.document", etape=document.slug, **parts)


def _found(state: State) -> list[Page]:
    """Published collectivités that a text names: each with the comparison that it would join."""
    public = sa.and_(model.Package.state == "active", model.Package.private.is_(False))
    places = [place for place in directory().search(state.q, FOUND * 3) if place.siren]
    there = line_search.published([place.siren for place in places], public)
    found = {p.siren: (p.name, wording.territory_kind(p.kind)) for p in places if p.siren in there}
    for siret, name in line_search.budgets_named(state.q, public):
        found.setdefault(siret[:9], (name, ""))
    return [
        {"name": name, "kind": kind, "url": state.url(sirens=(*state.sirens, siren))}
        for siren, (name, kind) in list(found.items())[:FOUND]
        if siren not in state.sirens
    ]


def _years(state: State, there: compare_documents.There, key: tuple[int, str] | None) -> list[Page]:
    words = {"compte": tk._("Account {year}"), "bp": tk._("Initial budget {year}")}
    return [
        {
            "name": words[one[1]].format(year=one[0]),
            "number": f"{len(there[one])}/{len(state.sirens)}",
            "url": state.url(year=one[0], stage=one[1]),
            "current": one == key,
        }
        for one in sorted(there, key=lambda one: (-one[0], one[1] == "bp"))
    ]


def _title(key: tuple[int, str]) -> str:
    words = tk._("Carried out in {year}") if key[1] == "compte" else tk._("Planned for {year}")
    return words.format(year=key[0])


def _groups(state: State, first: Territory | None) -> list[Page]:
    """The groups of the first collectivité, to be set beside it."""
    if first is None:
        return []
    stratum = rules.strata().of(first)
    epci = first.epci.name if first.epci else first.name
    names = {
        "strate": tk._("Similar: {stratum}").format(stratum=stratum.label(tk.h.lang())) if stratum else "",
        "type": tk._("Same kind: {kind}").format(kind=wording.territory_kind(first.kind)),
        "epci": tk._("Same intercommunal body: {name}").format(name=epci) if _epci(first) else "",
        "departement": tk._("Same département: {name}").format(name=first.departement.name)
        if first.departement
        else "",
    }
    none = {"name": tk._("No group"), "url": state.url(group=""), "current": not state.group}
    shown = [
        {"name": names[group], "url": state.url(group=group), "current": group == state.group}
        for group in GROUPS
        if names[group]
    ]
    return [none, *shown]


def _epci(first: Territory) -> bool:
    return rules.strata().key(first, "epci") is not None


def _said(
    state: State,
    names: Mapping[str, str],
    key: tuple[int, str] | None,
    held: Mapping[str, Document],
    people: Mapping[str, Any],
) -> list[str]:
    """What is not there, and what can't be compared as it is, in sentences."""
    said: list[str] = []
    if state.left_out:
        said.append(tk._("At most {n} collectivités are compared: the others were left out.").format(n=MOST))
    if key and state.year is not None and (state.year, state.stage or "compte") != key:
        said.append(tk._("Nothing is published for what you asked: this is the nearest choice."))
    absent = [names[siren] for siren in state.sirens if siren not in held]
    if absent:
        said.append(tk._("Not published for this year and stage: {names}.").format(names=", ".join(absent)))
    unknown = [names[siren] for siren in state.sirens if siren in held and siren not in people]
    if unknown:
        text = tk._("Number of inhabitants not known, so nothing per inhabitant: {names}.")
        said.append(text.format(names=", ".join(unknown)))
    return said + _different(state.sirens, names, held)


def _different(sirens: Sequence[str], names: Mapping[str, str], held: Mapping[str, Document]) -> list[str]:
    norms: dict[str, list[str]] = {}
    for siren in sirens:
        if siren in held:
            norms.setdefault(norm_of(held[siren].nomenclature) or held[siren].nomenclature, []).append(names[siren])
    said: list[str] = []
    if len(norms) > 1:
        told = tk._("; ").join(f"{norm}{tk._(': ')}{', '.join(those)}" for norm, those in norms.items())
        text = tk._("They do not follow the same chart of accounts ({norms}): totals compare, details less.")
        said.append(text.format(norms=told))
    kinds = {known.kind for siren in sirens if siren in held and (known := directory().by_siren(siren))}
    if len(kinds) > 1:
        said.append(tk._("They are not of the same kind: they do not have the same duties, nor the same receipts."))
    return said
