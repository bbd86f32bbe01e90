"""Hostile files: each is refused, or neutralised, with its own message and in bounded memory."""
