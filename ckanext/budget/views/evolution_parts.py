"""What a budget is made of over its years: by function in plain words, or by chapter; a small trend a row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.budget import rules
from ckanext.budget.figures import queries, series, tree
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.groups import Group
from ckanext.budget.figures.series import Series
from ckanext.budget.views import evolution, sparkline
from ckanext.budget.views.kept import Kept

if TYPE_CHECKING:
    from ckanext.budget.views.evolution import Shown

Page = dict[str, Any]
AMOUNTS = ("mtreal", "mtprev", "mtpropnouv")
#: about a hundred groups each
_KEPT = Kept[list[Group]](512)
#: value of ``bloc`` in the address → section and sense
BLOCKS = {"df": ("F", "D"), "rf": ("F", "R"), "di": ("I", "D"), "ri": ("I", "R")}
#: the figure that the rows of a block add up to
TOTALS = {
    "df": "operating_expenditure",
    "rf": "operating_receipts",
    "di": "investment_expenditure",
    "ri": "investment_receipts",
}
FUNCTION, CHAPTER = "fonction", "chapitre"


def build(shown: Shown, figures: Mapping[str, Series]) -> Page:
    """``rows`` (``code``, ``name``, ``amounts`` by year, ``spark``, ``change``) and their ``total``, the other views
    and what joins."""
    documents = shown.time.line(shown.line)
    functions = _blocks(documents.values(), "fonction")
    categories = rules.categories()
    untold = [y for y, d in documents.items() if not tree.has_functions(functions[d.id], d, categories)]
    possible = len(untold) < len(documents)
    by = CHAPTER if not possible or tk.request.args.get("par") == CHAPTER else FUNCTION
    asked = tk.request.args.get("bloc", "")
    block = asked if asked in BLOCKS else "df"
    section, sense = BLOCKS[block]
    told = {"line": shown.line, "euros": shown.euros, "lang": tk.h.lang()}
    if by == FUNCTION:
        found = series.of_categories(shown.time, functions, section, sense, categories=categories, **told)
    else:
        # what joins two chapters is whether both are there, be it in the other series
        both = _blocks([*shown.time.accounts.values(), *shown.time.budgets.values()], "chapter", "chapter_label")
        found = series.of_chapters(shown.time, both, section, sense, formulas=rules.formulas(), **told)
    return {
        "by": by,
        "possible": possible,
        "sense": sense.lower(),
        "block": _names()[block],
        "views": [_view(shown, par, by) for par in (FUNCTION, CHAPTER)] if possible else [],
        "blocks": [
            {"name": name, "url": evolution.address(shown, "b-parts", bloc=key), "current": key == block}
            for key, name in _names().items()
        ],
        "rows": [_row(shown, one, untold if by == FUNCTION else ()) for one in found],
        "total": _row(shown, figures[TOTALS[block]], ()),
        "untold": _spans(untold) if by == FUNCTION else "",
        "joined": [one.code for one in found if " + " in one.code],
    }


def titles(page: Page) -> list[str]:
    """What is shown, in words."""
    by = tk._("By chapter") if page["by"] == CHAPTER else tk._("By function, in plain words")
    return [tk._("What it is made of, year after year"), page["block"], by]


def _view(shown: Shown, par: str, by: str) -> Page:
    name = tk._("By function, in plain words") if par == FUNCTION else tk._("By chapter")
    return {"name": name, "url": evolution.address(shown, "b-parts", par=par), "current": par == by}


def _blocks(documents: Iterable[Document], *by: str) -> dict[str, list[Group]]:
    """Groups of the blocks by id of document."""

    def make(missing: Sequence[Document]) -> Mapping[str, list[Group]]:
        return queries.blocks_of(model.Session(), [d.id for d in missing], by, AMOUNTS)

    return _KEPT.of(list(documents), by, make)


def _names() -> dict[str, str]:
    return {
        "df": tk._("Operating expenditure"),
        "rf": tk._("Operating receipts"),
        "di": tk._("Investment expenditure"),
        "ri": tk._("Investment receipts"),
    }


def _row(shown: Shown, one: Series, untold: Collection[int]) -> Page:
    """``untold``: the years that do not tell what their lines are for, which is not zero; all they state is without
    function, and its end is no fall."""
    if untold and one.code == tree.NONE:
        return _none(shown, one, untold)
    years = shown.time.years
    amounts: list[Decimal | None] = [
        None if point.exercice in untold else shown.amount(point) for point in one.points
    ]
    there = {year: value for year, value in zip(years, amounts, strict=True) if value is not None}
    told = list(there.values())
    change = evolution.percent_change(told[0], told[-1]) if len(told) > 1 and told[0] > 0 <= told[-1] else ""
    return {
        "code": "" if one.code == tree.NONE or not one.code[:1].isdecimal() else one.code,
        "name": one.label or (tk._("Without function") if one.code == tree.NONE else ""),
        "amounts": amounts,
        "spark": sparkline.draw(there, years[0], years[-1]),
        "change": change,
    }


def _none(shown: Shown, one: Series, untold: Collection[int]) -> Page:
    """What has no function, because some years' files give none: nothing to compare from one year to another."""
    name = tk._("Without function (the files of {years} give none)").format(years=_spans(untold))
    amounts = [shown.amount(point) for point in one.points]
    return {"code": "", "name": name, "amounts": amounts, "spark": None, "change": tk._("does not compare")}


def _spans(years: Collection[int]) -> str:
    """«2015–2021, 2023»."""
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and year == spans[-1][-1] + 1:
            spans[-1].append(year)
        else:
            spans.append([year])
    return ", ".join(str(span[0]) if len(span) == 1 else f"{span[0]}–{span[-1]}" for span in spans)
