"""What must hold after imports, whatever happened meanwhile.

The ledger, the registry, the datasets, the files and the index are compared from outside, in SQL and on disk."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.imports.made import Made
from benchmarks.imports.portal import Portal


@dataclass(frozen=True)
class Claim:
    """Something that must hold; ``against`` is what speaks against it (empty: it holds)."""

    text: str
    against: tuple[str, ...] = ()

    def line(self) -> str:
        """As it is printed."""
        few = "; ".join(self.against[:3]) + (f"… ({len(self.against)})" if len(self.against) > 3 else "")
        return f"{'FAILS' if self.against else 'holds'}  {self.text}" + (f": {few}" if few else "")


def prove(portal: Portal, made: Sequence[Made], ledgers: Iterable[Path]) -> list[Claim]:
    """The claims, for files imported into a portal that held none before; ``ledgers`` name each of them once."""
    rows = [row for ledger in ledgers for row in _read(ledger)]
    documents = portal.query("SELECT * FROM budget_document")
    return [
        *_ledger(rows, made),
        *_registry(documents, rows, made),
        *_lines(portal, documents),
        *_datasets(portal, documents, made),
        _index(portal),
        _waiting(portal),
        _doctor(portal),
    ]


def _read(ledger: Path) -> list[dict[str, str]]:
    with ledger.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _ledger(rows: list[dict[str, str]], made: Sequence[Made]) -> Iterator[Claim]:
    files = Counter(f"{m.name} {m.sha256}" for m in made)
    told = Counter(f"{row['filename']} {row['source_sha256']}" for row in rows)
    yield Claim(f"the ledger has {len(made):,} lines, one a file", tuple((files - told) + (told - files)))
    others = [f"{row['filename']} {row['status']} {row['code']}" for row in rows if row["status"] != "published"]
    yield Claim("each of them says «published»", tuple(others))


def _registry(documents: list[Any], rows: list[dict[str, str]], made: Sequence[Made]) -> Iterator[Claim]:
    truths = Counter((d.siret, d.exercice, d.stage, d.dm_number) for d in documents)
    wanted = Counter((m.siret, m.exercice, m.stage, 0) for m in made)
    differing = (wanted - truths) + (truths - wanted)
    yield Claim(f"the registry has {len(made):,} truths, one a document, none twice", tuple(map(str, differing)))
    yield Claim(
        "each is in force", tuple(f"{d.id} {d.status}" for d in documents if d.status != "converted" or d.error)
    )
    known = {(d.id, d.resource_id, d.package_id, d.source_sha256) for d in documents}
    names = ("document_id", "resource_id", "package_id", "source_sha256")
    strays = [row["filename"] for row in rows if tuple(row[name] for name in names) not in known]
    yield Claim(
        "document, resource, dataset and SHA-256 of each line of the ledger are the registry's", tuple(strays)
    )


def _lines(portal: Portal, documents: list[Any]) -> Iterator[Claim]:
    query = "SELECT document_id, count(*), min(number), max(number) FROM budget_line GROUP BY document_id"
    stored = {row[0]: tuple(row[1:]) for row in portal.query(query)}
    wanted = {d.id: (d.report["rows"], 1, d.report["rows"]) for d in documents if d.report}
    differing = [d.id for d in documents if stored.get(d.id) != wanted.get(d.id)]
    text = f"the {sum(row[0] for row in stored.values()):,} lines in the database are those of the CSV, none twice"
    yield Claim(text, (*differing, *(stored.keys() - {d.id for d in documents})))


def _datasets(portal: Portal, documents: list[Any], made: Sequence[Made]) -> Iterator[Claim]:
    found = portal.query("SELECT id, name FROM package WHERE type = 'budget' AND state <> 'deleted'")
    sirets = {m.siret for m in made}
    hosts: defaultdict[str, set[str]] = defaultdict(set)
    for d in documents:
        hosts[d.siret].add(d.package_id)
    doubled = [siret for siret, packages in hosts.items() if len(packages) != 1]
    strays = {row[0] for row in found} ^ {d.package_id for d in documents}
    yield Claim(f"{len(sirets):,} datasets, one a budget, none empty", (*doubled, *strays))
    resources = portal.query("SELECT * FROM resource WHERE state = 'active' AND package_id = ANY(:ids)",
                             ids=[row[0] for row in found])  # fmt: skip
    held: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for resource in resources:
        held[resource.package_id][_extras(resource).get("budget_role", "other")] += 1
    per = Counter(d.package_id for d in documents)
    wrong = [f"{i} {dict(held[i])}" for i, n in per.items() if held[i] != Counter(consolidated=1, csv=n, source=n)]
    yield Claim("each dataset has every source, every CSV, one consolidated CSV, and nothing else", tuple(wrong))
    yield from _files(portal, resources, documents)


def _files(portal: Portal, resources: list[Any], documents: list[Any]) -> Iterator[Claim]:
    folder = portal.storage / "resources"
    paths = {r.id: folder / r.id[:3] / r.id[3:6] / r.id[6:] for r in resources}
    wrong = [r.id for r in resources if not paths[r.id].is_file() or _sha256(paths[r.id]) != r.hash]
    known = {d.resource_id: d.occulted_sha256 for d in documents} | {
        d.csv_resource_id: d.csv_sha256 for d in documents
    }
    wrong += [r.id for r in resources if known.get(r.id, r.hash) != r.hash]
    yield Claim(f"the {len(resources):,} files on disk are those of the resources, by their SHA-256", tuple(wrong))
    stray = {str(path) for path in folder.rglob("*") if path.is_file()} - {str(path) for path in paths.values()}
    yield Claim("no other file is there", tuple(sorted(stray)))
    short = [d for d, n in _consolidated(resources, paths, documents).items() if n]
    yield Claim("each consolidated CSV has the rows of all its documents", tuple(short))


def _consolidated(resources: list[Any], paths: dict[str, Path], documents: list[Any]) -> dict[str, int]:
    """Rows that are missing (or too many), by dataset."""
    rows: Counter[str] = Counter()
    for d in documents:
        rows[d.package_id] += (d.report or {}).get("rows", 0)
    for resource in resources:
        if _extras(resource).get("budget_role") == "consolidated" and paths[resource.id].is_file():
            with paths[resource.id].open(encoding="utf-8", newline="") as lines:
                rows[resource.package_id] -= sum(1 for _ in csv.reader(lines)) - 1
    return dict(rows)


def _extras(resource: Any) -> dict[str, Any]:
    return json.loads(resource.extras) if isinstance(resource.extras, str) else resource.extras or {}


def _index(portal: Portal) -> Claim:
    """What the search engine holds of each dataset is what the database holds."""
    query = """SELECT p.id, p.metadata_modified, count(r.id) FROM package p
        LEFT JOIN resource r ON r.package_id = p.id AND r.state = 'active'
        WHERE p.type = 'budget' AND p.state = 'active' GROUP BY p.id"""
    stored = {row[0]: (row[1].isoformat(), row[2]) for row in portal.query(query)}
    indexed = {
        i: (said["metadata_modified"].rstrip("Z"), len(said["resources"])) for i, said in portal.indexed().items()
    }
    differing = [i for i in stored.keys() | indexed.keys() if stored.get(i) != indexed.get(i)]
    return Claim("the search engine holds each dataset as it is", tuple(differing))


def _waiting(portal: Portal) -> Claim:
    left = [path.name for path in portal.waiting.iterdir()] if portal.waiting.is_dir() else []
    left += [f"deposit {row[0]} {row[1]}" for row in portal.query("SELECT id, state FROM budget_batch")
             if row[1] != "done"]  # fmt: skip
    return Claim("every deposit is done, no copy waits", tuple(left))


def _doctor(portal: Portal) -> Claim:
    done = portal.ckan("budget", "doctor", "--json", check=False)
    found = json.loads(done.stdout[done.stdout.index("{") :] or "{}")
    said = tuple(f"{fault['kind']} {fault['id']}" for fault in found["faults"])
    return Claim("ckan budget doctor finds nothing", said or (() if done.returncode == 0 else (done.stderr[-300:],)))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
