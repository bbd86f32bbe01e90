"""What was dropped, looked at: one row for each file, an archive opened, nothing but occulted copies kept."""

from __future__ import annotations

import errno
import logging
import tempfile
from collections.abc import Collection
from pathlib import PurePath
from typing import BinaryIO, cast

import ckan.plugins.toolkit as tk
from ckan import model
from werkzeug.datastructures import FileStorage

from ckanext.budget import config
from ckanext.budget.deposit import batches, plan, store
from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile, now
from ckanext.budget.errors import Finding, Refusal
from ckanext.budget.ingest import alert, originals
from ckanext.budget.messages import render
from ckanext.budget.standalone.opening import is_archive
from ckanext.budget.totem import sniff
from ckanext.budget.totem.archives import ArchiveLimits, members
from ckanext.budget.totem.receive import Received, receive
from ckanext.budget.totem.unwrap import kind_of

log = logging.getLogger(__name__)

#: an archive is opened within a request
ARCHIVE_LIMITS = ArchiveLimits(members=2000, member_bytes=256 << 20, total_bytes=2 << 30)
#: what a disk says that takes no more
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: longest name shown
NAME_LENGTH = 300


def take(
    batch: BudgetBatch, upload: FileStorage, *, preview: bool, within: str = "", known: Collection[str] = ()
) -> list[BudgetBatchFile]:
    """One row for a file, one for each file of an archive; each is committed. ``preview``: its figures, too.

    ``within`` comes before the names of an archive's files; those ``known`` were looked at before."""
    stream, name = cast("BinaryIO", upload.stream), upload.filename or tk._("file")
    try:
        _check(stream)
        if not is_archive(stream):
            return [_look(batch, stream, name, preview=preview)]
    except Refusal as refusal:
        return [_refused(_new(batch, name), refusal)]
    return _open(batch, stream, name, preview=preview, within=within, known=known)


def _check(stream: BinaryIO) -> None:
    size = stream.seek(0, 2)
    stream.seek(0)
    if size > config.deposit_max_bytes():
        raise Refusal("deposit_big", value=f"{config.deposit_max_bytes() >> 20} Mio")
    if kind_of(stream, sniff.read_head(stream)) in ("tar", "archive"):
        raise Refusal("archive_format")
    stream.seek(0)


def _open(
    batch: BudgetBatch, stream: BinaryIO, name: str, *, preview: bool, within: str, known: Collection[str]
) -> list[BudgetBatchFile]:
    made: list[BudgetBatchFile] = []
    try:
        for member in members(stream, limits=ARCHIVE_LIMITS):
            shown = within + member.name
            if shown in known:
                continue
            if member.stream is None:
                made.append(_refused(_new(batch, shown), member.refusal or Refusal("member_damaged")))
            else:
                made.append(_look(batch, member.stream, shown, preview=preview))
    except Refusal as refusal:  # of the archive as a whole: what was read before stays
        made.append(_refused(_new(batch, name), refusal))
    if not made and not known:
        made.append(_refused(_new(batch, name), Refusal("empty_file")))
    return made


def _new(batch: BudgetBatch, name: str) -> BudgetBatchFile:
    shown = "".join(c for c in name if c.isprintable())[-NAME_LENGTH:] or tk._("file")
    return BudgetBatchFile(batch_id=batch.id, rank=batches.next_rank(batch.id), filename=shown, state="ready")


def _refused(row: BudgetBatchFile, refusal: Refusal) -> BudgetBatchFile:
    alert.tell_of_refusal(refusal.finding)
    row.state, row.message, row.settled = "refused", refusal.finding.to_dict(), now()
    model.Session.add(row)
    model.Session.commit()
    return row


def _look(batch: BudgetBatch, stream: BinaryIO, name: str, *, preview: bool) -> BudgetBatchFile:
    """The row of one file. It fails closed: what can't be looked at is refused and not kept."""
    row = _new(batch, name)
    with tempfile.TemporaryFile() as copy:
        try:
            found = receive(stream, copy, strict=True, limits=config.limits(), filename=PurePath(name).name)
            if not isinstance(found, Received):
                raise _named(found.name)
            if found.size > config.max_resource_bytes():
                value = f"{config.max_resource_bytes() >> 20} Mio"
                raise Refusal("limit_reached", limit=tk._("size of a file"), value=value)
            _know(row, found)
            plan.foresee(batch, row)
            if preview and row.state == "ready":
                plan.preview(row, copy, found)
            originals.stage(stream, found)
            _keep(row, copy)
        except Refusal as refusal:
            return _refused(row, refusal)
        except Exception as error:  # noqa: BLE001  (one file that nobody foresaw: refused, not kept; the others go on)
            log.exception("A deposited file could not be examined; it was refused")
            model.Session.rollback()
            full = isinstance(error, OSError) and error.errno in NO_ROOM
            return _refused(row, Refusal("deposit_full" if full else "door_failed"))
    if row.state != "ready":
        batches.drop(row)
    return row


def _keep(row: BudgetBatchFile, copy: BinaryIO) -> None:
    model.Session.add(row)
    model.Session.flush()
    try:
        if row.state == "ready":
            store.keep(row.id, copy)
    except OSError as error:
        log.exception("The copy of a deposited file could not be kept")
        model.Session.rollback()
        raise Refusal("deposit_full") from error
    model.Session.commit()


def _named(code: str) -> Refusal:
    """What a file is when it is no budget; a message with details that only its reader could give says less."""
    try:
        render(Finding(code), str)
    except KeyError:
        return Refusal("kind_unknown")
    return Refusal(code)


def _know(row: BudgetBatchFile, found: Received) -> None:
    header = found.header
    row.size, row.source_sha256, row.occulted_sha256 = found.size, found.source_sha256, found.occulted_sha256
    row.siret, row.siren, row.name = header.siret, header.siren, header.name
    row.exercice, row.stage, row.dm_number = header.exercice, header.stage, header.dm_number
    row.is_annexe, row.kind = header.is_annexe, header.kind
    row.seal_date, row.dte_str = header.seal.date or None, header.get("DteStr") or None
    row.occultation = dict(found.counts)
    row.findings = [finding.to_dict() for finding in found.findings]
    row.mapping = [list(pair) for pair in found.mapping]
