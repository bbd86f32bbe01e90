"""The public pages in a browser: accessible, narrow, without scripts; the table of lines with a keyboard.

A page to check everywhere is one more line of ``PAGES``.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from dev import fixtures
from tests.browser.conftest import Open, Picture, Portal

pytestmark = pytest.mark.browser
#: a SIREN of its own: the other modules deposit the usual one
SIRET = "21550901900018"
#: name → path
PAGES = {
    "home": "/budgets",
    "budget": f"/budgets/{SIRET}",
    "budget-years": f"/budgets/{SIRET}?euros=constants&par=chapitre",
    "compare": f"/budgets/comparer?siren={SIRET[:9]}&q=exemple",
    "territory": "/budgets/territoires/R44",
    "document": f"/budgets/{SIRET}/2022/ca",
    "services": f"/budgets/{SIRET}/2022/ca?vue=service&chemin=education",
    "official-function": f"/budgets/{SIRET}/2022/ca?vue=fonction&chemin=2&section=F",
    "of-a-hundred": f"/budgets/{SIRET}/2022/ca?vue=cent",
    "initial-budget": f"/budgets/{SIRET}/2022/bp",
    "lines": f"/budgets/{SIRET}/2022/ca/lignes",
    "lines-grouped": f"/budgets/{SIRET}/2022/ca/lignes?grouper=chapitre&sens=D&tri=-mtreal",
    "search": "/budgets/recherche?q=%C3%A9coles",
    "account": "/budgets/comptes/64",
    "absent": f"/budgets/{SIRET}/2012/bp",
    "quality": "/budgets/qualite",
}


#: marks what the keyboard should reach, in the order of the page, and notes what it does reach, and whether that shows
WALK = """() => {
  const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const found = [...document.querySelectorAll(".budget-page " + wanted.split(", ").join(", .budget-page "))];
  const reachable = found.filter((e) => e.checkVisibility() && !e.disabled && e.tabIndex >= 0
    && !(e.type === "radio" && !e.checked && document.querySelector(`[name="${e.name}"]:checked`)));
  window.reached = [];
  const drawnOf = (e) => [e, ...e.querySelectorAll("path")].map((one) => {  // a shape of a map is marked by its stroke
    const {boxShadow, borderColor, strokeWidth} = getComputedStyle(one);
    return [boxShadow, borderColor, strokeWidth].join();
  }).join();
  const bare = new Map(reachable.map((e) => [e, drawnOf(e)]));
  document.addEventListener("focusin", ({target}) => {
    const style = getComputedStyle(target);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    reached.push({
      target,
      number: reachable.indexOf(target),
      shown: outlined || bare.get(target) !== drawnOf(target),
      what: target.outerHTML.slice(0, 120),
    });
  });
  const visible = ({bottom, top}) => bottom > 0 && top < innerHeight;
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  window.see = async () => {  // the page scrolls to a target after it has told of it
    const last = reached.at(-1), inside = () => visible(last.target.getBoundingClientRect());
    if (last) last.inside = inside() || (await drawn(), inside());
    return reached.filter((step) => step.number >= 0).map(({target, ...step}) => step);
  };
  return reachable.length;
}"""


@pytest.fixture(scope="module")
def published(portal: Portal) -> dict[str, Any]:
    files = [
        fixtures.document(stage="CA", exercice=2021, siret=SIRET),
        fixtures.document(stage="BP", exercice=2022, siret=SIRET),
        fixtures.document(stage="CA", exercice=2022, siret=SIRET),
    ]
    return portal.dataset("Exemple", *((f"{n}.xml", content) for n, content in enumerate(files)))


@pytest.mark.parametrize("name", PAGES)
def test_no_accessibility_fault_that_a_machine_sees(
    open_page: Open, published: dict[str, Any], name: str, picture: Picture
) -> None:
    for language, width in (("", 1200), ("/en", 320)):
        page = open_page(language + PAGES[name], width=width)
        assert page.request.get(page.url).status == (404 if name == "absent" else 200)
        picture(page, f"public-{name}-{width}")
        found = Axe().run(page, context=".budget-page")
        assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found.response["violations"]] == [], language
        assert page.locator("h1").count() == 1
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_alone_goes_through_every_page(open_page: Open, published: dict[str, Any], name: str) -> None:
    page = open_page(PAGES[name])
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('a[href^=\"#\"]')")  # past the menu, first
    page.keyboard.press("Enter")
    count = page.evaluate(WALK)
    steps: list[dict[str, Any]] = []
    for _ in range(count + 30):  # the headings' links of CKAN's own frame come between
        page.keyboard.press("Tab")
        steps = page.evaluate("see()")
        if len(steps) >= count:
            break
    assert [step["number"] for step in steps] == list(range(count))
    assert [step for step in steps if not (step["shown"] and step["inside"])] == []


def test_the_table_of_lines_works_without_scripts(open_page: Open, published: dict[str, Any]) -> None:
    page = open_page(PAGES["lines"], scripts=False)
    page.select_option("#budget-lines-section", "I")
    page.get_by_role("button", name="Afficher").click()
    expect(page.locator("#budget-lines")).to_contain_text("Sélection : Investissement")
    page.locator("#budget-sort-mtreal").click()
    expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    assert "section=I" in page.url and "tri=-mtreal" in page.url


def test_the_table_of_lines_with_a_keyboard(open_page: Open, published: dict[str, Any]) -> None:
    page = open_page(PAGES["lines"])
    page.locator("#budget-lines-text").focus()
    page.keyboard.type("personnel")
    expect(page.locator("#budget-lines")).to_contain_text("contenant « personnel »")
    expect(page.locator("#budget-lines-said")).to_have_text(re.compile(r"^\d+ lignes?, dépenses"))
    expect(page).to_have_url(re.compile(r"\?texte=personnel$"))
    assert page.evaluate("document.activeElement.id") == "budget-lines-text"
    page.locator("#budget-sort-mtreal").focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    assert page.evaluate("document.activeElement.id") == "budget-sort-mtreal"
    page.locator("#budget-lines-sense").focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile(r"sens=D.*texte=personnel.*tri=-mtreal$"))
    page.reload()
    expect(page.locator("#budget-lines")).to_contain_text("dépenses, contenant « personnel »")
    page.go_back()  # one step back leaves the table: choices are not steps
    expect(page).to_have_url("about:blank")
