"""The words of every finding: what, where, what to do.

Msgids are English; the French catalogue is complete. Nothing is translated at import: the caller
gives the translation function of its own world (CKAN's ``tk._``, or gettext for the console).
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ckanext.budget.errors import Finding

Translate = Callable[[str], str]


def N_(text: str) -> str:  # noqa: N802  (gettext's own name for «extract, don't translate»)
    """Mark a msgid for extraction."""
    return text


def NP_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802
    """Mark a msgid and its plural for extraction."""
    return singular, plural


@dataclass(frozen=True)
class Message:
    """``what`` happened and what to do about it (``remedy``), with ``{name}`` placeholders."""

    what: str
    remedy: str = ""


@dataclass(frozen=True)
class Rendered:
    """A finding in words: ``what``, ``where`` (may be empty), ``remedy`` (may be empty)."""

    what: str
    where: str
    remedy: str

    @property
    def sentence(self) -> str:
        """The three parts as one text."""
        what = f"{self.what} ({self.where})" if self.where else self.what
        return " ".join(
            part if part.endswith((".", "?", "!")) else part + "." for part in (what, self.remedy) if part
        )


MESSAGES: Mapping[str, Message] = {
    # -- reading: the bytes and the XML
    "empty_file": Message(N_("This file is empty"), N_("Export it again from your finance software")),
    "not_xml": Message(
        N_("This file is not XML"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "xml_cut": Message(
        N_("This file stops before its end"),
        N_("Export it again from your finance software, without opening it in between"),
    ),
    "xml_broken": Message(
        N_("This file is not well-formed XML"),
        N_("Export it again from your finance software, without opening it in between"),
    ),
    "xml_doctype": Message(
        N_("This file declares a document type (DOCTYPE), which a budget never does and which is refused for safety"),
        N_("Export it again from your finance software"),
    ),
    "xml_encoding_unknown": Message(
        N_("This file declares an unknown encoding: {encoding}"),
        N_("Export it again from your finance software"),
    ),
    "limit_reached": Message(
        N_("This file is over a limit of this portal ({limit}: {value} at most)"),
        N_("Contact the administrators of the portal"),
    ),
    # -- reading: the encoding, as facts
    "encoding_utf8": Message(
        N_("The file declares {declared} but is written in UTF-8: it was read as UTF-8"),
        N_("Nothing to do; your software's publisher may be told"),
    ),
    "encoding_declared_wrong": Message(
        N_("The file declares {declared} but is written in {actual}: it was read as {actual}"),
        N_("Nothing to do; your software's publisher may be told"),
    ),
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
    # -- reading: the document
    "not_budget": Message(
        N_("This file is XML, but not a budget"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "no_budget": Message(
        N_("This budget file holds no budget: its element “Budget” is missing"),
        N_("Export it again from your finance software"),
    ),
    "no_line": Message(N_("This budget file holds no budget line"), N_("Export it again from your finance software")),
    "unknown_stage": Message(
        N_("This file does not say which budget stage it is: its code is “{value}”"),
        N_(
            "Export it again from your finance software, choosing primitive or supplementary budget, amendment, administrative or single financial account"
        ),
    ),
    "bad_year": Message(
        N_("This file does not say which year it is about: it states “{value}”"),
        N_("Export it again from your finance software"),
    ),
    "bad_line_direction": Message(
        N_("A budget line does not say whether it is revenue or expenditure"),
        N_("Export it again from your finance software, or tell its publisher"),
    ),
    "bad_line_order": Message(
        N_("A budget line does not say whether its operation is real or internal (ordre)"),
        N_("Export it again from your finance software, or tell its publisher"),
    ),
    "bad_amount": Message(
        N_("A budget line has an amount that is not a number: {amount} is “{value}”"),
        N_("Export it again from your finance software, or tell its publisher"),
    ),
    "header_after_lines": Message(
        N_("This budget file gives its heading after its lines"),
        N_("Export it again from your finance software, or tell its publisher"),
    ),
    # -- standard: facts about the document and its codes
    "siret_absent": Message(
        N_("The file gives no SIRET for this budget: the column stays empty"),
        N_("Enter the SIRET of the budget in your finance software"),
    ),
    "siret_faulty": Message(
        N_("The SIRET of this budget is not valid (“{siret}”): the column stays empty"),
        N_("Correct the SIRET of the budget in your finance software (14 digits)"),
    ),
    "nomenclature_unknown": Message(
        N_("The chart of accounts “{nomenclature}” is unknown: its accounts have no official label"),
        N_("Check the nomenclature of the budget in your finance software"),
    ),
    "declination_unknown": Message(
        N_("The chart of accounts “{nomenclature}” is unknown: labels are those of {used}"),
        N_("Check the nomenclature of the budget in your finance software"),
    ),
    "plan_year_missing": Message(
        N_("The chart of accounts {plan} is not stored here: labels are those of {year}"),
        N_("Nothing to do"),
    ),
    "draft": Message(
        N_("The file is marked as a draft budget"), N_("Deposit the voted budget as soon as it is adopted")
    ),
    "label_absent": Message(
        N_("Code {code} is not in the chart of accounts {plan} ({count} lines)"),
        N_("Check this code in your finance software"),
    ),
    "label_from_parent": Message(
        N_("Code {code} is not in the chart of accounts {plan}: its label is that of {parent} ({count} lines)"),
        N_("Nothing to do"),
    ),
    "label_other_year": Message(
        N_("Code {code} is not in the chart of accounts {plan}: its label is that of {year} ({count} lines)"),
        N_("Nothing to do"),
    ),
    "chapter_inferred": Message(
        N_(
            "The chart of accounts gives account {code} no chapter for this kind of operation: {chapter} was taken ({count} lines)"
        ),
        N_("Nothing to do"),
    ),
    "nature_absent": Message(
        N_("Lines without account: their chapter {code} stands for it ({count} lines)"),
        N_("Check these lines in your finance software"),
    ),
    # -- check of a CSV
    "csv_not_utf8": Message(N_("The file is not written in UTF-8"), N_("Save it again in UTF-8")),
    "csv_unreadable": Message(N_("The file is not a readable CSV"), N_("Export it again")),
    "csv_bom": Message(N_("The file starts with a byte order mark (BOM)"), N_("Save it in UTF-8 without BOM")),
    "csv_columns": Message(
        N_("The columns are not the 22 of the SCDL budget schema, in order (missing: {missing})"),
        N_("Name and order the columns as the schema does, separated by commas"),
    ),
    "csv_row_length": Message(N_("Row {row} has {cells} cells instead of 22"), N_("Correct this row")),
    "csv_empty": Message(N_("The file has no row"), N_("Export it again")),
    "cell_required": Message(N_("Row {row}, {column}: the cell is empty but required"), N_("Fill this cell")),
    "cell_enum": Message(
        N_("Row {row}, {column}: “{value}” is not one of the values of the schema"), N_("Use a value of the schema")
    ),
    "cell_number": Message(
        N_("Row {row}, {column}: “{value}” is not a number"), N_("Write it with a point and no space, as in 1234.50")
    ),
    "cell_year": Message(N_("Row {row}, {column}: “{value}” is not a year"), N_("Write the year with four digits")),
    "cell_length": Message(
        N_("Row {row}, {column}: “{value}” is too long or too short for a code"), N_("Codes have 1 to 9 characters")
    ),
    "cell_siret": Message(
        N_("Row {row}, {column}: “{value}” is not a valid SIRET"), N_("Correct the SIRET (14 digits)")
    ),
    # -- occultation
    "occultation_failed": Message(
        N_("The personal data of this file could not be hidden with certainty, so it was not stored"),
        N_("Export it again from your finance software, or contact the administrators of the portal"),
    ),
    # -- wrapped budgets
    "archive_with_budget": Message(
        N_("This archive holds a budget file, whose personal data can't be hidden inside an archive"),
        N_("Take the .xml file out of the archive and deposit that file"),
    ),
    "archive_unreadable": Message(
        N_("This archive can't be opened to check what it holds"),
        N_("Take the files out of the archive and deposit them one by one"),
    ),
    "envelope": Message(
        N_("This budget is wrapped in an envelope (signature or transmission), which may hold personal data"),
        N_("Send the budget's own .xml file, as your finance software exports it (TotEM)"),
    ),
}


def french() -> Translate:
    """The French catalogue of the package, for use without CKAN (English if it is not compiled)."""
    folder = Path(__file__).parent / "i18n"
    return _gettext.translation("ckanext-budget", folder, ["fr"], fallback=True).gettext


def place(finding: Finding, translate: Translate) -> str:
    """Where it is, in words: «line 1284, in Annexes/DATA_EMPRUNT»; empty when unknown."""
    parts: list[str] = []
    if finding.line is not None:
        parts.append(translate("line {line}").format(line=finding.line))
    if finding.element:
        parts.append(translate("in {element}").format(element=finding.element))
    return ", ".join(parts)


_PLACES = (N_("line {line}"), N_("in {element}"))


def render(finding: Finding, translate: Translate) -> Rendered:
    """Words of a finding in the language of ``translate``."""
    message = MESSAGES[finding.code]
    params = dict(finding.params)
    return Rendered(
        translate(message.what).format_map(params),
        place(finding, translate),
        translate(message.remedy).format_map(params) if message.remedy else "",
    )
