"""The administrators are told of our own faults: a conversion that failed through no fault of the file."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import ckan.plugins.toolkit as tk
from ckan.lib import mailer

from ckanext.budget import messages
from ckanext.budget.errors import Finding
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument

log = logging.getLogger(__name__)

#: findings that are ours to mend
OUR_FAULTS = ("not_conserved", "conversion_failed", "publication_failed")


def tell_of(document_ids: Iterable[str]) -> None:
    """Tell of those among these documents whose conversion failed by our fault."""
    for document_id in document_ids:
        document = core.document(document_id)
        error = document.error if document is not None and document.status == "failed" else None
        if document is not None and error and error.get("code") in OUR_FAULTS:
            _tell(document, Finding.from_dict(error))


def _tell(document: BudgetDocument, finding: Finding) -> None:
    """Log it, and mail it where an address is set. A mail that can't be sent is only logged."""
    title = f"{document.name} – {document.stage} {document.exercice}"
    log.error("Conversion failed by our fault (%s): document %s, %s", finding.code, document.id, title)
    address = tk.config["ckanext.budget.alert_email"] or tk.config.get("email_to")
    if not address:
        return
    said = messages.render(finding, messages.french()).sentence
    where = f"{tk.config['ckan.site_url']}/dataset/{document.package_id}/resource/{document.resource_id}"
    try:
        mailer.mail_recipient(
            "",
            address,
            f"Conversion en échec : {title}",
            f"{said}\n\n{title}\n{where}\n\nLe fichier et le dernier CSV publié restent en place.",
        )
    except (mailer.MailerException, OSError):
        log.exception("The administrators could not be told by mail")
