"""Which headings are recognised, and as which column of the standard.

A heading is compared without case, accents, punctuation and articles («Libellé de l'article» = «LIBELLE ARTICLE»). The
names of the schema (BGT_NATURE), the same without prefix (CODRD) and those of TotEM (IdEtab, Exer) are all taken;
:data:`HEADINGS` adds what finance software and people write. A bare «Libellé» is the label of the code in the column
on its left. «Montant» and «Budget» alone are not taken: they don't say which amount, or whether it is one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ckanext.budget.errors import Refusal
from ckanext.budget.scdl.model import COLUMNS

#: column → headings that people write; the first one names the column in messages
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "BGT_NATDEC": (
        "étape", "étape budgétaire", "type de document", "type document", "nature du document", "document",
        "document budgétaire", "nature de la décision", "type de budget voté", "stade", "phase",
    ),
    "BGT_ANNEE": ("exercice", "exer", "année", "année budgétaire", "exercice budgétaire", "millésime", "an"),
    "BGT_SIRET": ("SIRET", "n° SIRET", "numéro SIRET", "code SIRET", "SIRET budget", "SIRET collectivité", "id etab"),
    "BGT_NOM": (
        "collectivité", "nom de la collectivité", "nom collectivité", "libellé collectivité", "organisme",
        "nom du budget", "libellé budget", "libelle coll", "entité", "commune",
    ),
    "BGT_CONTNAT": (
        "chapitre", "code chapitre", "chapitre nature", "n° chapitre", "numéro chapitre", "chap", "niveau de vote",
    ),
    "BGT_CONTNAT_LABEL": (
        "libellé chapitre", "libellé du chapitre", "intitulé chapitre", "chapitre libellé", "nom chapitre",
        "désignation chapitre", "lib chapitre", "lib chap",
    ),
    "BGT_NATURE": (
        "nature", "compte", "article", "compte nature", "code nature", "code article", "numéro compte", "n° compte",
        "numéro de compte", "n° article", "imputation", "compte par nature", "article nature", "nature comptable",
    ),
    "BGT_NATURE_LABEL": (
        "libellé nature", "libellé compte", "libellé article", "intitulé compte", "intitulé article",
        "intitulé nature", "nature libellé", "article libellé", "compte libellé", "désignation compte",
        "désignation article", "lib nature", "lib compte", "lib cpte", "lib article",
    ),
    "BGT_FONCTION": ("fonction", "code fonction", "sous-fonction", "compte fonction", "rubrique", "code fonctionnel"),
    "BGT_FONCTION_LABEL": (
        "libellé fonction", "intitulé fonction", "fonction libellé", "libellé sous-fonction", "libellé rubrique",
        "lib fonction",
    ),
    "BGT_OPERATION": (
        "opération", "code opération", "n° opération", "numéro opération", "opération d'équipement", "n° d'opération",
    ),
    "BGT_SECTION": ("section", "section budgétaire", "section F/I", "F/I", "I/F", "fonctionnement investissement"),
    "BGT_OPBUDG": (
        "type d'opération", "type opération", "réel ordre", "réel/ordre", "R/O", "mouvement", "type mouvement",
        "type de mouvement", "ordre réel", "nature de l'opération", "op budg", "opération réelle ordre",
    ),
    "BGT_CODRD": (
        "sens", "dépense/recette", "recette/dépense", "dépenses recettes", "recettes dépenses", "D/R", "R/D",
        "sens D/R", "sens R/D", "type D/R", "code R/D", "code D/R", "dépense ou recette", "recette ou dépense",
    ),
    "BGT_MTREAL": (
        "réalisé", "montant réalisé", "réalisations", "réalisation", "mandats émis", "titres émis", "mandaté",
        "montant mandaté", "exécuté", "exécution", "mandats et titres émis", "mandats titres émis", "total réalisé",
        "montant des réalisations", "mt réalisé", "CA", "compte administratif", "émis", "montant émis",
    ),
    "BGT_MTBUDGPREC": (
        "budget précédent", "montant budget précédent", "pour mémoire budget précédent", "budget N-1", "BP N-1",
        "crédits N-1",
    ),
    "BGT_MTRARPREC": (
        "restes à réaliser N-1", "RAR N-1", "restes à réaliser précédents", "RAR précédent", "reports",
        "restes à réaliser exercice précédent", "crédits reportés", "report N-1",
    ),
    "BGT_MTPROPNOUV": (
        "propositions nouvelles", "proposition nouvelle", "proposé", "montant proposé", "propositions", "demandé",
    ),
    "BGT_MTPREV": (
        "budget primitif", "voté", "montant voté", "budget voté", "crédits votés", "prévu", "montant prévu", "BP",
        "prévisions", "prévision", "budget prévisionnel", "montant BP", "vote de l'assemblée",
    ),
    "BGT_CREDOUV": (
        "crédits ouverts", "crédit ouvert", "total crédits ouverts", "montant crédits ouverts", "budget total",
        "crédits budgétaires", "total budget", "budgété",
    ),
    "BGT_MTRAR3112": (
        "restes à réaliser", "reste à réaliser", "RAR", "RAR au 31/12", "restes à réaliser au 31/12", "RAR N",
        "restes à réaliser au 31 décembre",
    ),
    "BGT_ARTSPE": ("article spécialisé", "spécialisé", "spécialisation", "spécialité", "non spécialisé"),
}  # fmt: skip

_TOTEM = {
    "BGT_ANNEE": "Exer", "BGT_SIRET": "IdEtab", "BGT_NOM": "LibelleColl", "BGT_NATURE_LABEL": "LibCpte",
}  # fmt: skip
_BARE_LABEL = {"libelle", "libelles", "intitule", "designation", "lib"}
_LABEL_OF = {
    "BGT_CONTNAT": "BGT_CONTNAT_LABEL", "BGT_NATURE": "BGT_NATURE_LABEL", "BGT_FONCTION": "BGT_FONCTION_LABEL",
}  # fmt: skip
_ARTICLES = re.compile(r"\b(?:de|du|des|la|le|les|par|en|euros?|eur|ttc|ht)\b")

AMOUNTS = COLUMNS[COLUMNS.index("BGT_MTREAL") : COLUMNS.index("BGT_ARTSPE")]
#: columns that a table must have; a missing SIRET is a finding (domain §2), a missing section follows from the account
REQUIRED = (
    "BGT_NATDEC", "BGT_ANNEE", "BGT_NOM", "BGT_CONTNAT", "BGT_CONTNAT_LABEL", "BGT_NATURE", "BGT_NATURE_LABEL",
    "BGT_OPBUDG", "BGT_CODRD",
)  # fmt: skip


def fold(text: str) -> str:
    """Lower case, without accents, punctuation or doubled blanks: «Réel/Ordre » → «reel ordre»."""
    text = text.replace("œ", "oe").replace("’", "'")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"\b[ld]'", " ", plain)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())


def _key(heading: str) -> str:
    return " ".join(_ARTICLES.sub(" ", fold(heading)).split())


_STANDARD = {fold(column) for column in COLUMNS}


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for column, headings in HEADINGS.items():
        own = (column, column.removeprefix("BGT_"), _TOTEM.get(column, ""))
        for heading in (*own, *headings):
            key = _key(heading)
            if key:
                known.setdefault(key, column)
    return known


class Headings(NamedTuple):
    """A heading row: each column as written with what it became, and the place of each column of the standard."""

    pairs: tuple[tuple[str, str | None], ...]
    places: Mapping[str, int]


def is_standard(heading: str) -> bool:
    """Whether a heading is one of the schema's names (case and punctuation apart)."""
    return fold(heading) in _STANDARD


def _columns(cells: Sequence[str]) -> list[str | None]:
    """What each heading of a row says; a bare «Libellé» goes with the code on its left."""
    known, found = _known(), list[str | None]()
    for cell in cells:
        key = _key(cell) if len(cell) <= 80 else ""
        left = found[-1] if found else None
        found.append(_LABEL_OF.get(left or "") if key in _BARE_LABEL else known.get(key))
    return found


def score(cells: Sequence[str]) -> int:
    """How many columns of the standard a row names; 0 if it can't be the heading of a budget's lines."""
    named = {column for column in _columns(cells[:256]) if column}
    about_lines = named & {"BGT_NATURE", "BGT_CONTNAT"} and named & {"BGT_CODRD", "BGT_SECTION", *AMOUNTS}
    return len(named) if about_lines and len(named) >= 4 else 0


def standard_score(cells: Sequence[str]) -> int:
    """How many names of the schema itself a row has."""
    return len({fold(cell) for cell in cells if is_standard(cell)})


def read(cells: Sequence[str], row: int) -> Headings:
    """A heading row understood. Two headings for one column: the schema's own name wins, else a refusal names both."""
    found = _columns(cells)
    places: dict[str, int] = {}
    for place, column in enumerate(found):
        if column is None:
            continue
        other = places.get(column)
        if other is None or (is_standard(cells[place]) and not is_standard(cells[other])):
            places[column] = place
        elif is_standard(cells[place]) or not is_standard(cells[other]):
            raise Refusal("table_ambiguous", line=row, first=cells[other], second=cells[place], column=column)
    taken = {place: column for column, place in places.items()}
    return Headings(tuple((cell, taken.get(place)) for place, cell in enumerate(cells)), places)


def named(columns: Sequence[str]) -> str:
    """Columns for a person: «BGT_NATDEC (étape), BGT_ANNEE (exercice)»."""
    return ", ".join(f"{column} ({HEADINGS[column][0]})" for column in columns)


def looks_like_amount(heading: str) -> bool:
    """Whether a heading that was not recognised speaks of an amount."""
    return bool(re.search(r"\b(?:montants?|credits?|realise\w*|mandat\w*|titres?|votes?|mt)\b", fold(heading)))
