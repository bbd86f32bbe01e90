"""Reading a stored file back, wherever CKAN's uploader put it."""

from __future__ import annotations

import shutil
import tempfile
from typing import Any, BinaryIO, cast

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import uploader

from ckanext.budget.digest import sha256
from ckanext.budget.errors import Refusal

BLOCK = 1 << 20


def open_resource(resource: dict[str, Any]) -> BinaryIO:
    """The stored file of an uploaded resource, as a seekable binary stream (the caller closes it).

    CKAN's classic storage gives a path; the storages of 2.12 a location to stream from. Raises :class:`Refusal`
    («file_missing») when there is no file, or an uploader that offers neither.
    """
    upload = cast("Any", uploader.get_resource_uploader({"id": resource["id"], "url": resource.get("url")}))
    storage = getattr(upload, "storage", None)
    try:
        if storage is None:
            return open(upload.get_path(resource["id"]), "rb")
        return _spool(storage, upload.get_path(resource["id"]))
    except (OSError, AttributeError, TypeError, *_storage_errors()) as error:
        raise Refusal("file_missing") from error


def holds(resource_id: str, digest: str) -> bool:
    """Whether an active resource's stored file is the one with this SHA-256 (an upload may have failed half-way)."""
    resource = model.Resource.get(resource_id)
    if resource is None or resource.state != "active" or resource.url_type != "upload":
        return False
    try:
        with open_resource({"id": resource.id, "url": resource.url}) as stored:
            return sha256(stored) == digest
    except Refusal:
        return False


def _spool(storage: Any, location: Any) -> BinaryIO:
    from ckan.lib import files  # noqa: PLC0415  (CKAN 2.12 only)

    stream = tempfile.TemporaryFile()  # noqa: SIM115  (the caller closes it)
    data = files.FileData(files.Location(location), size=storage.size(location))
    for chunk in storage.stream(data):
        stream.write(chunk)
    stream.seek(0)
    return stream


def _storage_errors() -> tuple[type[Exception], ...]:
    if not tk.check_ckan_version(min_version="2.12"):
        return ()
    from ckan.lib import files  # noqa: PLC0415  (CKAN 2.12 only)

    return (files.exc.FilesError,)


def append(source: BinaryIO, target: BinaryIO, *, header: bool) -> None:
    """Copy a CSV to the end of another; without ``header``, its first line is left out."""
    source.seek(0)
    if not header:
        source.readline()
    shutil.copyfileobj(source, target, BLOCK)
