"""Every page of ours, looked at by axe; the declaration of accessibility says what this test saw.

``BUDGET_DECLARATION=write`` writes its result in ``ckanext/budget/words/accessibility.json``.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from typing import Any

import ckan
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from ckanext.budget.views.accessibility import PAGES, TESTED
from dev import fixtures
from tests.browser.conftest import PASSWORD, Open, Picture, Portal

pytestmark = pytest.mark.browser

RUNS = [("", 1200), ("/en", 320)]
#: pages that only those who may edit see
EDITORS = {"desk", "batch", "withdraw", "restore", "destroy", "texts", "text"}


@pytest.fixture(scope="module")
def paths(portal: Portal) -> Iterator[dict[str, str]]:
    """Path of every page of the declaration, on a budget with an account, a withdrawn document and pinned texts."""
    files = [
        fixtures.document(stage=stage, exercice=year) for stage, year in (("CA", 2021), ("BP", 2022), ("BP", 2021))
    ]
    dataset = portal.dataset("Budget accessible", *((f"{n}.xml", content) for n, content in enumerate(files)))
    account, gone, _ = portal("budget_document_list", package_id=dataset["id"])
    portal("budget_document_withdraw", id=gone["id"], reason="Un autre budget a été voté")
    place = {"package_id": dataset["id"], "exercice": 2021, "stage": "CA"}
    portal("budget_note_update", **place, text="Une **école** est en travaux, voyez [ici](https://exemple.fr).")
    portal("budget_note_update", **place, item="chapter:011", text="L’énergie a doublé.\n\n- gaz\n- électricité")
    batch = portal("budget_deposit", upload=("rapport.pdf", b"%PDF-1.4 un rapport"))["batch_id"]
    resources = {r["budget_role"]: r["id"] for r in dataset["resources"] if r.get("budget_role") == "consolidated"}
    documents, texts = "/budgets/documents", f"/budgets/textes/{dataset['name']}"
    made = {
        "document": f"/budget/{dataset['name']}/resource/{account['csv_resource_id']}",
        "overview": f"/budget/{dataset['name']}/resource/{resources['consolidated']}",
        "dataset": f"/budget/{dataset['name']}",
        "quality": "/budgets/qualite",
        "glossary": "/budgets/glossaire",
        "dictionary": "/budgets/dictionnaire",
        "sheet": f"{documents}/{account['id']}/a4",
        "declaration": "/budgets/accessibilite",
        "withdrawn": f"{documents}/{gone['id']}",
        "desk": "/budgets/deposer",
        "batch": f"/budgets/depots/{batch}",
        "withdraw": f"{documents}/{account['id']}/retirer",
        "restore": f"{documents}/{gone['id']}/retablir",
        "destroy": f"{documents}/{gone['id']}/detruire",
        "texts": texts,
        "text": f"{texts}/texte?quand=2021-ca&kind=chapter&code=011",
    }
    assert set(made) == set(PAGES)
    yield made
    for name in portal("package_list"):
        portal("dataset_purge", id=name)


def logged_in(page: Page, portal: Portal, name: str) -> None:
    page.fill("input[name=login]", name)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")


def faults(page: Page, name: str) -> list[str]:
    context = None if name == "sheet" else ".resource-list" if name == "dataset" else ".budget-page"
    found = Axe().run(page, context=context).response
    nodes = [(v["id"], n["html"]) for v in found["violations"] for n in v["nodes"]]
    ours = [(rule, html) for rule, html in nodes if name != "dataset" or "budget-" in html]
    return [f"{name}: {rule}: {html[:200]}" for rule, html in ours]


@pytest.mark.parametrize(("language", "width"), RUNS)
def test_no_page_has_a_fault_that_a_machine_sees(
    open_page: Open, portal: Portal, paths: dict[str, str], language: str, width: int, picture: Picture
) -> None:
    reader, editor = open_page("/", width=width), open_page("/user/login", width=width)
    logged_in(editor, portal, "admin-essai")
    found: list[str] = []
    for name, path in paths.items():
        page = editor if name in EDITORS else reader
        page.goto(portal.url + language + path)
        page.wait_for_load_state("networkidle")
        picture(page, f"axe-{name}-{width}{language.replace('/', '-')}")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{name}: wider than {width}")
        found += faults(page, name)
    assert not found, "\n".join(found)


def test_the_declaration_says_what_was_tested(chromium: Any, open_page: Open) -> None:
    page = open_page("/budgets/accessibilite")
    said = json.loads(TESTED.read_text(encoding="utf-8"))
    if os.environ.get("BUDGET_DECLARATION") == "write":
        version = Axe().run(page, context=".budget-page").response["testEngine"]["version"]
        said = {
            "date": dt.datetime.now(dt.timezone.utc).date().isoformat(),
            "axe": version,
            "browser": f"Chromium {chromium.version.split('.')[0]}",
            "ckan": ckan.__version__,
            "runs": [{"language": lang.strip("/") or "fr", "width": width} for lang, width in RUNS],
            "test": "tests/browser/test_accessibility.py",
            "pages": list(PAGES),
        }
        TESTED.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return  # the portal read the former one
    assert said["pages"] == list(PAGES)
    assert [(run["language"], run["width"]) for run in said["runs"]] == [(p.strip("/") or "fr", w) for p, w in RUNS]
    expect(page.locator(".budget-page")).to_contain_text(f"axe-core {said['axe']}")


def test_a_definition_shows_on_hover_and_focus_and_leaves_by_escape(open_page: Open, paths: dict[str, str]) -> None:
    page = open_page(paths["document"])
    word = page.locator(".budget-term a", has_text="opérations d’ordre").first
    tip = page.locator(f"#{word.get_attribute('aria-describedby')}")
    expect(tip).to_be_hidden()
    word.focus()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("aucun euro n’entre ni ne sort")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    assert word.evaluate("e => document.activeElement === e")
    word.blur()
    word.hover()
    expect(tip).to_be_visible()
    tip.hover()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.mouse.move(0, 0)
    narrow = open_page(paths["document"], width=320)
    for word in narrow.locator(".budget-term a").all()[:6]:
        word.focus()
        box = narrow.locator(f"#{word.get_attribute('aria-describedby')}").bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 320
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 320


def test_without_scripts_a_word_leads_to_its_definition(open_page: Open, paths: dict[str, str]) -> None:
    page = open_page(paths["document"], scripts=False)
    word = page.locator(".budget-term a", has_text="opérations d’ordre").first
    described = page.locator(f"#{word.get_attribute('aria-describedby')}")
    expect(described).to_be_hidden()
    expect(word).to_have_accessible_description(described.text_content() or "-")
    word.click()
    expect(page.locator("dt#ordre")).to_have_text("Opération d’ordre")
    page.fill("#budget-glossary-q", "desendettement")
    page.press("#budget-glossary-q", "Enter")
    expect(page.locator("dt#desendettement")).to_be_visible()


def test_a_text_is_pinned_with_the_keyboard_alone(open_page: Open, portal: Portal, paths: dict[str, str]) -> None:
    page = open_page("/user/login", scripts=False)
    logged_in(page, portal, "admin-essai")
    page.goto(portal.url + paths["texts"])
    page.select_option("select[name=quand]", "2021-ca")
    page.select_option("select[name=kind]", "headline")
    page.locator("article form button[type=submit]").focus()
    page.keyboard.press("Enter")
    page.fill("textarea[name=text]", "Un **mot** du maire.")
    page.locator("button[value=preview]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".budget-pinned strong")).to_have_text("mot")
    page.locator("button[value=publish]").focus()
    page.keyboard.press("Enter")
    reader = open_page(paths["document"])
    expect(reader.locator(".budget-pinned", has_text="du maire")).to_be_visible()
