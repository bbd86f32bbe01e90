"""The standard: facts about a document and its codes; faults of a CSV."""

from __future__ import annotations

from ckanext.budget.messages.model import N_, Message

MESSAGES: dict[str, Message] = {
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
    "account_is_heading": Message(
        N_(
            "Account {code} is a heading of the chart of accounts, on which nothing is booked: chapter {chapter}, that of its accounts, was taken ({count} lines)"
        ),
        N_("Book these lines on an account below it in your finance software"),
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
}
