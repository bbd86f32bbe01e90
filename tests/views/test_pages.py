"""The page of a document and the states of files, as CKAN serves them; who may read them."""

from __future__ import annotations

import io
import re
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories, helpers

from ckanext.budget.convert import convert
from ckanext.budget.figures import groups, queries
from ckanext.budget.ingest import process
from ckanext.budget.registry import core
from ckanext.budget.scdl.model import ConvertedLine
from dev import fixtures
from tests.ingest.conftest import Portal, upload

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

STAGES = {
    "BP": ("Budget primitif 2021", "Initial budget 2021"),
    "BS": ("Budget supplémentaire 2021", "Supplementary budget 2021"),
    "DM": ("Décision modificative n° 1 2021", "Budget amendment no. 1 2021"),
    "CA": ("Compte administratif 2021", "Administrative account 2021"),
    "CFU": ("Compte financier unique 2023", "Single financial account 2023"),
}


def document(stage: str, **more: Any) -> bytes:
    if stage == "CFU":
        return fixtures.document(exercice=2023, cfu=True, **more)
    if stage == "DM":
        more["dm_number"] = 1
    return fixtures.document(stage=stage, exercice=2021, **more)


def csv_page(portal: Portal, dataset: dict[str, Any]) -> str:
    csv = portal.resources(dataset, "csv")[0]
    return f"/budget/{dataset['name']}/resource/{csv['id']}"


def text(body: str) -> str:
    """What is read: tags apart, blanks (unbreakable ones too) as one space."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_has_its_page_in_both_languages(portal: Portal, app: Any, stage: str) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, document(stage))
    french, english = STAGES[stage]
    path = csv_page(portal, dataset)
    account = stage in ("CA", "CFU")
    done = ("Ce qui était ouvert, ce qui a été fait", "What was opened, what was done")
    chapters = done if account else ("Chapitre par chapitre", "Chapter by chapter")
    for prefix, title, words in (("", french, chapters[0]), ("/en", english, chapters[1])):
        body = app.get(prefix + path).body
        heading = re.search(r"<h2 id=\"[\w-]*-title\">([^<]*)</h2>", body)
        assert heading and re.sub(r"\s", " ", heading.group(1)) == title
        assert words in body
        assert body.count('<table class="budget-') == 4
        assert body.count('role="img"') == 4


def test_the_figures_of_the_database_are_those_of_the_file(portal: Portal) -> None:
    dataset = portal.dataset()
    content = document("CA")
    portal.deposit(dataset, content)
    lines: list[ConvertedLine] = []
    convert(io.BytesIO(content), io.BytesIO(), on_line=lines.append)
    (row,) = core.documents_of(dataset["id"])
    stored = queries.of_document(model.Session(), row.id)
    assert len(stored) > 20
    key = lambda g: tuple(getattr(g, name) for name in groups.KEYS)  # noqa: E731
    assert sorted(stored, key=key) == sorted(groups.of_lines(lines), key=key)


def test_a_name_that_holds_markup_stays_text(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, document("CA", name="<script>alert(1)</script>"))
    for path in (csv_page(portal, dataset), f"/budget/{dataset['name']}"):
        body = app.get(path).body
        assert "<script>alert(1)" not in body
        assert "&lt;script&gt;alert(1)" in body


def test_a_private_budget_is_read_by_its_own_only(portal: Portal, app: Any) -> None:
    member = factories.UserWithToken()
    helpers.call_action("organization_member_create", id=portal.org["id"], username=member["name"], role="editor")
    dataset = portal.dataset(private=True)
    portal.deposit(dataset, document("CA"))
    (row,) = core.documents_of(dataset["id"])
    report, page = f"/budgets/documents/{row.id}/rapport.json", csv_page(portal, dataset)
    mine = {"Authorization": member["token"]}
    assert app.get(report, headers=mine).json["conserved"] is True
    assert app.get(report, expect_errors=True).status_code == 404
    assert app.get(page, headers=mine).status_code == 200
    assert "budget-page" not in app.get(page, expect_errors=True).body
    for action, key in (("budget_document_show", "id"), ("budget_document_list", "package_id")):
        value = row.id if key == "id" else dataset["id"]
        with pytest.raises(tk.NotAuthorized):
            helpers.call_action(action, {"user": "", "ignore_auth": False}, **{key: value})
        helpers.call_action(action, {"user": member["name"], "ignore_auth": False}, **{key: value})


def test_a_report_that_does_not_exist_is_not_found(portal: Portal, app: Any) -> None:
    assert app.get("/budgets/documents/nothing/rapport.json", expect_errors=True).status_code == 404


def test_the_public_report_names_no_account_of_the_portal(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, document("CA"))
    (row,) = core.documents_of(dataset["id"])
    shown = helpers.call_action("budget_document_show", {"user": "", "ignore_auth": False}, id=row.id)
    assert "user_id" not in shown and shown["status"] == "converted"


def test_the_dataset_page_says_the_state_of_each_file(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, document("CA", seal_date="2022-05-03T10:00:00"))
    portal.deposit(dataset, document("CA", seal_date="2022-06-01T10:00:00"))
    portal.deposit(dataset, b"%PDF-1.4 autre chose", "rapport.pdf")
    french, english = (
        text(app.get(f"/budget/{dataset['name']}").body),
        text(app.get(f"/en/budget/{dataset['name']}").body),
    )
    for words in ("Converti : reçu le", "Remplacé : une version plus récente", "Pas un fichier budgétaire"):
        assert words in french
    for words in ("Converted : received on", "Replaced : a newer version", "Not a budget file"):
        assert words.replace(" :", ":") in english.replace(" :", ":")


def test_a_failed_conversion_says_why_and_keeps_the_last_good_page(
    portal: Portal, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, document("CA", seal_date="2022-05-03T10:00:00"))

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(process, "convert", broken)
    newer = document("CA", seal_date="2022-06-01T10:00:00")
    portal.act("resource_update", id=source["id"], upload=upload(newer))
    said = text(app.get(f"/budget/{dataset['name']}").body)
    assert "Conversion en échec" in said
    assert "Le CSV de la version précédente reste en place" in said
    assert "RuntimeError" not in said and "a fault of ours" not in said
    assert "Ce qui était ouvert, ce qui a été fait" in app.get(csv_page(portal, dataset)).body


def test_a_document_that_the_registry_lost_leaves_a_page_that_says_so(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, document("CA"))
    page = csv_page(portal, dataset)
    core.forget(core.documents_of(dataset["id"]))
    model.Session.commit()
    assert "ne sont pas disponibles" in text(app.get(page).body)


def test_the_list_of_budgets_speaks_french_and_has_its_facets(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, document("CA"))
    body = app.get("/budget/").body
    assert 'placeholder="Rechercher dans les budgets…"' in body
    said = text(body)
    for words in ("Exercices", "2021", "Compte administratif", "Budget principal"):
        assert words in said
    assert re.search(r"\d+ budgets? trouvés?", said)
