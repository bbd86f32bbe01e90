"""Answers of embedded pages: their headers, how long they may be kept, their language."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import ckan.plugins.toolkit as tk
import flask_babel
from flask import Response

from ckanext.budget.config import embed_ancestors
from ckanext.budget.embed import links, middleware

#: how long a browser or a proxy may keep an answer without asking again (seconds)
PAGE, MISSING, SCRIPT = 300, 60, 86400


def page(template: str, shown: dict[str, Any], status: int = 200) -> Response:
    """A page that stands on other sites."""
    notice = tk._("new window")

    def outward(html: str) -> Any:
        return links.outward(html, tk.config["ckan.site_url"], notice)

    body = tk.render(template, {"page": shown, "uid": "b", "depth": 1, "alone": True, "outward": outward})
    made = Response(body, status, content_type="text/html; charset=utf-8")
    made.headers["Content-Security-Policy"] = policy(shown["style"])
    made.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    made.headers["X-Robots-Tag"] = "noindex"
    return kept(made, PAGE if status == 200 else MISSING)


def policy(style: str) -> str:
    """The Content-Security-Policy of a page whose own style is ``style``: nothing but what the portal serves."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    styles = f"'self' 'sha256-{digest}'" if style else "'self'"
    return (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self'; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors {embed_ancestors()}"
    )


def kept(answer: Response, seconds: int) -> Response:
    """The answer, which anyone may keep for so long and then asks about again (ETag)."""
    answer.headers["X-Content-Type-Options"] = "nosniff"
    tk.request.environ[middleware.CACHE] = f"public, max-age={seconds}, must-revalidate"
    if answer.status_code != 200:
        return answer
    answer.add_etag()
    answer.make_conditional(tk.request.environ)
    return answer


def speak(language: str) -> None:
    """Answer in a language (``fr``, ``en``), whatever the address begins with; empty changes nothing."""
    if not language:
        return
    environ = tk.request.environ
    environ["CKAN_LANG"] = language
    environ["CKAN_LANG_IS_DEFAULT"] = language == tk.config["ckan.locale_default"]
    flask_babel.refresh()
