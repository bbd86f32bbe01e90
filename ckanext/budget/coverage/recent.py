"""Answers of the last seconds: a region's first page reads the whole registry, and is asked for by many at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any

from ckanext.budget import config

#: answers that a process keeps
MOST = 64
_answers: dict[Hashable, tuple[float, dict[str, Any]]] = {}


def recent(asked: Hashable, build: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer that was built at most ``ckanext.budget.coverage_seconds`` ago to the same question (it names whoever
    asks), or a new one."""
    now, seconds = time.monotonic(), config.coverage_seconds()
    if asked in _answers and now - _answers[asked][0] < seconds:
        return dict(_answers[asked][1])
    found = build()
    for old in [key for key, (at, _) in _answers.items() if now - at >= seconds] or list(_answers)[: -MOST + 1]:
        _answers.pop(old, None)
    _answers[asked] = (now, found)
    return dict(found)
