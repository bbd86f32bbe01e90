"""One cell → the cell of the standard, and what was changed in it.

Every function takes a cell and returns a :class:`Read`; a cell that can't be read raises :class:`UnreadableCell`. A
text that is already valid comes back as it is, to the digit. Text amounts never pass through a float; a spreadsheet
only has floats, written back as the shortest decimal that says the same.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from ckanext.budget.annexes.persons import looks_like_person
from ckanext.budget.tables.columns import fold
from ckanext.budget.tables.model import BadCell, Cell
from ckanext.budget.totem.model import STAGES
from ckanext.budget.totem.occult_rules import HIDDEN


class Read(NamedTuple):
    """The text of the standard, and the codes of the changes that led to it."""

    text: str
    changes: tuple[str, ...] = ()


class UnreadableCell(Exception):  # noqa: N818  (what is wrong with the cell, turned into a refusal by the reader)
    """The cell can't be read; ``code`` names the refusal."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_CENTS = re.compile(r"-?[0-9]+(\.[0-9]{1,2}0*)?")
_CURRENCY = re.compile(r"^(?:€|eur)|(?:€|euros?|eur)$", re.IGNORECASE)
#: blanks inside a number that do not part thousands: two numbers, perhaps
_ODD_BLANKS = re.compile(r"[0-9]{4}[\s\u00a0\u202f]+[0-9]|[0-9][\s\u00a0\u202f]+(?![0-9]{3}(?![0-9]))[0-9]")
_BLANKS = re.compile(r"[\s\u00a0\u202f\u2007\u2009]+")
_CENT = Decimal("0.01")
#: what binary fractions add to cents, and no more
_NOISE = Decimal("0.000001")


def plain(cell: Cell) -> str:
    """A cell as text, when nothing is to be understood in it (labels, headings)."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "vrai" if cell else "faux"
    if isinstance(cell, float | int):
        return _shortest(cell)
    return "" if isinstance(cell, BadCell) else str(cell)


def _shortest(number: float) -> str:
    text = f"{Decimal(repr(number)):f}"
    return text.removesuffix(".0")


def label(cell: Cell) -> Read:
    """A label: as it is; a number or a date that stands for it is told."""
    if isinstance(cell, str):
        return Read(cell)
    _no_value(cell)
    return Read(plain(cell), ("table_label_number",))


def free_label(cell: Cell) -> Read:
    """The label of a line, hidden when it looks like a person's: whoever made the table may have written anything."""
    read = label(cell)
    return Read(HIDDEN, (*read.changes, "table_label_hidden")) if _names_person(read.text) else read


@lru_cache(maxsize=4096)
def _names_person(text: str) -> bool:
    return looks_like_person(text)


def _no_value(cell: Cell) -> None:
    if isinstance(cell, BadCell):
        raise UnreadableCell("table_formula" if cell.reason == "formula" else "table_error_cell")


# -- amounts


def amount(cell: Cell) -> Read:
    """An amount in euros: digits of the source, decimal point, no space."""
    if isinstance(cell, str):
        if not cell or _CENTS.fullmatch(cell):
            return Read(cell)
        return _amount_of_text(cell)
    _no_value(cell)
    if isinstance(cell, bool) or not isinstance(cell, float | int):
        raise UnreadableCell("table_amount")
    return _amount_of_number(cell)


def _amount_of_number(number: float) -> Read:
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124  (NaN)
        raise UnreadableCell("table_amount")
    exact = Decimal(repr(number))
    cents = exact.quantize(_CENT) if abs(exact) < Decimal(10) ** 20 else exact
    if cents != exact and abs(cents - exact) < _NOISE:
        return Read(f"{cents:f}", ("table_amount_noise",))
    text = _shortest(number)
    text = "0" if text == "-0" else text
    return Read(text, () if _CENTS.fullmatch(text) else ("table_amount_fraction",))


def _amount_of_text(cell: str) -> Read:
    if _ODD_BLANKS.search(cell):
        raise UnreadableCell("table_amount")
    text, changes = cell, list[str]()
    for code, step in _STEPS:
        done = step(text)
        if done != text:
            changes.append(code)
            text = done
    if text and not _NUMBER.fullmatch(text):
        raise UnreadableCell("table_amount")
    if text and not _CENTS.fullmatch(text):
        changes.append("table_amount_fraction")
    return Read(text, tuple(changes))


def _signed(text: str) -> str:
    """A minus before: from «(12)», «12-», «−12»; a plus goes."""
    text = text.replace("\u2212", "-").removeprefix("+")
    if text.startswith("(") and text.endswith(")"):
        return "-" + text[1:-1]
    return "-" + text[:-1] if len(text) > 1 and text.endswith("-") else text


def _zero(text: str) -> str:
    """Accounting formats print a zero as a dash."""
    return "0" if text in ("-", "\u2013", "\u2014") else text


def _pointed(text: str) -> str:
    """Decimal point, no thousands separator: «1.234,50», «1,234.50», «1234,5» and «.5»."""
    if re.fullmatch(r"-?[1-9][0-9]{0,2},[0-9]{3}", text):  # 1,234: a thousand and more, or one and a fraction?
        raise UnreadableCell("table_amount_ambiguous")
    for thousands, point in ((".", ","), (",", ".")):
        grouped = rf"-?[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+(?:{re.escape(point)}[0-9]+)?"
        if re.fullmatch(grouped, text) and (point in text or text.count(thousands) > 1):
            return text.replace(thousands, "").replace(point, ".")
    text = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    text = re.sub(r"^(-?)\.", r"\g<1>0.", text)
    return text.removesuffix(".")


_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("table_amount_spaces", lambda text: _BLANKS.sub("", text)),
    ("table_amount_currency", lambda text: _CURRENCY.sub("", text)),
    ("table_amount_dash", _zero),
    ("table_amount_sign", _signed),
    ("table_amount_comma", _pointed),
)

# -- codes


def code(cell: Cell) -> Read:
    """A code (chapter, account, function, operation): text; «6411.0» is 6411. A date is not taken for a code."""
    if isinstance(cell, str):
        text = cell.strip()
        whole = re.fullmatch(r"([0-9]+)[.,]0+", text)
        if whole:
            return Read(whole.group(1), ("table_code_number",))
        return Read(text, () if text == cell else ("table_spaces",))
    _no_value(cell)
    if isinstance(cell, bool) or not isinstance(cell, float | int):
        raise UnreadableCell("table_code_date")
    return Read(_shortest(cell), ("table_code_number",))


#: chapters by nature that no plan has without their leading zero
_WITHOUT_ZERO = {"11", "12", "14", "40", "41", "42", "43"}


def lost_zeros(chapter: str, nature: str) -> bool:
    """Whether a chapter or an account lost its leading zeros («11» for 011, «1» for 001)."""
    return chapter in _WITHOUT_ZERO or any(len(one) == 1 and one.isdecimal() for one in (chapter, nature))


# -- the document

_YEAR = re.compile(
    r"(?:exercice|année|annee)?\s*((?:19|20)[0-9]{2})(?:[.,]0+)?"  # 2022.0, Exercice 2022
    r"|[0-9]{1,2}/[0-9]{1,2}/((?:19|20)[0-9]{2})|((?:19|20)[0-9]{2})-[0-9]{2}-[0-9]{2}(?:[T ].*)?",
    re.IGNORECASE,
)


def year(cell: Cell) -> Read:
    """A year: «2022», «2022.0», a date, «Exercice 2022»."""
    if isinstance(cell, dt.date):
        return Read(str(cell.year), ("table_year",))
    _no_value(cell)
    text = plain(cell)
    if re.fullmatch(r"(?:19|20)[0-9]{2}", text) or not text.strip():
        return Read(text.strip(), () if isinstance(cell, str) else ("table_year",))
    match = _YEAR.fullmatch(text.strip())
    if match is None:
        raise UnreadableCell("table_value")
    return Read(next(year for year in match.groups() if year), ("table_year",))


def siret(cell: Cell) -> Read:
    """A SIRET without its blanks (its key is not checked here). In scientific notation its last digits are lost,
    unless all are written: then the cell is empty."""
    _no_value(cell)
    text = plain(cell)
    compact = (
        re.sub(r"[\s\u00a0\u202f.\-]", "", text) if re.fullmatch(r"[0-9\s\u00a0\u202f.\-]+", text) else text.strip()
    )
    scientific = re.fullmatch(r"([0-9])[.,]?([0-9]*)E\+?([0-9]{1,2})", compact, re.IGNORECASE)
    if scientific:
        digits = scientific.group(1) + scientific.group(2)
        kept = len(digits) == int(scientific.group(3)) + 1 == 14
        return Read(digits if kept else "", ("table_siret_number" if kept else "table_siret_lost",))
    if not isinstance(cell, str):
        return Read(compact, ("table_siret_number",))
    return Read(compact, () if compact == cell else ("table_siret_spaces",))


# -- words of the schema

_SECTION = {
    "investissement": ("investissement", "i", "inv", "invest", "section investissement"),
    "fonctionnement": (
        "fonctionnement", "f", "fonct", "fct", "section fonctionnement", "section de fonctionnement", "exploitation",
        "e", "section d'exploitation",
    ),
}  # fmt: skip
_OPBUDG = {
    "réel": ("reel", "r", "0", "reelle", "reelles", "reels", "operation reelle", "reel ou mixte", "mixte"),
    "ordre": ("ordre", "o", "1", "operation ordre", "ordres"),
}
_CODRD = {
    "recette": ("recette", "r", "recettes", "rec"),
    "dépense": ("depense", "d", "depenses", "dep"),
}
_ARTSPE = {
    "spécialisé": ("specialise", "1", "true", "vrai", "oui", "o", "s"),
    "non spécialisé": ("non specialise", "0", "false", "faux", "non", "n", "ns"),
}


def _lookup(words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {fold(written): standard for standard, several in words.items() for written in (standard, *several)}


WORDS: Mapping[str, Mapping[str, str]] = {
    "BGT_SECTION": _lookup(_SECTION),
    "BGT_OPBUDG": _lookup(_OPBUDG),
    "BGT_CODRD": _lookup(_CODRD),
    "BGT_ARTSPE": _lookup(_ARTSPE),
}


@lru_cache(maxsize=1024, typed=True)
def word(column: str, cell: Cell) -> Read:
    """One of the schema's words for a column, from what people and software write for it."""
    _no_value(cell)
    text = plain(cell)
    if not text.strip():
        return Read("")
    standard = WORDS[column].get(fold(text))
    if standard is None:
        raise UnreadableCell("table_value")
    return Read(standard, () if standard == cell else ("table_word",))


class Stage(NamedTuple):
    """An étape: the schema's word, the code of TotEM (NatDec), the number of a décision modificative when written."""

    word: str
    natdec: str
    number: str = ""


_STAGES = {
    "01": ("budget primitif", "bp", "primitif", "budget prevu"),
    "02": ("décision modificative", "dm", "decisions modificatives"),
    "03": ("budget supplémentaire", "bs"),
    "09": ("compte administratif", "ca"),
    "10": ("compte financier unique", "cfu"),
}
_STAGE_OF = {
    **{fold(name): natdec for natdec, names in _STAGES.items() for name in names},
    **{written: natdec for natdec in STAGES for written in (natdec, natdec.lstrip("0"))},
}


def stage(cell: Cell) -> Stage | None:
    """The étape that a cell names: words, initials or code of TotEM; None for a blank. A CFU has the word of a CA."""
    _no_value(cell)
    folded = fold(plain(cell))
    if not folded:
        return None
    numbered = re.fullmatch(r"(dm|decision modificative)(?: n| no| numero)? ?0*([0-9]{1,3})", folded)
    natdec = _STAGE_OF.get(numbered.group(1) if numbered else re.sub(r" (?:19|20)[0-9]{2}$", "", folded))
    if natdec is None:
        raise UnreadableCell("table_value")
    return Stage(_STAGES["09" if natdec == "10" else natdec][0], natdec, numbered.group(2) if numbered else "")
