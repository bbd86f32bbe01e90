"""A page as PDF, through WeasyPrint when it is installed (``pip install ckanext-budget[pdf]``)."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

STYLE = Path(__file__).parents[1] / "public" / "budget-pages" / "a4.css"


@lru_cache(maxsize=1)
def _weasyprint() -> Any:
    """The library; None when it, or the Pango that it draws with, is not installed."""
    try:
        import weasyprint  # noqa: PLC0415  (optional)
    except ImportError:
        return None
    except OSError as error:  # it is there, Pango is not
        log.warning("No PDF: WeasyPrint can't be used: %s", str(error).splitlines()[0])
        return None
    return weasyprint


def available() -> bool:
    """Whether PDF can be made."""
    return _weasyprint() is not None


def write(html: str) -> bytes:
    """The PDF (tagged, PDF/UA-1) of a whole HTML page, in our own style. Nothing that it names is fetched."""
    library = _weasyprint()
    nothing = library.urls.URLFetcher(allowed_protocols=frozenset())
    style = library.CSS(string=STYLE.read_text(encoding="utf-8"), url_fetcher=nothing)
    page = library.HTML(string=html, base_url="budget:", url_fetcher=nothing)
    return page.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1")
