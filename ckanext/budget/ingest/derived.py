"""What derives from the registry in a dataset: the CSV of each document, the consolidated CSV, fields, states.

All of it is written by one ``package_revise``; ids are computed, so that a second run updates in place.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.datapreview import add_views_to_resource
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ckanext.budget import config, messages
from ckanext.budget.annexes.specs import SPECS
from ckanext.budget.digest import sha256
from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import fields, files, words
from ckanext.budget.registry import core
from ckanext.budget.registry.core import annexe_id, annexe_ids, consolidated_id, csv_id
from ckanext.budget.registry.models import BudgetDocument

log = logging.getLogger(__name__)

SCHEMA_URL = "https://schema.data.gouv.fr/scdl/budget/0.8.3"
VIEW_TYPE = "budget"
OURS = ("budget_role", "budget_document_id", "budget_state", "budget_table")

Resource = dict[str, Any]


def site_user() -> str:
    """Name of the account that writes what derives."""
    return tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]


def _context(user: str, **more: Any) -> Context:
    return Context(user=user, ignore_auth=True, **more)


class Made(NamedTuple):
    """What was just made from a document: its CSV; the tables of its annexes, by name."""

    csv: BinaryIO
    annexes: Mapping[str, BinaryIO]


def write(package_id: str, made: Mapping[str, Made]) -> None:
    """Bring the dataset in line with the registry; ``made`` holds new files by document id. Commits."""
    user = site_user()
    dataset = tk.get_action("package_show")(_context(user, for_update=True), {"id": package_id})
    documents = core.documents_of(package_id)
    wanted = _Wanted(dataset, documents, made)
    changes = fields.fill(dataset, documents)
    if not changes and wanted.resources == dataset["resources"]:
        model.Session.commit()
        return
    revised = tk.get_action("package_revise")(
        _context(user),
        {
            "match": {"id": package_id},
            # a list given to «update» is merged into the one that is there: a shorter one must replace it
            "filter": ["-resources", *(f"-{name}" for name, value in changes.items() if isinstance(value, list))],
            "update": {**changes, "resources": wanted.resources},
        },
    )
    try:
        _create_views(user, revised["package"], wanted.new_csv)
    except Exception:  # noqa: BLE001  (all is published: a view that another plugin refuses is no failure of the conversion)
        log.exception("The views of dataset %s could not be created", package_id)
        model.Session.rollback()


class _Wanted:
    """The resources a dataset should have, in order: consolidated CSV; each document's CSV and occulted XML, the latest
    exercice first; what is no budget."""

    def __init__(self, dataset: dict[str, Any], documents: list[BudgetDocument], made: Mapping[str, Made]) -> None:
        self.made = made
        self.siret = next((d.siret for d in documents if d.siret), None)
        self.stored: dict[str, Resource] = {r["id"]: r for r in dataset["resources"]}
        self.new_csv: list[str] = []
        self.resources: list[Resource] = []
        ours = {consolidated_id(dataset["id"])} | {csv_id(r) for r in self.stored}
        ours |= {made for resource_id in self.stored for made in annexe_ids(resource_id)}
        ours |= {r["id"] for r in dataset["resources"] if _is_made(r)}
        published: dict[str, BudgetDocument] = {}
        ranked: list[tuple[tuple[int, ...], list[Resource]]] = []
        for resource in dataset["resources"]:
            if resource["id"] in ours:
                continue
            versions = [d for d in documents if d.resource_id == resource["id"]]
            if versions and versions[-1].status == "withdrawn":
                continue
            entry = [_source(resource, versions)]
            out = [d for d in versions if d.csv_sha256]
            if out:
                published[resource["id"]] = out[-1]
                entry.insert(0, self._csv(out[-1]))
                entry += self._annexes(out[-1])
            ranked.append((_rank(versions), entry))
        self.resources += [r for _, entry in sorted(ranked, key=lambda pair: pair[0]) for r in entry]
        current = core.consolidated(published.values())
        if current:
            self.resources.insert(0, self._consolidated(dataset["id"], current))

    def _csv(self, document: BudgetDocument) -> Resource:
        resource = {
            **self._stored_or_new(csv_id(document.resource_id)),
            "name": words.csv_name(document),
            "description": words.CSV_DESCRIPTION,
            "format": "CSV",
            "mimetype": "text/csv",
            "conforms_to": SCHEMA_URL,
            "budget_role": "csv",
            "budget_document_id": document.id,
            "budget_state": document.status,
            "hash": document.csv_sha256,
        }
        if document.id in self.made:
            resource["upload"] = _upload(self.made[document.id].csv, words.csv_filename(document))
        return resource

    def _annexes(self, document: BudgetDocument) -> Iterator[Resource]:
        """Tables just made, and those made before that are still wanted."""
        new = self.made.get(document.id)
        for name in config.annexes():
            resource_id = annexe_id(document.resource_id, name)
            title = words.annexe_name(document, messages.french()(SPECS[name].title))
            if new is None and self.stored.get(resource_id, {}).get("budget_document_id") == document.id:
                yield {**self.stored[resource_id], "name": title}
            elif new is not None and name in new.annexes:
                yield {
                    **self._stored_or_new(resource_id),
                    "name": title,
                    "description": messages.french()(SPECS[name].rule),
                    "format": "CSV",
                    "mimetype": "text/csv",
                    "budget_role": "annexe",
                    "budget_table": name,
                    "budget_document_id": document.id,
                    "hash": sha256(new.annexes[name]),
                    "upload": _upload(new.annexes[name], words.annexe_filename(document, name)),
                }

    def _consolidated(self, package_id: str, documents: list[BudgetDocument]) -> Resource:
        resource = {
            **self._stored_or_new(consolidated_id(package_id)),
            "name": words.CONSOLIDATED_NAME,
            "description": words.CONSOLIDATED_DESCRIPTION,
            "format": "CSV",
            "mimetype": "text/csv",
            "conforms_to": SCHEMA_URL,
            "budget_role": "consolidated",
        }
        signature = hashlib.sha256("".join(d.csv_sha256 or "" for d in documents).encode()).hexdigest()
        if resource.get("budget_signature") == signature and resource["url_type"] == "upload":
            return resource
        out: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  (handed to CKAN's uploader, which closes it)
        for document in documents:
            first = out.tell() == 0
            if document.id in self.made:
                files.append(self.made[document.id].csv, out, header=first)
            else:
                with files.open_resource(self.stored[csv_id(document.resource_id)]) as source:
                    files.append(source, out, header=first)
        resource["hash"] = sha256(out)
        resource["budget_signature"] = signature
        resource["upload"] = _upload(out, words.consolidated_filename(self.siret))
        return resource

    def _stored_or_new(self, resource_id: str) -> Resource:
        if resource_id in self.stored:
            return dict(self.stored[resource_id])
        self.new_csv.append(resource_id)
        return {"id": resource_id, "url": "", "url_type": "upload"}


def _rank(versions: list[BudgetDocument]) -> tuple[int, ...]:
    """Place of a file in the list: the latest exercice and étape first, a replaced version after the one in force."""
    if not versions:
        return (1,)
    last = versions[-1]
    return (0, *(-part for part in core.consolidated_order(last)), int(last.status == "superseded"))


def _is_made(resource: Resource) -> bool:
    """Whether the portal made it: a copied dict may say so, but CKAN's ids are random and ours are computed."""
    return (
        resource.get("budget_role") in ("csv", "consolidated", "annexe")
        and _is_uuid(resource["id"])
        and uuid.UUID(resource["id"]).version == 5
    )


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _source(resource: Resource, versions: list[BudgetDocument]) -> Resource:
    """A deposited file, with its state; a file that is no budget carries none."""
    if not versions:
        return {name: value for name, value in resource.items() if name not in OURS}
    last = versions[-1]
    ours = {"budget_role": "source", "budget_document_id": last.id, "budget_state": last.status}
    return {**resource, **ours, "hash": last.occulted_sha256}


def _upload(stream: BinaryIO, filename: str) -> FileStorage:
    stream.seek(0)
    copy: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  (CKAN's uploader closes what it stores)
    files.append(stream, copy, header=True)
    copy.seek(0)
    return FileStorage(stream=copy, filename=filename, content_type="text/csv")


def _create_views(user: str, dataset: dict[str, Any], resource_ids: list[str]) -> None:
    """``package_revise`` creates none: the portal's default views, then ours if it is not among them."""
    for resource in dataset["resources"]:
        if resource["id"] not in resource_ids:
            continue
        created = add_views_to_resource(_context(user), resource, dataset)
        if resource["budget_role"] != "annexe" and all(view["view_type"] != VIEW_TYPE for view in created):
            add_views_to_resource(_context(user), resource, dataset, [VIEW_TYPE])


def refuse_deletion(resource_id: Any) -> None:
    """A file that the portal makes from another goes with it, never alone: raises ``ValidationError``."""
    resource = model.Resource.get(resource_id) if isinstance(resource_id, str) else None
    if resource is None or resource.state != "active":
        return
    if resource.id in core.derived_ids(str(resource.package_id)):
        refusal = Refusal("derived_not_deletable")
        raise tk.ValidationError({"id": [messages.render(refusal.finding, tk._).sentence]})
