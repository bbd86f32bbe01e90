"""The deposit desk: what stops a file of a batch, when it is not the file itself."""

from __future__ import annotations

from ckanext.budget.messages.model import N_, Message

MESSAGES: dict[str, Message] = {
    "deposit_organisation": Message(
        N_("This budget has no dataset yet, and you belong to several organisations"),
        N_("Choose the organisation that publishes it and deposit the file again"),
    ),
    "deposit_not_allowed": Message(
        N_("Your account may not publish this budget"),
        N_("Ask the administrators of the portal to attach your account to the organisation of “{theirs}”"),
    ),
    "deposit_not_stored": Message(
        N_("The portal did not accept the dataset or the file of this budget ({fields})"),
        N_("Contact the administrators of the portal"),
    ),
    "deposit_twice": Message(
        N_("The same file is already in this deposit: {file}"), N_("There is nothing to do: it is published once")
    ),
    "deposit_copy_gone": Message(
        N_("The copy of this file that waited for its publication is no longer there"), N_("Deposit the file again")
    ),
    "deposit_busy": Message(
        N_("Other files of this budget were being published for too long"), N_("Publish again in a few minutes")
    ),
    "deposit_big": Message(
        N_("This file is over the limit of the deposit desk ({value} at most)"),
        N_("Split the archive into several, or contact the administrators of the portal"),
    ),
    "deposit_full": Message(
        N_("The portal could not keep this file: its disk may be full"),
        N_("Try again later, or contact the administrators of the portal"),
    ),
}
