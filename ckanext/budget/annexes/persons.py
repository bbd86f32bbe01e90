"""Does a label name a person? A check of free texts before they are published.

Three clues: a civility before a name («M. X», «consorts X», «succession X»); a first name beside a surname written as
people write them («X Jean», where only the surname is in capitals); a text, or what follows a word of dealing
(«acquisition», «indemnité», «bourse»), that is nothing but a first name and a surname. A street, a school or an
association that bears a person's name is none of these.

It is a check of form with small lists (:mod:`.words`): it misses surnames standing alone, and rare first names.
Rules that hide a whole field stay the first protection; this one is for fields that must stay readable.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from ckanext.budget.annexes.words import (
    BODIES,
    DEALINGS,
    EPONYMS,
    ESTATE,
    FIRST_NAMES,
    FUNCTIONS,
    NOT_KIN,
    NOT_NAMES,
    PLACES,
)

#: fields of free text that the occulted copy publishes: record (the element that holds the field) → fields.
#: «CaracSup.progautolib» is the CaracSup of a budget line whose Code, in lower case, is progautolib
CHECKED_FIELDS: Mapping[str, frozenset[str]] = {
    "LigneBudget": frozenset({"LibCpte", "CaracSup.progautolib"}),
    "AMORTISSEMENT_METHODE": frozenset({"LibBienAmort"}),
    "APCP": frozenset({"LibAutori", "NumAutori"}),
    "AUTRE_ENGAGEMENT": frozenset({"NatEng", "NomOrgaBenef"}),  # shown for a public body
    "CHARGE": frozenset({"NatDepTransf"}),
    "CONCOURS": frozenset({"LibOrgaBenef", "DenomOuNumSubv", "LibPrestaNat", "ObjSubv"}),  # shown for a legal person
    "CONSOLIDATION": frozenset({"LibBudAnnex"}),
    "CONTRAT_COUV": frozenset({"LibEmprCouv", "LibOrgCoContr", "NatContrCouv"}),
    "CONTRAT_COUV_REFERENCE": frozenset({"LibObserv"}),
    "CREDIT_BAIL": frozenset({"NatBienContr"}),
    "EMPRUNT": frozenset({"ObjEmpr", "LibOrgaPreteur", "LibOrgCoContr", "NatCouv", "LibCpte"}),
    "ETAB_SERVICE": frozenset({"LibEtab", "LibCatEtab", "LibNatActivEtab"}),
    "FOND_AIDES_ECO": frozenset({"LibAide", "LibBenef", "LibFormeAide", "LibOrgConvent"}),
    "FOND_COMM_HEBERGEMENT": frozenset({"LibEtabHeberg", "LibFondHeberg", "LibObjFond"}),
    "FOND_EUROPEEN": frozenset({"LibBenef", "LibEmetteurs", "LibMesure", "LibOper"}),
    "FORMATION": frozenset({"ActionFinanc", "NomOrgaForm", "DateLieuForm"}),
    "ORGANISME_ENG": frozenset({"NatEng", "NatJurOrgEng"}),
    "ORGANISME_GROUP": frozenset({"NomOrgGroup"}),
    "PATRIMOINE": frozenset({"LibBien", "LibObserv", "LibOrgPrisePartic", "NumInventaire"}),
    "PERSONNEL": frozenset({"EmploiGradeAgent", "LibMotifContrAgent", "LibelleNatureContrat"}),
    "PPP": frozenset({"LibContr", "NatPrestaContr", "NomOrgaContr"}),
    "RECETTE_AFFECTEE": frozenset({"LibRAffect", "LibArticle"}),
    "SERVICE_FERROVIAIRE_PATRIM": frozenset({"LibModeFinanc", "LibProprietaire", "LibRame"}),
    "SIGNATURE": frozenset({"LibDelibPar", "LibDelibLieu", "LibPresentLieu", "LibReuniSession", "LibFin"}),
    "TIERS": frozenset({"LibOper", "NatTrav"}),
    "TRESORERIE": frozenset({"LibOrgaPret"}),
    "VENTILATION": frozenset({"LibCpte", "NomService"}),
}

Clue = Literal["civility", "written_name", "bare_name", "too_long"]

#: longest text that is checked, in characters (the XSD bounds labels to 100)
LONGEST = 400
#: how far back the word that says «place» is looked for, in characters
_BACK = 80

_PARTICLE = (
    r"(?:(?:[Dd]e|[Dd]u|[Dd]es|[Ll]e|[Ll]a|[Vv][ao]n|[Bb]en|[Ee]l|DE|DU|DES|LE|LA|VAN|VON|BEN|EL)\s+|[DdLl]['\s])*"
)
_NAME = r"(?P<name>[A-Za-z][A-Za-z'-]+)"

#: civilities that no street bears; the name may be in any case
_STRONG = re.compile(
    r"(?<![\w.'])(?i:mm\.|mrs?|m(?:m|ll|l)es?|monsieur|messieurs|madame|mesdames|mademoiselle|veuve|vve|consorts?|cts"
    rf"|indivision|heritiers|epoux|epouse|nee)\b\.?\s*(?:(?:[A-Z]\.\s?)+)?{_PARTICLE}{_NAME}"
)
#: civilities that streets, schools and things bear too; the name has a capital
_WEAK = re.compile(
    r"(?<![\w.'])(?P<civility>M\.\s?|m\.\s|M\s|(?i:dr\.?|docteur|me\.?|maitre|famille|succession)\s+)"
    rf"(?:(?:[A-Z]\.\s?)+)?{_PARTICLE}(?P<name>(?:[A-Z]|(?<=m\.\s)[a-z])[A-Za-z'-]+)"
)
#: «NOM Prénom», and «Prénom NOM»: they may share a word, so each has its own search
_GIVEN = r"(?P<given>[A-Z][a-z]+(?:-[A-Z][a-z]+)?)"
_SURNAME = r"(?P<surname>[A-Z][A-Z'-]+)"
_WRITTEN = (
    re.compile(rf"(?<![\w'-]){_SURNAME}\s+{_GIVEN}(?![\w'-])"),
    re.compile(rf"(?<![\w'-]){_GIVEN}\s+{_PARTICLE}{_SURNAME}(?![\w'-])"),
)
#: words without which no civility is looked for
_HINTS = frozenset(
    "m mm mr mrs mme mmes mlle mlles monsieur messieurs madame mesdames mademoiselle veuve vve consort consorts cts "  # noqa: SIM905
    "indivision heritiers epoux epouse nee dr docteur me maitre famille succession".split()
)
#: words one of which stands in every text that names a person
_NAMING = _HINTS | FIRST_NAMES
#: accented letters, ligatures and typographic signs → ASCII
_PLAIN_LETTERS = str.maketrans(
    {
        chr(n): unicodedata.normalize("NFKD", chr(n))[0]
        for n in range(0xC0, 0x180)
        if unicodedata.decomposition(chr(n))
    }
    | {
        "’": "'",
        "œ": "oe",
        "Œ": "OE",
        "æ": "ae",
        "Æ": "AE",
        "\xa0": " ",
        "\u202f": " ",
        "–": "-",
        "—": "-",
        "°": " ",
        "«": " ",
        "»": " ",
        "€": " ",
        "²": "2",
    }
)
_WORD = re.compile(r"[A-Za-z]+")
_SIGNS = re.compile(r"[,.'()]")
_LETTERS = re.compile(r"[a-z][a-z-]+")
_DASH = re.compile(r"\s[-–—]\s?|[-–—]\s|[;(]")
_BARRIER = re.compile(rf"{_DASH.pattern}|[,:/]")
_PLURAL = re.compile(r"\([A-Za-z]{1,2}\)")
_NUMBER_AFTER = re.compile(r"\W*(?:n\s*)?\d")
_GLUE = frozenset("a au aux avec chez d de des du en l la le et par pour sur".split())  # noqa: SIM905
_TO_SOMEONE = _GLUE - {"et"}
_PUBLIC = PLACES | BODIES
_NOT_A_NAME = _PUBLIC | DEALINGS | FUNCTIONS | NOT_NAMES | _GLUE


def looks_like_person(text: str) -> bool:
    """Whether a free text seems to name a natural person (see :func:`why`)."""
    return why(text) is not None


def doubtful(texts: Sequence[str]) -> list[str]:
    """Those of many texts that hold a word by which persons are named: only they need :func:`why`, which is slower.

    Every text of which :func:`why` says something is among them, in the order given.
    """
    folded = _folded("\n".join(texts)).lower().split("\n")
    if len(folded) != len(texts):  # a text has several lines
        return list(texts)
    words = _WORD.findall
    return [
        text
        for text, plain in zip(texts, folded, strict=True)
        if not _NAMING.isdisjoint(words(plain)) or len(text) > LONGEST
    ]


def why(text: str) -> Clue | None:
    """The clue by which ``text`` seems to name a person, or None.

    ``civility``: a civility or a word of kinship before a name; ``written_name``: a first name beside a surname in
    capitals; ``bare_name``: nothing but a first name and a surname, alone or after a word of dealing; ``too_long``:
    no label has that length (over :data:`LONGEST`), it is not checked and must not be trusted.
    """
    if len(text) > LONGEST:
        return "too_long"
    plain = _plain(text)
    words = _WORD.findall(plain.lower())
    if not _HINTS.isdisjoint(words) and _civility(plain):
        return "civility"
    if FIRST_NAMES.isdisjoint(words):
        return None
    if not plain.isupper() and _written(plain):
        return "written_name"
    return "bare_name" if any(_bare(part) for part in _pieces(plain)) else None


def _plain(text: str) -> str:
    """Without accents nor «(s)», with plain apostrophes and spaces, in the same case."""
    return " ".join(_folded(text).split())


def _folded(text: str) -> str:
    if "&" in text:  # some software escapes twice
        text = html.unescape(text)
    if not text.isascii():
        text = text.translate(_PLAIN_LETTERS)
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _PLURAL.sub("", text) if "(" in text else text


def _civility(text: str) -> bool:
    for match in _STRONG.finditer(text):
        if match["name"].lower() not in _NOT_A_NAME and not _on_a_place(text, match.start(), 1, sold=True):
            return True
    return any(_weak(text, match) for match in _WEAK.finditer(text))


def _weak(text: str, match: re.Match[str]) -> bool:
    civility, name = match["civility"].strip(" .").lower(), match["name"].lower()
    if name in _NOT_A_NAME or (name in EPONYMS and civility != "m") or len(name) < 3:
        return False
    if _on_a_place(text, match.start(), 1 if civility in ("famille", "succession") else 3, sold=civility == "m"):
        return False
    start = text[max(0, match.start() - _BACK) : match.start()].rstrip()
    before = _WORD.findall(start.lower())[-1:]
    if civility in ("famille", "succession"):
        return NOT_KIN.isdisjoint(before)
    if civility in ("dr", "docteur"):
        return not _NUMBER_AFTER.match(text, match.end())  # an address
    if civility != "m":
        return True
    said = "." in match["civility"] or start[-1:] in "-,:;(/" or not _TO_SOMEONE.isdisjoint(before)
    return said and not start[-1:].isdigit()  # a measure: 20 m


def _on_a_place(text: str, start: int, reach: int, *, sold: bool = False) -> bool:
    """Whether one of the ``reach`` words before is a public place or a body; a word of dealing breaks the link.

    ``sold``: land and houses are what a person sells, not places that bear a name («terrain M. …»).
    """
    segment = _DASH.split(text[max(0, start - _BACK) : start])[-1]
    for word in reversed(_WORD.findall(segment.lower())[-reach:]):
        if word in DEALINGS or (sold and word in ESTATE):
            return False
        if word in _PUBLIC:
            return True
    return False


def _written(text: str) -> bool:
    for pattern in _WRITTEN:
        for match in pattern.finditer(text):
            given, surname = match["given"].lower().partition("-")[0], match["surname"].lower()
            if given not in FIRST_NAMES or surname in _NOT_A_NAME or surname in EPONYMS:
                continue
            if not _on_a_place(text, match.start(), reach=3) and not _NUMBER_AFTER.match(text, match.end()):
                return True
    return False


def _pieces(text: str) -> Iterator[str]:
    """The pieces of a label that may be a name and nothing else: the whole, its last piece, and what follows a word
    of dealing; not a piece that a place introduces («gymnases : …») nor one between two others (a place as a rule)."""
    yield text
    before, rest = "", text
    while match := _BARRIER.search(rest):
        piece, barrier = rest[: match.start()], match.group().strip()
        if _deals(piece) or (barrier in "(,;" and _PUBLIC.isdisjoint(_WORD.findall(before.lower()))):
            yield piece
        before = "" if barrier in "-–—" else before + " " + piece
        rest = rest[match.end() :]
    if _PUBLIC.isdisjoint(_WORD.findall(before.lower())):
        yield rest


def _deals(piece: str) -> bool:
    return not DEALINGS.isdisjoint(_WORD.findall(piece.lower()))


def _bare(piece: str) -> bool:
    """Whether a piece of a label, or its end after the last word of dealing, is a first name and a surname alone."""
    words = _SIGNS.sub(" ", piece.lower()).split()
    dealt = max((rank for rank, word in enumerate(words) if word in DEALINGS), default=-1)
    if dealt >= 0:
        words = [word for word in words[dealt + 1 :] if word not in ESTATE and word.replace("-", "").isalpha()]
    words = [word for word in words if word not in _TO_SOMEONE]
    if not 2 <= len(words) <= 3 or not all(_LETTERS.fullmatch(word) for word in words):
        return False
    if not _NOT_A_NAME.isdisjoint(words) or not EPONYMS.isdisjoint(words):
        return False
    return any(word.partition("-")[0] in FIRST_NAMES for word in (words[0], words[-1]))
