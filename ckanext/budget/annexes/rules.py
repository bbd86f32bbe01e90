"""Which records become rows, and the privacy rule of each table in words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ckanext.budget.annexes.cells import masked
from ckanext.budget.annexes.model import Reason
from ckanext.budget.messages.model import N_
from ckanext.budget.totem.occult_rules import UNLESS

#: codes of CodNatJurBenefCA that are legal persons; P3 is a natural person
LEGAL_PERSONS = UNLESS["CONCOURS"][1]
_NATURAL_PERSON = "P3"
_NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,10})?", re.ASCII)

GRANTS = N_(
    "Only beneficiaries whose record says that they are legal persons are listed, never a natural person; a record "
    "without legal nature, without name, or whose name looks like a person’s is only counted"
)
LOANS = N_(
    "Loans of the collectivity itself: lenders are organisations; a text that seems to name a person is emptied"
)
GUARANTEED = N_(
    "Loans that the collectivity guarantees for others: the beneficiary is never shown; a text that seems to name a "
    "person is emptied"
)
ASSETS = N_(
    "Assets that entered or left the estate: buyers and sellers are not columns; a text that seems to name a person "
    "is emptied"
)
LENT = N_("Loans granted by the collectivity: the beneficiary is never shown")
PROGRAMMES = N_("Multi-year authorisations: a label that seems to name a person is emptied")
STAFF = N_(
    "Counts only, each covering 5 full-time equivalents or more: smaller groups are merged with others; no grade, no "
    "pay, no index, no individual row"
)


def readable(value: str) -> bool:
    """Whether a value is a number as TotEM writes them."""
    return bool(_NUMBER.fullmatch(value))


def grant(fields: Mapping[str, str]) -> Reason | None:
    """CONCOURS: a row for a named legal person only."""
    nature = fields.get("CodNatJurBenefCA", "")
    if nature not in LEGAL_PERSONS:
        return "natural_person" if _NATURAL_PERSON in nature.split("\n") else "nature_unknown"
    name = fields.get("LibOrgaBenef", "")
    if not name or masked(name) or "\n" in name:
        return "beneficiary_unnamed"
    return None if readable(fields.get("MtSubv", "")) else "unreadable"


def own_loan(fields: Mapping[str, str]) -> Reason | None:
    """EMPRUNT 01: the collectivity's own debt (other codes repeat it, guarantee others' or make ratios)."""
    return None if fields.get("CodTypEmpr") == "01" else "other_kind"


def guaranteed_loan(fields: Mapping[str, str]) -> Reason | None:
    """EMPRUNT 09: others' debt that the collectivity guarantees."""
    return None if fields.get("CodTypEmpr") == "09" else "other_kind"


def programme(fields: Mapping[str, str]) -> Reason | None:
    """APCP: situations of authorisations; ratios are of the whole."""
    return None if fields.get("CodSTypAutori", "S") == "S" else "other_kind"


def every(fields: Mapping[str, str]) -> Reason | None:
    """Every record makes a row."""
    return None if fields else "unreadable"


def kind_of_aid(fields: Mapping[str, str]) -> str:
    """SCDL «nature»: told only where the annexe is plain about it; empty otherwise.

    The annexe has an amount of money and a free text for a benefit in kind, but texts like «subvention» are found in
    the latter, and the word «nature» in ObjSubv.
    """
    in_kind, aim, amount = (fields.get(name, "") for name in ("LibPrestaNat", "ObjSubv", "MtSubv"))
    paid = any(digit in "123456789" for digit in amount)
    if paid and not in_kind and "nature" not in aim.lower():
        return "aide en numéraire"
    if not paid and in_kind and "subv" not in in_kind.lower():
        return "aide en nature"
    return ""
