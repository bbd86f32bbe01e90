"""What is recognised without being convertible: what it is, and what to send instead."""

from __future__ import annotations

from ckanext.budget.messages.model import N_, Message

MESSAGES: dict[str, Message] = {
    "kind_pdf": Message(
        N_("This file is a PDF: it can be read by people, not converted"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_pdf_signed": Message(
        N_("This file is a signed PDF: it can be read by people, not converted"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_image": Message(
        N_("This file is an image"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_text_document": Message(
        N_("This file is a text document, as a word processor makes them"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_presentation": Message(
        N_("This file is a slide presentation"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_sheet": Message(
        N_("This file is a spreadsheet in which no budget lines are recognised"),
        N_(
            "Send the .xml file of your finance software (TotEM), or a table whose columns are named as in the schema (BGT_NATURE, BGT_CODRD…)"
        ),
    ),
    "kind_sheet_xml": Message(
        N_("This file is a spreadsheet in an old XML format (Excel 2003), which is not read"),
        N_("Open it in a spreadsheet, save it as .xlsx or .ods and send that file"),
    ),
    "kind_table": Message(
        N_("This file is a table in which no budget lines are recognised"),
        N_(
            "Send the .xml file of your finance software (TotEM), or a table whose columns are named as in the schema (BGT_NATURE, BGT_CODRD…)"
        ),
    ),
    "kind_balance_dgfip": Message(
        N_("This file is an accounting balance published by the DGFiP, not the budget that was voted"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_pes": Message(
        N_("This file is a PES Aller stream, exchanged with the accountant (Helios), not a budget"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_pes_depense": Message(
        N_("This file is a PES Aller stream of expenditure (mandates sent to the accountant), not a budget"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_pes_recette": Message(
        N_("This file is a PES Aller stream of revenue (titles sent to the accountant), not a budget"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_pes_facture": Message(
        N_("This file is a PES stream of invoices, not a budget"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_pes_etat": Message(
        N_("This file is a PES stream of statements for the accountant, not a budget"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_pes_acquit": Message(
        N_("This file is an acknowledgement of the accountant (PES), not a budget"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_acte": Message(
        N_(
            "This file belongs to the transmission of acts to the prefecture (ACTES): it goes with the budget but does not hold it"
        ),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_xml": Message(
        N_("This file is XML, but of something else than a budget"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_html": Message(
        N_("This file is a web page; some software gives such pages the name of a spreadsheet"),
        N_(
            "Send the .xml file of your finance software (TotEM), or open the page in a spreadsheet and save it as .xlsx or .ods"
        ),
    ),
    "kind_json": Message(
        N_("This file is data in JSON, not a budget"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_mail": Message(N_("This file is an e-mail"), N_("Save its attachment and send that file")),
    "kind_signature": Message(
        N_("This file is an electronic signature or a certificate, without the document that it signs"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_archive": Message(
        N_("This file is an archive"), N_("Take the files out of it and send the .xml file of the budget")
    ),
    "kind_text": Message(
        N_("This file is plain text"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
    "kind_unknown": Message(
        N_("This file is of a kind that is not recognised"),
        N_("Send the .xml file that your finance software transmits to the prefecture (TotEM)"),
    ),
}
