"""Rows of the registry, without their files: what the coverage counts."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.tests import factories

from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile, now
from ckanext.budget.registry.models import BudgetDocument

#: a large commune, one below the threshold, an EPCI, all in the Hérault; and nobody in the directory
MONTPELLIER, SMALL, EPCI, NOBODY = "213401722", "213400047", "243400017", "215509009"
EXERCICES = {"ckanext.budget.coverage_first": 2021, "ckanext.budget.coverage_last": 2022}


def dataset(**fields: Any) -> str:
    owner = fields.pop("owner_org", None) or factories.Organization()["id"]
    return factories.Dataset(type="budget", owner_org=owner, **fields)["id"]


def document(package_id: str, siren: str, exercice: int, stage: str, **fields: Any) -> str:
    made = BudgetDocument(
        package_id=package_id, resource_id=f"r-{siren}-{exercice}-{stage}", siren=siren,
        siret=fields.pop("siret", f"{siren}00015"), name=fields.pop("name", f"Commune {siren}"), exercice=exercice,
        stage=stage, status=fields.pop("status", "converted"), source_sha256="0", occulted_sha256="0", **fields,
    )  # fmt: skip
    model.Session.add(made)
    model.Session.commit()
    return made.id


def refusal(user_id: str, owner_org: str | None, siren: str | None, exercice: int | None, stage: str | None) -> str:
    batch = BudgetBatch(user_id=user_id, owner_org=owner_org, state="done")
    model.Session.add(batch)
    model.Session.flush()
    row = BudgetBatchFile(
        batch_id=batch.id, rank=1, filename="compte.xml", state="refused", siren=siren, exercice=exercice,
        stage=stage, settled=now(), message={"code": "xml_cut", "level": "bloquant", "params": {}, "line": 12},
    )  # fmt: skip
    model.Session.add(row)
    model.Session.commit()
    return row.id


def states(row: dict[str, Any]) -> dict[tuple[int, str], str]:
    return {(cell["exercice"], cell["etape"]): cell["status"] for cell in row["cells"]}
