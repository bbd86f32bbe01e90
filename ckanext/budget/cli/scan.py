"""``ckan budget scan``: the files stored before the plugin came."""

from __future__ import annotations

import tempfile
from collections import Counter
from typing import BinaryIO, Literal

import click
from ckan import model
from ckan.lib import uploader
from werkzeug.datastructures import FileStorage

from ckanext.budget import config, messages
from ckanext.budget.digest import sha256
from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import drain, files, process, trip, words
from ckanext.budget.registry import core
from ckanext.budget.totem.receive import Received, receive

Outcome = Literal["clean", "exposed", "occulted", "impossible", "unreadable"]

SENTENCES: dict[Outcome, str] = {
    "exposed": "holds personal data (run again with --fix)",
    "occulted": "personal data hidden",
    "impossible": "may hold personal data and can't be occulted: remove it, or replace it by the file named here",
    "unreadable": "could not be read",
}


@click.command()
@click.option(
    "--fix",
    is_flag=True,
    help="Replace each budget by its occulted copy, and convert those of budget datasets.",
)
@click.pass_context
def scan(ctx: click.Context, fix: bool) -> None:
    """Look at every stored file; say (or mend) those that hold the personal data of a budget.

    Exit code 1 when something remains to be done.
    """
    found: Counter[Outcome] = Counter()
    query = model.Session.query(model.Resource).filter(model.Resource.url_type == "upload")
    for resource_id in [resource.id for resource in query.order_by(model.Resource.id)]:
        resource = model.Resource.get(resource_id)
        if resource is None:  # deleted for good since the list was made
            continue
        outcome, detail = _look(resource, fix=fix)
        found[outcome] += 1
        if outcome in SENTENCES:
            click.echo(f"{resource.package_id} {resource.id}: {SENTENCES[outcome]} {detail}".rstrip())
    summary = ", ".join(f"{number} {outcome}" for outcome, number in sorted(found.items())) or "no uploaded file"
    click.echo(summary)
    if found["exposed"] or found["impossible"] or found["unreadable"]:
        ctx.exit(1)


def _look(resource: model.Resource, *, fix: bool) -> tuple[Outcome, str]:
    dataset = model.Package.get(resource.package_id)
    strict = dataset is not None and dataset.type == config.DATASET_TYPE
    try:
        stored = files.open_resource({"id": resource.id, "url": resource.url})
    except Refusal as refusal:
        # CKAN deletes no file with its resource: one that is already gone is no danger
        return ("clean", "") if resource.state != "active" else ("unreadable", _say(refusal))
    with stored, tempfile.TemporaryFile() as copy:
        try:
            seen = receive(stored, copy, strict=strict, limits=config.limits())
        except Refusal as refusal:
            return "impossible", _say(refusal)
        if not isinstance(seen, Received):
            return "clean", ""
        exposed = sha256(stored) != seen.occulted_sha256
        if exposed and fix:
            _replace(resource, copy)
        if fix and strict and resource.state == "active":
            _register(resource, seen)
    if not exposed:
        return "clean", ""
    return ("occulted", _counts(seen)) if fix else ("exposed", _counts(seen))


def _say(refusal: Refusal) -> str:
    return f"({messages.render(refusal.finding, lambda text: text).sentence})"


def _counts(seen: Received) -> str:
    return f"({sum(seen.counts.values())} values)"


def _replace(resource: model.Resource, copy: BinaryIO) -> None:
    size = copy.seek(0, 2)
    copy.seek(0)
    name = words.xml_filename(resource.url)
    with trip.own_writes():
        upload = uploader.get_resource_uploader(
            {"id": resource.id, "url": name, "upload": FileStorage(stream=copy, filename=name)}
        )
        upload.upload(resource.id, uploader.get_max_resource_size())
    resource.size = size
    model.Session.commit()


def _register(resource: model.Resource, seen: Received) -> None:
    known = core.latest_of_resource(resource.id)
    if known is not None and known.status != "received":
        return
    document_id = known.id if known else drain.register_stored(seen, resource)
    package_id = str(resource.package_id)
    model.Session.commit()
    with trip.own_writes():
        process.process(package_id, [document_id])
