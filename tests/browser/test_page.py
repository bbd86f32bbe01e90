"""The page of a document: both languages, narrow screens, without scripts, with a keyboard, for screen readers."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dev import fixtures
from tests.browser.conftest import Open, Picture, Portal

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dataset(portal: Portal) -> dict[str, Any]:
    """Two years of the fictitious annexe budget, an account replaced by a corrected one."""
    files = [
        fixtures.document(stage="BP", exercice=2021, annexe=True),
        fixtures.document(stage="CA", exercice=2021, annexe=True, seal_date="2022-05-03T10:00:00"),
        fixtures.document(stage="CA", exercice=2021, annexe=True, seal_date="2022-06-01T10:00:00"),
        fixtures.document(stage="CA", exercice=2022, annexe=True),
    ]
    return portal.dataset("Assainissement", *((f"{n}.xml", content) for n, content in enumerate(files)))


@pytest.fixture(scope="module")
def address(dataset: dict[str, Any]) -> str:
    """Path of the page of the account of 2021 in force."""
    found = [
        r
        for r in dataset["resources"]
        if r["budget_role"] == "csv" and r["budget_state"] == "converted" and "administratif 2021" in r["name"]
    ]
    return f"/budget/{dataset['name']}/resource/{found[0]['id']}"


def test_the_page_speaks_the_readers_language(open_page: Open, address: str, picture: Picture) -> None:
    french, english = open_page(address), open_page("/en" + address)
    expect(french.locator("html")).to_have_attribute("lang", "fr")
    expect(french.locator(".budget-page h2")).to_have_text("Compte administratif 2021")
    expect(french.locator(".budget-page")).to_contain_text("Exploitation")
    expect(english.locator("html")).to_have_attribute("lang", "en")
    expect(english.locator(".budget-page h2")).to_have_text("Administrative account 2021")
    for word in ("Dépenses", "Recettes", "Ce qui était ouvert"):
        expect(english.locator(".budget-page")).not_to_contain_text(word)
    picture(french, "annexe-fr")
    picture(english, "annexe-en")


def test_every_bar_has_its_number_in_a_table(open_page: Open, address: str) -> None:
    page = open_page(address)
    for head, row in zip(
        page.locator(".budget-bar-head strong").all_inner_texts(),
        page.locator("[aria-labelledby$='-chapters'] tfoot tr:first-child td:nth-child(2)").all_inner_texts(),
        strict=True,
    ):
        assert head == row


def test_without_scripts_every_number_is_there(open_page: Open, address: str) -> None:
    with_scripts, without = open_page(address), open_page(address, scripts=False)
    assert (
        without.locator(".budget-page table").all_inner_texts()
        == with_scripts.locator(".budget-page table").all_inner_texts()
    )
    assert without.locator(".budget-page table td").count() > 40


@pytest.mark.parametrize("language", ["", "/en"])
def test_nothing_is_wider_than_a_small_phone(
    open_page: Open, address: str, dataset: dict[str, Any], language: str, picture: Picture
) -> None:
    for name, path in (("document", address), ("dataset", f"/budget/{dataset['name']}")):
        page = open_page(language + path, width=320)
        page.wait_for_load_state("networkidle")
        picture(page, f"{name}-320{language.replace('/', '-')}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_wide_tables_scroll_with_the_keyboard(open_page: Open, address: str) -> None:
    page = open_page(address, width=320)
    region = page.locator(".budget-scroll").first
    region.focus()
    assert region.evaluate("e => document.activeElement === e && e.getAttribute('role') === 'region'")
    before = region.evaluate("e => e.scrollLeft")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("e => e.scrollLeft > 0 || e.scrollWidth <= e.clientWidth", arg=region.element_handle())
    assert before == 0


@pytest.mark.parametrize("width", [1200, 320])
@pytest.mark.parametrize("language", ["", "/en"])
def test_the_page_has_no_accessibility_fault_that_a_machine_sees(
    open_page: Open, address: str, language: str, width: int
) -> None:
    page = open_page(language + address, width=width)
    found = Axe().run(page, context=".budget-page")
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found.response["violations"]] == []


def test_the_states_of_the_files_have_no_accessibility_fault(open_page: Open, dataset: dict[str, Any]) -> None:
    page = open_page(f"/budget/{dataset['name']}")
    expect(page.locator(".budget-state-superseded").first).to_contain_text("Remplacé")
    found = Axe().run(page, context=".resource-list")
    ours = [v["id"] for v in found.response["violations"] for n in v["nodes"] if "budget-" in n["html"]]
    assert ours == []
