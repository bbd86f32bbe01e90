"""The headline figures of a document: last year's beside them, per inhabitant, and a sentence that says the whole."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk
from markupsafe import Markup

from ckanext.budget.figures import values
from ckanext.budget.figures.document import described
from ckanext.budget.figures.values import Inhabitants, Value
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses, document_figures, inhabitants, state, terms, wording

if TYPE_CHECKING:
    from ckanext.budget.views.document_page import Shown

Page = dict[str, Any]
Values = Mapping[str, Value]

#: words of the glossary that name a figure
TERMS = {"gross_savings": "epargne-brute", "closing": "cloture", "repayment_years": "desendettement"}
#: what is told per inhabitant, and compared in percent
_PER_INHABITANT = ("expenditure", "receipts", "investment_expenditure", "gross_savings")


def build(shown: Shown) -> Page:
    """``cards`` (each ``label``, ``value``, ``exact``, ``tone``, ``change`` and ``notes``), ``sentence``,
    ``population`` in words, and ``before``: the document that changes are told from."""
    before = _before(shown)
    people = inhabitants.of_document(shown.document, shown.known)
    found = values_of(shown, before, people)
    year = before.exercice if before else 0
    named = values.headlines(found)
    cards = [_card(value, shown, year) for value in named if value.id != "closing"]
    if not shown.said.account:
        cards.append(_voted(shown))
    elif "closing" in found and found["closing"].value is not None:
        cards.append(_closing(found, shown, year))
    return {
        "cards": [*cards, *_debt(found)],
        "sentence": _sentence(shown, people),
        "population": _population(shown, people),
        "before": {"title": state.title(before), "url": addresses.of_document(before)} if before else None,
    }


def _before(shown: Shown) -> BudgetDocument | None:
    in_force = [d for d in shown.documents if d.status == "converted"]
    found = values.comparable_before(shown.known, map(described, in_force))
    return next((d for d in in_force if found and d.id == found.id), None)


def values_of(shown: Shown, before: BudgetDocument | None, people: Inhabitants | None) -> dict[str, Value]:
    """Every figure of the document, with that of a year earlier."""
    made = document_figures.values(shown.known, people)
    return values.with_before(made, document_figures.values(described(before), people) if before else None)


# -- cards


def _card(value: Value, shown: Shown, year: int) -> Page:
    lang, said = tk.h.lang(), shown.said
    notes: list[str | Markup] = []
    if value.per_inhabitant is not None and value.id in _PER_INHABITANT:
        notes.append(
            tk._("{amount} per inhabitant").format(amount=wording.per_inhabitant(value.per_inhabitant, lang))
        )
    if value.id == "gross_savings":
        notes.append(tk._("operating receipts (sales of assets apart) less operating expenditure"))
    assert value.value is not None
    return {
        "id": value.id,
        "label": _label(value),
        "value": wording.headline(value.value, lang, signed=said.variation),
        "exact": wording.amount(value.value, lang, signed=said.variation),
        "tone": {"expenditure": "budget-d", "investment_expenditure": "budget-d", "receipts": "budget-r"}.get(
            value.id
        ),
        "change": change(value, year),
        "notes": notes,
    }


def _label(value: Value) -> str | Markup:
    label = value.figure.label(tk.h.lang())
    return terms.term(TERMS[value.id], label) if value.id in TERMS else label


def change(value: Value, year: int) -> Page | None:
    """Last year's arrow: its sign, what it says in words, the amount of the year before; a percentage only between two
    positive amounts."""
    lang = tk.h.lang()
    if value.value is None or value.before is None:
        return None
    exact = tk._("{amount} in {year}").format(amount=wording.amount(value.before, lang), year=year)
    if value.value <= 0 or value.before <= 0:
        words = tk._("{amount} in {year}").format(amount=wording.headline(value.before, lang), year=year)
        return {"sign": "", "words": words, "exact": exact}
    percent = (value.value - value.before) / value.before
    if abs(percent) < Decimal("0.0005"):
        return {"sign": "=", "words": tk._("as in {year}").format(year=year), "exact": exact}
    up = percent > 0
    words = tk._("up {percent} on {year}") if up else tk._("down {percent} on {year}")
    said = words.format(percent=wording.percent(abs(percent), lang), year=year)
    return {"sign": "▲" if up else "▼", "words": said, "exact": exact}


def _closing(found: Values, shown: Shown, year: int) -> Page:
    lang, said = tk.h.lang(), shown.said
    remaining = said.remaining_receipts - said.remaining_expenditure
    words = tk._("balance of [outstanding commitments|rar] at 31 December: {amount}")
    note = terms.sentence(words.format(amount=wording.headline(remaining, lang)))
    return {**_card(found["closing"], shown, year), "notes": [note]}


def _voted(shown: Shown) -> Page:
    lang, said = tk.h.lang(), shown.said
    equal = said.voted_expenditure == said.voted_receipts
    if equal:
        words = tk._(
            "[internal entries|ordre] and [amounts carried over|report] included: receipts and expenditure are equal"
        )
        note = terms.sentence(words)
    else:
        words = tk._("[internal entries|ordre] and [amounts carried over|report] included; receipts: {amount}")
        note = terms.sentence(words.format(amount=wording.headline(said.voted_receipts, lang)))
    return {
        "id": "voted",
        "label": tk._("Voted total, on each side") if equal else tk._("Voted total, expenditure"),
        "value": wording.headline(said.voted_expenditure, lang, signed=said.variation),
        "exact": wording.amount(said.voted_expenditure, lang, signed=said.variation),
        "notes": [note],
    }


def _debt(found: Values) -> list[Page]:
    """Years to repay the debt; when nothing is saved, that they can't be told."""
    lang, years, debt = tk.h.lang(), found.get("repayment_years"), found.get("debt")
    if years is None or debt is None or debt.value is None:
        return []
    note = tk._("debt on 31 December: {amount}").format(amount=wording.headline(debt.value, lang))
    card = {"id": years.id, "label": _label(years), "notes": [note]}
    if years.value is not None:
        return [{**card, "value": wording.years(years.value, lang), "exact": wording.amount(debt.value, lang)}]
    savings = found.get("gross_savings")
    if debt.value <= 0 or savings is None or savings.value is None:
        return []
    return [{**card, "value": "–", "exact": "", "notes": [tk._("not computed: operations leave no savings"), note]}]


# -- in a sentence


def _sentence(shown: Shown, people: Inhabitants | None) -> str:
    lang, said, year = tk.h.lang(), shown.said, shown.document.exercice
    if said.variation:
        return _variation(shown)
    if said.expenditure <= 0:
        return ""
    if said.account:
        words = tk._(
            "In {year}, {total} were spent: {operating} to keep the services running, {investment} to build, equip and "
            "repay loans."
        )
    else:
        words = tk._(
            "For {year}, {total} of expenditure are planned: {operating} to keep the services running, {investment} to "
            "build, equip and repay loans."
        )
    told = words.format(
        year=year,
        total=wording.headline(said.expenditure, lang),
        operating=wording.headline(said.block("F", "D").total, lang),
        investment=wording.headline(said.block("I", "D").total, lang),
    )
    per = people.per(said.expenditure) if people else None
    if per is None:
        return told
    more = tk._("That is {amount} for each inhabitant.")
    return f"{told} {more.format(amount=wording.per_inhabitant(per, lang))}"


def _variation(shown: Shown) -> str:
    lang, said = tk.h.lang(), shown.said
    if said.expenditure or said.receipts:
        words = tk._(
            "This decision changes the expenditure of the year by {expenditure} and its receipts by {receipts}."
        )
        amounts = {name: getattr(said, name) for name in ("expenditure", "receipts")}
        return words.format(**{n: wording.amount(a, lang, signed=True) for n, a in amounts.items()})
    if any(chapter.amount for block in said.blocks for chapter in block.chapters):
        return tk._(
            "This decision moves credits from some chapters to others: the total of the budget does not change."
        )
    return tk._("This decision changes no real operation.")


def _population(shown: Shown, people: Inhabitants | None) -> str | None:
    if people:
        number = wording.count(people.number, tk.h.lang())
        if people.year is None:
            return tk._("Amounts per inhabitant: {n} inhabitants ({source}).").format(n=number, source=people.source)
        words = tk._("Amounts per inhabitant: {n} inhabitants, population of {year} ({source}).")
        return words.format(n=number, year=people.year, source=people.source)
    if inhabitants.makes_sense(shown.document, shown.known):
        return tk._("The population is not known here: no amount is told per inhabitant.")
    return None
