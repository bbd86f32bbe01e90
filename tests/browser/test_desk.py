"""An agent drops several files together, looks, publishes, and has a receipt."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect

from dev import fixtures
from tests.browser.conftest import PASSWORD, Open, Picture, Portal

pytestmark = pytest.mark.browser

FILES = [
    ("BP_2021.xml", fixtures.document(stage="BP", exercice=2021)),
    ("CA2021.xml", fixtures.document(stage="CA", exercice=2021)),
    ("assainissement.xml", fixtures.document(stage="BP", exercice=2021, annexe=True)),
    ("budget.pdf", b"%PDF-1.4 un rapport"),
    ("coupe.xml", fixtures.document(stage="CA", exercice=2020)[:5000]),
]
DROP = """([selector, files]) => {
  const data = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
    data.items.add(new File([bytes], name, { type: "text/xml" }));
  }
  const target = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(autouse=True)
def an_empty_portal(portal: Portal) -> Iterator[None]:
    yield
    for name in portal("package_list"):
        portal("dataset_purge", id=name)


def drop(page: Page) -> None:
    files = [(name, base64.b64encode(content).decode()) for name, content in FILES]
    page.evaluate(DROP, [".budget-drop", files])
    page.wait_for_url(re.compile(r"/budgets/depots/[\w-]+$"))


def receipt_of(page: Page) -> list[dict[str, str]]:
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    address = page.get_by_role("link", name="CSV").get_attribute("href") or ""
    body = requests.get(re.sub(r"(https?://[^/]+).*", r"\1", page.url) + address, cookies=cookies, timeout=60)
    return list(csv.DictReader(io.StringIO(body.content.decode("utf-8-sig")), delimiter=";"))


def test_files_dropped_together_are_told_published_and_receipted(
    as_editor: Page, portal: Portal, picture: Picture
) -> None:
    page = as_editor
    page.goto(f"{portal.url}/budgets/deposer")
    picture(page, "desk")
    drop(page)
    expect(page.locator(".budget-file-ready")).to_have_count(3)
    expect(page.locator(".budget-file-refused")).to_have_count(2)
    picture(page, "desk-batch")
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    picture(page, "desk-batch-320")
    page.set_viewport_size({"width": 1200, "height": 900})
    page.locator("form[action$='/publier'] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".budget-file-published")).to_have_count(3, timeout=120_000)
    expect(page.locator("a[href$='recu.csv']")).to_be_visible()
    page.wait_for_load_state("networkidle")
    picture(page, "desk-receipt")
    assert sorted(portal("package_list")) == [
        "exemple-sur-meuse-budget-annexe-assainissement",
        "exemple-sur-meuse-budget-principal",
    ]
    rows = receipt_of(page)
    assert [next(iter(row.values())) for row in rows] == [name for name, _ in FILES]
    page.goto(f"{portal.url}/budgets/deposer")
    drop(page)
    expect(page.locator(".budget-file-already")).to_have_count(3)


def test_without_scripts_the_plain_form_does_it_all(open_page: Open, portal: Portal, picture: Picture) -> None:
    page = open_page("/user/login", scripts=False, width=320)
    page.fill("input[name=login]", portal.editor)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.goto(f"{portal.url}/en/budgets/deposer")
    picture(page, "desk-320-en")
    chosen = [{"name": name, "mimeType": "text/xml", "buffer": content} for name, content in FILES[:2]]
    page.set_input_files("input[name=upload]", chosen)
    page.click(".budget-drop button")
    page.wait_for_url(re.compile(r"/budgets/depots/"))
    page.click("form[action$='/publier'] button")
    expect(page.locator(".budget-file-published")).to_have_count(2, timeout=120_000)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    picture(page, "desk-receipt-320-en")
