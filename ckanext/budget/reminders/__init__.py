"""Reminders by mail of the documents that a collectivité has still to publish, to those who asked for them."""
