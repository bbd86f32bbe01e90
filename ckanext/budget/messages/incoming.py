"""Tables that people send (CSV, spreadsheets), and what is recognised without being convertible."""

from __future__ import annotations

from ckanext.budget.messages.model import Message

MESSAGES: dict[str, Message] = {}
