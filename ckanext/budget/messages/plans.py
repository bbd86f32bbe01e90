"""Charts of accounts that an administrator adds."""

from __future__ import annotations

from ckanext.budget.messages.model import N_, Message

_OFFICIAL = N_("Give the file planDeCompte.xml as it is published for the TotEM tools")
_DOWNLOAD = N_("Download it again, without opening it in between")

MESSAGES: dict[str, Message] = {
    "plan_none_found": Message(N_("“{path}” holds no chart of accounts"), _OFFICIAL),
    "plan_not_plan": Message(N_("“{file}” is not a chart of accounts (it begins with “{found}”)"), _OFFICIAL),
    "plan_empty": Message(N_("The chart of accounts “{file}” holds no account or no chapter"), _OFFICIAL),
    "plan_broken": Message(N_("“{file}” is not well-formed XML, or stops before its end"), _DOWNLOAD),
    "plan_doctype": Message(
        N_("“{file}” declares a document type (DOCTYPE), which is refused for safety"), _OFFICIAL
    ),
    "plan_too_big": Message(N_("“{file}” is too big to be a chart of accounts ({limit} at most)"), _OFFICIAL),
    "plan_entry_wrong": Message(
        N_(
            "In the chart of accounts “{file}”, the entry “{entry}” ({label}) lacks its code or its section, or states one that can't be"
        ),
        _DOWNLOAD,
    ),
    "plan_identity_absent": Message(
        N_(
            "“{file}” does not say which norm, declination and year it is for (norm: “{norm}”, declination: “{declination}”, year: “{year}”)"
        ),
        N_(
            "Put it in folders named year/norm/declination, for example 2025/M57/M57_D/planDeCompte.xml, or complete the attributes Norme, Declinaison and Exer of its element “Nomenclature”"
        ),
    ),
    "plan_twice": Message(
        N_("Two different files are the chart of accounts {plan}: “{file}” and “{other}”"),
        N_("Import only the one that holds"),
    ),
    "plan_zip_broken": Message(N_("The zip “{file}” can't be read (damaged, or protected by a password)"), _DOWNLOAD),
    "plans_path_absent": Message(
        N_("This portal has no folder for charts of accounts"),
        N_("Set ckanext.budget.plans_path (or ckan.storage_path) to the absolute path of a folder"),
    ),
    "plans_not_written": Message(
        N_("The folder “{folder}” can't be written ({reason})"),
        N_("Run the command as the user that runs CKAN, or correct the rights of the folder"),
    ),
    "plans_table_damaged": Message(
        N_("The table of charts of accounts “{file}” is damaged"),
        N_("Remove it and run “ckan budget plans import” again with the charts that you had added"),
    ),
    "plans_table_unreadable": Message(
        N_("The table of charts of accounts “{file}” can't be read ({reason})"),
        N_("Correct the rights of the file and of its folder: the user that runs CKAN reads them"),
    ),
    "plans_table_missing": Message(
        N_("The table of charts of accounts “{file}”, named by {variable}, does not exist"),
        N_("Correct {variable}, or make the table with “ckan budget plans import”"),
    ),
    "plan_unknown": Message(
        N_("No chart of accounts “{plan}” is stored"), N_("See the list with “ckan budget plans list”")
    ),
    "plan_year_unknown": Message(
        N_("The chart of accounts {plan} is not stored for {year}"), N_("Years stored: {years}")
    ),
    "plan_code_unknown": Message(
        N_("The chart of accounts {plan} has no code “{entry}”, nor a parent of it"),
        N_("Check the code: it is written as in the budget, without spaces"),
    ),
    # -- worth knowing of an imported chart
    "plan_identity_differs": Message(
        N_("“{file}” states {stated}, but lies in the folder of {plan}: the folder prevails"),
        N_("Check that the file is the right one"),
    ),
    "plan_chapters_undefined": Message(
        N_("Accounts of {plan} name chapters that it does not define: {codes}"),
        N_("Check that the file is complete: the labels of these chapters come from another year"),
    ),
}
