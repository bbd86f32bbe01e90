"""Controls of a budget: facts in a finance officer’s words."""

from __future__ import annotations

from ckanext.budget.messages.model import Message

MESSAGES: dict[str, Message] = {}
