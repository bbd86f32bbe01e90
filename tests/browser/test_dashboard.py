"""The dashboard in a browser: small screen, keyboard alone, no script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from dev import fixtures
from tests.browser.conftest import Open, Picture, Portal

pytestmark = pytest.mark.browser


def test_who_has_published_what_on_a_small_screen_without_a_script(
    portal: Portal, open_page: Open, picture: Picture
) -> None:
    portal.dataset("Budget du tableau de bord", ("bp.xml", fixtures.document("BP", 2021, siret="21340172200015")))
    page = open_page("/budgets/tableau-de-bord", width=320, scripts=False)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    picture(page, "tableau-de-bord-320")
    page.locator("summary", has_text="Choisir le département").press("Enter")
    page.get_by_label("Nom ou SIREN").fill("Montpellier")
    page.get_by_role("button", name="Afficher").press("Enter")
    expect(page).to_have_url(re.compile(r"q=Montpellier"))
    row = page.get_by_role("row", name=re.compile("^Montpellier Commune"))
    expect(row.get_by_role("link", name="Budget primitif 2021 : publié")).to_be_visible()
    row.get_by_role("link", name="Budget primitif 2020 : manquant").press("Enter")
    expect(page.get_by_text("Document attendu : Budget primitif 2020 (Montpellier)")).to_be_visible()
    page.go_back()
    table = page.get_by_role("region", name="Qui a publié quoi")
    table.focus()
    expect(table).to_be_focused()  # the keyboard scrolls it
