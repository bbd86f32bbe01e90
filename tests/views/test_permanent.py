"""Permanent addresses: which budget and which document they name, who may read them, what machines are told."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ckan import model
from ckan.tests import factories, helpers

from ckanext.budget.figures import queries
from ckanext.budget.figures.statement import of_groups
from ckanext.budget.registry import core, headlines
from dev import fixtures
from dev.fixtures import SIREN, SIRET, SIRET_ANNEXE
from tests.ingest.conftest import Portal
from tests.views.test_pages import text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]


def ca(**more: Any) -> bytes:
    return fixtures.document(stage="CA", exercice=2021, **more)


def budgets(portal: Portal) -> tuple[dict[str, Any], dict[str, Any]]:
    """A principal budget (BP, DM, CA of 2021, CA of 2020) and an annexe (CA of 2021)."""
    principal, annexe = portal.dataset(), portal.dataset()
    for content in (
        fixtures.document(stage="BP", exercice=2021),
        fixtures.document(stage="DM", exercice=2021, dm_number=1),
        ca(),
        fixtures.document(stage="CA", exercice=2020),
    ):
        portal.deposit(principal, content)
    portal.deposit(annexe, ca(annexe=True))
    return principal, annexe


def test_a_siret_names_one_budget_and_a_siren_the_principal_with_its_annexes(portal: Portal, app: Any) -> None:
    budgets(portal)
    whole, one, annexe = (app.get(f"/budgets/{number}").body for number in (SIREN, SIRET, SIRET_ANNEXE))
    for body in (whole, one):
        for etape in ("bp", "dm-1", "ca"):
            assert f'href="/budgets/{SIRET}/2021/{etape}"' in body
        assert f'href="/budgets/{SIRET_ANNEXE}"' in body
    assert f'href="/budgets/{SIRET_ANNEXE}/2021/ca"' in annexe and f'href="/budgets/{SIRET}/2021/bp"' not in annexe
    assert f'href="/budgets/{SIREN}"' in annexe
    for number in (SIREN, SIRET):
        assert "Compte administratif 2021" in text(app.get(f"/budgets/{number}/2021/ca").body)


def test_the_grid_says_the_headlines_of_the_pages_and_what_is_missing(portal: Portal, app: Any) -> None:
    principal, _ = budgets(portal)
    documents = core.documents_of(principal["id"])
    found = headlines.of_documents([d.id for d in documents])
    for d in documents:
        said = queries.of_document(model.Session(), d.id)
        statement = of_groups(said, d.stage, draft=d.is_draft, annexe=d.is_annexe)
        assert (found[d.id].expenditure, found[d.id].receipts) == (statement.expenditure, statement.receipts)
    assert "Une seule année est publiée" in text(app.get(f"/budgets/{SIRET_ANNEXE}").body)
    assert "Une seule année" not in text(app.get(f"/budgets/{SIRET}").body)


def test_the_page_of_a_document_is_for_readers_and_for_machines(portal: Portal, app: Any) -> None:
    budgets(portal)
    path = f"/budgets/{SIREN}/2021/ca"
    body = app.get(path).body
    assert re.search(rf'<link rel="canonical" href="[^"]*/budgets/{SIRET}/2021/ca">', body)
    assert re.search(r'<link rel="alternate" type="text/csv" href="[^"]*/2021/ca\.csv">', body)
    assert '<meta name="description" content="Compte administratif' in body
    assert body.count("<h1") == 1
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', body, re.DOTALL)
    told = json.loads(found)
    assert (told["@type"], told["temporalCoverage"]) == ("Dataset", "2021-01-01/2021-12-31")
    assert {d["encodingFormat"] for d in told["distribution"]} == {"text/csv", "application/xml", "application/json"}
    data = app.get(f"{path}.json").json
    assert data["siret"] == SIRET and data["figures"]["expenditure"].count(".") == 1
    assert sum(float(block["total"]) for block in data["blocks"] if block["sense"] == "D") == pytest.approx(
        float(data["figures"]["expenditure"])
    )
    csv = app.get(f"{path}.csv")
    assert csv.body.startswith("BGT_") or "BGT_NATDEC" in csv.body
    assert [d["stage"] for d in app.get(f"/budgets/{SIRET}.json").json["documents"]] == ["CA", "BP", "DM", "CA"]


def test_what_the_reader_may_not_see_does_not_exist(portal: Portal, app: Any) -> None:
    member = factories.UserWithToken()
    helpers.call_action("organization_member_create", id=portal.org["id"], username=member["name"], role="editor")
    dataset = portal.dataset(private=True)
    portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    mine = {"Authorization": member["token"]}
    base = f"/budgets/{SIRET}/2021/ca"
    paths = [f"/budgets/{SIREN}", f"/budgets/{SIRET}.json", base, f"{base}.csv", f"{base}.json", f"{base}/lignes"]
    paths += [f"{base}/lignes.csv", f"{base}/lignes.xlsx", f"/budgets/documents/{row.id}/lignes"]
    for path in paths:
        assert app.get(path, follow_redirects=False).status_code == 404, path
        assert app.get(path, headers=mine, follow_redirects=False).status_code in (200, 302), path
    for path in ("/budgets", "/budgets/recherche?q=personnel", "/budgets/recherche?q=exemple"):
        assert f"/budgets/{SIRET}" not in app.get(path).body
        assert f"/budgets/{SIRET}" in app.get(path, headers=mine).body
    assert app.get("/budgets/comptes/64").status_code == 404


def test_versions_keep_their_addresses(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca(seal_date="2022-05-03T10:00:00"))
    portal.deposit(dataset, ca(seal_date="2022-06-01T10:00:00", change=1200))
    old, new = core.documents_of(dataset["id"])
    path, old_id, new_id = f"/budgets/{SIRET}/2021/ca", old.id, new.id
    before = app.get(f"/budgets/documents/{old_id}")
    assert before.status_code == 200
    assert "Cette version a été remplacée" in text(before.body) and f'href="{path}"' in before.body
    assert f"/budgets/documents/{old_id}/lignes" in before.body
    assert app.get(f"/budgets/documents/{old_id}/lignes").status_code == 200
    now = app.get(f"/budgets/documents/{new_id}", follow_redirects=False)
    assert now.status_code == 302 and now.headers["Location"].endswith(path)
    portal.act("budget_document_withdraw", id=new_id, reason="Un autre compte a été voté")
    assert app.get(path).status_code == 200  # the version before is in force again
    portal.act("budget_document_withdraw", id=old_id, reason="Erreur d’année")
    for gone in (path, f"{path}.json", f"{path}/lignes", f"/budgets/documents/{old_id}/lignes"):
        answer = app.get(gone)
        assert answer.status_code == 410 and "document retiré" in text(answer.body), gone
    assert "retiré" in text(app.get(f"/budgets/{SIRET}").body)


def test_of_a_ca_and_a_cfu_the_cfu_counts(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2023))
    portal.deposit(dataset, fixtures.document(exercice=2023, cfu=True))
    assert "c’est lui qui fait foi" in text(app.get(f"/budgets/{SIRET}/2023/ca").body)
    assert "c’est ce compte financier unique qui fait foi" in text(app.get(f"/budgets/{SIRET}/2023/cfu").body)
    assert "le compte financier unique fait foi" in text(app.get(f"/budgets/{SIRET}").body)
    told = {d["stage"]: d["prevailing"] for d in app.get(f"/budgets/{SIRET}.json").json["documents"]}
    assert told == {"CA": False, "CFU": True}
    amounts = re.findall(r"<td>(?:[^<]*€|<span)", app.get("/budgets/comptes/6411").body)
    assert len(amounts) == 1  # one year, counted once


def test_an_address_of_nothing_says_what_there_is(portal: Portal, app: Any) -> None:
    budgets(portal)
    absent = app.get(f"/budgets/{SIRET}/2021/bs")
    assert absent.status_code == 404
    assert "Budget supplémentaire 2021 : non publié ici" in text(absent.body)
    assert f"/budgets/{SIRET}/2021/bp" in absent.body
    unknown = app.get("/budgets/213401722")
    assert unknown.status_code == 404 and "Montpellier" in unknown.body
    for path in (
        "/budgets/12345678",
        f"/budgets/{SIRET}/21/ca",
        f"/budgets/{SIRET}/2021/xx",
        f"/budgets/{SIRET}/2021",
    ):
        assert app.get(path).status_code == 404, path
    assert app.get("/budgets/deposer").status_code in (200, 401, 403)


def test_the_pages_of_ckan_lead_to_those_of_the_budgets(portal: Portal, app: Any) -> None:
    principal, _ = budgets(portal)
    csv = portal.resources(principal, "csv")[0]
    of_all = portal.resources(principal, "consolidated")[0]
    assert f'href="/budgets/{SIRET}/2021/ca"' in app.get(f"/budget/{principal['name']}").body
    assert f'href="/budgets/{SIRET}/20' in app.get(f"/budget/{principal['name']}/resource/{csv['id']}").body
    assert f'href="/budgets/{SIRET}"' in app.get(f"/budget/{principal['name']}/resource/{of_all['id']}").body
    organisation = app.get(f"/organization/{portal.org['name']}").body
    assert organisation.count(f'href="/budgets/{SIRET}"') == 1
    home = app.get("/budgets").body
    assert f'href="/budgets/{SIRET_ANNEXE}/2021/ca"' in home and 'href="/budgets/deposer"' in home


def test_a_name_that_holds_markup_stays_text_on_every_page(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    bad = "<script>alert(1)</script>"
    portal.deposit(dataset, ca(name=bad))
    for path in (
        "/budgets",
        f"/budgets/{SIRET}",
        f"/budgets/{SIRET}/2021/ca",
        f"/budgets/{SIRET}/2021/ca/lignes?texte={bad}&tri={bad}",
        f"/budgets/recherche?q={bad}",
        "/budgets/recherche?q=script",
        "/budgets/comptes/64",
        f"/organization/{portal.org['name']}",
    ):
        assert "<script>alert(1)" not in app.get(path).body, path
