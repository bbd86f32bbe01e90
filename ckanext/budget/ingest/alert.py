"""The administrators are told of our own faults: conversions that failed, and refusals, by no fault of the file."""

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
OUR_FAULTS = ("not_conserved", "conversion_failed", "publication_failed", "occultation_failed")


def tell_of(document_ids: Iterable[str]) -> None:
    """Tell of those among these documents whose conversion failed by our fault."""
    for document_id in document_ids:
        document = core.document(document_id)
        error = document.error if document is not None and document.status == "failed" else None
        if document is not None and error and error.get("code") in OUR_FAULTS:
            _tell(document, Finding.from_dict(error))


def tell_of_refusal(finding: Finding) -> None:
    """Tell of a file that the door refused by our fault (it is stored nowhere: the depositor has it)."""
    if finding.code in OUR_FAULTS:
        log.error("A file was refused by our fault (%s)", finding.code)
        _mail("Fichier refusé par un défaut du portail", finding, "Rien de ce fichier n’est gardé.")


def _tell(document: BudgetDocument, finding: Finding) -> None:
    """Log it, and mail it where an address is set."""
    # a name comes from the file: on one line, or it would break the mail's headers and the log
    title = " ".join(f"{document.name} – {document.stage} {document.exercice}".split())
    log.error("Conversion failed by our fault (%s): document %s, %s", finding.code, document.id, title)
    where = f"{tk.config['ckan.site_url']}/dataset/{document.package_id}/resource/{document.resource_id}"
    kept = "Le fichier et le dernier CSV publié restent en place."
    _mail(f"Conversion en échec : {title}", finding, f"{title}\n{where}\n\n{kept}")


def _mail(subject: str, finding: Finding, more: str) -> None:
    """A mail that can't be sent is only logged."""
    address = tk.config["ckanext.budget.alert_email"] or tk.config.get("email_to")
    if not address:
        return
    said = messages.render(finding, messages.french()).sentence
    try:
        mailer.mail_recipient("", address, subject, f"{said}\n\n{more}")
    except Exception:  # noqa: BLE001  (CKAN's mailer raises anything for a missing setting: the deposit goes on)
        log.exception("The administrators could not be told by mail")
