"""docs/figures.md, from the rules that ship: ``python -m dev.figures`` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ckanext.budget.figures import categories, definitions, prices, strata, synonyms
from ckanext.budget.figures.definitions import Figure

TARGET = Path(__file__).parents[1] / "docs" / "figures.md"

HEAD = """\
# Figures

*Written by `python -m dev.figures` from the rules that ship; change those, not this page.*

Every figure of the pages and of the API is made of the lines of one document, to the cent. Which amount a line gives
depends on the étape: executed (`MtReal`) in a compte administratif or financier unique, voted (`MtPrev`) in a budget
primitif, budget supplémentaire or décision modificative (proposed, `MtPropNouv`, in a draft). *Real* lines are
neither opérations d'ordre nor the results carried over (001, 002). A figure whose étape, annexe or lines are not there
is left out: it is never zero instead. Principal budgets and annexes are never added up, and ratios are for principal
budgets only (not for lotissements, CCAS, the M4 norms).

| rules | file | setting | version |
|---|---|---|---|
{rules}

A portal replaces a file by one of its own with the setting; the file follows the JSON Schema beside the shipped one
(`ckanext/budget/figures/*.schema.json`). One that can't be used stops CKAN with a sentence. The controls of
[quality](quality.md) always use the formulas that ship.

By API: `budget_show?siret=…&exercice=2022&etape=ca` gives the figures of a document with their formulas and sources,
`budget_aggregate?siren=…&dimension=category` (or `function`, `chapter`, `nature`) the sums of the documents of one or
several budgets, document by document.
"""

FAMILIES = {
    "block": "Receipts and expenditure",
    "carried": "Carried over",
    "savings": "Savings",
    "debt": "Debt",
    "investment": "Investment",
    "vote": "Voted",
    "result": "Results (compte administratif, compte financier unique)",
    "execution": "Execution",
    "ratio": "Ratios",
}
COLUMNS = "| figure | id | unit | étapes | formula | source |\n|---|---|---|---|---|---|"
UNITS = {"euros": "€", "share": "%", "years": "years", "euros_per_inhabitant": "€ per inhabitant"}


def page() -> str:
    """The whole page."""
    formulas = definitions.shipped()
    index, groups, plain = prices.shipped(), strata.shipped(), categories.shipped()
    rules = "\n".join(
        f"| {name} | `ckanext/budget/figures/data/{file}.json` | `ckanext.budget.{file}_path` | {version} |"
        for name, file, version in (
            ("figures and ratios", "formulas", formulas.version),
            ("functions in plain words", "categories", plain.version),
            ("price index", "prices", index.version),
            ("strata of population", "strata", groups.version),
            ("everyday words of the search", "synonyms", synonyms.shipped().version),
        )
    )
    parts = [HEAD.format(rules=rules)]
    for family, title in FAMILIES.items():
        rows = "\n".join(_row(figure) for figure in formulas if figure.family == family)
        parts.append(f"## {title}\n\n{COLUMNS}\n{rows}\n")
    parts += [*_categories(plain), *_rest(index, groups, formulas)]
    return "\n".join(parts)


def _row(figure: Figure) -> str:
    every = len(figure.stages) == len(("BP", "BS", "DM", "CA", "CFU"))
    stages = "all" if every else " ".join(s for s in ("BP", "BS", "DM", "CA", "CFU") if s in figure.stages)
    name = f"**{figure.label('en')}** (« {figure.label('fr')} ») — {figure.meaning('en')}"
    declared = f" Declared in files as `{figure.declared}`." if figure.declared else ""
    cells = (name, f"`{figure.id}`", UNITS[figure.unit], stages, f"{figure.formula('en')}.{declared}", figure.source)
    return f"| {' | '.join(cells)} |"


def _categories(plain: categories.Categories) -> Iterator[str]:
    norms = list(plain.norms)
    yield "## Functions in plain words\n"
    yield (
        "The longest prefix of a function code wins. In a vote by function, the first two digits are the chapter's "
        "and are left out; chapters that no function has are «not allocated». Norms that are not here have no "
        "functions.\n"
    )
    yield f"| category | key | {' | '.join(norms)} |\n|---|---|{'---|' * len(norms)}"
    lines: list[str] = []
    for category in plain:
        cells = (
            " ".join(sorted(code for code, key in plain.norms[norm].prefixes.items() if key == category.key)) or "–"
            for norm in norms
        )
        lines.append(
            f"| {category.label('en')} (« {category.label('fr')} ») | `{category.key}` | {' | '.join(cells)} |"
        )
    yield "\n".join(lines) + "\n"


def _rest(index: prices.Prices, groups: strata.Strata, formulas: definitions.Formulas) -> Iterator[str]:
    joins = ", ".join(join.code for join in formulas.joins)
    yield (
        "## Years, prices, comparisons\n\n"
        f"- Chapters joined over the years when a budget's norm changes: {joins}. The year of change is each budget's "
        "own.\n"
        "- With a compte administratif and a compte financier unique of one year, the latter prevails. A year without "
        "document is a gap.\n"
        f"- Constant euros: {index.labels['en']}, {index.years[0]}–{index.years[-1]} ({index.source}).\n"
        "- Per inhabitant: the population of the [directory](territory.md), one source and year for all amounts.\n"
        "- Comparisons are per inhabitant only, for one exercice and étape, investissement without debt (16). "
        f"{groups.meaning('en')} Strata: {groups.source}; fewer than {groups.minimum} budgets make no group.\n"
    )


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
