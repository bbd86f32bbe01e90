"""The quality level of a published document, computed from its findings and controls. A blocked file has none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ckanext.budget.errors import Finding
from ckanext.budget.messages.model import N_
from ckanext.budget.quality.controls_model import Control

Level = Literal["complet", "a_verifier", "lecture_partielle"]


@dataclass(frozen=True)
class Definition:
    """A level's name, and what it means (msgids)."""

    name: str
    definition: str


LEVELS: Mapping[Level, Definition] = {
    "complet": Definition(
        N_("Complete"),
        N_("The whole file was read, every amount is in the CSV, and nothing asks for a look."),
    ),
    "a_verifier": Definition(
        N_("To check"),
        N_(
            "The whole file was read and every amount is in the CSV, but at least one point deserves a look: a code, "
            "an identifier or a control."
        ),
    ),
    "lecture_partielle": Definition(
        N_("Read in part"),
        N_(
            "Every amount is in the CSV, but part of what the file says about them could not be interpreted: an "
            "unknown chart of accounts, or lines without account."
        ),
    ),
}

#: findings which mean that part of the file could not be interpreted, though every amount is there
PARTIAL = frozenset({"nomenclature_unknown", "nature_absent"})


def level(findings: Iterable[Finding], controls: Iterable[Control]) -> Level | None:
    """The worst of what was found; information never lowers a level. None for a file that is blocked."""
    findings = list(findings)
    if any(finding.level == "bloquant" for finding in findings):
        return None
    if any(finding.code in PARTIAL for finding in findings):
        return "lecture_partielle"
    amber = any(f.level == "a_verifier" for f in findings) or any(c.outcome == "a_verifier" for c in controls)
    return "a_verifier" if amber else "complet"
