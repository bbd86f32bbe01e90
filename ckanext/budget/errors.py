"""What can be said of a file: findings, and the refusal that carries one.

Rooms store codes and parameters; words are chosen at display (:mod:`ckanext.budget.messages`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["bloquant", "a_verifier", "information"]


@dataclass(frozen=True)
class Finding:
    """One fact about a document, worth telling the person who deposits it.

    ``code`` names a message of :data:`ckanext.budget.messages.MESSAGES`, ``params`` fill its
    placeholders (text only), ``line`` is the line of the source file and ``element`` the part of
    the document (local names joined by ``/``), when known.
    """

    code: str
    level: Level = "information"
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    line: int | None = None
    element: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON: ``code``, ``level``, ``params``, ``line``, ``element``."""
        return {
            "code": self.code,
            "level": self.level,
            "params": dict(self.params),
            "line": self.line,
            "element": self.element,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """The finding that :meth:`to_dict` described."""
        return cls(data["code"], data["level"], dict(data["params"]), data.get("line"), data.get("element"))


class Refusal(Exception):  # noqa: N818  (the domain's word: nothing failed, the file is refused)
    """A file is refused; ``finding`` (level «bloquant») says what, where and what to do."""

    def __init__(self, code: str, *, line: int | None = None, element: str | None = None, **params: str) -> None:
        super().__init__(code)
        self.finding = Finding(code, "bloquant", params, line, element)
