"""What is worked out of a document, kept by each process for the pages that are asked for again.

A version of a document never changes: its id and the moment of its conversion name what its lines say for good, so that
nothing here goes stale and nothing has to be thrown away when a document is replaced or withdrawn. Nothing that depends
on who reads is kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from threading import Lock
from typing import Generic, TypeVar

from ckanext.budget.figures.document import Document

T = TypeVar("T")


class Kept(Generic[T]):
    """At most so many answers, those that were asked for last; ``weigh`` says how many one counts for."""

    def __init__(self, most: int, weigh: Callable[[T], int] = lambda _: 1) -> None:
        self._most, self._weigh, self._weight = most, weigh, 0
        self._found: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def of(
        self,
        documents: Sequence[Document],
        asked: Hashable,
        make: Callable[[Sequence[Document]], Mapping[str, T]],
    ) -> dict[str, T]:
        """By id of document, what ``make`` answers of those of which it was not asked yet (all at once; a document that
        it leaves out is asked for again). ``asked``: whatever else the answer depends on."""
        keys = {d.id: (d.id, d.converted, asked) for d in documents}
        with self._lock:
            known = {id_: self._found[key] for id_, key in keys.items() if key in self._found}
            for id_ in known:
                self._found.move_to_end(keys[id_])
        missing = [d for d in documents if d.id not in known]
        made = make(missing) if missing else {}
        with self._lock:
            for id_, answer in made.items():
                if keys[id_][1] is not None:  # being converted: not known for good
                    self._keep(keys[id_], answer)
        return {**known, **made}

    def _keep(self, key: Hashable, answer: T) -> None:
        if key in self._found:  # another thread was faster
            return
        self._found[key] = answer
        self._weight += self._weigh(answer)
        while self._weight > self._most:
            self._weight -= self._weigh(self._found.popitem(last=False)[1])

    def one(self, document: Document, asked: Hashable, make: Callable[[], T]) -> T:
        """Of one document."""
        return self.of([document], asked, lambda _: {document.id: make()})[document.id]
