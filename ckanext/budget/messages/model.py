"""What a message is: what happened, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


def N_(text: str) -> str:  # noqa: N802  (gettext's own name for «extract, don't translate»)
    """Mark a msgid for extraction."""
    return text


def NP_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802
    """Mark a msgid and its plural for extraction."""
    return singular, plural


@dataclass(frozen=True)
class Message:
    """``what`` happened and what to do about it (``remedy``), with ``{name}`` placeholders."""

    what: str
    remedy: str = ""
