"""The pages of words and the words of pages, in both languages, for everyone."""

from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import helpers

from ckanext.budget.views import terms
from tests.ingest.conftest import Portal
from tests.ingest.made import ca
from tests.views.test_pages import csv_page, text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]


@pytest.mark.usefixtures("with_request_context")
def test_a_marked_sentence_is_escaped_around_its_words() -> None:
    said = str(terms.sentence("<b>Sans</b> [ordre & co|ordre], [rien|inconnu] [a|b|c]"))
    assert said.startswith("&lt;b&gt;Sans&lt;/b&gt; <span")
    assert ">ordre &amp; co</a>" in said and said.endswith(", [rien|inconnu] [a|b|c]")
    assert said.count('role="tooltip"') == 1
    first, second = str(terms.term("ordre")), str(terms.term("ordre"))
    assert first.split('id="')[1] != second.split('id="')[1]  # a page may explain a word twice
    with pytest.raises(KeyError):
        terms.term("inconnu")


def test_the_glossary_is_searched_without_scripts_and_echoes_text(app: Any) -> None:
    body = app.get("/budgets/glossaire").body
    assert body.count("<dt id=") == 68 and 'href="#lettre-E"' in body
    found = app.get("/budgets/glossaire?q=DESENDETTEMENT").body
    assert 'dt id="desendettement"' in found and 'dt id="m57"' not in found
    assert "<script>x" not in app.get("/budgets/glossaire?q=<script>x").body
    assert "Gross savings" in app.get("/en/budgets/glossaire").body


def test_pages_of_a_budget_explain_their_words_and_columns(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    body = app.get(csv_page(portal, dataset)).body
    for word in ("ordre", "epargne-brute", "rar", "credits-ouverts", "1068", "cloture", "nomenclature"):
        assert f"/budgets/glossaire#{word}" in body, word
    assert "aucun euro n’entre ni ne sort" in text(body)
    assert body.count("/budgets/dictionnaire") >= 3
    csv = portal.resources(dataset, "csv")[0]
    assert "[" not in text(body).split("Ce qui était ouvert, ce qui a été fait")[1].split("Contrôles")[0]
    assert not csv.get("conforms_to") or "schema" in csv["conforms_to"]


def test_words_and_columns_by_api(app: Any) -> None:
    found = json.loads(app.get("/en/budgets/dictionnaire.json").body)
    assert len(found["columns"]) == 22 and found["lang"] == "en"
    assert helpers.call_action("budget_dictionary_show")["columns"][14]["name"] == "BGT_MTREAL"
    assert tk.get_action("budget_glossary_show")({"user": ""}, {"lang": "en_GB"})["lang"] == "en"
    assert app.get("/budgets/glossaire.json").headers["Access-Control-Allow-Origin"] == "*"


def test_the_declaration_has_its_date_its_gaps_and_its_contact(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "administrateurs de ce portail" in text(app.get("/budgets/accessibilite").body)
    monkeypatch.setitem(tk.config, "ckanext.budget.accessibility_contact", "accessibilite@exemple.fr")
    body = app.get("/budgets/accessibilite").body
    assert 'href="mailto:accessibilite@exemple.fr"' in body
    assert "pas encore audité" in body and "tests/browser/test_accessibility.py" in body
