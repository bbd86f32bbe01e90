"""A budget on the site of a commune: a plain page of another origin, the script of one line, a real browser."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from dev import fixtures
from tests.browser.conftest import Open, Picture, Portal

pytestmark = pytest.mark.browser
SIRET = "21550902700011"
SITE = """<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Ma commune</title>
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src {portal}; frame-src {portal};
style-src 'unsafe-inline'">
<style>body {{ font: 18px/1.5 Georgia, serif; margin: 0; background: #f3efe6; color: #222 }}
header {{ background: #0b5d3b; color: #fff; padding: 1rem }}
main {{ max-width: 60rem; margin: auto; padding: 0 1rem 2rem }}</style>
</head><body><header>Ma commune</header><main><h1>Les finances de la commune</h1><p>Voici nos comptes.</p>
<script src="{portal}/budgets/integrer.js" data-budget="{siret}" data-exercice="2022" data-etape="ca"
 data-vues="chiffres,depenses" data-couleur="#0b5d3b" data-titre="Nos comptes 2022" async></script>
<noscript><a href="{portal}/budgets/{siret}/2022/ca">Nos comptes 2022</a></noscript>
<p>Mentions légales</p></main></body></html>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def published(portal: Portal) -> dict[str, Any]:
    files = [fixtures.document(stage="CA", exercice=year, siret=SIRET) for year in (2021, 2022)]
    return portal.dataset("Exemple embarqué", *((f"{n}.xml", content) for n, content in enumerate(files)))


@pytest.fixture(scope="module")
def town(portal: Portal, published: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The commune's own site: another port, another name (``localhost``)."""
    folder: Path = tmp_path_factory.mktemp("town")
    (folder / "favicon.ico").write_bytes(b"")
    (folder / "index.html").write_text(SITE.format(portal=portal.url, siret=SIRET), encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()


def follows(page: Page) -> float:
    """Wait until the frame, in its place as wide as now, is as high as what it shows; that height."""
    place = page.locator("iframe").element_handle()
    frame = place.content_frame()
    assert frame
    frame.wait_for_function(
        """width => document.readyState === "complete" && innerWidth === width
        && Math.abs(innerHeight - document.body.getBoundingClientRect().height) < 2""",
        arg=place.evaluate("place => place.clientWidth"),
    )
    assert frame.evaluate("document.scrollingElement.scrollHeight <= innerHeight + 1")
    return frame.evaluate("innerHeight")


def wide(page: Page) -> list[int]:
    """How much wider than its place each page is."""
    more = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
    return [page.evaluate(more), page.frames[1].evaluate(more)]


def look(page: Page, picture: Picture, width: int) -> None:
    """A browser paints only what it shows of a frame of another origin: all of it."""
    page.set_viewport_size({"width": width, "height": 3600})
    follows(page)
    picture(page, f"embed-{width}")


def test_a_budget_on_the_site_of_a_commune(chromium: Browser, town: str, picture: Picture) -> None:
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    faults: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(town)
    frame = page.frame_locator("iframe[title='Nos comptes 2022']")
    expect(frame.locator("h1")).to_have_text("Compte administratif 2022")
    high = follows(page)
    look(page, picture, 1200)
    page.set_viewport_size({"width": 320, "height": 800})
    expect(frame.locator("h1")).to_be_visible()
    assert follows(page) > high  # narrower, so higher
    assert wide(page) == [0, 0]
    look(page, picture, 320)
    frame.get_by_role("link", name="Enseignement").click()
    expect(frame.locator(".budget-trail")).to_be_visible()
    assert page.url == town and "/integrer?" in page.frames[1].url and "chemin=education" in page.frames[1].url
    follows(page)
    assert wide(page) == [0, 0]
    page.set_viewport_size({"width": 600, "height": 800})
    follows(page)
    look(page, picture, 600)
    assert context.cookies() == []
    with context.expect_page() as opened:
        frame.locator(".budget-embed-foot .budget-button").click()
    opened.value.wait_for_url(f"**/budgets/{SIRET}/2022/ca")
    assert opened.value.evaluate("window.opener") is None
    context.close()
    assert faults == []


def test_no_accessibility_fault_that_a_machine_sees(
    open_page: Open, published: dict[str, Any], picture: Picture
) -> None:
    every = "vues=chiffres,blocs,depenses,ouvert-fait"
    for path, width in (
        (f"/budgets/{SIRET}/2022/ca/integrer?{every}&couleur=ffdd00", 1200),
        (f"/budgets/{SIRET}/integrer?{every},evolution&langue=en", 320),
        (f"/budgets/{SIRET}/2022/bp/integrer", 320),
        (f"/budgets/{SIRET}/2022/ca/integrer/code?vues=blocs&couleur=ffdd00", 320),
    ):
        page = open_page(path, width=width)
        context = ".budget-page" if path.split("?")[0].endswith("code") else None
        found = Axe().run(page, context=context)
        assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found.response["violations"]] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        picture(page, f"embedded-{'code' if context else 'budget' if 'evolution' in path else 'document'}-{width}")
