"""One line of the standard CSV, and the same line typed for the registry."""

from __future__ import annotations

from typing import NamedTuple

#: The 22 columns of SCDL budget 0.8.3, in order.
COLUMNS = (
    "BGT_NATDEC", "BGT_ANNEE", "BGT_SIRET", "BGT_NOM", "BGT_CONTNAT", "BGT_CONTNAT_LABEL", "BGT_NATURE",
    "BGT_NATURE_LABEL", "BGT_FONCTION", "BGT_FONCTION_LABEL", "BGT_OPERATION", "BGT_SECTION", "BGT_OPBUDG",
    "BGT_CODRD", "BGT_MTREAL", "BGT_MTBUDGPREC", "BGT_MTRARPREC", "BGT_MTPROPNOUV", "BGT_MTPREV", "BGT_CREDOUV",
    "BGT_MTRAR3112", "BGT_ARTSPE",
)  # fmt: skip


class ConvertedLine(NamedTuple):
    """A budget line after conversion: the fields are the columns of ``budget_line`` (amounts keep the digits of
    the source; None = absent), then ``cells``, the 22 cells of its CSV row."""

    number: int
    nature: str
    nature_label: str
    fonction: str | None
    fonction_label: str | None
    contnat: str
    contnat_label: str
    chapter: str
    chapter_label: str
    operation: str | None
    section: str  # F or I
    ordre: bool
    code_rd: str  # R or D
    mtreal: str | None
    mtbudgprec: str | None
    mtrarprec: str | None
    mtpropnouv: str | None
    mtprev: str | None
    credouv: str | None
    mtrar3112: str | None
    artspe: str | None
    cells: tuple[str, ...]
