"""Mandates: why one does not allow a file, and what the collectivité answered."""

from __future__ import annotations

from ckanext.budget.messages.model import N_, Message

_ASK = N_("Ask for another mandate, or let the local government deposit this file itself")

MESSAGES: dict[str, Message] = {
    "mandate_scope": Message(
        N_("Your mandate for “{theirs}” is not about this document ({document})"),
        N_("Have its years or its stages extended, or let the local government deposit this file itself"),
    ),
    "mandate_future": Message(
        N_("Your mandate for “{theirs}” is not in force yet ({document})"),
        N_("Deposit this file from its first day on, or have this day changed"),
    ),
    "mandate_expired": Message(N_("Your mandate for “{theirs}” has expired ({document})"), _ASK),
    "mandate_ended": Message(N_("Your mandate for “{theirs}” was ended ({document})"), _ASK),
    "mandate_prepare": Message(
        N_(
            "By your mandate for “{theirs}” you prepare this file, and the local government publishes it ({document})"
        ),
        N_("Deposit it at the deposit desk: it will wait there for the local government’s word"),
    ),
    "mandate_elsewhere": Message(
        N_("The dataset of this budget is in an organisation that your mandate for “{theirs}” does not reach"),
        N_("Ask the administrators of the portal to move it to the organisation of the local government"),
    ),
    "refused_by_collectivite": Message(
        N_("The local government did not want this file published: {reason}"),
        N_("Correct the file with them and deposit it again"),
    ),
}
