"""Packages of the npm registry, by the npm client, against their digest."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from pathlib import Path


def pack(package: str, version: str, integrity: str, folder: Path) -> Path:
    """The archive of a package, in ``folder``. Stops when it is not the one expected."""
    command = ["npm", "pack", "--silent", f"{package}@{version}", "--pack-destination", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != integrity:
        raise SystemExit(f"{package} {version} is not the package expected: sha512-{digest}")
    return archive
