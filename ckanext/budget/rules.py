"""The rules that a portal may replace by files of its own: categories, formulas, prices, strata, synonyms
(settings)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.exceptions import CkanConfigurationException

from ckanext.budget.figures import categories as _categories
from ckanext.budget.figures import definitions as _formulas
from ckanext.budget.figures import prices as _prices
from ckanext.budget.figures import strata as _strata
from ckanext.budget.figures import synonyms as _synonyms
from ckanext.budget.jsonfile import JsonFileError


def categories() -> _categories.Categories:
    """Functions in plain words."""
    return _chosen("categories_path", _categories.load, _categories.shipped)


def formulas() -> _formulas.Formulas:
    """Figures and ratios."""
    return _chosen("formulas_path", _formulas.load, _formulas.shipped)


def prices() -> _prices.Prices:
    """The price index of constant euros."""
    return _chosen("prices_path", _prices.load, _prices.shipped)


def strata() -> _strata.Strata:
    """Groups that budgets are compared within."""
    return _chosen("strata_path", _strata.load, _strata.shipped)


def synonyms() -> _synonyms.Synonyms:
    """Everyday words, for the search."""
    return _chosen("synonyms_path", _synonyms.load, _synonyms.shipped)


def _chosen(setting: str, load: Callable[[Path], Any], shipped: Callable[[], Any]) -> Any:
    path = tk.config[f"ckanext.budget.{setting}"]
    return _loaded(load, Path(path)) if path else shipped()


@lru_cache(maxsize=16)
def _loaded(load: Callable[[Path], Any], path: Path) -> Any:
    return load(path)


def check() -> None:
    """Refuse to start with a file that can't be used: a sentence says which, where and why."""
    for chosen in (categories, formulas, prices, strata, synonyms):
        _check(chosen)


def _check(chosen: Callable[[], Any]) -> None:
    try:
        chosen()
    except JsonFileError as error:
        raise CkanConfigurationException(f"ckanext.budget.{chosen.__name__}_path can't be used: {error}") from error
