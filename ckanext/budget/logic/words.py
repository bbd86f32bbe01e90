"""Actions on words: the glossary and the data dictionary."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.budget.words import dictionary, glossary


@tk.side_effect_free
def budget_glossary_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The words of local budgets: ``version``, ``articles`` (which numbering is cited), ``lang`` and ``terms`` (``id``,
    ``name``, ``definition`` in at most 40 words, ``source``, ``see``: ids of related words).

    :param lang: ``fr`` or ``en`` (optional, default: ``fr``)
    :type lang: string
    """
    tk.check_access("budget_glossary_show", context, data_dict)
    lang = _language(data_dict)
    said = glossary.data()
    terms = [{**asdict(term), "see": list(term.see)} for term in glossary.terms(lang).values()]
    return {"version": said["version"], "articles": said["articles"], "lang": lang, "terms": terms}


@tk.side_effect_free
def budget_dictionary_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The columns of the standard CSV: ``version``, ``schema``, ``lang`` and ``columns`` (``name``, ``title``,
    ``meaning``, ``stages``: at which stages it says something, ``unit``, ``type``, ``required``, ``values``,
    ``example``), in the order of the file.

    :param lang: ``fr`` or ``en`` (optional, default: ``fr``)
    :type lang: string
    """
    tk.check_access("budget_dictionary_show", context, data_dict)
    lang = _language(data_dict)
    said = dictionary.data()
    columns = [column.to_dict() for column in dictionary.columns(lang).values()]
    return {"version": said["version"], "schema": said["schema"], "lang": lang, "columns": columns}


def _language(data_dict: DataDict) -> str:
    return glossary.language(str(data_dict.get("lang") or "fr"))
