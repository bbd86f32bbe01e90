"""Quality on the pages: level and definition, proof, controls, tables of annexes, files that are no budget."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories, helpers

from ckanext.budget.annexes.specs import SPECS
from ckanext.budget.messages.controls import WORDS
from ckanext.budget.quality.level import LEVELS
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import annexes, definitions, state
from dev import fixtures
from tests.conftest import ROOT
from tests.ingest.conftest import Portal
from tests.views.test_pages import csv_page, text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

CONTROL = {"code": "ordre", "outcome": "vert", "left": "151563.97", "right": "151563.97", "params": {}}


def said(app: Any, path: str) -> str:
    """What is read on the English page."""
    return html.unescape(text(app.get("/en" + path).body))


@pytest.fixture
def deposited(portal: Portal) -> dict[str, Any]:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2021))
    return dataset


def only(dataset: Mapping[str, Any]) -> BudgetDocument:
    (document,) = core.documents_of(dataset["id"])
    return document


def rewrite(document: BudgetDocument, /, **report: Any) -> None:
    """Change what the stored report says; None takes a key away."""
    merged = {**document.report, **report}
    document.report = {name: value for name, value in merged.items() if value is not None}
    model.Session.commit()


def test_the_proof_is_a_sentence_then_every_sum(portal: Portal, deposited: dict[str, Any], app: Any) -> None:
    document = only(deposited)
    body = said(app, csv_page(portal, deposited))
    found = re.search(r"(\S+) lines, (\S+) in the file = in the CSV", body)
    assert found and int(found.group(1).replace(",", "")) == document.report["lines"]
    total = sum(float(document.report["sums"]["source"][sense]["MtReal"]) for sense in "RD")
    assert found.group(2) == f"€{total:,.2f}"
    assert "column “Executed (MtReal)”" in body
    sums = re.search(r"All the sums compared(.*?)official label", body)
    assert sums
    for one in document.report["conservation"]:
        assert sums.group(1).count(f"€{abs(float(one['source'])):,.2f}") >= 2, one
    assert f"{document.report['lines']} lines out of {document.report['lines']} bear the official label" in body


def test_a_proof_that_does_not_hold_claims_nothing(portal: Portal, deposited: dict[str, Any], app: Any) -> None:
    rewrite(only(deposited), conserved=False)
    assert "in the file = in the CSV" not in said(app, csv_page(portal, deposited))


@pytest.mark.parametrize("code", LEVELS)
def test_the_level_is_named_and_leads_to_its_definition(
    portal: Portal, deposited: dict[str, Any], app: Any, code: str
) -> None:
    findings = {
        "complet": [],
        "a_verifier": [{"code": "siret_absent", "level": "a_verifier", "params": {}}],
        "lecture_partielle": [{"code": "nature_absent", "level": "a_verifier", "params": {"code": "60"}}],
    }[code]
    rewrite(only(deposited), findings=findings, controls=[CONTROL])
    name = LEVELS[code].name.lower()  # type: ignore[index]
    body = app.get("/en" + csv_page(portal, deposited)).body
    assert f"Quality level: {name}" in html.unescape(text(body)).replace("✓", "").replace("!", "")
    assert f'href="/en/budgets/qualite#{code}"' in body
    assert f'id="{code}"' in app.get("/en/budgets/qualite").body
    line = said(app, f"/budget/{deposited['name']}")
    assert f"quality level “{name}”" in line
    overview = said(app, f"/budget/{deposited['name']}/resource/{core.consolidated_id(deposited['id'])}")
    assert LEVELS[code].name in overview  # type: ignore[index]


def test_findings_and_controls_are_counted_together(portal: Portal, deposited: dict[str, Any], app: Any) -> None:
    amber = {**CONTROL, "outcome": "a_verifier", "right": "1.00"}
    rewrite(
        only(deposited),
        findings=[
            {"code": "siret_absent", "level": "a_verifier", "params": {}},
            {"code": "encoding_utf8", "level": "information", "params": {}},
        ],
        controls=[amber, CONTROL],
    )
    assert "quality level “to check”, 2 points to check." in said(app, f"/budget/{deposited['name']}")
    assert "2 points to check" in said(app, csv_page(portal, deposited))


def test_a_control_says_both_numbers_the_gap_and_what_to_do(
    portal: Portal, deposited: dict[str, Any], app: Any
) -> None:
    controls = [
        CONTROL,
        {**CONTROL, "code": "ratio_debt", "outcome": "information", "left": "1828.77", "right": "1843.52"},
        {**CONTROL, "code": "transfer", "outcome": "a_verifier", "left": "1200.00", "right": "1000.50"},
        {**CONTROL, "code": "ratio_staff", "left": "53.40", "right": "53.40"},
        {**CONTROL, "code": "subtotals", "left": "490", "right": "490", "params": dict.fromkeys(
            ("agreed", "checked", "stated", "without_amount", "unknown"), "1")},
    ]  # fmt: skip
    rewrite(only(deposited), controls=controls)
    body = said(app, csv_page(portal, deposited))
    part = body[body.index("Each control compares") :]
    order = [part.index(WORDS[code].name) for code in ("transfer", "ratio_debt", "ordre")]
    assert order == sorted(order)
    for words in (
        "To be checked Transfer from operations to investment",
        "€1,200.00", "€1,000.50", "Gap €199.50", WORDS["transfer"].remedy,
        "€1,828.77 per inhabitant", "53.40%", "3 controls agree",
    ):  # fmt: skip
        assert words in part, words
    assert WORDS["ordre"].remedy not in part


def test_a_control_of_a_later_version_keeps_its_stored_words(
    portal: Portal, deposited: dict[str, Any], app: Any
) -> None:
    stored = {
        **CONTROL,
        "code": "tomorrow",
        "outcome": "a_verifier",
        "name": "Contrôle de demain",
        "message": "Il dit",
    }
    rewrite(only(deposited), controls=[stored])
    body = said(app, csv_page(portal, deposited))
    assert "Contrôle de demain" in body and "Il dit." in body and "151,563.97" in body


def test_a_finding_of_another_version_keeps_its_stored_words(
    portal: Portal, deposited: dict[str, Any], app: Any
) -> None:
    kept = {"level": "information", "params": {}, "message": "Il a été dit", "place": "", "remedy": "Faites ceci"}
    rewrite(only(deposited), findings=[{"code": code, **kept} for code in ("tomorrow", "nature_absent")])
    assert said(app, csv_page(portal, deposited)).count("Il a été dit. Faites ceci.") == 2


def test_controls_between_documents_lead_to_the_other_one(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2020))
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2021))
    later = next(d for d in core.documents_of(dataset["id"]) if d.exercice == 2021)
    earlier = next(d for d in core.documents_of(dataset["id"]) if d.exercice == 2020)
    body = app.get(f"/en/budget/{dataset['name']}/resource/{later.csv_resource_id}").body
    assert WORDS["carried_investment"].name in html.unescape(body)
    link = f'<a href="/en/budget/{dataset["name"]}/resource/{earlier.csv_resource_id}">See'
    assert link in body
    earlier = next(d for d in core.documents_of(dataset["id"]) if d.exercice == 2020)
    rewrite(earlier, facts={**earlier.report["facts"], "closing_investment": "123.45"})
    assert "To be checked Investment result taken up (001)" in said(
        app, f"/budget/{dataset['name']}/resource/{later.csv_resource_id}"
    )
    rows = said(app, f"/budget/{dataset['name']}/resource/{core.consolidated_id(dataset['id'])}")
    assert re.search(r"Administrative account 2021 .*?! ?To check", rows)


def test_a_report_of_an_earlier_version_still_has_its_page(
    portal: Portal, deposited: dict[str, Any], app: Any
) -> None:
    rewrite(only(deposited), level=None, conservation=None, labels=None, controls=None, facts=None)
    body = said(app, csv_page(portal, deposited))
    assert "made no control yet" in body and "Quality level" not in body
    assert "in the file = in the CSV" in body
    line = said(app, f"/budget/{deposited['name']}")
    assert "Converted : received on".replace(" :", ":") in line.replace(" :", ":") and "quality level" not in line
    overview = said(app, f"/budget/{deposited['name']}/resource/{core.consolidated_id(deposited['id'])}")
    assert "not known" in overview


def test_what_was_hidden_is_told_field_by_field_and_why_the_seal_fails(
    portal: Portal, deposited: dict[str, Any], app: Any
) -> None:
    document = only(deposited)
    document.occultation = {"CONCOURS/LibOrgaBenef": 3, "SIGNATAIRE/Signataire": 12, "NEUF/Inconnu": 1}
    document.seal = {"md5": "a", "sha1": "b", "date": "2022-05-03T10:00:00"}
    model.Session.commit()
    body = said(app, csv_page(portal, deposited))
    assert "Signatory SIGNATAIRE/Signataire 12 as a precaution" in body
    assert "Beneficiary of a grant CONCOURS/LibOrgaBenef 3 personal data" in body
    assert "Other text NEUF/Inconnu 1" in body
    assert "The seal of this file (3 May 2022) no longer matches" in body and "(16 times)" in body
    only(deposited).seal = {}
    model.Session.commit()
    body = said(app, csv_page(portal, deposited))
    assert "carries no seal" in body and "no longer matches" not in body


def test_a_table_says_where_it_comes_from_and_how_its_columns_were_read(
    portal: Portal, deposited: dict[str, Any], app: Any
) -> None:
    document = only(deposited)
    document.nomenclature, document.occultation = "", {}
    identity = {**document.report["document"], "kind": "scdl"}
    mapping = [["Compte", "BGT_NATURE"], ["Tiers", None]]
    rewrite(document, document=identity, mapping=mapping, labels={**document.report["labels"], "own_plan": 0})
    body = said(app, csv_page(portal, deposited))
    for words in (
        "From the table (CSV or spreadsheet) received on", "Compte BGT_NATURE", "Tiers left out",
        "Deposited file (normalised)", "Executed (BGT_MTREAL)", "Only the columns of the standard were kept",
        "deposited table",
    ):  # fmt: skip
        assert words in body, words
    assert "The budget of the local government itself" not in body  # a table does not tell
    for words in ("chart of accounts", "official label", "XML file", "seal"):
        assert words not in body[body.index("Where do these figures") :], words


def resource(**fields: str) -> dict[str, str]:
    return {"id": "12345678-1234-1234-1234-123456789abc", **fields}


def test_a_file_that_is_no_budget_is_named_and_told_what_to_send_instead(
    portal: Portal, deposited: dict[str, Any], app: Any
) -> None:
    app.get("/")
    package = portal.show(deposited)
    with app.flask_app.test_request_context():
        told = state.of_resource(resource(budget_kind="kind_pdf"), package)
        assert told and told["kind"] == "other"
        assert "PDF" in told["said"]["what"] and ".xml" in told["said"]["remedy"]
        for code in ("", "tomorrow", "table_columns_required"):  # unknown, or with details that are not there
            assert state.of_resource(resource(budget_kind=code), package) == {"kind": "other", "said": None}


def test_tables_of_annexes_are_told_with_their_rule(portal: Portal, deposited: dict[str, Any], app: Any) -> None:
    document = only(deposited)
    spec = SPECS["subventions"]
    made = resource(budget_role="annexe", budget_table="subventions", budget_document_id=document.id)
    package = {**portal.show(deposited)}
    package["resources"] = [*package["resources"], made]
    with app.flask_app.test_request_context():
        told = state.of_resource(made, package)
        assert told and told["kind"] == "annexe"
        assert (told["title"], told["rule"]) == (tk._(spec.title), tk._(spec.rule))
        assert document.resource_id in told["source"]["url"]
        (listed,) = annexes.of_document(document, package)
        assert listed["title"] == tk._(spec.title) and made["id"] in listed["url"]
        assert annexes.words({"budget_table": "tomorrow", "name": "Table"})["title"] == "Table"


def test_the_definitions_are_those_of_the_code(app: Any) -> None:
    body = app.get("/en/budgets/qualite").body
    read = html.unescape(text(body))
    for level in LEVELS.values():
        assert level.definition in read
    for code in WORDS:
        assert f'id="controle-{code}"' in body, code
    assert "{" not in read[read.index("The controls") :]
    with app.flask_app.test_request_context():
        rows = [row for group in definitions.controls() for row in group["rows"]]
    assert [row["code"] for row in rows if not (row["left"] or row["sentence"])] == []
    assert len(rows) == len(WORDS)
    assert WORDS["duplicate_account"].ok in read  # two accounts of one year need not be equal


def test_the_written_definitions_name_every_level_and_control() -> None:
    written = (ROOT / "docs/quality.md").read_text(encoding="utf-8")
    assert [code for code in (*LEVELS, *WORDS) if f"`{code}`" not in written] == []


def test_the_first_page_of_the_desk_lists_ones_own_budgets(portal: Portal, app: Any) -> None:
    mine, private = portal.dataset(title="Budget de chez moi"), portal.dataset(title="Budget privé", private=True)
    stranger = factories.UserWithToken()
    anonymous = app.get("/en/budgets/deposer").body
    assert "Budget de chez moi" not in anonymous and "/user/login" in anonymous
    assert "/en/budget/new" in anonymous
    token = helpers.call_action("api_token_create", user=portal.user["name"], name="essai")["token"]
    own = app.get("/en/budgets/deposer", headers={"Authorization": token}).body
    for dataset in (mine, private):
        assert f"/en/budget/{dataset['name']}/resource/new" in own
    other = app.get("/en/budgets/deposer", headers={"Authorization": stranger["token"]}).body
    assert "Budget de chez moi" not in other and "You have no budget yet." in other
    assert app.get("/budgets/deposer").status_code == 200
