"""Links of an embedded page: what stays in it stays, the rest opens beside the site that embeds it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

from markupsafe import Markup, escape

#: a link of our own templates or of a sanitised text, whole; quoted values may hold «>»
_LINK = re.compile(r"<a((?:\s+[\w:-]+(?:=(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?)*)\s*>(.*?)</a>", re.DOTALL)
_HREF = re.compile(r"\shref=(?:\"([^\"]*)\"|'([^']*)')")
_REPLACED = re.compile(r"\s(?:target|rel|href)=(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
#: the end of the address of an embedded page
EMBEDDED = "/integrer"


def outward(html: str, site: str, notice: str) -> Markup:
    """The same markup, where every link but those to embedded pages (and to places of this one) is absolute, from
    ``site``, and opens a new window, which ``notice`` says to screen readers."""
    hidden = Markup('<span class="visually-hidden"> ({})</span>').format(notice)

    def turned(found: re.Match[str]) -> str:
        attributes, inside = found[1], found[2]
        named = _HREF.search(attributes)
        address = (named[1] or named[2] or "") if named else ""
        path = urlsplit(unescape(address)).path
        if not named or address.startswith("#") or path.endswith(EMBEDDED):
            return found[0]
        whole = escape(urljoin(site, unescape(address)))
        kept = _REPLACED.sub("", attributes)
        return f'<a href="{whole}" target="_blank" rel="noopener"{kept}>{inside}{hidden}</a>'

    return Markup(_LINK.sub(turned, html))  # noqa: S704  (made of markup that is already safe)
