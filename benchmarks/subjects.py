"""What is measured in Python, each in a process of its own: ``python -m benchmarks.subjects NAME FILE [PLAN]``.

Prints JSON: ``cpu`` (seconds of processor time from the end of the imports on), ``before`` and ``peak`` (resident
memory in KiB, after the imports and at most).
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

Work = Callable[[Path], object]


def pyexpat() -> Work:
    """The yardstick: expat fed in blocks of 64 KiB, no handler."""
    from xml.parsers import expat  # noqa: PLC0415

    def work(path: Path) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        with path.open("rb") as stream:
            for block in iter(lambda: stream.read(1 << 16), b""):
                parser.Parse(block, False)
        parser.Parse(b"", True)

    return work


def conversion() -> Work:
    """Ours: the standard CSV and nothing else."""
    from ckanext.budget.convert import standardise  # noqa: PLC0415

    def work(path: Path) -> None:
        with path.open("rb") as source, tempfile.TemporaryFile() as out:
            standardise(source, out)

    return work


def proved() -> Work:
    """Ours, proved: the CSV and its proof, the occulted copy and its reading again."""
    from ckanext.budget.convert import standardise  # noqa: PLC0415
    from ckanext.budget.quality.proof import prove  # noqa: PLC0415
    from ckanext.budget.scdl.table import read_back  # noqa: PLC0415
    from ckanext.budget.totem.occult import occult  # noqa: PLC0415
    from ckanext.budget.totem.reread import verify  # noqa: PLC0415

    def work(path: Path) -> None:
        with path.open("rb") as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as copy:
            done = standardise(source, out)
            if not prove(source, *read_back(out), took_bytes=done.reader.took_bytes).holds:
                raise ValueError("not conserved")
            occult(source, copy)
            verify(copy)

    return work


def reported() -> Work:
    """What ``budget-scdl convert`` does: the CSV, its proof, the check of the schema, labels, controls and report."""
    from ckanext.budget.convert import convert  # noqa: PLC0415

    def work(path: Path) -> None:
        with path.open("rb") as source, tempfile.TemporaryFile() as out:
            convert(source, out)

    return work


def whole() -> Work:
    """Everything that a conversion says: the above, the check of the schema, labels, controls and report."""
    from ckanext.budget.convert import convert  # noqa: PLC0415
    from ckanext.budget.totem import occult, reread  # noqa: F401, PLC0415  (loaded before the clock starts)

    def work(path: Path) -> None:
        with path.open("rb") as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as copy:
            report = convert(source, out, occulted_out=copy)
            if not report.conserved:
                raise ValueError("not conserved")

    return work


def deposit() -> Work:
    """What the door and the conversion do within an upload (the rest is CKAN's, and the database's)."""
    from ckanext.budget.convert import convert  # noqa: PLC0415
    from ckanext.budget.totem.receive import receive  # noqa: PLC0415

    def work(path: Path) -> None:
        with path.open("rb") as source, tempfile.TemporaryFile() as copy, tempfile.TemporaryFile() as out:
            receive(source, copy, strict=True)
            copy.seek(0)
            convert(copy, out)

    return work


def iterparse() -> Work:
    """lxml.iterparse on the lines and the annexes' records, both freed; rows through csv."""
    import csv  # noqa: PLC0415

    from lxml import etree  # noqa: PLC0415

    ns = "{http://www.minefi.gouv.fr/cp/demat/docbudgetaire}"
    tags = [ns + tag for tag in ("LigneBudget", "EMPRUNT", "CONCOURS", "PATRIMOINE", "PERSONNEL", "VENTILATION")]

    def work(path: Path) -> None:
        with tempfile.TemporaryFile("w+", newline="") as out:
            writer = csv.writer(out)
            for _, element in etree.iterparse(str(path), tag=tags):
                if element.tag == tags[0]:
                    values = {child.tag: child.get("V") for child in element}
                    writer.writerow([values.get(ns + column, "") for column in COLUMNS])
                element.clear()
                parent = element.getparent()
                while element.getprevious() is not None and parent is not None:
                    del parent[0]

    return work


def tree() -> Work:
    """A whole lxml tree, then pandas."""
    import pandas as pd  # noqa: PLC0415
    from lxml import etree  # noqa: PLC0415

    ns = "{http://www.minefi.gouv.fr/cp/demat/docbudgetaire}"

    def work(path: Path) -> None:
        root = etree.parse(str(path), etree.XMLParser(huge_tree=True)).getroot()
        rows = [
            {child.tag.removeprefix(ns): child.get("V") for child in line} for line in root.iter(ns + "LigneBudget")
        ]
        with tempfile.TemporaryFile("w+", newline="") as out:
            pd.DataFrame(rows).reindex(columns=COLUMNS).to_csv(out, index=False)

    return work


COLUMNS = ["Nature", "Fonction", "ContNat", "ArtSpe", "CodRD", "OpBudg", "MtReal", "MtBudgPrec", "MtRARPrec",
           "MtPropNouv", "MtPrev", "CredOuv", "MtRAR3112"]  # fmt: skip
SUBJECTS: dict[str, Callable[[], Work]] = {
    "pyexpat": pyexpat,
    "conversion": conversion,
    "proved": proved,
    "reported": reported,
    "whole": whole,
    "deposit": deposit,
    "iterparse": iterparse,
    "tree": tree,
}


def seconds() -> float:
    """Processor time of this process and of those it waited for."""
    times = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(t.ru_utime + t.ru_stime for t in times)


def peak() -> int:
    """Highest resident memory of this program in KiB (``ru_maxrss`` would count what started it)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(name: str, path: Path) -> None:
    """Measure one subject on one file."""
    work = SUBJECTS[name]()
    before, started = peak(), seconds()
    work(path)
    print(json.dumps({"cpu": seconds() - started, "before": before, "peak": peak()}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
