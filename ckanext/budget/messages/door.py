"""The door and the conversion: whose file, is it new, what can go wrong on our side."""

from __future__ import annotations

from ckanext.budget.messages.model import N_, Message

MESSAGES: dict[str, Message] = {
    # -- the door: whose file, and is it new
    "door_failed": Message(
        N_("This file could not be examined, so it was not stored"),
        N_("Try again; if it happens again, contact the administrators of the portal"),
    ),
    "other_collectivite": Message(
        N_(
            "This file is that of “{theirs}” (SIREN {their_siren}), and this dataset is that of “{ours}” (SIREN {our_siren})"
        ),
        N_("Deposit it in the dataset of its own local government, or choose another file"),
    ),
    "other_organization": Message(
        N_(
            "This file is that of “{theirs}” (SIREN {their_siren}), and you are depositing for “{ours}” (SIREN {our_siren})"
        ),
        N_(
            "Choose another file. If this budget is yours to publish, ask the administrators of the portal: they can add this local government, or its SIREN to your organisation"
        ),
    ),
    "other_organization_known": Message(
        N_(
            "This file is that of “{theirs}” (SIREN {their_siren}), and you are depositing for “{ours}” (SIREN {our_siren})"
        ),
        N_(
            "Deposit it in a dataset of the organisation “{organization}”, or ask the administrators of the portal for the right to do so"
        ),
    ),
    "other_organization_dataset": Message(
        N_(
            "This file is that of “{theirs}” (SIREN {their_siren}), and you are depositing for “{ours}” (SIREN {our_siren})"
        ),
        N_("Deposit it in its own dataset: {link}"),
    ),
    "other_budget": Message(
        N_(
            "This file is that of another budget, “{theirs}” (SIRET {their_siret}), and this dataset is that of “{ours}” (SIRET {our_siret})"
        ),
        N_("Create a dataset for this annexe budget and deposit the file there"),
    ),
    "budget_elsewhere": Message(
        N_("The budget of “{theirs}” (SIRET {their_siret}) already has a dataset on this portal"),
        N_("Ask the administrators of the portal for the right to deposit in it"),
    ),
    "budget_elsewhere_link": Message(
        N_("The budget of “{theirs}” (SIRET {their_siret}) already has a dataset on this portal"),
        N_("Deposit the file there: {link}"),
    ),
    "derived_not_replaceable": Message(
        N_("This CSV is made by the portal from a budget file: it can't be replaced by hand"),
        N_("Replace the XML file it comes from, and it will be made again"),
    ),
    "other_budget_known": Message(
        N_(
            "This file is that of another budget, “{theirs}” (SIRET {their_siret}), and this dataset is that of “{ours}” (SIRET {our_siret})"
        ),
        N_("Deposit it in its own dataset: {link}"),
    ),
    "already_published": Message(N_("This file is already published: {document}"), N_("There is nothing to do")),
    "already_published_link": Message(
        N_("This file is already published: {document}"), N_("There is nothing to do: see {link}")
    ),
    "older_version": Message(
        N_("A newer version of this document is already published: {document}, of {date}"),
        N_("Choose the newest file; to go back to an older one, delete the newer one first"),
    ),
    "withdrawn_personal_data": Message(
        N_("This file was withdrawn on {date} because it shows personal data: {document}"),
        N_(
            "Remove these data in your finance software and export the file again; if it was withdrawn by mistake, tell the administrators of the portal"
        ),
    ),
    # -- withdrawal
    "already_withdrawn": Message(N_("This document is already withdrawn: {document}"), N_("There is nothing to do")),
    "not_withdrawn": Message(
        N_("This document is not withdrawn: {document}"), N_("Withdraw it first, with a reason, then do this again")
    ),
    "not_restorable": Message(
        N_("The file of this document has been destroyed: {document}"), N_("Deposit the file again")
    ),
    "dataset_gone": Message(
        N_("The dataset of this document is deleted"),
        N_("Ask the administrators of the portal to restore it, or to purge it"),
    ),
    "file_gone": Message(
        N_("The file of this version is no longer there: another has taken its place"),
        N_("There is nothing to convert"),
    ),
    "twice_at_once": Message(N_("The same file is there twice: {document}"), N_("Remove one of the two")),
    "derived_not_deletable": Message(
        N_("This file is made by the portal from a budget file"),
        N_("To remove it, delete the XML file it comes from"),
    ),
    # -- conversion: what can go wrong on our side
    "file_missing": Message(
        N_("The stored file could not be read"),
        N_("Deposit it again, or contact the administrators of the portal"),
    ),
    "file_changed": Message(N_("The stored file is not the one that was received"), N_("Deposit it again")),
    "not_conserved": Message(
        N_("The totals of the CSV differ from those of the file, so the CSV was not published"),
        N_("The file is not at fault: contact the administrators of the portal"),
    ),
    "conversion_failed": Message(
        N_("The conversion failed because of a fault of the portal"),
        N_("The file is not at fault: contact the administrators of the portal"),
    ),
    "publication_failed": Message(
        N_("The file was received but the result could not be stored"),
        N_("Deposit it again later, or contact the administrators of the portal"),
    ),
}
