"""Reading a file: its bytes, its XML, its encoding, the document, what wraps it, what is hidden."""

from __future__ import annotations

from ckanext.budget.messages.model import N_, Message

MESSAGES: dict[str, Message] = {
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
    "several_budgets": Message(
        N_("This file holds several budgets, and a budget file holds one"),
        N_("Export each budget on its own from your finance software"),
    ),
    "line_misplaced": Message(
        N_("A budget line stands inside another element, where it would not be counted"),
        N_("Export it again from your finance software, or tell its publisher"),
    ),
    "line_says_twice": Message(
        N_("A budget line says {field} twice: one can't tell which is right"),
        N_("Export it again from your finance software, or tell its publisher"),
    ),
    "header_after_lines": Message(
        N_("This budget file gives its heading after its lines"),
        N_("Export it again from your finance software, or tell its publisher"),
    ),
    # -- occultation
    "occultation_failed": Message(
        N_("The personal data of this file could not be hidden with certainty, so it was not stored"),
        N_("Export it again from your finance software, or contact the administrators of the portal"),
    ),
    # -- the seal (Scellement) of an occulted copy
    "seal_none": Message(N_("This file carries no seal"), N_("Nothing to do")),
    "seal_broken": Message(
        N_(
            "The seal of this file ({date}) no longer matches: it covers every value, and what names a person has been replaced ({hidden} times)"
        ),
        N_("Nothing to do: the sealed file remains the one you transmitted to the prefecture"),
    ),
    "seal_as_source": Message(
        N_(
            "Nothing had to be hidden: the copy is your file, byte for byte, with its seal ({date}). The seal itself was not verified"
        ),
        N_("Nothing to do"),
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
