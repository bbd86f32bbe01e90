"""Names that the extension writes into datasets and resources: in French, the language of the documents."""

from __future__ import annotations

from pathlib import PurePath

from ckan.lib.munge import munge_filename

from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.totem.model import Header, Stage

#: étape → its name, as published
STAGES: dict[str, str] = {
    "BP": "Budget primitif",
    "BS": "Budget supplémentaire",
    "DM": "Décision modificative",
    "CA": "Compte administratif",
    "CFU": "Compte financier unique",
}


def stage_title(stage: Stage | str | None, dm_number: int, exercice: int | None) -> str:
    """«Décision modificative n° 2 – 2021»."""
    name = STAGES.get(stage or "", "Document budgétaire")
    number = f" n° {dm_number}" if dm_number else ""
    return f"{name}{number} {exercice or ''}".strip()


def document_title(header: Header) -> str:
    """«Compte administratif 2022», from a file."""
    return stage_title(header.stage, header.dm_number, header.exercice)


def document_title_of(document: BudgetDocument) -> str:
    """«Compte administratif 2022», from the registry."""
    return stage_title(document.stage, document.dm_number, document.exercice)


def version_date(document: BudgetDocument) -> str:
    """Day of a version: its seal's, else DteStr, else its reception."""
    text = (document.seal_date or document.dte_str or document.received.isoformat())[:10]
    parts = text.split("-")
    return "/".join(reversed(parts)) if len(parts) == 3 else text


def source_name(header: Header) -> str:
    """Name of the resource that holds the occulted copy, or a table put in order."""
    return f"{document_title(header)} – {_TABLE if header.kind == 'scdl' else _OCCULTED}"


_TABLE, _OCCULTED = "tableau remis en ordre", "XML occulté"


def is_source_name(name: str | None) -> bool:
    """Whether a name is one that we gave to a deposited file (it changes with the file)."""
    return bool(name) and name.endswith((f" – {_TABLE}", f" – {_OCCULTED}"))


def csv_name(document: BudgetDocument) -> str:
    """Name of the resource that holds the standard CSV."""
    return f"{_title_and_state(document)} – CSV standard (SCDL)"


def _title_and_state(document: BudgetDocument) -> str:
    replaced = f", remplacé (version du {version_date(document)})" if document.status == "superseded" else ""
    return f"{document_title_of(document)}{replaced}"


CONSOLIDATED_NAME = "Tous les exercices – CSV standard (SCDL)"
CONSOLIDATED_DESCRIPTION = (
    "Les lignes de tous les documents en vigueur de ce budget, dans l’ordre des exercices puis des étapes, au format "
    "SCDL budget. Ce fichier est mis à jour à chaque dépôt."
)
SOURCE_DESCRIPTION = "Le fichier du logiciel financier, dont les données personnelles sont masquées."
TABLE_DESCRIPTION = (
    "Le tableau déposé, remis dans l’ordre du format standard SCDL budget : le reste du tableau n’est pas gardé."
)
#: descriptions that we give to a deposited file
DESCRIPTIONS = (SOURCE_DESCRIPTION, TABLE_DESCRIPTION)
CSV_DESCRIPTION = "Les lignes budgétaires du document, au format standard SCDL budget."


def annexe_name(document: BudgetDocument, title: str) -> str:
    """Name of the resource that holds a table made from annexes."""
    return f"{_title_and_state(document)} – annexe : {title}"


def annexe_filename(document: BudgetDocument, table: str) -> str:
    """``21560046100010-2022-BP-subventions.csv``."""
    return f"{csv_filename(document).removesuffix('.csv')}-{table}.csv"


def stored_filename(filename: str | None, form: str) -> str:
    """File name of what is stored: the depositor's own, ending in .xml (occulted copy) or .csv (table)."""
    path = PurePath(filename or "budget")
    if path.suffix.lower() in (".gz", ".bz2", ".xz"):
        path = path.with_suffix("")
    return munge_filename(f"{path.stem or 'budget'}.{form}")


def csv_filename(document: BudgetDocument) -> str:
    """``21560046100010-2022-BP.csv``."""
    stage = f"{document.stage}{document.dm_number or ''}"
    return f"{document.siret or 'budget'}-{document.exercice}-{stage}.csv"


def consolidated_filename(siret: str | None) -> str:
    """File name of the consolidated CSV."""
    return f"{siret or 'budget'}-tous-exercices.csv"


def dataset_notes(document: BudgetDocument) -> str:
    """Description of a dataset, from one of its documents."""
    of = "du budget annexe" if document.is_annexe else "du budget principal"
    if document.header.get("kind") == "scdl":
        of = "d’un budget"
    siret = f" (SIRET {document.siret})" if document.siret else ""
    return (
        f"Documents budgétaires {of} de la collectivité « {document.name} »{siret} : budgets votés et comptes, "
        "exercice par exercice. Chaque fichier déposé est converti au format standard SCDL budget ; les données "
        "personnelles en sont masquées."
    )


def dataset_title(name: str, *, kind: str | None, is_annexe: bool, siret: str | None) -> str:
    """Title of a dataset made for a budget: «Exemple-sur-Meuse – budget principal». A table does not say which of its
    budgets a collectivité's is: its SIRET tells them apart."""
    who = " ".join(name.split()) or (f"SIRET {siret}" if siret else "Collectivité sans nom")
    if kind == "scdl":
        return f"{who} – budget" + (f" (SIRET {siret})" if siret and siret not in who else "")
    if not is_annexe:
        return f"{who} – budget principal"
    whose, dash, which = who.partition(" – ")
    return f"{whose} – budget annexe{f' {which}' if dash else ''}"
