"""``ckan budget scan``: the files stored before the plugin came."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

import ckan.plugins.toolkit as tk
import click
from ckan import model
from ckan.lib import search, uploader
from werkzeug.datastructures import FileStorage

from ckanext.budget import config, messages
from ckanext.budget.digest import sha256
from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import drain, files, process, trip, words
from ckanext.budget.registry import core
from ckanext.budget.totem.receive import Received, receive

log = logging.getLogger(__name__)

Outcome = Literal["clean", "exposed", "occulted", "table", "tidied", "impossible", "unreadable"]

SENTENCES: dict[Outcome, str] = {
    "exposed": "holds personal data (run again with --fix)",
    "occulted": "personal data hidden",
    "table": "is a table of budget lines that may hold other things (run again with --fix)",
    "tidied": "put in the standard's order; nothing else of the table is kept",
    "impossible": "may hold personal data and can't be occulted: remove it, or replace it by the file named here",
    "unreadable": "could not be read",
}


@click.command()
@click.option(
    "--fix",
    is_flag=True,
    help="Replace each budget by its occulted copy (a table of a budget dataset by its standard CSV), and convert "
    "those of budget datasets.",
)
@click.pass_context
def scan(ctx: click.Context, fix: bool) -> None:
    """Look at every stored file; say (or mend) those that hold the personal data of a budget.

    Also the files that no resource names any more, where the storage is a folder of this machine. Exit code 1 when
    something remains to be done.
    """
    found: Counter[Outcome] = Counter()
    for name, outcome, detail in _everything(fix=fix):
        found[outcome] += 1
        if outcome in SENTENCES:
            click.echo(f"{name}: {SENTENCES[outcome]} {detail}".rstrip())
    summary = ", ".join(f"{number} {outcome}" for outcome, number in sorted(found.items())) or "no uploaded file"
    click.echo(summary)
    if any(found[left] for left in ("exposed", "table", "impossible", "unreadable")):
        ctx.exit(1)


def _everything(*, fix: bool) -> Iterator[tuple[str, Outcome, str]]:
    """What each stored file is: its name, the outcome, a detail."""
    for resource_id in [resource.id for resource in model.Session.query(model.Resource).order_by(model.Resource.id)]:
        resource = model.Resource.get(resource_id)
        if resource is None:  # deleted for good since the list was made
            continue
        name = f"{resource.package_id} {resource.id}"
        try:
            yield name, *_look(resource, fix=fix)
        except Exception:  # noqa: BLE001  (one file that nobody foresaw does not hide the others)
            log.exception("Resource %s could not be looked at", resource.id)
            model.Session.rollback()
            yield name, "unreadable", ""
    for path in _orphans():
        yield str(path), *_look_at_orphan(path, fix=fix)


def _orphans() -> Iterator[Path]:
    """Files of CKAN's own folder that belong to no resource (CKAN deletes no file with its resource)."""
    folder = Path(tk.config.get("ckan.storage_path") or "") / "resources"
    for path in sorted(folder.rglob("*")) if folder.is_absolute() and folder.is_dir() else ():
        if path.is_file() and model.Resource.get("".join(path.relative_to(folder).parts)) is None:
            yield path


def _look_at_orphan(path: Path, *, fix: bool) -> tuple[Outcome, str]:
    with path.open("rb") as stored, tempfile.TemporaryFile() as copy:
        try:
            seen = receive(stored, copy, strict=False, limits=config.limits())
        except Refusal as refusal:
            return "impossible", _say(refusal)
        if not isinstance(seen, Received) or sha256(stored) == seen.occulted_sha256:
            return "clean", ""
        if fix:
            copy.seek(0)
            with path.open("wb") as out:
                shutil.copyfileobj(copy, out)
        return ("occulted", _counts(seen)) if fix else ("exposed", _counts(seen))


def _look(resource: model.Resource, *, fix: bool) -> tuple[Outcome, str]:
    dataset = model.Package.get(resource.package_id)
    # a CSV that the portal made is no deposit
    strict = dataset is not None and dataset.type == config.DATASET_TYPE and not _is_made(resource)
    try:
        stored = files.open_resource({"id": resource.id, "url": resource.url})
    except Refusal as refusal:
        # a link has no file, usually; a deleted resource whose file is gone too is no danger
        expected = resource.state == "active" and resource.url_type == "upload"
        return ("unreadable", _say(refusal)) if expected else ("clean", "")
    with stored, tempfile.TemporaryFile() as copy:
        try:
            seen = receive(stored, copy, strict=strict, limits=config.limits())
        except Refusal as refusal:
            return "impossible", _say(refusal)
        if not isinstance(seen, Received):
            return "clean", ""
        exposed = sha256(stored) != seen.occulted_sha256
        if exposed and fix:
            _replace(resource, copy, seen)
        if fix and strict and resource.state == "active" and resource.url_type == "upload":
            _register(resource, seen)
    if not exposed:
        return "clean", ""
    if seen.is_table:
        return "tidied" if fix else "table", ""
    return ("occulted", _counts(seen)) if fix else ("exposed", _counts(seen))


def _is_made(resource: model.Resource) -> bool:
    """Whether the portal made it from a file of the same dataset, there or gone."""
    sources = model.Session.query(model.Resource.id).filter(model.Resource.package_id == resource.package_id)
    ids = [source.id for source in sources]
    tables = {made for source in ids for made in core.annexe_ids(source)}
    return resource.id in {core.consolidated_id(str(resource.package_id)), *map(core.csv_id, ids), *tables}


def _say(refusal: Refusal) -> str:
    return f"({messages.render(refusal.finding, lambda text: text).sentence})"


def _counts(seen: Received) -> str:
    return f"({sum(seen.counts.values())} values)"


def _replace(resource: model.Resource, copy: BinaryIO, seen: Received) -> None:
    copy.seek(0)
    form, mimetype = ("csv", "text/csv") if seen.is_table else ("xml", "application/xml")
    name = words.stored_filename(resource.url, form)
    with trip.own_writes():
        upload = uploader.get_resource_uploader(
            {"id": resource.id, "url": name, "upload": FileStorage(stream=copy, filename=name)}
        )
        upload.upload(resource.id, uploader.get_max_resource_size())
    resource.size = seen.size
    if resource.url_type == "upload":  # what was a compressed file or a workbook no longer is
        if resource.name == resource.url:
            resource.name = words.source_name(seen.header)
        resource.url, resource.format, resource.mimetype = name, form.upper(), mimetype
    model.Session.commit()
    search.rebuild(resource.package_id)  # what CKAN shows of a dataset is read there


def _register(resource: model.Resource, seen: Received) -> None:
    known = core.latest_of_resource(resource.id)
    if known is not None and known.status in ("converted", "superseded"):
        return
    if known is not None:
        known.attempts = 0  # an administrator asks: it is tried anew
    document_id = known.id if known else drain.register_stored(seen, resource)
    package_id = str(resource.package_id)
    model.Session.commit()
    with trip.own_writes():
        process.process(package_id, [document_id])
