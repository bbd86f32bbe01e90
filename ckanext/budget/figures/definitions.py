"""Figures and ratios as data (``data/formulas.json``): what each is called, means, needs, and how it is made.

Pages show «formule et source» from here; a portal may replace the file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from ckanext.budget.figures.categories import norm_of
from ckanext.budget.figures.expressions import Evaluator, Expression, Reference, Sum, Term, piece
from ckanext.budget.jsonfile import JsonFileError, plain, read

FILE = Path(__file__).parent / "data" / "formulas.json"
SCHEMA = Path(__file__).parent / "formulas.schema.json"

#: share: a fraction (shown in percent)
Unit = Literal["euros", "share", "years", "euros_per_inhabitant"]
Words = Mapping[str, str]


@dataclass(frozen=True)
class Figure:
    """A figure. Words are by language (``fr``, ``en``); ``stages`` are the étapes that it is made for."""

    id: str
    family: str
    labels: Words
    meanings: Words
    formulas: Words
    source: str
    unit: Unit
    of: Expression
    over: Expression
    stages: frozenset[str]
    principal_only: bool
    facts: tuple[str, ...]
    needs_lines: bool
    headline: bool
    comparable: bool
    declared: str

    def label(self, lang: str = "fr") -> str:
        """What the figure is called."""
        return _said(self.labels, lang)

    def meaning(self, lang: str = "fr") -> str:
        """What it means, in one sentence."""
        return _said(self.meanings, lang)

    def formula(self, lang: str = "fr") -> str:
        """How it is made, in words."""
        return _said(self.formulas, lang)


@dataclass(frozen=True)
class Join:
    """Chapters that are one over the years, though a change of norm moved accounts between them."""

    chapters: tuple[str, ...]
    labels: Words

    def label(self, lang: str = "fr") -> str:
        """What they are called together."""
        return _said(self.labels, lang)

    @property
    def code(self) -> str:
        """«73 + 731»."""
        return " + ".join(self.chapters)


class Formulas:
    """The figures of a file that follows the schema, in its order."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self.version: str = rules["version"]
        self.figures = {said["id"]: _figure(said) for said in rules["figures"]}
        self.joins = [Join(tuple(said["chapters"]), said["label"]) for said in rules["joins"]]
        self._scope = rules["scope"]
        self._expressions = {figure.id: (figure.of, figure.over) for figure in self}

    def __iter__(self) -> Iterator[Figure]:
        """Every figure, in the order of the file."""
        return iter(self.figures.values())

    def __getitem__(self, figure: str) -> Figure:
        """The figure of an id (KeyError when there is none)."""
        return self.figures[figure]

    def __contains__(self, figure: str) -> bool:
        return figure in self.figures

    @property
    def headlines(self) -> list[Figure]:
        """The first figures of a page, in order."""
        return [figure for figure in self if figure.headline]

    @property
    def comparable(self) -> list[Figure]:
        """Those that may be compared between budgets, per inhabitant."""
        return [figure for figure in self if figure.comparable]

    def evaluator(self, sums: Sum, facts: Mapping[str, Any] | None = None) -> Evaluator:
        """What works the figures out, from the sums of terms and the facts that no line tells."""
        return Evaluator(self._expressions, sums, facts or {})

    def in_scope(self, nomenclature: str, name: str, *, annexe: bool) -> bool:
        """Whether ratios mean something for a budget: not for annexes, lotissements, CCAS, nor norms without them."""
        if annexe or norm_of(nomenclature) not in self._scope["norms"]:
            return False
        if nomenclature.startswith(tuple(self._scope["not_declinations"])):
            return False
        words = _bare(name)
        return not any(re.search(rf"\b{re.escape(left_out)}s?\b", words) for left_out in self._scope["not_names"])

    def join(self, chapter: str) -> Join | None:
        """The join that a chapter is part of; None for one that stands alone."""
        return next((join for join in self.joins if chapter in join.chapters), None)

    def terms(self, figures: list[str]) -> list[Term]:
        """Every term that figures are made of, those of the figures that they refer to among them, each once."""
        found: dict[Term, None] = {}
        for name in figures:
            for one in (*self[name].of, *self[name].over):
                if isinstance(one, Term):
                    found[one] = None
                elif isinstance(one, Reference):
                    found.update(dict.fromkeys(self.terms([one.figure])))
        return list(found)


def _said(words: Words, lang: str) -> str:
    return words.get(lang[:2], words["en"])


def _bare(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace(".", "").replace("’", "'")


def _figure(said: Mapping[str, Any]) -> Figure:
    needs = said.get("needs", {})
    return Figure(
        id=said["id"],
        family=said["family"],
        labels=said["label"],
        meanings=said["meaning"],
        formulas=said["formula"],
        source=said["source"],
        unit=said["unit"],
        of=tuple(map(piece, said["of"])),
        over=tuple(map(piece, said.get("over", ()))),
        stages=frozenset(needs.get("stages", ("BP", "BS", "DM", "CA", "CFU"))),
        principal_only=needs.get("budget") == "principal",
        facts=tuple(needs.get("facts", ())),
        needs_lines=needs.get("lines", False),
        headline=said.get("headline", False),
        comparable=said.get("comparable", False),
        declared=said.get("declared", ""),
    )


#: figures that pages and controls ask for by name: a file without them can't be used
REQUIRED = (
    "expenditure", "receipts", "operating_receipts", "operating_expenditure", "investment_receipts",
    "investment_expenditure", "reserve", "carried_operating", "carried_investment", "sales", "gross_savings",
    "gross_savings_form", "net_savings", "capital", "loans", "debt", "equipment", "equipment_form", "transfer",
    "voted_expenditure", "voted_receipts", "result_operating", "result_investment", "closing_operating",
    "closing_investment", "closing", "remaining_expenditure", "remaining_receipts",
)  # fmt: skip


def load(path: Path) -> Formulas:
    """The figures of a file. Raises :class:`~ckanext.budget.jsonfile.JsonFileError` (unreadable, not as the schema
    says, a figure twice or missing, a formula that goes round in a circle)."""
    rules = read(path, SCHEMA)
    said = [figure["id"] for figure in rules["figures"]]
    twice = next((name for name in said if said.count(name) > 1), None)
    if twice:
        raise JsonFileError(f"{path}: $.figures: “{twice}” is there twice")
    formulas = Formulas(rules)
    missing = [name for name in REQUIRED if name not in formulas]
    if missing:
        raise JsonFileError(f"{path}: $.figures: the pages need {', '.join(missing)}")
    for figure in formulas:
        _check_references(path, formulas, figure, ())
    return formulas


def _check_references(path: Path, formulas: Formulas, figure: Figure, above: tuple[str, ...]) -> None:
    if figure.id in above:
        raise JsonFileError(f"{path}: $.figures: “{figure.id}” is made of itself ({' → '.join((*above, figure.id))})")
    for one in (*figure.of, *figure.over):
        if isinstance(one, Reference):
            if one.figure not in formulas:
                raise JsonFileError(f"{path}: $.figures: “{figure.id}” is made of “{one.figure}”, which is not there")
            _check_references(path, formulas, formulas[one.figure], (*above, figure.id))


@lru_cache(maxsize=1)
def shipped() -> Formulas:
    """The figures that ship."""
    return Formulas(plain(FILE))
