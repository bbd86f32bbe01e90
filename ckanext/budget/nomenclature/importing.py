"""A new year's plan, added beside the table that ships, which never changes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ckanext.budget.errors import Refusal
from ckanext.budget.nomenclature import plans, table
from ckanext.budget.nomenclature.changes import Changes, compare
from ckanext.budget.nomenclature.gather import Given, gather
from ckanext.budget.nomenclature.table import Facts, Key, Plans

Status = Literal["added", "replaces_shipped", "replaces_imported", "unchanged"]


class Imported(NamedTuple):
    """What became of one plan. ``changes`` are against the plan of the year ``compared``: the one it replaces, else
    the nearest known (None: the declination is new)."""

    given: Given
    status: Status
    compared: int | None
    changes: Changes

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        given = self.given
        return {
            "norm": given.key[0],
            "declination": given.key[1],
            "year": given.year,
            "file": given.source.file,
            "sha256": given.source.sha256,
            "status": self.status,
            "accounts": sum(1 for kind, _ in given.facts if kind == "A"),
            "compared_with": self.compared,
            "findings": [finding.to_dict() for finding in given.findings],
            "changes": self.changes.to_dict(),
        }


class Outcome(NamedTuple):
    """An import: its plans, and :func:`plans.plans_version` before and after it."""

    plans: list[Imported]
    table: Path
    before: str
    after: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "table": str(self.table),
            "version_before": self.before,
            "version": self.after,
            "plans": [each.to_dict() for each in self.plans],
        }


def import_plans(paths: Iterable[Path], folder: Path, *, dry_run: bool = False) -> Outcome:
    """Add the plans of ``paths`` (files, folders, zips) to the table of ``folder``: all of them, or none.

    The table is replaced at once, so that who reads it sees the old one or the new. Raises :class:`Refusal`
    (what is no plan; a folder that can't be written), :class:`OSError` (what can't be read).
    """
    given = gather(paths)
    target = folder / table.NAME
    with _alone(folder, dry_run=dry_run):
        shipped = table.read(plans.TABLE)
        existing = [table.read(target)] if target.is_file() else []
        known = plans.Library((shipped, *existing))
        imported = list(_compared(given, known))
        changed = [each.given for each in imported if each.status != "unchanged"]
        if not changed:
            return Outcome(imported, target, known.version, known.version)
        own: Plans = existing[0].plans() if existing else {}
        sources = dict(existing[0].sources) if existing else {}
        for each in changed:
            own.setdefault(each.key, {})[each.year] = each.facts
            sources[each.key[0], each.key[1], each.year] = each.source
        data = table.packed(own, sources)
        after = plans.Library((shipped, table.opened(target, data))).version
        if not dry_run:
            _write(target, data)
        return Outcome(imported, target, known.version, after)


def _compared(given: list[Given], known: plans.Library) -> Iterator[Imported]:
    """Each plan against the one it replaces, or the nearest known, those just given included."""
    new: dict[tuple[Key, int], Facts] = {}
    for each in given:
        stored = known.years.get(each.key, ())
        years = sorted({*stored, *(year for key, year in new if key == each.key)})
        nearest = min(years, key=lambda year: (abs(year - each.year), year), default=None)  # noqa: B023  (used at once)
        facts: Facts = {}
        if nearest is not None:
            facts = new.get((each.key, nearest)) or known.declination(each.key).facts(nearest)
        status: Status = "added"
        if each.year in stored:
            status = "replaces_imported" if known.source(each.key, each.year) else "replaces_shipped"
            status = "unchanged" if facts == each.facts else status
        new[each.key, each.year] = each.facts
        yield Imported(each, status, nearest, compare(facts, each.facts))


@contextmanager
def _alone(folder: Path, *, dry_run: bool) -> Generator[None]:
    """One import at a time: the second would forget what the first adds."""
    import fcntl  # noqa: PLC0415  (not on every system, and only an import needs it)

    if dry_run:
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _write(target: Path, data: bytes) -> None:
    try:
        descriptor, partial = tempfile.mkstemp(prefix=".plans-", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            Path(partial).chmod(0o644)  # the web server reads it, maybe as another user
            Path(partial).replace(target)
        finally:
            Path(partial).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(target.parent, error) from error


def _unwritable(folder: Path, error: OSError) -> Refusal:
    return Refusal("plans_not_written", folder=str(folder), reason=error.strerror or str(error))
