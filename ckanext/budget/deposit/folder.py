"""A watched folder: each file that has stopped growing is a deposit, then filed with its receipt.

Nothing is remembered but by the registry: a file is known by its place, its bytes and the batch that was made of it,
which is gone on with after a restart.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ckan import model

from ckanext.budget.deposit import batches, described, mails, publish
from ckanext.budget.deposit.models import BudgetBatch
from ckanext.budget.digest import sha256
from ckanext.budget.messages import french

#: where a file goes once its deposit has ended
DONE, REFUSED = "fait", "refuse"
#: names of files that are still being written
PARTIAL = (".part", ".filepart", ".tmp", ".crdownload")
#: times that what failed by a fault of the portal is tried
TRIES = 3
FINE = ("published", "superseded", "already")

Signature = tuple[int, int]
#: rows for the files of a path (an archive has many) that the batch does not have yet
Look = Callable[[BudgetBatch, Path], None]
#: where the receipt goes, what it says
Receipt = Callable[[Path, list[dict[str, Any]]], None]


@dataclass
class Folder:
    """A folder watched for a depositor (ids of the account and of the organisation). A file has stopped growing when
    its size and date are the same after ``still`` seconds of this process (the clock of a network share may differ)."""

    path: Path
    user_id: str
    owner_org: str | None
    still: float
    look: Look
    receipt: Receipt
    seen: dict[Path, tuple[Signature, float]] = field(default_factory=dict[Path, tuple[Signature, float]])

    def waiting(self) -> list[Path]:
        """The files that are there, by name."""
        return sorted(path for path in self.path.iterdir() if _is_candidate(path))

    def ready(self) -> Iterator[Path]:
        """Those that have stopped growing."""
        now = time.monotonic()
        there = {path: signature for path in self.waiting() if (signature := _signature(path)) is not None}
        self.seen = {path: self.seen[path] for path in there if path in self.seen}
        for path, signature in there.items():
            known, since = self.seen.setdefault(path, (signature, now))
            if known != signature:
                self.seen[path] = (signature, now)
            elif now - since >= self.still:
                yield path

    def deposit(self, path: Path) -> dict[str, Any]:
        """Deposit a file, or go on with its deposit: ``batch``, ``counts`` by status, and ``filed``, where it is now
        (None: a worker still converts it, or a fault of the portal is to be tried again)."""
        signature = _signature(path)
        with path.open("rb") as stream:
            digest = sha256(stream)
        batch = self._batch(path, digest)
        batch_id = batch.id
        self.look(batch, path)
        if publish.queue(batch, again=True):
            publish.work(batch_id)
        else:
            mails.send(batch_id)
        model.Session.expire_all()
        batch = batches.get(batch_id) or batch
        documents = described.batch(batch, french())["documents"]
        counts = Counter(document["status"] for document in documents)
        filed = None
        if not self._is_to_be_seen_again(batch, counts):
            filed = self._file(path, documents, signature, fine=all(status in FINE for status in counts))
            batches.remember(batch, filed=str(filed))
            self.seen.pop(path, None)
        return {"batch": batch_id, "counts": dict(counts), "filed": str(filed) if filed else None}

    def _batch(self, path: Path, digest: str) -> BudgetBatch:
        found = batches.of_watch(self.user_id, str(path), digest)
        return found or batches.create(self.user_id, self.owner_org, watched=str(path), sha256=digest)

    def _is_to_be_seen_again(self, batch: BudgetBatch, counts: Counter[str]) -> bool:
        if counts["queued"]:
            return True
        if not counts["failed"]:
            return False
        tries = batch.options.get("tries", 0) + 1
        batches.remember(batch, tries=tries)
        return tries < TRIES

    def _file(self, path: Path, documents: list[dict[str, Any]], signature: Signature | None, *, fine: bool) -> Path:
        """Put a file where it belongs, with its receipt: the receipt first, so that none is ever without. A file that
        has changed meanwhile stays: it is another one."""
        folder = self.path / (DONE if fine else REFUSED)
        folder.mkdir(exist_ok=True)
        target = _free(folder, path.name)
        self.receipt(target.with_name(f"{target.name}.recu.csv"), documents)
        if _signature(path) == signature:
            path.replace(target)
        return target


def _is_candidate(path: Path) -> bool:
    hidden = path.name.startswith((".", "~"))
    return not hidden and not path.name.lower().endswith(PARTIAL) and not path.is_symlink() and path.is_file()


def _signature(path: Path) -> Signature | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _free(folder: Path, name: str) -> Path:
    """A path that is not taken: a second file of the same name gets a number."""
    stem, suffix = os.path.splitext(name)
    rank, target = 1, folder / name
    while target.exists():
        rank += 1
        target = folder / f"{stem}-{rank}{suffix}"
    return target
