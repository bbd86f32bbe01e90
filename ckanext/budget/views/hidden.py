"""Personal data that was hidden, in words; and why the seal of the copy can't match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget import messages
from ckanext.budget.messages import N_
from ckanext.budget.totem.model import Seal
from ckanext.budget.totem.occult_rules import DROPPED, LABELS
from ckanext.budget.totem.seal import seal_facts
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

PERSONAL, FREE, PRUDENT = (
    N_("personal data"),
    N_("free text, which may name someone"),
    N_("as a precaution"),
)
#: what is hidden: last part of its name → (what it is, why), msgids
FIELDS: Mapping[str, tuple[str, str]] = {
    "LibOrgaBenef": (N_("Beneficiary of a grant"), PERSONAL),
    "DenomOuNumSubv": (N_("Name or number of the grant"), PERSONAL),
    "LibPrestaNat": (N_("Benefit in kind"), PERSONAL),
    "ObjSubv": (N_("Purpose of a grant"), PERSONAL),
    "NomOrgaBenef": (N_("Beneficiary of a commitment"), PERSONAL),
    "NatEng": (N_("Nature of a commitment"), PERSONAL),
    "NomOrgEng": (N_("Body towards which there is a commitment"), PERSONAL),
    "RSOrgEng": (N_("Company name of that body"), PERSONAL),
    "NomBenefPret": (N_("Borrower"), PERSONAL),
    "NomBenefEmprGaranti": (N_("Beneficiary of a guaranteed loan"), PERSONAL),
    "LibNatProv": (N_("Nature of a provision"), PERSONAL),
    "LibObjProv": (N_("Purpose of a provision (a dispute names its parties)"), PERSONAL),
    "RemunAgent": (N_("Pay of a member of staff"), PERSONAL),
    "IndiceAgent": (N_("Salary index of a member of staff"), PERSONAL),
    "LibCredBail": (N_("Leasing contract"), PERSONAL),
    "LibTypDette": (N_("Kind of debt"), PERSONAL),
    "Proprietaire": (N_("Owner"), PERSONAL),
    "NomComptable": (N_("Accountant"), PERSONAL),
    "Utilisateur": (N_("User of the software"), PERSONAL),
    "DocumentComptable": (N_("Accountant’s part of the single financial account"), PERSONAL),
    "DocumentRapport": (N_("Report part of the single financial account"), PERSONAL),
    "Signatures": (N_("Signatures"), PERSONAL),
    "Champ_Editeur": (N_("Free field of the software"), FREE),
    "NomPJ": (N_("Name of an attached file"), FREE),
    "Signataire": (N_("Signatory"), PRUDENT),
    "LibPresentPar": (N_("Who presented the budget"), PRUDENT),
    "NomElu": (N_("Elected member who was trained"), PRUDENT),
}
_PART = FIELDS["Signatures"]
_LABEL = (N_("Label that looks like a person’s name"), FREE)
_OTHER = (N_("Other text"), FREE)


def words(counts: Mapping[str, int]) -> dict[str, object]:
    """``total`` of hidden values (``total_words`` as it is read), ``kinds``, a list of phrases such as
    «11 signatories» (the rest is «other»), and ``rows``, the counts by field."""
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
    return {
        "total": total,
        "total_words": wording.count(total, tk.h.lang()),
        "kinds": phrases,
        "rows": [_row(field, n) for field, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))],
    }


def _row(field: str, number: int) -> dict[str, str]:
    last = field.rpartition("/")[2]
    what, why = FIELDS.get(last) or (_PART if last in DROPPED else _LABEL if last in LABELS else _OTHER)
    return {"what": tk._(what), "why": tk._(why), "field": field, "n": wording.count(number, tk.h.lang())}


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


def seal(stored: Mapping[str, Any], counts: Mapping[str, int]) -> dict[str, str]:
    """What can be said of the seal of the published copy: ``state`` (see :mod:`ckanext.budget.totem.seal`), ``what``
    and ``remedy``."""
    told = Seal(*(str(stored.get(name) or "") for name in ("md5", "sha1", "date")))
    facts = seal_facts(told, counts)
    finding = facts.finding
    lang = tk.h.lang()
    params = {
        **finding.params,
        "hidden": wording.count(facts.hidden, lang),
        "date": wording.day(told.date, lang) or tk._("undated"),
    }
    said = messages.render(replace(finding, params=params), tk._)
    return {"state": facts.state, "what": said.what, "remedy": said.remedy}
