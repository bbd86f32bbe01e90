"""What the tables have to tell the person who deposits the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ckanext.budget.annexes.model import Reason, Table
from ckanext.budget.errors import Finding, Level

#: reasons worth telling (records of another kind belong to another table)
_TOLD: Mapping[Reason, tuple[str, Level]] = {
    "natural_person": ("annexe_natural_persons", "information"),
    "nature_unknown": ("annexe_nature_unknown", "a_verifier"),
    "beneficiary_unnamed": ("annexe_beneficiary_unnamed", "a_verifier"),
    "unreadable": ("annexe_records_unreadable", "a_verifier"),
    "too_few": ("annexe_staff_too_few", "information"),
}


def findings(tables: Iterable[Table]) -> list[Finding]:
    """One finding for each reason why something of the annexes is not shown; counts and table names, no name."""
    found: list[Finding] = []
    for table in tables:
        for reason, left in sorted(table.left_out.items()):
            if reason in _TOLD:
                code, level = _TOLD[reason]
                found.append(Finding(code, level, {"count": str(left.count), "table": table.name}))
        for count, code in ((table.masked, "annexe_texts_masked"), (table.unreadable, "annexe_values_unreadable")):
            if count:
                found.append(Finding(code, "a_verifier", {"count": str(count), "table": table.name}))
    return found
