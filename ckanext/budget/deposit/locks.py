"""Locks between processes and machines: PostgreSQL's advisory locks, on connections of their own.

CKAN's session commits in the middle of its actions, which would end a transaction's lock; and a killed process frees
its lock with its connection. Who waits holds no connection, so that those who work never lack one.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from ckan import model
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.elements import TextClause

#: between two tries of who waits: each opens a connection, so that twenty who wait must not keep the database busy
POLL_SECONDS, LONGEST_POLL_SECONDS = 0.1, 2.0


@contextmanager
def held(name: str, *, wait: float, shared: bool = False) -> Iterator[bool]:
    """Hold the lock ``name`` (``shared``: with others that do likewise); False when others still hold it after ``wait``
    seconds."""
    key = int.from_bytes(hashlib.sha256(f"budget {name}".encode()).digest()[:8], "big", signed=True)
    connection = _take(_SHARED if shared else _ALONE, key, time.monotonic() + wait)
    if connection is None:
        yield False
        return
    try:
        yield True
    finally:
        connection.close()  # a NullPool closes it for good: the lock goes with it


def is_held(name: str) -> bool:
    """Whether somebody holds the lock at this moment."""
    with held(name, wait=0) as free:
        return not free


_ALONE = sa.text("SELECT pg_try_advisory_lock(:key)")
_SHARED = sa.text("SELECT pg_try_advisory_lock_shared(:key)")


def _take(lock: TextClause, key: int, deadline: float) -> sa.engine.Connection | None:
    engine = sa.create_engine(_url(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    pause = POLL_SECONDS
    while True:
        connection = engine.connect()
        taken = False
        try:
            taken = bool(connection.execute(lock, {"key": key}).scalar())
        finally:
            if not taken:
                connection.close()
        if taken:
            return connection
        if time.monotonic() >= deadline:
            return None
        time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311  (they do not all come back at once)
        pause = min(pause * 1.5, LONGEST_POLL_SECONDS)


def _url() -> sa.engine.URL:
    engine = model.Session.get_bind()
    return engine.url if isinstance(engine, sa.engine.Engine) else engine.engine.url
