"""The files that are measured: generated ones, and real ones when the corpus is beside the project."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from benchmarks import codes, generate
from benchmarks.timing import ROOT

WORK = ROOT / ".services" / "benchmarks"
CORPUS = ROOT.parent / "shared" / "corpus"


def generated(size: str) -> Path:
    """The file of a size, made once for a version of the generator."""
    sources = (Path(generate.__file__), Path(codes.__file__), ROOT / "ckanext/budget/nomenclature/data/plans.tsv.gz")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    path = WORK / f"{size}-{digest}.xml"
    if not path.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        for old in WORK.glob(f"{size}-*.xml"):
            old.unlink()
        part = path.with_suffix(".part")
        with part.open("wb") as out:
            generate.write(generate.SIZES[size], out)
        part.rename(path)
    return path


def plans() -> Path:
    """A folder of charts of accounts for the peers: the official ones, else the generated files' from our table."""
    official = CORPUS / "plans_de_comptes"
    if official.is_dir():
        return official
    codes.write_plan(generate.NORM, generate.DECLINATION, generate.YEAR, WORK / "plans")
    return WORK / "plans"


def plan_of_generated() -> Path:
    """The chart of accounts of the generated files."""
    return plans() / str(generate.YEAR) / generate.NORM / generate.DECLINATION / "planDeCompte.xml"


def real() -> list[Path]:
    """Every real file, the edited ones apart; none without the corpus."""
    found = sorted((CORPUS / "xml").glob("*/totem.xml"))
    return [path for path in found if not path.parent.name.startswith("variant-")]


def everyday(paths: Iterable[Path]) -> list[Path]:
    """Those of 1,400 to 1,800 budget lines with annexes."""
    return [
        path
        for path in paths
        if path.stat().st_size > 1_000_000 and 1_400 <= path.read_bytes().count(b"<LigneBudget") <= 1_800
    ]
