"""What CKAN leaves of a resource that is gone: its file, its views, its DataStore table.

CKAN marks a resource as deleted and keeps its file for ever. Those that are ours (deposited budgets, and what the
portal makes from them) go with it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, cast

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib import uploader

from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import files, trip
from ckanext.budget.registry import core

log = logging.getLogger(__name__)


def ours(package_id: str) -> set[str]:
    """Ids of the resources of a dataset, there or deleted, that hold a budget or what was made from one."""
    known = {d.resource_id for d in core.documents_of(package_id)} | core.derived_ids(package_id)
    rows = model.Session.scalars(sa.select(model.Resource.id).where(model.Resource.package_id == package_id))
    return known & set(rows)


def sweep(package_id: str, resource_ids: Iterable[str]) -> list[str]:
    """Remove what is left of those of these resources that are no longer there; returns the ids of those whose file
    could not be removed. Under the dataset's lock, so that a file just made again is not taken for a remain. Commits.
    """
    ids = set(resource_ids)
    if not ids:
        return []
    core.lock(package_id)
    rows = model.Session.execute(
        sa.select(model.Resource.id, model.Resource.url_type).where(
            model.Resource.id.in_(ids), model.Resource.state == "active"
        )
    ).all()
    gone = ids - {row.id for row in rows}
    model.Session.execute(sa.delete(model.ResourceView).where(model.ResourceView.resource_id.in_(gone)))
    left = [i for i in ids - {row.id for row in rows if row.url_type == "upload"} if not remove_file(i)]
    for resource_id in gone:
        _drop_table(resource_id)
    model.Session.commit()
    return left


def remove_file(resource_id: str) -> bool:
    """Remove the stored file of a resource, as CKAN does when a file is replaced by a link; whether it is gone."""
    url: Any = {"id": resource_id, "url": "", "url_type": "upload", "clear_upload": True}
    try:
        with trip.own_writes():
            upload = cast("Any", uploader.get_resource_uploader(url))
            upload.upload(resource_id, uploader.get_max_resource_size())
    except Exception:  # noqa: BLE001  (another plugin's storage: «ckan budget doctor» finds what stays)
        log.exception("The file of resource %s could not be removed", resource_id)
        return False
    return not has_file(resource_id)


def has_file(resource_id: str) -> bool:
    """Whether something is stored under this id."""
    try:
        files.open_resource({"id": resource_id}).close()
    except Refusal:
        return False
    return True


def _drop_table(resource_id: str) -> None:
    if not p.plugin_loaded("datastore"):
        return
    try:
        tk.get_action("datastore_delete")({"ignore_auth": True}, {"resource_id": resource_id, "force": True})
    except tk.ObjectNotFound:
        return
    except Exception:  # noqa: BLE001  (the DataStore is a database of its own, and may be away)
        log.exception("The DataStore table of resource %s could not be dropped", resource_id)
