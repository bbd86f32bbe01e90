"""Annexes as open tables."""

from __future__ import annotations

from ckanext.budget.messages.model import N_, Message

MESSAGES: dict[str, Message] = {
    "annexe_natural_persons": Message(
        N_("Table “{table}”: grants to natural persons are counted, not listed ({count} records)"),
        N_("Nothing to do"),
    ),
    "annexe_nature_unknown": Message(
        N_(
            "Table “{table}”: the legal nature of the beneficiary is missing or unknown ({count} records, not listed)"
        ),
        N_("Fill in the legal nature of the beneficiaries in your finance software"),
    ),
    "annexe_beneficiary_unnamed": Message(
        N_(
            "Table “{table}”: the name of the beneficiary is missing, hidden, or looks like a person’s "
            "({count} records, not listed)"
        ),
        N_("Check the name and the legal nature of these beneficiaries in your finance software"),
    ),
    "annexe_records_unreadable": Message(
        N_("Table “{table}”: records have no readable amount or number ({count} records, not listed)"),
        N_("Check this annexe in your finance software"),
    ),
    "annexe_staff_too_few": Message(
        N_("Table “{table}”: the staff is too small for figures that identify nobody ({count} records, not listed)"),
        N_("Nothing to do"),
    ),
    "annexe_texts_masked": Message(
        N_("Table “{table}”: texts that seem to name a person are left empty ({count} cells)"),
        N_("Take the names of persons out of these labels in your finance software"),
    ),
    "annexe_values_unreadable": Message(
        N_(
            "Table “{table}”: values that are no number, no date, no valid SIRET or no known code are left empty ({count} cells)"
        ),
        N_("Check this annexe in your finance software"),
    ),
}
