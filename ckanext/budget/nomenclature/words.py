"""What ``ckan budget plans`` says, in French, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ckanext.budget.nomenclature.changes import Changes, places
from ckanext.budget.nomenclature.gather import title
from ckanext.budget.nomenclature.importing import Imported, Outcome, Status
from ckanext.budget.nomenclature.show import Year
from ckanext.budget.nomenclature.table import Fact

#: how many codes of a list are shown
SHOWN = 20
_MORE = "        … et {n} autre(s) : --json les donne tous"

#: one, several
KINDS = {
    "C": ("chapitre par nature", "chapitres par nature"),
    "A": ("compte", "comptes"),
    "F": ("chapitre par fonction", "chapitres par fonction"),
    "G": ("article par fonction", "articles par fonction"),
    "R": ("rubrique fonctionnelle", "rubriques fonctionnelles"),
}
PLACES = {
    "DR": "dépense réelle",
    "RR": "recette réelle",
    "DOES": "dépense d’ordre entre sections",
    "ROES": "recette d’ordre entre sections",
    "DOIS": "dépense d’ordre à l’intérieur de la section",
    "ROIS": "recette d’ordre à l’intérieur de la section",
}
SECTIONS = {"I": "investissement", "F": "fonctionnement"}
_EQUIPMENT = {"D": "dépense d’équipement", "R": "recette d’équipement"}
_STATUS: dict[Status, str] = {
    "added": "nouveau plan",
    "replaces_shipped": "remplace le plan livré avec l’extension",
    "replaces_imported": "remplace le plan importé auparavant",
    "unchanged": "déjà là, rien ne change",
}


def counted(number: int, one: str, several: str) -> str:
    """«1 compte», «1 250 comptes»."""
    return f"{number:,} {one if number < 2 else several}".replace(",", "\u202f")


def sizes(kinds: Iterable[str]) -> str:
    """«35 chapitres par nature, 1 250 comptes…» of a plan."""
    found = list(kinds)
    return ", ".join(counted(found.count(kind), *words) for kind, words in KINDS.items() if kind in found)


def outcome(done: Outcome, *, dry_run: bool) -> Iterator[str]:
    """An import: each plan, then what was written."""
    for each in done.plans:
        yield from _imported(each)
    if done.before == done.after:
        yield "Rien à faire : tous ces plans sont déjà là."
    elif dry_run:
        yield f"Essai seulement (--dry-run) : rien n’est écrit dans {done.table}."
    else:
        yield f"Écrit dans {done.table}. Version des plans : {done.after} (auparavant {done.before})."


def _imported(each: Imported) -> Iterator[str]:
    yield f"{each.given.title} : {_STATUS[each.status]} ({sizes(kind for kind, _ in each.given.facts)})"
    if each.status == "unchanged":
        return
    if each.compared is None:
        yield "    Aucune autre année de ce plan n’est connue : rien à comparer."
        return
    yield f"    Par rapport au plan {each.compared} :"
    yield from changes(each.changes)


def changes(found: Changes) -> Iterator[str]:
    """What differs: a count, then the first codes of each list."""
    if not any(found):
        yield "      aucune différence"
        return
    yield from _list("code ajouté", "codes ajoutés", [f"+ {_named(fact)}" for fact in found.added])
    yield from _list("code supprimé", "codes supprimés", [f"- {_named(fact)}" for fact in found.removed])
    labels = [f"{_code(new)} : « {old.label} » → « {new.label} »" for old, new in found.labels]
    yield from _list("libellé changé", "libellés changés", labels)
    moved = [f"{_named(new)} : {_moved(old, new)}" for old, new in found.chapters]
    yield from _list("changement de chapitre ou de section", "changements de chapitre ou de section", moved)
    others = [f"{_named(new)} : {_others(old)} → {_others(new)}" for old, new in found.others]
    yield from _list("changement de parent ou d’équipement", "changements de parent ou d’équipement", others)


def years(shown: list[Year]) -> Iterator[str]:
    """``plans show NORM``: the years of a declination, one line each."""
    yield f"{title(shown[0].key)} :"
    for each in shown:
        change = f" ; depuis {each.before} : {summary(each.changes)}" if each.changes else ""
        yield f"    {each.year} : {sizes(each.counts.elements())}{change}"


def year(shown: Year) -> Iterator[str]:
    """``plans show NORM YEAR``: a year, and what changed since the one before."""
    yield f"{title(shown.key, shown.year)} : {sizes(shown.counts.elements())}"
    if shown.changes is None:
        yield "    Première année connue de ce plan : rien à comparer."
        return
    yield f"    Par rapport au plan {shown.before} :"
    yield from changes(shown.changes)


def summary(found: Changes) -> str:
    """The same in one line: «3 ajoutés, 1 supprimé»."""
    parts = [
        (len(found.added), "ajouté", "ajoutés"),
        (len(found.removed), "supprimé", "supprimés"),
        (len(found.labels), "libellé changé", "libellés changés"),
        (len(found.chapters), "chapitre ou section changé", "chapitres ou sections changés"),
        (len(found.others), "parent ou équipement changé", "parents ou équipements changés"),
    ]
    return ", ".join(counted(*part) for part in parts if part[0]) or "aucune différence"


def _list(one: str, several: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"      {counted(len(lines), one, several)}"
    yield from (f"        {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield _MORE.format(n=len(lines) - SHOWN)


def _code(fact: Fact) -> str:
    return f"{KINDS[fact.kind][0]} {fact.code}"


def _named(fact: Fact) -> str:
    return f"{_code(fact)} « {fact.label} »"


def _moved(old: Fact, new: Fact) -> str:
    """The chapters of an account that differ, or the section of a chapter."""
    if new.kind in "CF":
        return " → ".join(SECTIONS.get(fact.places, "sans section") for fact in (old, new))
    before, after = (places(fact)["chapters"] for fact in (old, new))
    differing = [(PLACES[n], before.get(n, "aucun"), after.get(n, "aucun")) for n in PLACES]
    return ", ".join(f"{name} {one} → {two}" for name, one, two in differing if one != two)


def _others(fact: Fact) -> str:
    flags = ", ".join(_EQUIPMENT[flag] for flag in fact.flags) or "hors équipement"
    return f"{f'sous {fact.parent}' if fact.parent else 'sans parent'}, {flags}"


def table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """``plans list``: one line a plan or run of years alike."""
    for row in rows:
        name = title((row["norm"], row["declination"]))
        years = span(row["years"])
        lines = sizes_of_accounts(row["accounts"])
        origin = f"importé ({', '.join(row['sources'])})" if row["imported"] else "livré"
        yield f"{name:<24} {years:<12} {lines:<20} {origin}{', remplace le plan livré' if row['replaces'] else ''}"


def sizes_of_accounts(numbers: list[int]) -> str:
    """«1 250 comptes», «1 250 à 1 300 comptes»."""
    low, high = min(numbers), max(numbers)
    return (
        counted(high, *KINDS["A"])
        if low == high
        else f"{low:,} à ".replace(",", "\u202f") + counted(high, *KINDS["A"])
    )


def span(years: list[int]) -> str:
    """«2013–2024», «2015, 2017–2019»."""
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][1] == year - 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)


def entry(shown: dict[str, Any]) -> Iterator[str]:
    """``plans show NORM YEAR CODE``: one entry of a plan."""
    plan = title((shown["norm"], shown["declination"]), shown["asked_year"])
    yield f"{plan}, {KINDS[shown['kind']][0]} {shown['code']} : {shown['label']}"
    if shown["by_parent"]:
        yield f"    {shown['asked']} n’est pas au plan : son parent le plus proche répond"
    if shown["year"] != shown["asked_year"]:
        yield f"    Absent du plan {shown['asked_year']} : lu dans celui de {shown['year']}"
    if "section" in shown:
        yield f"    Section : {SECTIONS.get(shown['section'], 'non dite')}"
    for name, chapter in shown.get("chapters", {}).items():
        section = SECTIONS.get(chapter["section"], "section non dite")
        yield f"    {PLACES[name].capitalize()} : chapitre {chapter['code']} {chapter['label']} ({section})"
    if shown["parent"]:
        yield f"    Parent : {shown['parent']['code']} {shown['parent']['label']}".rstrip()
    for flag in shown["equipment"]:
        yield f"    Compte de {_EQUIPMENT[flag]}"
    for each in shown["spans"]:
        years = span(each["years"])
        yield f"    {years} : {each['label']}"
