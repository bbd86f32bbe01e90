"""Addresses that answer the same to everyone: nothing of who asks reaches CKAN, nothing of a session leaves it.

A WSGI middleware, because CKAN opens the session and looks for the account before any route of ours is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

#: after the language or the root path that may come first
ANONYMOUS = re.compile(
    r"/budgets/(?:(?:[0-9]{9}|[0-9]{14})(?:/[0-9]{4}/[a-z0-9-]+)?/integrer|integrer\.js|oembed)$", re.ASCII
)
#: where a route says how long its answer may be kept (CKAN writes its own header after every route)
CACHE = "ckanext.budget.cache_control"
#: where the token that was taken off stays: a deposit-only one is refused here as everywhere
TAKEN_OFF = "ckanext.budget.token"
#: what an answer says when the route did not
NO_STORE = "no-store"

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Anonymous:
    """Around the application."""

    def __init__(self, app: Wsgi, token_header: str) -> None:
        self._app = app
        self._tokens = [f"HTTP_{name.upper().replace('-', '_')}" for name in (token_header, "Authorization")]
        self._told = {"HTTP_COOKIE", "REMOTE_USER", *self._tokens}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer without the cookies and tokens of who asks, at the addresses that are :data:`ANONYMOUS`."""
        if not ANONYMOUS.search(environ.get("PATH_INFO", "")):
            return self._app(environ, start_response)
        environ[TAKEN_OFF] = next((environ[name] for name in self._tokens if environ.get(name)), "")
        for name in self._told & set(environ):
            del environ[name]

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, _without_session(headers, environ.get(CACHE, NO_STORE)), *more)

        return self._app(environ, start)


def _without_session(headers: list[tuple[str, str]], cache: str) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in headers if name.lower() not in ("set-cookie", "cache-control", "vary")]
    varied = [v.strip() for name, value in headers if name.lower() == "vary" for v in value.split(",")]
    vary = ", ".join(v for v in varied if v.lower() != "cookie")
    return [*kept, ("Cache-Control", cache), *([("Vary", vary)] if vary else [])]
