"""What is hidden, and why: the table of rules, as data.

Sources: art. L. 311-7 CRPA as the field practises it (element → fields); real files in which names were found in
fields that the usual tool leaves (signatories, elected members, accountants). Hiding the names of elected
signatories is a prudent choice, not a duty found in a text.
"""

from __future__ import annotations

from collections.abc import Mapping

from ckanext.budget.annexes.persons import CHECKED_FIELDS

#: what a hidden value reads as; written as a character reference, it is right in every encoding
HIDDEN = "Occulté"
HIDDEN_BYTES = b"Occult&#233;"
#: the ways in which a value may already be hidden
ALREADY: frozenset[bytes] = frozenset({HIDDEN_BYTES, HIDDEN.encode(), HIDDEN.encode("latin-1")})

#: fields that can name a person: hidden wherever they stand
ALWAYS: frozenset[str] = frozenset(
    {
        "NomBenefPret",  # PRET: the legal nature of the borrower is not stated
        "LibNatProv", "LibObjProv",  # PROVISION: a dispute names its parties
        "RemunAgent", "IndiceAgent",  # PERSONNEL: pay and index of a single agent
        "NomOrgEng", "RSOrgEng",  # ORGANISME_ENG
        "LibCredBail",  # CREDIT_BAIL
        "LibTypDette",  # DETTE
        "NomPJ",  # PJRef: file names carry names
        "Champ_Editeur",  # free field of the publisher
        "Proprietaire",  # MEMBREASA
        "Signataire",  # SIGNATAIRE: by prudence
        "LibPresentPar",  # SIGNATURE: by prudence
        "NomElu",  # FORMATION: by prudence
        "NomBenefEmprGaranti",  # EMPRUNT: nearly always organisations, but not always
        "NomComptable", "Utilisateur",  # CFU: the accountant, the person who edited
    }
)  # fmt: skip

#: fields hidden unless their record says that the beneficiary is a legal person:
#: record → (discriminating element, values that show the fields, fields)
UNLESS: Mapping[str, tuple[str, frozenset[str], frozenset[str]]] = {
    # P3 = natural person; absent or an unknown code = not known to be a legal person, so hidden
    "CONCOURS": (
        "CodNatJurBenefCA",
        frozenset({"P1", "P2", "P4", "U1", "U2", "U3", "U4", "U5", "U6"}),
        frozenset({"LibOrgaBenef", "DenomOuNumSubv", "LibPrestaNat", "ObjSubv"}),
    ),
    "AUTRE_ENGAGEMENT": ("CodTypPersoMorale", frozenset({"U"}), frozenset({"NomOrgaBenef", "NatEng"})),
}
CONDITIONAL: frozenset[str] = frozenset(field for _, _, fields in UNLESS.values() for field in fields)

#: attributes hidden on any element (the CFU's accountant's part writes names there)
ATTRIBUTES: frozenset[str] = frozenset({"NomComptable", "Utilisateur"})

#: elements dropped whole: the accountant's part of a CFU, its report, signatures and certificates
DROPPED: frozenset[str] = frozenset(
    {"DocumentComptable", "DocumentRapport", "Signatures", "Signature", "KeyInfo", "X509Data", "X509Certificate",
     "SignatureValue", "Certificate", "Certificat", "QualifyingProperties"}
)  # fmt: skip

#: every element that the rules name, but for labels
LISTED: frozenset[str] = (
    ALWAYS | CONDITIONAL | DROPPED | frozenset(UNLESS) | frozenset(element for element, _, _ in UNLESS.values())
)

#: free labels that stay readable unless they look like a person's: any attribute but «Code» is checked, wherever the
#: element stands («CaracSup.progautolib» is the V of a CaracSup)
LABELS: frozenset[str] = frozenset(field.partition(".")[0] for fields in CHECKED_FIELDS.values() for field in fields)
