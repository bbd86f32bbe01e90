"""Tables that people send (CSV, spreadsheets)."""

from __future__ import annotations

from ckanext.budget.messages.model import N_, Message

MESSAGES: dict[str, Message] = {
    # -- tables: what can't be read
    "table_no_heading": Message(
        N_("No row of this table has the headings of budget lines (chapter, account, direction, amounts)"),
        N_(
            "Send the SCDL CSV of your finance software, or name the columns of the table as the schema does (BGT_NATURE, BGT_CODRD…)"
        ),
    ),
    "table_columns_required": Message(
        N_("This table lacks columns that a budget must have: {columns}"),
        N_(
            "Add these columns to the table, or send the .xml file of your finance software (TotEM), which holds them"
        ),
    ),
    "table_no_amount": Message(
        N_("This table has no column of amounts that is recognised"),
        N_("Name the amounts by what they are: voted, credits opened, executed, carried over…"),
    ),
    "table_ambiguous": Message(
        N_("Two columns, “{first}” and “{second}”, say the same thing ({column})"),
        N_("Keep only one of them, or name the right one {column}"),
    ),
    "table_several": Message(
        N_("This table holds several documents: {documents}"), N_("Send one table per budget, year and stage")
    ),
    "table_several_sheets": Message(
        N_("Several sheets of this workbook hold budget lines: {sheets}"),
        N_("Put all the lines of the budget on one sheet, and remove the others"),
    ),
    "table_no_line": Message(
        N_("This table has headings but no budget line"),
        N_("Export the table again from your finance software, or correct it in a spreadsheet"),
    ),
    "table_amount": Message(
        N_("“{value}”, in the column “{column}”, is not an amount"),
        N_("Correct this amount in the table, in figures (1234.50)"),
    ),
    "table_amount_ambiguous": Message(
        N_(
            "“{value}”, in the column “{column}”, can be read in two ways: is the comma a decimal mark, or does it separate thousands?"
        ),
        N_("Write the amount without a thousands separator and with two decimals"),
    ),
    "table_value": Message(
        N_("“{value}”, in the column “{column}”, is not understood"),
        N_(
            "Use a word of the schema: recette or dépense, réel or ordre, fonctionnement or investissement, budget primitif or compte administratif, a year with four digits…"
        ),
    ),
    "table_code_date": Message(
        N_("A spreadsheet turned a code of the column “{column}” into a date or something else: “{value}”"),
        N_("Format this column as text in the spreadsheet, enter the codes again and send the table again"),
    ),
    "table_formula": Message(
        N_("The cell {value} (column “{column}”) holds a formula that was never computed: it has no value"),
        N_("Open the workbook in a spreadsheet, save it and send it again"),
    ),
    "table_error_cell": Message(
        N_("The cell {value} (column “{column}”) holds an error instead of a value"),
        N_("Correct this cell in the spreadsheet and send the workbook again"),
    ),
    "table_row_length": Message(
        N_("A row has {cells} cells and the heading {columns}: a separator inside a text, perhaps"),
        N_("Put the texts that hold the separator between quotation marks, or export the table again"),
    ),
    # -- tables: files that are damaged or built to harm
    "table_quote_open": Message(
        N_("A quotation mark is opened here and not closed where it should be: the rows that follow are swallowed"),
        N_("Close the quotation mark or remove it, then send the table again"),
    ),
    "table_quotes": Message(
        N_("The quotation marks of this row are not those of a CSV"),
        N_("Export the table again from your finance software, or correct it in a spreadsheet"),
    ),
    "table_row_long": Message(
        N_("This row is longer than a budget line can be ({limit} characters at most)"),
        N_("Export the table again from your finance software, or correct it in a spreadsheet"),
    ),
    "table_too_wide": Message(
        N_("This table has too many columns ({limit} at most)"),
        N_("Keep the columns of the budget and send the table again"),
    ),
    "table_too_long": Message(
        N_("This table has too many rows ({limit} at most)"), N_("Contact the administrators of the portal")
    ),
    "table_unreadable": Message(
        N_("This row holds bytes that are no text"),
        N_("Export the table again from your finance software, or correct it in a spreadsheet"),
    ),
    "table_encoding_unknown": Message(
        N_("The encoding of this table is not one that can be recognised (UTF-8, UTF-16, windows-1252)"),
        N_("Save it again as CSV in UTF-8"),
    ),
    "table_sheet_wide": Message(
        N_("A cell of this sheet lies far from the table ({place}): {limit} columns at most are read"),
        N_("Delete what lies outside the table and send the workbook again"),
    ),
    "table_sheet_big": Message(
        N_("This sheet is too big: it reaches the cell {place} ({limit} cells at most)"),
        N_("Delete what lies outside the table and send the workbook again"),
    ),
    "table_workbook_bomb": Message(
        N_("Once unpacked, this workbook is too big ({limit} MiB at most)"),
        N_("Keep the sheet of the budget only, and send the workbook again"),
    ),
    "table_workbook_encrypted": Message(
        N_("This workbook is protected by a password: it can't be read"),
        N_("Remove the password in the spreadsheet and send the workbook again"),
    ),
    "table_workbook_unreadable": Message(
        N_("This workbook is damaged: it can't be read"),
        N_("Open it in a spreadsheet, save it in another file and send that one"),
    ),
    "table_xlsb": Message(
        N_("This workbook is in binary format (.xlsb), which is not read"),
        N_("Save it as .xlsx or .ods and send it again"),
    ),
    # -- tables: what was changed to reach the standard
    "table_separator": Message(
        N_("The columns were separated by “{separator}”: the standard has commas"), N_("Nothing to do")
    ),
    "table_encoding": Message(N_("The table was written in {encoding}: the standard is UTF-8"), N_("Nothing to do")),
    "table_bom": Message(N_("The byte order mark at the start of the table was removed"), N_("Nothing to do")),
    "table_order": Message(N_("The columns were put in the order of the standard"), N_("Nothing to do")),
    "table_names": Message(
        N_("Columns were recognised by other names: {names}"), N_("Check that each column was understood")
    ),
    "table_columns_missing": Message(
        N_("The table does not have these columns, which stay empty: {columns}"),
        N_("Nothing to do, unless your finance software can export them"),
    ),
    "table_columns_dropped": Message(
        N_("These columns are not of the standard; they were left out, since they may hold names: {columns}"),
        N_("Nothing to do"),
    ),
    "table_label_hidden": Message(
        N_("Labels that seem to name a person were hidden in column {column} ({count} cells)"),
        N_("If it is no person’s name, nothing to do: the code of the account says the same"),
    ),
    "table_amounts_dropped": Message(
        N_("These columns seem to hold amounts but do not say which; they were left out: {columns}"),
        N_(
            "If one of them is needed, name it by what it is (voted, credits opened, executed…) and send the table again"
        ),
    ),
    "table_titles": Message(N_("Rows above the heading were left out ({count} rows)"), N_("Nothing to do")),
    "table_sheets_ignored": Message(
        N_("Only the sheet “{sheet}” was read: the others hold no budget line"), N_("Nothing to do")
    ),
    "table_macros_ignored": Message(
        N_("This workbook holds macros: they were neither run nor kept, only values were read"), N_("Nothing to do")
    ),
    "table_links_ignored": Message(
        N_("This workbook is linked to other files: they were not opened, only the values stored in it were read"),
        N_("Check that the workbook was up to date when it was saved"),
    ),
    "table_heading_again": Message(
        N_("The heading was repeated among the lines: these rows were left out ({count} rows)"), N_("Nothing to do")
    ),
    "table_blank_rows": Message(N_("Empty rows were left out ({count} rows)"), N_("Nothing to do")),
    "table_totals": Message(
        N_("Rows of totals were left out, so that nothing is counted twice ({count} rows)"),
        N_(
            "Check these rows; if some are budget lines, give them their account and direction and send the table again"
        ),
    ),
    "table_notes": Message(
        N_("Rows that are no budget line were left out ({count} rows)"),
        N_(
            "Check these rows; if some are budget lines, give them their account and direction and send the table again"
        ),
    ),
    "table_no_nature": Message(
        N_("Lines have no account: they were kept, but may be subtotals counted twice ({count} lines)"),
        N_("Check these lines; if they are subtotals, remove them and send the table again"),
    ),
    "table_short_rows": Message(
        N_("Rows end before the last column: their last cells are taken as empty ({count} rows)"),
        N_("Check that these rows are whole"),
    ),
    "table_filled": Message(
        N_("The column {column} is empty in {count} rows: the value of the rows above was taken"), N_("Nothing to do")
    ),
    "table_amount_comma": Message(
        N_(
            "{column}: the decimal mark or the thousands separator was rewritten, as in “{written}”, read {read} ({count} cells)"
        ),
        N_("Nothing to do"),
    ),
    "table_amount_spaces": Message(
        N_("{column}: blanks were removed, as in “{written}”, read {read} ({count} cells)"), N_("Nothing to do")
    ),
    "table_amount_currency": Message(
        N_("{column}: the currency was removed, as in “{written}”, read {read} ({count} cells)"), N_("Nothing to do")
    ),
    "table_amount_sign": Message(
        N_("{column}: the sign was rewritten, as in “{written}”, read {read} ({count} cells)"), N_("Nothing to do")
    ),
    "table_amount_dash": Message(
        N_("{column}: a dash was read as zero ({count} cells)"),
        N_("Check that it stands for zero, not for a missing amount"),
    ),
    "table_amount_noise": Message(
        N_("{column}: the spreadsheet's own rounding error was removed, as in {read} ({count} cells)"),
        N_("Nothing to do"),
    ),
    "table_amount_fraction": Message(
        N_("{column}: amounts have more than two decimals, as {read}; they are kept ({count} cells)"),
        N_("Check these amounts: budgets are in euros and cents"),
    ),
    "table_word": Message(
        N_("{column}: “{written}” was written “{read}”, as the schema has it ({count} cells)"), N_("Nothing to do")
    ),
    "table_year": Message(N_("{column}: “{written}” was read {read} ({count} cells)"), N_("Nothing to do")),
    "table_spaces": Message(N_("{column}: blanks around codes were removed ({count} cells)"), N_("Nothing to do")),
    "table_code_number": Message(
        N_(
            "{column}: a spreadsheet had turned codes into numbers, as {read}; their leading zeros, if any, are lost ({count} cells)"
        ),
        N_("Check the codes that begin with zero; format this column as text in the spreadsheet"),
    ),
    "table_zeros_lost": Message(
        N_(
            "Codes seem to have lost their leading zeros, as chapter {chapter} of account {nature}; they are kept as they are ({count} lines)"
        ),
        N_("Write the codes in full (011, 040, 001) in a column formatted as text, and send the table again"),
    ),
    "table_section_inferred": Message(
        N_(
            "The section, which the table does not say, was told by the account's first digit, as {nature} ({count} lines)"
        ),
        N_("Nothing to do"),
    ),
    "table_section_guessed": Message(
        N_(
            "The table does not say the section of lines whose account does not tell it either (“{nature}”): fonctionnement was written ({count} lines)"
        ),
        N_("Fill the section of these lines and send the table again"),
    ),
    "table_label_number": Message(
        N_("{column}: a number or a date stands for a label, as “{read}” ({count} cells)"), N_("Check these labels")
    ),
    "table_siret_spaces": Message(
        N_("{column}: blanks were removed from the SIRET ({count} cells)"), N_("Nothing to do")
    ),
    "table_siret_number": Message(
        N_("{column}: a spreadsheet had turned the SIRET into a number, read {read} ({count} cells)"),
        N_("Nothing to do"),
    ),
    "table_siret_lost": Message(
        N_(
            "{column}: a spreadsheet has shortened the SIRET (“{written}”): its digits are lost and the column stays empty ({count} cells)"
        ),
        N_("Format this column as text in the spreadsheet, enter the 14 digits again and send the table again"),
    ),
}
