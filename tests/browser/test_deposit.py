"""An agent of a small commune deposits a budget through CKAN's own form, and reads it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect

from dev import fixtures
from tests.browser.conftest import Open, Picture, Portal

pytestmark = pytest.mark.browser

CA = fixtures.document(stage="CA", exercice=2021)


@pytest.fixture(autouse=True)
def an_empty_portal(portal: Portal) -> Iterator[None]:
    """A budget has one dataset on a portal: each test begins without any."""
    yield
    for name in portal("package_list"):
        portal("dataset_purge", id=name)


def new_dataset(page: Page, portal: Portal, title: str) -> None:
    """First screen of the form: a title and an organisation are enough."""
    page.goto(f"{portal.url}/budget/new")
    page.fill("input[name=title]", title)
    page.select_option("select[name=owner_org]", label=portal.organisation, force=True)
    page.click("button.btn-primary[name=save]")
    page.wait_for_url(re.compile("/resource/new"))


def send(page: Page, name: str, content: bytes, description: str = "") -> None:
    """Second screen: choose a file (CKAN proposes its name as the resource's), and finish."""
    page.set_input_files("input[type=file][name=upload]", {"name": name, "mimeType": "text/xml", "buffer": content})
    page.fill("textarea[name=description]", description)
    page.click("button.btn-primary[name=save]")


@pytest.mark.smoke
def test_a_file_dropped_gives_the_csv_and_a_page(
    as_editor: Page, open_page: Open, portal: Portal, picture: Picture
) -> None:
    page = as_editor
    new_dataset(page, portal, "Budget d’essai du navigateur")
    picture(page, "deposit-form")
    send(page, "export.xml", CA)
    page.wait_for_url(re.compile(r"/budget/[\w-]+$"))
    picture(page, "dataset")
    expect(page.locator(".budget-state-converted")).to_contain_text("Converti")
    expect(page.locator(".license")).to_contain_text("Licence Ouverte 2.0")
    expect(page.locator(".resource-list")).to_contain_text("Compte administratif 2021 – XML occulté")
    page.click(".budget-state-csv a:has-text('Lire les chiffres')")
    expect(page.locator(".budget-page h2")).to_have_text("Compte administratif 2021")
    reader = open_page(page.url.removeprefix(portal.url))
    picture.top(reader, "document", ".budget-page", 1010)
    expect(page.locator("section[aria-labelledby$='-blocks'] svg[role=img]")).to_have_count(4)
    tables = page.locator(".budget-page table")
    assert tables.count() == page.locator(".budget-page table caption").count() >= 8
    address = page.locator(".budget-links a").first.get_attribute("href")
    rows = list(csv.DictReader(io.StringIO(requests.get(address or "", timeout=60).content.decode())))
    assert {row["BGT_NATDEC"] for row in rows} == {"compte administratif"}
    assert page.locator(".budget-trust").inner_text().count(f"{len(rows)} ") >= 2


def test_another_towns_file_is_refused_by_the_form_and_nothing_is_lost(
    as_editor: Page, portal: Portal, picture: Picture
) -> None:
    page = as_editor
    dataset = portal.dataset("Budget déjà là", ("bp.xml", fixtures.document(stage="BP", exercice=2021)))
    page.goto(f"{portal.url}/budget/{dataset['name']}/resource/new")
    other = fixtures.document(stage="CA", exercice=2021, siret="21990000800018", name="Autre-Ville")
    send(page, "autre.xml", other, "Ce que j’avais écrit")
    error = page.locator(".error-explanation")
    expect(error).to_contain_text("Fichier budgétaire\u00a0: Ce fichier est celui de «\u00a0Autre-Ville\u00a0»")
    expect(error).to_contain_text("Exemple-sur-Meuse")
    expect(page.locator("textarea[name=description]")).to_have_value("Ce que j’avais écrit")
    picture(page, "refusal")
    assert portal("package_show", id=dataset["id"])["resources"] == dataset["resources"]


def test_a_pdf_is_kept_and_said_not_to_be_a_budget(as_editor: Page, portal: Portal) -> None:
    page = as_editor
    new_dataset(page, portal, "Budget avec un PDF")
    send(page, "budget.xml", b"%PDF-1.4 ceci n'est pas un budget")
    page.wait_for_url(re.compile(r"/budget/[\w-]+$"))
    expect(page.locator(".budget-state-other")).to_contain_text("Pas un fichier budgétaire")
