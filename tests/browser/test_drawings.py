"""Drawings beside their tables: opened by mouse and keyboard, taken away as images, nothing lost without scripts."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dev import fixtures
from tests.browser.conftest import Open, Picture, Portal

pytestmark = pytest.mark.browser
#: a SIREN of its own: the other modules deposit the usual ones
SIRET = "21550908400012"
CA = f"/budgets/{SIRET}/2022/ca"


@pytest.fixture(scope="module")
def published(portal: Portal) -> dict[str, Any]:
    files = [fixtures.document(stage="CA", exercice=year, siret=SIRET) for year in (2021, 2022)]
    return portal.dataset("Exemple", *((f"{n}.xml", content) for n, content in enumerate(files)))


def drawn(page: Page, kind: str) -> Any:
    figure = page.locator(f"figure[data-drawing={kind}]")
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("data-drawn", "yes")
    return figure


def taken(page: Page, view: str, kind: str) -> tuple[str, bytes]:
    """Name and content of a file that a button of a view makes."""
    box = page.locator(f"[data-budget-export=b-{view}-view]")
    with page.expect_download() as waited:
        box.get_by_text(f"({kind})").click()
    return waited.value.suggested_filename, Path(waited.value.path()).read_bytes()


def test_a_rectangle_opens_what_its_row_opens(open_page: Open, published: dict[str, Any], picture: Picture) -> None:
    page = open_page(CA)
    links = drawn(page, "treemap").locator(".budget-drawing-over a")
    row = page.locator("#b-purposes-view tbody tr").first
    name = row.locator("a").inner_text().strip()
    expect(links.first).to_have_attribute("aria-label", re.compile(f"^{re.escape(name)}"))
    assert links.first.get_attribute("href") == row.locator("a").get_attribute("href")
    links.first.hover()
    expect(page.locator("figure[data-drawing=treemap] .budget-drawing-said")).to_contain_text(name)
    picture(page, "drawings-1200")
    links.first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.rank") == "1"
    second = links.nth(1).get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(second.partition("#")[0])))
    assert "chemin=" in page.url
    drawn(page, "treemap").locator(".budget-drawing-over a").first.click()
    page.wait_for_url(re.compile(r"chemin=\w+\."))
    for path, width in ((CA, 1200), ("/en" + CA, 320)):
        page = open_page(path, width=width)
        for kind in ("sankey", "treemap"):
            drawn(page, kind)
        picture(page, f"drawings-axe-{width}")
        found = Axe().run(page, context=".budget-page").response
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    plain = open_page(CA, scripts=False)
    assert not plain.locator("figure[data-drawing]").first.is_visible()
    expect(plain.locator("#b-flows-view table")).to_have_count(2)


def test_a_view_is_an_image_with_its_title_and_address(open_page: Open, published: dict[str, Any]) -> None:
    page = open_page(CA)
    for view, words in (("purposes", "À quoi servent"), ("flows", "recettes"), ("chapters", "ouvert")):
        name, content = taken(page, view, "SVG")
        root = ET.fromstring(content)
        said = " ".join(" ".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
        assert name.startswith(f"{SIRET}-2022-ca-") and name.endswith(".svg")
        assert words in said and "Source" in said and f"{CA}" in said.replace(" ", "")
        shapes = [one for one in root.iter() if one.tag.rpartition("}")[2] in ("rect", "path")]
        assert len(shapes) > 10 and all(len(text) for text in said.split())
    name, content = taken(page, "purposes", "PNG")
    assert name == f"{SIRET}-2022-ca-depenses-service.png" and content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    assert width >= 2000 and height >= 1000 and len(content) > 40_000
    page = open_page(f"/budgets/{SIRET}")
    _, content = taken(page, "evolution", "SVG")
    assert b"2021" in content and f"/budgets/{SIRET}".encode() in content
