"""Amounts and names of the pages, in the language of the reader (``locale`` is CKAN's, as in ``h.lang()``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import ckan.plugins.toolkit as tk
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from ckanext.budget.messages import N_, Translate
from ckanext.budget.quality.level import LEVELS

NARROW = "\u202f"
MINUS = "\u2212"
MILLION = Decimal(1_000_000)


def _locale(lang: str) -> Locale:
    try:
        return Locale.parse(lang.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale("en")


def _spaced(text: str) -> str:
    return text.replace("\xa0", NARROW)


#: amounts by which the fast way of writing numbers is compared with Babel's
_SAMPLES = tuple(map(Decimal, ("0", "0.05", "1.50", "12.30", "999.99", "1234.50", "98765.43", "12345678.90")))
Writer = Callable[[Decimal], str]


@lru_cache(maxsize=32)
def _euros(lang: str) -> Writer:
    locale = _locale(lang)
    return _fast(lang, 2, lambda value: _spaced(format_currency(value, "EUR", locale=locale)))


@lru_cache(maxsize=64)
def _number(lang: str, digits: int) -> Writer:
    """Writes numbers that have so many decimals."""
    locale, pattern = _locale(lang), f"#,##0.{'0' * digits}" if digits else None
    return _fast(lang, digits, lambda value: _spaced(format_decimal(value, pattern, locale)))


def _fast(lang: str, digits: int, babel: Writer) -> Writer:
    """A page writes hundreds of numbers, and Babel reads its pattern anew for each: what it writes around a number and
    between its digits is asked once. Where a language groups digits otherwise, Babel itself."""
    symbols = {mark: _spaced(format_decimal(Decimal(mark), "#,##0.0", _locale(lang))) for mark in ("1000000", "0")}
    group, point = symbols["1000000"][1:-9], symbols["0"][1:-1]
    unit = f"1{point}{'0' * digits}" if digits else "1"
    before, _, after = babel(Decimal(1)).partition(unit)

    def write(value: Decimal) -> str:
        whole, _, decimals = f"{value:,.{digits}f}".partition(".")
        return f"{before}{whole.replace(',', group)}{point if digits else ''}{decimals}{after}"

    same = all(write(value) == babel(value) for sample in _SAMPLES for value in (sample, round(sample, digits)))
    return write if same else babel


def _sign(value: Decimal, signed: bool) -> str:
    return MINUS if value < 0 else "+" if signed and value > 0 else ""


def amount(value: Decimal, lang: str, *, signed: bool = False) -> str:
    """``12 345 678,90 €``: to the cent, narrow no-break spaces, a true minus sign."""
    return _sign(value, signed) + _euros(lang)(abs(value))


def headline(value: Decimal, lang: str, *, signed: bool = False) -> str:
    """``12,3 M€`` from ten millions, ``4,09 M€`` from a hundred thousand, whole euros below."""
    locale, size = _locale(lang), abs(value)
    if size < 100_000:
        rounded = size.quantize(Decimal(1), ROUND_HALF_UP)
        pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
        return _sign(value, signed) + _spaced(format_currency(rounded, "EUR", pattern, locale, currency_digits=False))
    millions = (size / MILLION).quantize(Decimal("0.1" if size >= 10 * MILLION else "0.01"), ROUND_HALF_UP)
    digits = _number(lang, 1 if size >= 10 * MILLION else 2)(millions)
    text = f"€{digits}M" if locale.language == "en" else f"{digits}{NARROW}M€"
    return _sign(value, signed) + text


def per_inhabitant(value: Decimal, lang: str) -> str:
    """``1 245 €``; to the cent below ten euros."""
    return headline(value, lang) if 10 <= abs(value) < 100_000 else amount(value, lang)


def years(value: Decimal, lang: str) -> str:
    """``9,7 ans``."""
    number = _number(lang, 1)(value.quantize(Decimal("0.1"), ROUND_HALF_UP))
    return tk.ungettext("{n} year", "{n} years", int(value)).format(n=number)


def percent(value: Decimal, lang: str) -> str:
    """``98,4 %``."""
    locale = _locale(lang)
    rounded = (abs(value) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    space = "" if locale.language == "en" else NARROW
    return f"{_sign(value, signed=False)}{_number(lang, 1)(rounded)}{space}%"


def count(value: int, lang: str) -> str:
    """``1 248``."""
    return _number(lang, 0)(Decimal(value))


def quantity(value: Decimal, unit: str, lang: str) -> str:
    """A number of a control by its unit (``messages.controls``): euros, euros per inhabitant, percents, a count."""
    if unit == "euros":
        return amount(value, lang)
    if unit == "euros_per_inhabitant":
        return tk._("{amount} per inhabitant").format(amount=amount(value, lang))
    if unit == "count":
        return count(int(value), lang)
    locale = _locale(lang)
    text = _sign(value, signed=False) + _spaced(
        format_decimal(abs(value), "#,##0.00" if unit == "percent" else "#,##0.##", locale)
    )
    return f"{text}{'' if locale.language == 'en' else NARROW}%" if unit == "percent" else text


def date(value: dt.date, lang: str) -> str:
    """``12 avril 2023``, ``1er juin 2022``, ``12 April 2023``."""
    locale = _locale(lang)
    if locale.language == "en" and not locale.territory:
        locale = Locale("en", "GB")
    text = format_date(value, "long", locale=locale)
    return f"1er{text[1:]}" if value.day == 1 and locale.language == "fr" else text


def day(text: str, lang: str) -> str:
    """A date as files write it (``2022-05-03``, with or without an hour), in words; another text stays as it is."""
    try:
        return date(dt.date.fromisoformat(text[:10]), lang)
    except ValueError:
        return text


def stage_name(stage: str, dm_number: int = 0, translate: Translate | None = None) -> str:
    """«Administrative account», «Amendment no. 2»; in the language of the page, or of ``translate``."""
    _ = translate or tk._
    if stage == "DM" and dm_number:
        return _("Budget amendment no. {number}").format(number=dm_number)
    return {
        "BP": _("Initial budget"),
        "BS": _("Supplementary budget"),
        "DM": _("Budget amendment"),
        "CA": _("Administrative account"),
        "CFU": _("Single financial account"),
    }.get(stage, _("Budget document"))


def stage_meaning(stage: str, year: int, *, draft: bool = False) -> str:
    """What the figures of a stage are, in one sentence."""
    if draft:
        text = tk._("What is proposed for {year}, before the council’s vote.")
    elif stage in ("CA", "CFU"):
        text = tk._("What was done in {year}: expenditure and receipts entered in the accounts.")
    elif stage in ("DM", "BS"):
        text = tk._("What the council changed in the budget of {year}: each amount is a variation, more or less.")
    else:
        text = tk._("What was planned for {year}, voted by the council.")
    return text.format(year=year)


#: charts of accounts, as people call them (others keep their code)
NOMENCLATURES = {
    "M14_COM_SUP3500": "M14 (communes de 3 500 habitants et plus)",
    "M14_COM_500_3500": "M14 (communes de 500 à 3 500 habitants)",
    "M14_COM_INF500": "M14 (communes de moins de 500 habitants)",
    "M14_CCAS_SUP3500": "M14 (CCAS, 3 500 habitants et plus)",
    "M14_CCAS_INF3500": "M14 (CCAS, moins de 3 500 habitants)",
    "M14_CE": "M14 (caisse des écoles)",
    "M43_A": "M43 abrégée",
    "M43_D": "M43 développée",
    "M49_A": "M49 abrégée",
    "M49_D": "M49 développée",
    "M57_A": "M57 abrégée",
    "M57_D": "M57 développée",
}


def nomenclature(code: str) -> str:
    """Name of a chart of accounts, by its declination."""
    return NOMENCLATURES.get(code, code)


def section_name(section: str, norm: str) -> str:
    """Name of a section; budgets of services (M4) say «exploitation»."""
    if section == "I":
        return tk._("Investment")
    return tk._("Operations (exploitation)") if norm.startswith("M4") else tk._("Operations")


def territory_kind(kind: str) -> str:
    """What a collectivité is (kinds of :mod:`ckanext.budget.territory.model`)."""
    return {
        "commune": tk._("commune"),
        "cc": tk._("community of communes"),
        "ca": tk._("community of agglomeration"),
        "cu": tk._("urban community"),
        "metropole": tk._("métropole"),
        "ept": tk._("public territorial body"),
        "departement": tk._("département"),
        "region": tk._("région"),
        "collectivite_unique": tk._("single collectivité"),
    }.get(kind, kind)


def sense_name(sense: str) -> str:
    """Receipts or expenditure."""
    return tk._("Receipts") if sense == "R" else tk._("Expenditure")


def level_name(level: str) -> str:
    """Level of a finding, in words."""
    return {
        "bloquant": tk._("Blocking"),
        "a_verifier": tk._("To be checked"),
        "information": tk._("For information"),
    }.get(level, level)


def quality_name(level: str) -> str:
    """Quality level of a document, in words."""
    return next((tk._(found.name) for code, found in LEVELS.items() if code == level), level)


def outcome_name(outcome: str) -> str:
    """Outcome of a control, in words."""
    return {
        "vert": tk._("Agrees"),
        "a_verifier": tk._("To be checked"),
        "information": tk._("For information"),
    }.get(outcome, outcome)


#: amount columns of TotEM, in plain words
AMOUNT_COLUMNS = {
    "MtReal": N_("Executed"),
    "MtBudgPrec": N_("Previous budget"),
    "MtRARPrec": N_("Outstanding commitments taken up"),
    "MtPropNouv": N_("New proposals"),
    "MtPrev": N_("Voted"),
    "CredOuv": N_("Credits opened"),
    "MtRAR3112": N_("Outstanding commitments at 31 December"),
}


def amount_column(name: str) -> str:
    """Name of an amount column."""
    return tk._(AMOUNT_COLUMNS[name]) if name in AMOUNT_COLUMNS else name
