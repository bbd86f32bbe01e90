"""What is current: queries and supersession.

A document is live while its dataset and its resource are; per key (SIRET, exercice, étape, DM number) the newest
live version is current. Order: seal date, else DteStr, else reception (the later reception wins a tie).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import aliased

from ckanext.budget.annexes.specs import SPECS
from ckanext.budget.registry import logbook
from ckanext.budget.registry.code_totals import FILL_ONE
from ckanext.budget.registry.models import BudgetCodeTotal, BudgetDocument, BudgetLine, BudgetWithdrawnFile
from ckanext.budget.totem.model import Header
from ckanext.budget.totem.versions import Evidence, evidence

#: order of the étapes within an exercice, as published in the consolidated CSV
STAGE_ORDER = ("BP", "BS", "DM", "CA", "CFU")


@dataclass(frozen=True)
class Key:
    """Identity of a document. Without SIRET the dataset stands for it."""

    siret: str | None
    package_id: str | None
    exercice: int
    stage: str
    dm_number: int

    @classmethod
    def of(cls, document: BudgetDocument) -> Key:
        """The key of a registered document."""
        return cls(
            document.siret,
            None if document.siret else document.package_id,
            document.exercice,
            document.stage,
            document.dm_number,
        )

    @classmethod
    def of_header(cls, header: Header, package_id: str) -> Key:
        """The key of a file about to enter the dataset."""
        siret = header.siret
        return cls(siret, None if siret else package_id, header.exercice or 0, header.stage or "", header.dm_number)


def _live() -> sa.sql.Select[Any]:
    later = aliased(BudgetDocument)
    withdrawn_since = sa.exists().where(
        later.resource_id == BudgetDocument.resource_id,
        later.status == "withdrawn",
        later.received > BudgetDocument.received,
    )
    return (
        sa.select(BudgetDocument)
        .join(model.Resource, model.Resource.id == BudgetDocument.resource_id)
        .join(model.Package, model.Package.id == model.Resource.package_id)
        .where(
            model.Resource.state == "active",
            model.Package.state.in_(["active", "draft"]),
            BudgetDocument.status != "withdrawn",
            ~withdrawn_since,  # its file went when the resource took the version that was then withdrawn
        )
    )


def lock(package_id: str) -> str | None:
    """Lock a dataset until the end of the transaction; its state, None when it does not exist."""
    query = sa.select(model.Package.state).where(model.Package.id == package_id).with_for_update()
    return model.Session.scalars(query).first()


def claim(document_ids: Iterable[str]) -> list[str]:
    """Those of the documents that no other job is at work on; they are this transaction's until it ends (PostgreSQL
    advisory locks: a killed process leaves none)."""

    def free(document_id: str) -> bool:
        key = sa.func.hashtextextended(f"budget_document {document_id}", 0)
        return bool(model.Session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(key))))

    return [document_id for document_id in document_ids if free(document_id)]


def documents_of(package_id: str) -> list[BudgetDocument]:
    """Every registered version in a dataset, oldest reception first."""
    query = sa.select(BudgetDocument).where(BudgetDocument.package_id == package_id).order_by(BudgetDocument.received)
    return list(model.Session.scalars(query))


def waiting(package_id: str, since: dt.timedelta | None = None) -> list[BudgetDocument]:
    """Documents of a dataset still to be converted (with ``since``, those that have waited longer), and those whose
    publication failed for a cause that is not theirs (the search engine was down…)."""
    limit = dt.datetime.now(dt.timezone.utc) - (since or dt.timedelta(0))
    return [
        d
        for d in documents_of(package_id)
        if (d.status == "received" and d.received <= limit)
        or (d.status == "failed" and (d.error or {}).get("code") == "publication_failed")
    ]


def document(document_id: str) -> BudgetDocument | None:
    """One document by its id."""
    return model.Session.get(BudgetDocument, document_id)


def latest_of_resource(resource_id: str) -> BudgetDocument | None:
    """The last version received in a source resource, whatever became of it."""
    query = sa.select(BudgetDocument).where(BudgetDocument.resource_id == resource_id)
    return model.Session.scalars(query.order_by(BudgetDocument.received.desc()).limit(1)).first()


def has_file(document: BudgetDocument) -> bool:
    """Whether the file of a version is still that of its resource (it is the last that the resource took)."""
    last = latest_of_resource(document.resource_id)
    resource = model.Resource.get(document.resource_id)
    return bool(last and last.id == document.id and resource and resource.state == "active")


def csv_id(resource_id: str) -> str:
    """Id of the CSV made from a source resource."""
    return str(uuid.uuid5(_namespace(resource_id), "csv"))


def annexe_id(resource_id: str, table: str) -> str:
    """Id of a table made from the annexes of a source resource."""
    return str(uuid.uuid5(_namespace(resource_id), f"annexe {table}"))


def annexe_ids(resource_id: str) -> dict[str, str]:
    """Ids of all the tables that may be made from a source resource: id → name of the table."""
    return {annexe_id(resource_id, name): name for name in SPECS}


def consolidated_id(package_id: str) -> str:
    """Id of the consolidated CSV of a dataset."""
    return str(uuid.uuid5(_namespace(package_id), "consolidated"))


def _namespace(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:  # CKAN lets an API caller choose another kind of id
        return uuid.uuid5(uuid.NAMESPACE_OID, text)


def derived_ids(package_id: str) -> set[str]:
    """Ids of the files that the portal makes in a dataset; empty while it holds no budget."""
    documents = documents_of(package_id)
    sources = {d.resource_id for d in documents}
    annexes = {made for source in sources for made in annexe_ids(source)}
    return {consolidated_id(package_id), *map(csv_id, sources), *annexes} if documents else set()


def published_twin(*hashes: str) -> BudgetDocument | None:
    """The live, current document whose source, occulted copy or CSV has one of these SHA-256."""
    query = _live().where(
        BudgetDocument.status.in_(["converted", "received"]),
        sa.or_(
            BudgetDocument.source_sha256.in_(hashes),
            BudgetDocument.occulted_sha256.in_(hashes),
            BudgetDocument.csv_sha256.in_(hashes),  # the portal's own CSV, downloaded and sent again
        ),
    )
    return model.Session.scalars(query.limit(1)).first()


def withdrawn_for_personal_data(occulted_sha256: str) -> BudgetDocument | None:
    """The document withdrawn because this very copy of it showed personal data."""
    query = sa.select(BudgetDocument).where(
        BudgetDocument.status == "withdrawn",
        BudgetDocument.occulted_sha256 == occulted_sha256,
        BudgetDocument.withdrawal["personal_data"].as_boolean(),
    )
    return model.Session.scalars(query.limit(1)).first()


def live_versions(key: Key) -> list[BudgetDocument]:
    """Live versions of a document, oldest reception first."""
    query = _live().where(
        BudgetDocument.exercice == key.exercice,
        BudgetDocument.stage == key.stage,
        BudgetDocument.dm_number == key.dm_number,
    )
    if key.siret:
        query = query.where(BudgetDocument.siret == key.siret)
    else:
        query = query.where(BudgetDocument.siret.is_(None), BudgetDocument.package_id == key.package_id)
    return list(model.Session.scalars(query.order_by(BudgetDocument.received)))


def newer(key: Key, stated: Evidence) -> BudgetDocument | None:
    """A live version that is newer by its evidence than what a file states (a table, which states nothing, may have
    replaced it since)."""
    versions = [v for v in live_versions(key) if v.status != "failed"]
    return _newest([v for v in _last_of_resources(versions) if stated.compare(_evidence(v)) < 0])


def dataset_of_siret(siret: str) -> str | None:
    """Id of the dataset that holds this budget: an active one (a form left half-way holds nothing)."""
    query = _live().where(BudgetDocument.siret == siret, model.Package.state == "active")
    found = model.Session.scalars(query.limit(1)).first()
    return found.package_id if found else None


def dataset_of_name(name: str, owner_org: str, *, is_annexe: bool, is_table: bool) -> str | None:
    """Id of the dataset of an organisation that holds this budget without SIRET, whatever its title has become. A table
    says neither principal nor annexe: it joins other tables only."""
    query = _live().where(
        BudgetDocument.siret.is_(None),
        BudgetDocument.name == name,
        BudgetDocument.is_annexe == is_annexe,
        (BudgetDocument.header["kind"].as_string() == "scdl") == is_table,
        model.Package.state == "active",
        model.Package.owner_org == owner_org,
    )
    found = model.Session.scalars(query.limit(1)).first() if name else None
    return found.package_id if found else None


def settle(key: Key) -> set[str]:
    """Make the newest converted version current and mark the others «superseded»; returns the datasets touched.

    A version whose resource has since taken another converted version is history: its file is gone.
    """
    versions = [v for v in live_versions(key) if v.status in ("converted", "superseded")]
    newest = _newest(versions)
    touched: set[str] = set()
    for version in versions:
        status, by = ("converted", None) if version is newest else ("superseded", newest.id if newest else None)
        if (version.status, version.superseded_by) != (status, by):
            version.status, version.superseded_by = status, by
            touched.add(version.package_id)
    return touched


def _newest(versions: list[BudgetDocument]) -> BudgetDocument | None:
    newest: BudgetDocument | None = None
    for version in _last_of_resources(versions):
        if newest is None or _evidence(version).compare(_evidence(newest)) >= 0:
            newest = version
    return newest


def _last_of_resources(versions: list[BudgetDocument]) -> list[BudgetDocument]:
    """Those whose file is still there."""
    last = {v.resource_id: v.id for v in versions}
    return [v for v in versions if last[v.resource_id] == v.id]


def _evidence(version: BudgetDocument) -> Evidence:
    return evidence(version.seal_date, version.dte_str)


def count_attempt(document_ids: Iterable[str]) -> None:
    """One more attempt for documents still to be converted (counted before it: a killed process counts too)."""
    model.Session.execute(
        sa.update(BudgetDocument)
        .where(BudgetDocument.id.in_(list(document_ids)), BudgetDocument.status.in_(["received", "failed"]))
        .values(attempts=BudgetDocument.attempts + 1)
        .execution_options(synchronize_session=False)
    )


def without_csv(package_id: str) -> list[BudgetDocument]:
    """Published documents whose CSV is no longer among the resources (a client rewrote the list without it), or has
    become a link."""
    present = _uploads(package_id)
    return [d for d in _published(package_id) if csv_id(d.resource_id) not in present]


def without_annexes(package_id: str, wanted: Collection[str]) -> list[BudgetDocument]:
    """Published documents some wanted tables of which were never asked for (the setting has changed since), or were
    made and are no longer among the resources."""
    if not wanted:
        return []
    present = _uploads(package_id)

    def lacks(document: BudgetDocument, name: str) -> bool:
        made = document.header.get("annexes", {}).get(name)
        return made is None or (made and annexe_id(document.resource_id, name) not in present)

    documents = [d for d in _published(package_id) if d.header.get("kind") != "scdl"]
    return [d for d in documents if any(lacks(d, name) for name in wanted)]


def _published(package_id: str) -> list[BudgetDocument]:
    """The document whose CSV is published, for each source resource."""
    return list({d.resource_id: d for d in documents_of(package_id) if d.csv_sha256}.values())


def _uploads(package_id: str) -> set[str]:
    query = sa.select(model.Resource.id).where(
        model.Resource.package_id == package_id,
        model.Resource.state == "active",
        model.Resource.url_type == "upload",
    )
    return set(model.Session.scalars(query))


def delete_lines(document_id: str) -> None:
    """Delete the lines of a document, and the totals made from them."""
    for table in (BudgetLine, BudgetCodeTotal):
        model.Session.execute(sa.delete(table).where(table.document_id == document_id))


def add_up(document_id: str) -> None:
    """Make the totals of each code from the lines of a document just written."""
    model.Session.execute(sa.text(FILL_ONE), {"document_id": document_id})


def forget(documents: Iterable[BudgetDocument]) -> None:
    """Delete documents and their lines (their file is no longer on the portal)."""
    for gone in documents:
        logbook.forget([gone.id])
        delete_lines(gone.id)
        model.Session.execute(sa.delete(BudgetWithdrawnFile).where(BudgetWithdrawnFile.document_id == gone.id))
        model.Session.delete(gone)


def consolidated_order(document: BudgetDocument) -> tuple[int, int, int]:
    """Sort key of the consolidated CSV: exercice, étape, DM number."""
    return document.exercice, STAGE_ORDER.index(document.stage), document.dm_number


def consolidated(documents: Iterable[BudgetDocument]) -> list[BudgetDocument]:
    """Current documents in publication order; with a CA and a CFU of one year, only the CFU."""
    found = sorted((d for d in documents if d.status == "converted"), key=consolidated_order)
    with_cfu = {d.exercice for d in found if d.stage == "CFU"}
    return [d for d in found if not (d.stage == "CA" and d.exercice in with_cfu)]
