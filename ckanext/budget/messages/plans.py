"""Charts of accounts that an administrator adds."""

from __future__ import annotations

from ckanext.budget.messages.model import Message

MESSAGES: dict[str, Message] = {}
