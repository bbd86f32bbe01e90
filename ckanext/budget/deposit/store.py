"""The occulted copies that wait for their publication: one file a row, in a private folder, gone once it is settled.

A sealed original never comes here.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from pathlib import Path
from typing import BinaryIO

from ckanext.budget import config
from ckanext.budget.digest import sha256
from ckanext.budget.errors import Refusal

log = logging.getLogger(__name__)


def keep(row_id: str, copy: BinaryIO) -> None:
    """Write a row's copy: whole, or not at all."""
    folder = config.deposit_path()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = folder / f"{row_id}.part"
    try:
        copy.seek(0)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            shutil.copyfileobj(copy, out)
        partial.replace(folder / row_id)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def open_copy(row_id: str, digest: str | None) -> BinaryIO:
    """A row's copy, to be closed by the caller. Raises :class:`Refusal` when it is gone or is another."""
    try:
        stream = (config.deposit_path() / row_id).open("rb")
    except OSError as error:
        raise Refusal("deposit_copy_gone") from error
    if sha256(stream) != digest:
        stream.close()
        raise Refusal("file_changed")
    return stream


def drop(row_id: str) -> None:
    """The row is settled: its copy goes."""
    (config.deposit_path() / row_id).unlink(missing_ok=True)


def sweep(older_than_seconds: float) -> int:
    """Remove what nobody will ask for any more (a killed process leaves such files); how many there were."""
    folder: Path = config.deposit_path()
    if not folder.is_dir():
        return 0
    limit, swept = time.time() - older_than_seconds, 0
    for path in folder.iterdir():
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            swept += 1
    return swept
