"""The sealed original, kept only where an administrator asked for it (off by default)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import BinaryIO

import ckan.plugins.toolkit as tk
from ckan.exceptions import CkanConfigurationException

from ckanext.budget import config
from ckanext.budget.totem.receive import Received


def check_configuration() -> None:
    """Refuse to start with a folder that is relative or inside the storage that is served."""
    folder = config.originals_path()
    if folder is None:
        return
    storage = tk.config.get("ckan.storage_path")
    served = storage and Path(storage).resolve() in (folder.resolve(), *folder.resolve().parents)
    if not folder.is_absolute() or served:
        raise CkanConfigurationException(
            "ckanext.budget.keep_originals_path must be an absolute path outside ckan.storage_path "
            "and every folder that is served: originals hold personal data"
        )


def stage(stream: BinaryIO, found: Received) -> None:
    """Set the original aside until the upload is known to have succeeded; ``stream`` is rewound."""
    folder = config.originals_path()
    if folder is None:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = folder / f"{found.source_sha256}.part"
    stream.seek(0)
    with partial.open("wb") as out:
        partial.chmod(0o600)
        shutil.copyfileobj(stream, out)
    stream.seek(0)


def confirm(found: Received) -> None:
    """The upload succeeded: keep the original under its SHA-256."""
    if folder := config.originals_path():
        partial = folder / f"{found.source_sha256}.part"
        if partial.exists():
            wrapped = found.is_table or any(finding.code == "unwrapped" for finding in found.findings)
            partial.replace(partial.with_suffix(".original" if wrapped else ".xml"))


def discard(found: Received) -> None:
    """The upload failed: keep nothing."""
    forget(found.source_sha256)


def forget(source_sha256: str) -> None:
    """Nothing will come of an original set aside."""
    if folder := config.originals_path():
        (folder / f"{source_sha256}.part").unlink(missing_ok=True)


def destroy(source_sha256: str) -> None:
    """The document was withdrawn for good: its original goes too."""
    if folder := config.originals_path():
        for suffix in (".xml", ".original", ".part"):
            (folder / f"{source_sha256}{suffix}").unlink(missing_ok=True)
