"""Actions on figures: one budget document explained, and sums of several along one dimension.

Amounts are decimal text, in euros (shares are fractions): nothing is rounded on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.budget import config, rules
from ckanext.budget.figures import aggregates, documents, queries, results, statement, values
from ckanext.budget.figures.document import Document, prevailing, stage_of
from ckanext.budget.figures.groups import KEYS_BY_FUNCTION
from ckanext.budget.figures.values import Inhabitants, Value
from ckanext.budget.territory.directory import directory

__all__ = ["budget_aggregate", "budget_show"]

#: most documents of one answer
MOST = 200


@tk.side_effect_free
def budget_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One document of a budget, explained.

    Returns ``document`` (``id``, ``siret``, ``siren``, ``name``, ``exercice``, ``stage``, ``dm_number``, ``etape``,
    ``nomenclature``, ``annexe``, ``draft``, ``amount``: the column stated), ``population`` (``number``, ``year``,
    ``source``, or null), ``figures`` (each ``id``, ``label``, ``unit``, ``value``, ``before`` a year earlier,
    ``change`` as a fraction, ``per_inhabitant``, ``declared`` by the file and ``checked`` with its own population,
    ``formula``, ``meaning``, ``source``, ``headline``; only those that are there), ``blocks`` (the four, by chapter),
    ``affectation`` (of an account), ``links`` (``page``, ``dataset``, ``csv``) and ``versions`` of formulas.

    :param siret: SIRET of the budget
    :type siret: string
    :param siren: or the SIREN of the collectivité: its principal budget
    :type siren: string
    :param exercice: year
    :type exercice: int
    :param etape: ``bp``, ``bs``, ``dm-1``…, ``ca``, ``cfu`` (optional; by default the account of the year, else its
        budget primitif)
    :type etape: string
    """
    tk.check_access("budget_show", context, data_dict)
    document, known = _document(data_dict)
    lang, formulas = config.language(), rules.formulas()
    before = values.comparable_before(document, known)
    ids = [document.id, *([before.id] if before else [])]
    groups = queries.of_documents(model.Session(), ids, KEYS_BY_FUNCTION)
    people = inhabitants(document.siren)
    made = values.of_document(document, groups[document.id], formulas=formulas, inhabitants=people)
    if before:
        earlier = values.of_document(before, groups[before.id], formulas=formulas, inhabitants=people)
        made = values.with_before(made, earlier)
    mine = groups[document.id]
    said = statement.of_groups(mine, document.stage, draft=document.is_draft, formulas=formulas)
    return {
        "document": _identity(document),
        "population": _population(people),
        "figures": [_figure(value, lang) for value in made.values() if value.value is not None],
        "blocks": [_block(block) for block in said.blocks],
        "affectation": _affectation(results.affectation(mine)) if document.account else None,
        "links": _links(document),
        "versions": {"formulas": formulas.version, "categories": rules.categories().version},
    }


@tk.side_effect_free
def budget_aggregate(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Sums of opérations réelles along one dimension, by document: never over several budgets.

    Public documents, and those that the caller may see. Returns ``documents`` (as :py:func:`budget_show` says them),
    ``rows`` (each ``document_id``, ``section`` F or I, ``sense`` R or D, ``code``, ``label``, ``amount``) and
    ``versions``. Without 001, 002 and 1068 (as the figures of the pages).

    :param siren: one or several SIREN (the budgets of a collectivité, annexes included)
    :type siren: list of strings
    :param siret: one or several SIRET
    :type siret: list of strings
    :param exercice: one or several years (optional: all)
    :type exercice: list of ints
    :param etape: ``bp``, ``bs``, ``dm`` (all of them) or ``dm-1``…, ``ca``, ``cfu``; optional: the account of each year
        (a CFU rather than a CA)
    :type etape: string
    :param dimension: ``category`` (functions in plain words), ``function``, ``chapter`` or ``nature``
    :type dimension: string
    :param sense: ``R`` (receipts) or ``D`` (expenditure); optional: both
    :type sense: string
    :param section: ``F`` (fonctionnement) or ``I`` (investissement); optional: both
    :type section: string
    """
    tk.check_access("budget_aggregate", context, data_dict)
    dimension = _one_of(data_dict, "dimension", aggregates.DIMENSIONS)
    section, sense = _one_of(data_dict, "section", ("", "F", "I")), _one_of(data_dict, "sense", ("", "R", "D"))
    found = _visible(context, data_dict)
    categories = rules.categories()
    rows = aggregates.of_documents(
        model.Session(),
        found,
        dimension,
        section=section,
        sense=sense,
        categories=categories,
        lang=config.language(),
    )
    return {
        "documents": [_identity(document) for document in found],
        "rows": [
            {
                "document_id": row.document_id,
                "section": row.section,
                "sense": row.code_rd,
                "code": row.code,
                "label": row.label,
                "amount": str(row.amount),
            }
            for row in rows
        ],
        "versions": {"categories": categories.version},
    }


def inhabitants(siren: str | None) -> Inhabitants | None:
    """The population of a collectivité, of the directory that ships; None when it is not known there."""
    found = directory().by_siren(siren) if siren else None
    if found is None or not found.population:
        return None
    return Inhabitants(found.population, found.population_year, found.population_source)


def dataset_of(data_dict: DataDict) -> str:
    """Id of the dataset of the document asked for. Raises ObjectNotFound."""
    return _document(data_dict)[0].package_id


def _document(data_dict: DataDict) -> tuple[Document, Sequence[Document]]:
    """The document asked for, and those of its budget that year and the year before."""
    year = _years(data_dict, required=True)[0]
    sirens, sirets = _numbers(data_dict, one=True)
    found = documents.find(
        model.Session(),
        sirens=sirens,
        sirets=sirets,
        exercices=[year - 1, year],
        annexe=False if sirens else None,
        public=False,
    )
    kept = [d for d in found if d.exercice == year]
    if data_dict.get("etape"):
        stage = stage_of(str(data_dict["etape"]))
        if stage is None:
            raise tk.ValidationError({"etape": [tk._("Use bp, bs, dm-1, ca or cfu")]})
        kept = [d for d in kept if (d.stage, d.dm_number) == stage]
    order = ("CFU", "CA", "BP", "BS", "DM")
    if not kept:
        raise tk.ObjectNotFound(tk._("This budget document does not exist"))
    return min(kept, key=lambda d: (order.index(d.stage), d.dm_number)), found


def _visible(context: Context, data_dict: DataDict) -> list[Document]:
    sirens, sirets = _numbers(data_dict)
    years, stages, number = _years(data_dict), ("CA", "CFU"), None
    asked = str(data_dict.get("etape") or "").casefold()
    if asked:
        stage = ("DM", None) if asked == "dm" else stage_of(asked)
        if stage is None:
            raise tk.ValidationError({"etape": [tk._("Use bp, bs, dm-1, ca or cfu")]})
        stages, number = (stage[0],), stage[1]
    found = documents.find(
        model.Session(),
        sirens=sirens,
        sirets=sirets,
        exercices=years,
        stages=stages,
        public=False,
        limit=MOST + 1,
    )
    if len(found) > MOST:
        raise tk.ValidationError(
            {"exercice": [tk._("More than {n} documents: ask for fewer years or budgets").format(n=MOST)]}
        )
    seen = {package_id: _may_see(context, package_id) for package_id in {d.package_id for d in found}}
    kept = [d for d in found if seen[d.package_id] and number in (None, d.dm_number)]
    return kept if asked else prevailing(kept)


def _may_see(context: Context, package_id: str) -> bool:
    try:
        return tk.check_access("package_show", tk.fresh_context(context), {"id": package_id})
    except tk.NotAuthorized:
        return False


# -- what is asked


def _numbers(data_dict: DataDict, *, one: bool = False) -> tuple[list[str], list[str]]:
    """SIREN and SIRET asked for, blanks apart."""
    sirens, sirets = (
        ["".join(str(text).split()) for text in _list(data_dict.get(name))] for name in ("siren", "siret")
    )
    wrong = [("siren", text) for text in sirens if not _digits(text, 9)]
    wrong += [("siret", text) for text in sirets if not _digits(text, 14)]
    if wrong:
        raise tk.ValidationError({wrong[0][0]: [tk._("A SIREN has 9 digits, a SIRET has 14")]})
    if not sirens and not sirets or (one and len(sirens) + len(sirets) > 1):
        said = tk._("Give one SIREN or one SIRET") if one else tk._("Give a SIREN or a SIRET")
        raise tk.ValidationError({"siret": [said]})
    return sirens, sirets


def _digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdecimal()


def _years(data_dict: DataDict, *, required: bool = False) -> list[int]:
    given = [str(text).strip() for text in _list(data_dict.get("exercice"))]
    if not all(_digits(text, 4) for text in given) or (required and len(given) != 1):
        raise tk.ValidationError({"exercice": [tk._("Give a year, with four digits")]})
    return [int(text) for text in given]


def _list(value: Any) -> list[Any]:
    """Several values: a list, or text with commas or blanks (in an address)."""
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return value.replace(",", " ").split()
    return list(value) if isinstance(value, Iterable) else [value]


def _one_of(data_dict: DataDict, name: str, allowed: Sequence[Any]) -> Any:
    value = str(data_dict.get(name) or "")
    if value not in allowed:
        words = ", ".join(word for word in allowed if word)
        raise tk.ValidationError({name: [tk._("Choose among: {words}").format(words=words)]})
    return value


# -- what is said


def _identity(document: Document) -> dict[str, Any]:
    names = ("id", "siret", "siren", "name", "exercice", "stage", "dm_number", "nomenclature", "amount", "package_id")
    said = {name: getattr(document, name) for name in names}
    return {**said, "etape": document.slug, "annexe": document.is_annexe, "draft": document.is_draft}


def _population(people: Inhabitants | None) -> dict[str, Any] | None:
    return {"number": people.number, "year": people.year, "source": people.source} if people else None


def _figure(value: Value, lang: str) -> dict[str, Any]:
    figure = value.figure
    numbers = ("value", "before", "change", "per_inhabitant", "declared", "checked")
    return {
        "id": figure.id,
        "label": figure.label(lang),
        "unit": figure.unit,
        **{name: _text(getattr(value, name)) for name in numbers},
        "formula": figure.formula(lang),
        "meaning": figure.meaning(lang),
        "source": figure.source,
        "headline": figure.headline,
    }


def _block(block: statement.Block) -> dict[str, Any]:
    names = ("amount", "opened", "executed", "remaining", "rate")
    return {
        "section": block.section,
        "sense": block.sense,
        "total": _text(block.total),
        "chapters": [
            {"code": c.code, "label": c.label, **{name: _text(getattr(c, name)) for name in names}}
            for c in block.chapters
        ],
    }


def _affectation(said: results.Affectation) -> Mapping[str, Any]:
    names = ("closing_operating", "closing_investment", "remaining_expenditure", "remaining_receipts")
    return {name: _text(getattr(said, name)) for name in (*names, "balance", "need", "to_reserve", "to_carry")}


def _links(document: Document) -> dict[str, str | None]:
    csv = document.csv_resource_id
    site = tk.config.get("ckan.site_url", "").rstrip("/")
    number = document.siret or document.siren
    return {
        "page": f"{site}/budgets/{number}/{document.exercice}/{document.slug}" if document.siret else None,
        "dataset": tk.h.url_for("budget.read", id=document.package_id, qualified=True),
        "csv": tk.h.url_for("budget_resource.read", id=document.package_id, resource_id=csv, qualified=True)
        if csv
        else None,
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
