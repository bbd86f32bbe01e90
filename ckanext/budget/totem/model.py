"""The document as read: its header, its identity, its lines.

Element names are those of the DocumentBudgetaire XSD (schema V95 and later); values are the ``V``
attributes, kept as text. ``Exer`` is read in BlocBudget and ``Nomenclature`` in EnTeteBudget only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

#: TotEM, CFU, or a table of budget lines (SCDL CSV, spreadsheet)
Kind = Literal["totem", "cfu", "scdl"]
Stage = Literal["BP", "BS", "DM", "CA", "CFU"]

STAGES: Mapping[str, Stage] = {"01": "BP", "02": "DM", "03": "BS", "09": "CA", "10": "CFU"}

#: One LigneBudget: tag → V. ``CaracSup`` are flattened as ``CaracSup.<code, lower case>``; ``MtSup`` is left out
#: (it never gives an amount). ``calculated`` lines of a CFU carry the key ``calculated``.
#: ``@line`` is the line of the source file where it starts.
Line = Mapping[str, str]

AMOUNTS = ("MtReal", "MtBudgPrec", "MtRARPrec", "MtPropNouv", "MtPrev", "CredOuv", "MtRAR3112")


@dataclass(frozen=True)
class Seal:
    """Scellement: the natural key of a re-sent document (``date`` as written)."""

    md5: str = ""
    sha1: str = ""
    date: str = ""


@dataclass(frozen=True)
class Header:
    """What a document says of itself before its first line. ``values`` maps XSD names to text."""

    kind: Kind
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    seal: Seal = Seal()
    #: InformationsGenerales: Code → V (declared ratios, population)
    information: Mapping[str, str] = field(default_factory=dict[str, str])

    def get(self, name: str) -> str:
        """Value of a header element, stripped; empty when absent."""
        return self.values.get(name, "").strip()

    @property
    def stage(self) -> Stage | None:
        """Étape: BP, BS, DM, CA or CFU; None when NatDec is unknown. A CFU root is a CFU."""
        return "CFU" if self.kind == "cfu" else STAGES.get(self.get("NatDec"))

    @property
    def dm_number(self) -> int:
        """Number of the décision modificative; 0 for other stages (a CA may carry a NumDec: ignored)."""
        number = self.get("NumDec")
        return int(number) if self.stage == "DM" and number.isdecimal() else 0

    @property
    def exercice(self) -> int | None:
        """Year of the budget, None when Exer is not a year."""
        text = self.get("Exer")
        return int(text) if re.fullmatch(r"(19|20)\d\d", text, re.ASCII) else None

    @property
    def siret(self) -> str | None:
        """IdEtab when it is a SIRET that passes its key; never IdColl (it may be the principal's)."""
        text = self.get("IdEtab")
        return text if stdnum_siret.is_valid(text) and len(text) == 14 else None

    @property
    def siren(self) -> str | None:
        """SIREN of whose file it is: from IdEtab, else from IdColl or CodInseeColl."""
        for name in ("IdEtab", "IdColl", "CodInseeColl"):
            text = self.get(name)
            if len(text) in (9, 14) and stdnum_siren.is_valid(text[:9]):
                return text[:9]
        return None

    @property
    def norm(self) -> str:
        """``M57`` in ``M57-M57_D``."""
        return self.get("Nomenclature").partition("-")[0]

    @property
    def declination(self) -> str:
        """``M57_D`` in ``M57-M57_D``; the norm itself when there is none."""
        head, _, tail = self.get("Nomenclature").partition("-")
        return tail or head

    @property
    def is_annexe(self) -> bool:
        """Budget annexe (CodTypBud A)."""
        return self.get("CodTypBud") == "A"

    @property
    def is_draft(self) -> bool:
        """ProjetBudget true on a BP, BS or DM (adopted CA carry it too: domain §1)."""
        return self.get("ProjetBudget") in ("true", "1") and self.stage in ("BP", "BS", "DM")

    @property
    def vote_by_function(self) -> bool:
        """NatFonc 2."""
        return self.get("NatFonc") == "2"

    @property
    def name(self) -> str:
        """BGT_NOM: LibelleColl; «LibelleColl – LibelleEtab» for an annexe whose LibelleEtab says something."""
        coll, etab = self.get("LibelleColl"), self.get("LibelleEtab")
        if (
            self.is_annexe
            and etab
            and etab.casefold() != coll.casefold()
            and not re.match(r"(?i)(exercice|budget annexe)\s*\d*$", etab)
        ):
            return f"{coll} – {etab}" if coll else etab
        return coll or etab
