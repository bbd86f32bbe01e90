"""Compile the table of collectivités that ships: ``python -m dev.territory``.

Takes the npm package ``@etalab/decoupage-administratif`` of a given version from the npm registry (by the npm client,
and against the digest below), and writes ``ckanext/budget/territory/data/territory.tsv.gz``. For another version:
``--version 6.1.0 --integrity sha512-… --cog 2026 --population 2023`` (``npm view PACKAGE@VERSION dist.integrity``; the
README of the package tells its years), then put the new ones here and in ``data/README.md``.
"""

from __future__ import annotations

import argparse
import hashlib
import tarfile
import tempfile
from pathlib import Path

from ckanext.budget.territory import table
from dev.territory import compile as compiling
from dev.territory import npm

PACKAGE = "@etalab/decoupage-administratif"
VERSION = "6.0.0"
INTEGRITY = "sha512-XavYsFlbcM/prKr8hNHPKER94IHw/dsxNM4nxjWMYk6PLFACpEedvn/7wK8Baozm0dCYhWWcf+7bcWpA5pmCaQ=="
COG_YEAR = 2026
POPULATION_YEAR = 2023


def fetch(version: str, integrity: str, folder: Path) -> Path:
    """The folder of the package's data, below ``folder``. Stops when the package is not the one expected."""
    archive = npm.pack(PACKAGE, version, integrity, folder)
    with tarfile.open(archive) as packed:
        for member in packed:
            path = Path(member.name)
            content = packed.extractfile(member) if path.suffix == ".json" and path.parent.name == "data" else None
            if content is not None:  # written under its bare name: no path of the archive is followed
                (folder / path.name).write_bytes(content.read())
    return folder


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(
        prog="python -m dev.territory", description="Compile the table of collectivités."
    )
    parser.add_argument("--version", default=VERSION)
    parser.add_argument("--integrity", default=INTEGRITY)
    parser.add_argument("--cog", type=int, default=COG_YEAR, help="year of the Code officiel géographique")
    parser.add_argument("--population", type=int, default=POPULATION_YEAR, help="year of the populations")
    parser.add_argument("-o", "--output", type=Path, default=table.TABLE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = fetch(options.version, options.integrity, Path(folder))
        source = table.Source(PACKAGE, options.version, options.cog, options.population)
        packed = table.packed(source, compiling.lines(data))
    options.output.write_bytes(packed)
    print(f"{options.output}: {len(packed)} bytes, SHA-256 {hashlib.sha256(packed).hexdigest()}")


if __name__ == "__main__":
    main()
