"""What is stored, as data: the list of plans, a plan's years, a year, a code."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from ckanext.budget.errors import Refusal
from ckanext.budget.nomenclature.changes import Changes, compare, describe, places
from ckanext.budget.nomenclature.gather import title
from ckanext.budget.nomenclature.plans import Declination, Found, Kind, Library, Plan
from ckanext.budget.nomenclature.table import Fact, Key

KINDS: tuple[Kind, ...] = ("C", "A", "F", "G", "R")
_WITH_PARENTS: tuple[Kind, ...] = ("A", "F", "G", "R")
#: where the plans that ship come from
SHIPPED = "odm-budgetaire.org"


def stored(library: Library) -> list[dict[str, Any]]:
    """One row a declination and origin: its years, the accounts of each, where they come from."""
    rows: list[dict[str, Any]] = []
    for key, years in library.years.items():
        declination = library.declination(key)
        of_origin: dict[tuple[bool, bool], list[int]] = {}
        for year in years:
            imported = library.origin(key, year) is not library.tables[0]
            of_origin.setdefault((imported, imported and ships(library, key, year)), []).append(year)
        for (imported, replaces), its in of_origin.items():
            sources = dict.fromkeys(source.file for year in its if (source := library.source(key, year)))
            rows.append(
                {
                    "norm": key[0],
                    "declination": key[1],
                    "years": its,
                    "accounts": [declination.size(year) for year in its],
                    "imported": imported,
                    "replaces": replaces,
                    "sources": list(sources) or [str(library.origin(key, its[0]).path) if imported else SHIPPED],
                }
            )
    return rows


def ships(library: Library, key: Key, year: int) -> bool:
    """Whether the table that ships has that plan, replaced or not."""
    section = library.tables[0].sections.get(key)
    return section is not None and year in section.years


def keys(library: Library, name: str) -> list[Key]:
    """The declinations that ``name`` means: «M57-M57_D», «M57_D», or a norm («M57»: all of them). Raises
    :class:`Refusal`."""
    wanted = name.upper()
    found = [key for key in library.years if title(key) == wanted]
    found = found or [key for key in library.years if key[0] == wanted]
    found = found or [key for key in library.years if key[1] == wanted]
    if not found:
        raise Refusal("plan_unknown", plan=name)
    return found


def having(library: Library, wanted: list[Key], year: int | None, code: str | None) -> list[Key]:
    """Of several declinations, those that hold a year or a code (in any year, by its parent at need); all of them
    when none does, so that the reason is said."""
    kept = wanted
    if code is not None:
        kept = [key for key in wanted if _answers(library.declination(key), year or 0, code)]
    elif year is not None:
        kept = [key for key in wanted if year in library.years[key]]
    return kept or wanted


class Year(NamedTuple):
    """A year of a declination: how many entries of each kind; ``changes`` since the year ``before`` (None: first)."""

    key: Key
    year: int
    counts: Counter[str]
    before: int | None
    changes: Changes | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "norm": self.key[0],
            "declination": self.key[1],
            "year": self.year,
            "counts": {kind: self.counts[kind] for kind in KINDS},
            "compared_with": self.before,
            "changes": self.changes.to_dict() if self.changes else None,
        }


def years(library: Library, key: Key) -> list[Year]:
    """Each year of a declination."""
    return [year(library, key, each) for each in library.years[key]]


def year(library: Library, key: Key, wanted: int) -> Year:
    """One year of a declination. Raises :class:`Refusal` when it is not stored."""
    declination = library.declination(key)
    if wanted not in declination.years:
        stored_years = ", ".join(map(str, declination.years))
        raise Refusal("plan_year_unknown", plan=title(key), year=str(wanted), years=stored_years)
    facts = declination.facts(wanted)
    before = max((each for each in declination.years if each < wanted), default=None)
    changes = None if before is None else compare(declination.facts(before), facts)
    return Year(key, wanted, Counter(kind for kind, _ in facts), before, changes)


def code(library: Library, key: Key, wanted: int, asked: str) -> list[dict[str, Any]]:
    """A code in the plan of a year: each kind that has it, else its nearest parent account. The nearest year answers
    for one that is not stored, as in a conversion. Raises :class:`Refusal` when nothing answers."""
    declination = library.declination(key)
    found = _answers(declination, wanted, asked)
    if not found:
        raise Refusal("plan_code_unknown", plan=title(key, wanted), entry=asked)
    return [_entry(declination, kind, each, wanted) for kind, each in found]


def _answers(declination: Declination, wanted: int, asked: str) -> list[tuple[Kind, Found]]:
    plan = Plan(declination, wanted, substituted=False)
    found: list[tuple[Kind, Found]] = [(kind, each) for kind in KINDS if (each := plan.find(kind, asked))]
    for kind in () if found else _WITH_PARENTS:
        if (each := plan.find_or_parent(kind, asked)) is not None:
            return [(kind, each)]
    return found


def _entry(declination: Declination, kind: Kind, found: Found, wanted: int) -> dict[str, Any]:
    entry = found.entry
    fact = Fact(kind, entry.code, entry.label, entry.places, entry.parent, entry.flags)
    shown: dict[str, Any] = {
        "norm": declination.norm,
        "declination": declination.name,
        **describe(fact),
        "asked": found.asked,
        "by_parent": found.by_parent,
        "year": found.year,
        "asked_year": wanted,
        "parent": _label(declination, kind, entry.parent, found.year),
        "spans": _spans(declination, kind, entry.code),
    }
    if "chapters" in shown:
        chapter_kind: Kind = "C" if kind == "A" else "F"
        shown["chapters"] = {
            name: _label(declination, chapter_kind, each, found.year)
            for name, each in places(fact)["chapters"].items()
        }
    return shown


def _label(declination: Declination, kind: Kind, asked: str, wanted: int) -> dict[str, str] | None:
    if not asked:
        return None
    found = declination.entry(kind, asked, wanted)
    section = {"section": found.entry.places if found else ""} if kind in "CF" else {}
    return {"code": asked, "label": found.entry.label if found else "", **section}


def _spans(declination: Declination, kind: Kind, asked: str) -> list[dict[str, Any]]:
    """The years of each label of a code."""
    spans: list[dict[str, Any]] = []
    for each in declination.entries(kind, asked):
        its = [year for year in declination.years if each.first <= year <= each.last]
        if spans and spans[-1]["label"] == each.label:
            spans[-1]["years"] += its
        else:
            spans.append({"label": each.label, "years": its})
    return spans
