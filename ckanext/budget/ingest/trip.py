"""One trip of a request through CKAN's actions: what the door saw, and what is converted after the outermost.

CKAN's actions nest (``resource_create`` calls ``package_update``…): only the outermost one, once it has returned
(committed), sets conversion going. While derived resources are written, wrappers and door stand aside.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ckan import model
from ckan.types import Context, DataDict

from ckanext.budget.totem.receive import Received

log = logging.getLogger(__name__)


@dataclass
class Trip:
    """``dataset`` is the dict of the innermost ``package_update`` (the dataset as it is about to be); ``seen`` the
    budgets that the door let in, by resource id; ``replaced`` the resources whose file is now something else;
    ``touched`` the datasets to put right afterwards; ``given`` what the door wrote in resource dicts, to be taken
    back if the action fails (CKAN's form shows the very dict again)."""

    dataset: DataDict | None = None
    seen: dict[str, Received] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    given: list[tuple[DataDict, DataDict]] = field(default_factory=list)

    def undo(self) -> None:
        """Give the callers' dicts back as they were."""
        for data_dict, before in reversed(self.given):
            data_dict.clear()
            data_dict.update(before)


_trip: ContextVar[Trip | None] = ContextVar("budget_trip", default=None)
_writing: ContextVar[bool] = ContextVar("budget_writing", default=False)


def current() -> Trip | None:
    """The trip under way, if any."""
    return _trip.get()


def writing() -> bool:
    """Whether the extension itself is writing (its own files need no door)."""
    return _writing.get()


@contextmanager
def own_writes() -> Iterator[None]:
    """Within it, the extension's own actions pass the door and the wrappers untouched."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def wrap(original: Callable[[Context, DataDict], Any], context: Context, data_dict: DataDict) -> Any:
    """Run a core action; after the outermost one, convert what the door saw in it."""
    if writing():
        return original(context, data_dict)
    if current() is not None:
        return original(context, data_dict)
    trip = Trip()
    deferred = bool(context.get("defer_commit"))
    token = _trip.set(trip)
    try:
        result = original(context, data_dict)
    except BaseException:
        trip.undo()
        if trip.seen:
            _drain().salvage(trip, user=context.get("user"), deferred=deferred)
        raise
    finally:
        _trip.reset(token)
    _drain().drain(trip, user=context.get("user"), deferred=deferred)
    return result


def _drain() -> Any:
    from ckanext.budget.ingest import drain  # noqa: PLC0415  (it calls actions, which import this module)

    return drain


@contextmanager
def updating(data_dict: DataDict) -> Iterator[None]:
    """Within ``package_create`` and ``package_update``: the door reads the dataset's identity from ``data_dict``."""
    trip = current()
    if trip is None:
        yield
        return
    package = model.Package.get(data_dict.get("id") or data_dict.get("name"))
    if package is not None:
        trip.touched.add(package.id)
    kind = package.type if package else data_dict.get("type") or "dataset"
    before, trip.dataset = trip.dataset, dict(data_dict, type=kind)
    try:
        yield
    finally:
        trip.dataset = before
