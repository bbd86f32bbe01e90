"""The door: every upload of CKAN passes here before anything is written (``IUploader.get_resource_uploader``).

A budget is replaced by its occulted copy, whatever the dataset; what can't be occulted is refused; all else passes
untouched. The door writes nothing durable: validation may still fail. It fails closed.
"""

from __future__ import annotations

import logging
import mimetypes
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO, cast

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import DataDict
from werkzeug.datastructures import FileStorage

from ckanext.budget import config, messages
from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import alert, copies, identity, originals, trip, words
from ckanext.budget.registry import core
from ckanext.budget.totem.receive import Received, receive

log = logging.getLogger(__name__)


def admit(data_dict: DataDict) -> None:
    """Look at the file of a resource dict, if any, and replace it, leave it, or raise ``ValidationError``."""
    upload = data_dict.get("upload")
    if trip.writing() or not isinstance(upload, FileStorage) or not upload:
        return
    with _closed():
        _admit(data_dict, upload)


def admit_file(data_dict: DataDict) -> None:
    """Look at a file given to CKAN's ``file_create`` (2.12: bytes, a stream or an upload), which belongs to no dataset
    yet: as :func:`admit` for a dataset of another type."""
    if trip.writing() or not data_dict.get("upload"):
        return
    with _closed(), ExitStack() as unless_kept:
        stream, copy = (unless_kept.enter_context(tempfile.TemporaryFile()) for _ in range(2))
        name = _spool(data_dict["upload"], stream) or data_dict.get("name")
        _check_size(stream)
        found = receive(stream, copy, strict=False, limits=config.limits())
        kept = copy if isinstance(found, Received) else stream
        kept.seek(0)
        data_dict["upload"] = FileStorage(stream=kept, filename=name)
        unless_kept.pop_all()  # handed to CKAN, which closes what it stores


def _spool(upload: Any, out: BinaryIO) -> str | None:
    """Copy what CKAN accepts as an upload; returns its file name, if it has one."""
    if isinstance(upload, bytes | bytearray):
        out.write(upload)
        return None
    source = upload.stream if isinstance(upload, FileStorage) else upload
    shutil.copyfileobj(source, out)
    return getattr(upload, "filename", None) or getattr(upload, "name", None)


@contextmanager
def _closed() -> Iterator[None]:
    """The door fails closed: whatever happens within, the upload is refused in the user's words."""
    try:
        yield
    except Refusal as refusal:
        alert.tell_of_refusal(refusal.finding)
        raise tk.ValidationError({"upload": [messages.render(refusal.finding, tk._).sentence]}) from refusal
    except tk.ValidationError:
        raise
    except Exception as error:  # noqa: BLE001  (fails closed: what we could not look at is not stored)
        log.exception("A file could not be examined; it was refused")
        unexpected = Refusal("door_failed")
        raise tk.ValidationError({"upload": [messages.render(unexpected.finding, tk._).sentence]}) from error


def _admit(data_dict: DataDict, upload: FileStorage) -> None:
    stream = cast("BinaryIO", upload.stream)
    current = trip.current()
    if current is not None:
        current.given.append((data_dict, dict(data_dict)))
    _check_size(stream)
    dataset = _dataset(data_dict)
    _check_not_derived(data_dict, dataset)
    strict = dataset.get("type") == config.DATASET_TYPE
    copy = tempfile.TemporaryFile()  # noqa: SIM115  (handed to CKAN's uploader, which closes it)
    try:
        found = receive(stream, copy, strict=strict, limits=config.limits(), filename=upload.filename)
        stream.seek(0)
        if not isinstance(found, Received):
            copy.close()
            _replaced(data_dict, upload)
            if strict:
                data_dict["budget_kind"] = found.name
            return
        found = copies.as_received(upload, found)
        resource_id = _resource_id(data_dict)
        if (strict or config.convert_other_types()) and identity.check(found, dataset, resource_id) == "same":
            copy.close()
            _keep_stored_file(data_dict, resource_id)
            return
        if (strict or config.convert_other_types()) and not isinstance(upload, copies.OccultedCopy):
            originals.stage(stream, found)
        _replace(data_dict, upload, copy, found)
    except BaseException:
        copy.close()
        raise
    if current is not None and (strict or config.convert_other_types()):
        current.seen[resource_id] = found


def _replaced(data_dict: DataDict, upload: FileStorage) -> None:
    """A file that is no budget takes the place of whatever the resource held, and our words about a budget go."""
    if data_dict.get("budget_role") == "source":
        if data_dict.get("format") in ("XML", "CSV"):  # CKAN guesses for a new resource only
            data_dict["format"] = data_dict["mimetype"] = mimetypes.guess_type(upload.filename or "")[0] or ""
        if words.is_source_name(data_dict.get("name")):
            data_dict["name"] = upload.filename
        if data_dict.get("description") in words.DESCRIPTIONS:
            data_dict["description"] = ""
    current = trip.current()
    if current is not None and data_dict.get("id"):
        current.replaced.add(data_dict["id"])


def _check_size(stream: BinaryIO) -> None:
    size = stream.seek(0, 2)
    stream.seek(0)
    if size > config.max_resource_bytes():
        raise Refusal("limit_reached", limit=tk._("size of a file"), value=f"{config.max_resource_bytes() >> 20} Mio")


def _dataset(data_dict: DataDict) -> DataDict:
    """The dataset as it is about to be; as it is stored where CKAN asks for the uploader before it updates the dataset
    (2.11's ``resource_create``) or outside its actions."""
    current = trip.current()
    if current is not None and current.dataset is not None:
        return current.dataset
    resource = model.Resource.get(data_dict["id"]) if data_dict.get("id") else None
    if resource is not None and (resource.state != "active" or current is not None):
        resource = None  # 2.11's resource_create may be given the id of a resource deleted elsewhere
    package_id = resource.package_id if resource else data_dict.get("package_id")
    package = model.Package.get(package_id) if package_id else None
    if package is None:
        # no dataset to judge by: the strict rules are the safe ones
        return {"type": config.DATASET_TYPE}
    extras = cast("dict[str, str]", package.extras)
    stored = {name: extras.get(name, "") for name in ("siret", "collectivite")}
    return {"id": package.id, "type": package.type, "title": package.title, "owner_org": package.owner_org, **stored}


def _check_not_derived(data_dict: DataDict, dataset: DataDict) -> None:
    """The files that the portal makes take no upload."""
    if data_dict.get("id") and dataset.get("id") and data_dict["id"] in core.derived_ids(dataset["id"]):
        raise Refusal("derived_not_replaceable")


def _resource_id(data_dict: DataDict) -> str:
    if not data_dict.get("id"):
        data_dict["id"] = str(uuid.uuid4())
    return data_dict["id"]


def _replace(data_dict: DataDict, upload: FileStorage, copy: BinaryIO, found: Received) -> None:
    copy.seek(0)
    form, mimetype = ("csv", "text/csv") if found.is_table else ("xml", "application/xml")
    filename = words.stored_filename(upload.filename, form)
    data_dict["upload"] = FileStorage(stream=copy, filename=filename, content_type=mimetype)
    name = data_dict.get("name")
    if name in (None, "", upload.filename) or words.is_source_name(name):  # CKAN's form proposes the file's name
        data_dict["name"] = words.source_name(found.header)
    if data_dict.get("description") in (None, "", *words.DESCRIPTIONS):
        data_dict["description"] = words.TABLE_DESCRIPTION if found.is_table else words.SOURCE_DESCRIPTION
    data_dict["format"] = form.upper()
    data_dict["mimetype"] = mimetype
    data_dict["budget_role"] = "source"
    data_dict.pop("budget_kind", None)


def _keep_stored_file(data_dict: DataDict, resource_id: str) -> None:
    """The same bytes again: metadata are saved, the stored file is left alone."""
    stored: Any = model.Resource.get(resource_id)
    del data_dict["upload"]
    data_dict.pop("clear_upload", None)
    data_dict.update(url=stored.url, url_type=stored.url_type)
    for name in ("size", "mimetype", "last_modified"):
        value = getattr(stored, name)
        if value is not None:
            data_dict[name] = value.isoformat() if name == "last_modified" else value
