"""What wraps a budget: archives, compression, envelopes."""

from __future__ import annotations

from ckanext.budget.messages.model import Message

MESSAGES: dict[str, Message] = {}
