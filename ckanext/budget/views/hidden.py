"""Personal data that was hidden, in words."""

from __future__ import annotations

from collections.abc import Mapping

import ckan.plugins.toolkit as tk

from ckanext.budget.views import wording

#: fields that count persons or records: kind of person → fields (one each record, so that nobody counts twice)
KINDS: Mapping[str, tuple[str, ...]] = {
    "beneficiaries": ("CONCOURS/LibOrgaBenef", "AUTRE_ENGAGEMENT/NomOrgaBenef", "ORGANISME_ENG/NomOrgEng"),
    "borrowers": ("PRET/NomBenefPret", "EMPRUNT/NomBenefEmprGaranti"),
    "pay": ("PERSONNEL/RemunAgent", "PERSONNEL/IndiceAgent"),
    "elected": ("FORMATION/NomElu",),
    "signatories": ("SIGNATAIRE/Signataire",),
    "parts": ("DocumentComptable", "DocumentRapport", "Signatures"),
}


def words(counts: Mapping[str, int]) -> dict[str, object]:
    """``total`` of hidden values (``total_words`` as it is read) and ``kinds``, a list of phrases such as
    «11 signatories»; the rest is «other».
    """
    left = dict(counts)
    phrases: list[str] = []
    for kind, fields in KINDS.items():
        number = sum(left.pop(field, 0) for field in fields)
        if number:
            phrases.append(_phrase(kind, number))
    others = sum(left.values())
    if others:
        phrases.append(_phrase("others", others))
    total = sum(counts.values())
    return {"total": total, "total_words": wording.count(total, tk.h.lang()), "kinds": phrases}


def _phrase(kind: str, n: int) -> str:
    text = {
        "beneficiaries": lambda: tk.ungettext("{n} beneficiary", "{n} beneficiaries", n),
        "borrowers": lambda: tk.ungettext(
            "{n} borrower or guaranteed person", "{n} borrowers or guaranteed persons", n
        ),
        "pay": lambda: tk.ungettext("{n} staff pay or index", "{n} staff pays or indices", n),
        "elected": lambda: tk.ungettext("{n} trained elected member", "{n} trained elected members", n),
        "signatories": lambda: tk.ungettext("{n} signatory", "{n} signatories", n),
        "parts": lambda: tk.ungettext(
            "{n} part with names (accountant, signatures)", "{n} parts with names (accountant, signatures)", n
        ),
        "others": lambda: tk.ungettext("{n} other free-text field", "{n} other free-text fields", n),
    }[kind]()
    return text.format(n=wording.count(n, tk.h.lang()))
