"""Faults that pass by themselves: what meets one is tried again, three times in all. Any other is told at once."""

from __future__ import annotations

from ckan.lib.search.common import SearchIndexError, SolrConnectionError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import InterfaceError, OperationalError

#: the list: the database is away, or two transactions waited for each other; the search engine; the job queue; a
#: storage that is reached by the network
KINDS: dict[str, tuple[type[Exception], ...]] = {
    "database": (OperationalError, InterfaceError),
    "search": (SearchIndexError, SolrConnectionError),
    "queue": (RedisConnectionError, RedisTimeoutError),
    "storage": (ConnectionError, TimeoutError),
}
FAULTS = tuple(fault for faults in KINDS.values() for fault in faults)
#: tries of a document, counted in the registry
MAX_ATTEMPTS = 3
#: before the second try; twice as long before the third
RETRY_SECONDS = 1.0


def kind(error: BaseException) -> str:
    """Which of ``KINDS``."""
    return next(name for name, faults in KINDS.items() if isinstance(error, faults))
