"""What pages say to machines: schema.org in JSON-LD, and the same figures as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.budget.figures.statement import Block, Statement
from ckanext.budget.registry.budgets import Budget
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import addresses, state
from ckanext.budget.views.citation import LASTING

Data = dict[str, Any]
XML, CSV, JSON = "application/xml", "text/csv", "application/json"


def dataset_of_document(document: BudgetDocument, page: Mapping[str, Any], package: Mapping[str, Any]) -> Data:
    """A document as schema.org's ``Dataset``."""
    address = addresses.of_document(document, **LASTING)
    files = [(page["links"]["csv"], CSV), (page["links"]["source"], CSV if page["origin"]["table"] else XML)]
    if has_address(document):
        files.append((tk.h.url_for("budget_pages.document_json", **addresses.parts(document), **LASTING), JSON))
    found = {
        **_dataset(package, address, f"{state.title(document)} – {document.name}", page["meaning"], files),
        "temporalCoverage": f"{document.exercice}-01-01/{document.exercice}-12-31",
        "identifier": document.id,
        "version": document.seal_date or document.received.date().isoformat(),
    }
    if document.siret:
        found["isPartOf"] = {"@type": "Dataset", "@id": addresses.of_budget(document.siret, **LASTING)}
    return found


def dataset_of_budget(number: str, page: Mapping[str, Any], package: Mapping[str, Any]) -> Data:
    """A budget over its years as schema.org's ``Dataset``."""
    address = addresses.of_budget(number, **LASTING)
    files = [(page["links"]["csv"], CSV), (tk.h.url_for("budget_pages.budget_json", number=number, **LASTING), JSON)]
    years = [row["year"] for row in page["grid"]["rows"]] if page.get("grid") else []
    found = _dataset(package, address, page["name"], description_of_budget(page), files)
    if years:
        found["temporalCoverage"] = f"{years[-1]}-01-01/{years[0]}-12-31"
    return {**found, "identifier": page["siret"] or page["siren"]}


def description_of_budget(page: Mapping[str, Any]) -> str:
    """One sentence for search engines."""
    return tk._("Budgets and accounts of {name}, year after year: documents, figures, open data.").format(
        name=page["name"]
    )


def _dataset(
    package: Mapping[str, Any], address: str, name: str, description: str, files: list[tuple[str | None, str]]
) -> Data:
    organisation = package.get("organization") or {}
    found: Data = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": address,
        "url": address,
        "name": name,
        "description": f"{name}. {description}",
        "inLanguage": "fr",
        "isAccessibleForFree": True,
        "dateModified": package.get("metadata_modified"),
        "license": package.get("license_url"),
        "creator": {"@type": "Organization", "name": organisation["title"]} if organisation.get("title") else None,
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "name": tk.config["ckan.site_title"],
            "url": tk.h.url_for("home.index", **LASTING),
        },
        "distribution": [
            {"@type": "DataDownload", "contentUrl": url, "encodingFormat": kind} for url, kind in files if url
        ],
    }
    return {key: value for key, value in found.items() if value}


def has_address(document: BudgetDocument) -> bool:
    """Whether a document is the one at the permanent address of its étape."""
    return bool(document.siret) and document.status == "converted"


def of_document(document: BudgetDocument, page: Mapping[str, Any], package: Mapping[str, Any]) -> Data:
    """The figures of the page, amounts in euros as text."""
    return {
        **_identity(document),
        "received": document.received.isoformat(),
        "sealed": document.seal_date,
        "draft": document.is_draft,
        "nomenclature": document.nomenclature,
        "amount": page["said"].amount,
        "figures": _figures(page["said"]),
        "blocks": [_block(block) for block in page["said"].blocks],
        "quality": page["level"]["code"] if page["level"] else None,
        "files": {name: page["links"][name] for name in ("csv", "source")},
        "dataset": package["name"],
        "licence": package.get("license_id"),
    }


def of_budget(budget: Budget | None, page: Mapping[str, Any], package: Mapping[str, Any]) -> Data:
    """The documents in force of a budget, and the other budgets of its SIREN."""
    return {
        "name": page["name"],
        "siren": page["siren"],
        "siret": page["siret"],
        "annexe": page["annexe"],
        "documents": [{**_identity(d), "prevailing": budget.prevails(d) is None} for d in budget.in_force]
        if budget
        else [],
        "other_budgets": [{name: other[name] for name in ("siret", "name", "annexe")} for other in page["others"]],
        "csv": page["links"]["csv"],
        "dataset": package["name"],
        "licence": package.get("license_id"),
    }


def _identity(document: BudgetDocument) -> Data:
    return {
        "id": document.id,
        "address": addresses.of_document(document, **LASTING),
        "siren": document.siren,
        "siret": document.siret,
        "name": document.name,
        "exercice": document.exercice,
        "stage": document.stage,
        "dm_number": document.dm_number,
        "status": document.status,
    }


def _figures(said: Statement) -> Data:
    names = ["expenditure", "receipts", "savings", "carried_operating", "carried_investment", "reserve"]
    names += ["ordre_expenditure", "ordre_receipts"]
    if said.account:
        names += ["closing_operating", "closing_investment", "remaining_expenditure", "remaining_receipts"]
    else:
        names += ["voted_expenditure", "voted_receipts"]
    values = {name: getattr(said, name) for name in names}
    return {name: None if value is None else str(value) for name, value in values.items()}


def _block(block: Block) -> Data:
    return {
        "section": block.section,
        "sense": block.sense,
        "total": str(block.total),
        "chapters": [{"code": c.code, "label": c.label, "amount": str(c.amount)} for c in block.chapters],
    }
