"""Streaming reader of the annexes: one record at a time, in document order, memory flat.

A record is ``Annexes/DATA_X/X`` below DocumentBudgetaire (the root, or a part of a CFU); its fields are its children,
their values the ``V`` attributes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import BinaryIO, NamedTuple

from ckanext.budget.errors import Refusal
from ckanext.budget.totem.feed import BLOCK, DEFAULT_LIMITS, Feed, Limits

#: depth of DocumentBudgetaire inside a CFU
_WRAPPED = 2


class Record(NamedTuple):
    """One record of an annexe: ``kind`` (EMPRUNT, CONCOURS, PATRIMOINE, PRET, APCP, PERSONNEL…), and its fields.

    A field stated more than once with different values holds them all, one by line: it is then no code, no number
    and no date, and rules that need one leave the record out.
    """

    kind: str
    fields: dict[str, str]


def records(
    stream: BinaryIO, kinds: Collection[str], limits: Limits = DEFAULT_LIMITS, block: int = BLOCK
) -> Iterator[Record]:
    """Every record of these kinds. The stream must be seekable.

    Raises :class:`Refusal` on a file that can't be read to its end or holds no budget document: nothing of what was
    yielded before counts then.
    """
    reading = _Reading(Feed(stream, limits), frozenset(kinds))
    for _ in reading.feed.run(block):
        if reading.done:
            done, reading.done = reading.done, []
            yield from done
    if not reading.found:
        raise Refusal("not_budget")


class _Reading:
    def __init__(self, feed: Feed, kinds: frozenset[str]) -> None:
        self.feed, self.kinds = feed, kinds
        self.done: list[Record] = []
        self.found = False
        self._depth = 0  # of the open record
        self._fields: dict[str, str] = {}
        feed.on_start, feed.on_end = self._start, self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        path = self.feed.path
        if self._depth:
            if len(path) == self._depth + 1 and "V" in attributes:
                self._field(path[-1], attributes["V"])
        elif path[-1] in self.kinds:
            if path[-3:-2] == ["Annexes"] and "DocumentBudgetaire" in path[:2]:
                self._depth, self._fields = len(path), {}
        elif path[-1] == "DocumentBudgetaire" and len(path) <= _WRAPPED:
            self.found = True

    def _field(self, tag: str, value: str) -> None:
        if not (value := value.strip()):
            return
        known = self._fields.setdefault(tag, value)
        if known != value and value not in known.split("\n"):
            self._fields[tag] = f"{known}\n{value}"

    def _end(self, name: str) -> None:
        if len(self.feed.path) == self._depth:
            self.done.append(Record(self.feed.path[-1], self._fields))
            self._depth = 0
