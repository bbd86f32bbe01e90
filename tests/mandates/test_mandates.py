"""Mandates given, read, refused and reported; requests asked and answered; as actions, as pages, as a command."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories, helpers
from werkzeug.datastructures import FileStorage

from ckanext.budget.cli import budget
from ckanext.budget.mandates.models import BudgetMandate
from ckanext.budget.registry import doctor
from dev import fixtures
from tests.deposit.test_desk import Visitor, path_of, text
from tests.ingest.test_owner import CCAS
from tests.mandates.conftest import DAY, NEIGHBOUR, TODAY, Parties, of

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

CA = fixtures.document(stage="CA", exercice=2021)
PDF = b"%PDF-1.4 convention"


def errors(parties: Parties, kind: str = "suppleance", **changed: Any) -> dict[str, Any]:
    with pytest.raises(tk.ValidationError) as caught:
        parties.mandate(kind, **{"who": parties.sysadmin, **changed})
    return caught.value.error_dict


def test_what_is_wrong_with_a_mandate_is_said_by_field_and_nothing_is_saved(parties: Parties) -> None:
    past = (TODAY - DAY).isoformat()
    assert set(errors(parties, ends=past)) == {"ends"}
    assert set(errors(parties, starts="31/12/2026", exercice_from="l’an dernier", etapes=["BP", "X"])) == {
        "starts",
        "exercice_from",
        "etapes",
    }
    assert set(errors(parties, siren="123456789")) == {"siren"}
    assert set(errors(parties, siren=CCAS)) == {"name"}
    assert set(errors(parties, user=parties.depositor)) == {"user"}  # two holders
    assert set(errors(parties, "depot", user=None)) == {"user"}
    assert set(errors(parties, "depot", user="personne")) == {"user"}
    assert set(errors(parties, by_org=parties.commune["id"])) == {"by_org"}
    assert set(errors(parties, "subsidiarite", siren=NEIGHBOUR, name="Voisine")) == {"siren"}
    assert set(errors(parties, "tutelle")) == {"kind"}
    assert set(errors(parties, reference_url="javascript:alert(1)")) == {"reference_url"}
    html = FileStorage(io.BytesIO(b"<html>"), filename="acte.pdf")
    assert set(errors(parties, upload=html)) == {"upload"}
    assert parties.act(parties.sysadmin, "budget_mandate_list") == []


def test_mandates_that_overlap_are_refused_and_the_other_one_is_named(parties: Parties) -> None:
    first = parties.mandate("suppleance", exercice_to=2021)
    assert "Région d’essai" in errors(parties, kind="subsidiarite", exercice_from=2021)["starts"][0]
    other = factories.Organization(title="Syndicat")
    assert set(errors(parties, by_org=other["id"])) == {"starts"}  # two would publish on behalf
    parties.mandate("subsidiarite", exercice_from=2022)
    assert set(errors_of_update(parties, first["id"], exercice_to=2022)) == {"starts"}
    parties.act(parties.admin, "budget_mandate_end", id=first["id"])
    parties.mandate("suppleance", exercice_to=2021)


def errors_of_update(parties: Parties, mandate_id: str, **changed: Any) -> dict[str, Any]:
    with pytest.raises(tk.ValidationError) as caught:
        parties.act(parties.admin, "budget_mandate_update", id=mandate_id, **changed)
    return caught.value.error_dict


def test_the_act_is_read_by_the_parties_alone(parties: Parties, app: Any) -> None:
    act = FileStorage(io.BytesIO(PDF), filename="convention.pdf")
    mandate = parties.mandate("suppleance", upload=act, reference="Convention du 3 mars")
    path = f"/en/budgets/mandats/{mandate['id']}"
    for who in (parties.admin, parties.agent, parties.sysadmin):
        visitor = Visitor(app, who)
        assert "Convention du 3 mars" in text(visitor.get(path).body)
        answer = visitor.get(f"{path}/acte.pdf")
        assert answer.get_data() == PDF and "attachment" in answer.headers["Content-Disposition"]
    for who in (parties.stranger, parties.depositor, None):
        assert Visitor(app, who).get(f"{path}/acte.pdf", status=403)
        assert Visitor(app, who).get(path, status=403)


def test_an_administrator_gives_changes_and_ends_a_mandate_by_forms(parties: Parties, app: Any) -> None:
    admin = Visitor(app, parties.admin)
    form = admin.get("/en/budgets/mandats/nouveau").body
    assert f'value="{fixtures.SIREN}"' in form
    data = {"siren": fixtures.SIREN, "kind": "suppleance", "by_org": parties.region["name"], "ends": "2020-01-01"}
    url = "/en/budgets/mandats/nouveau"
    body = app.post(url, data=data, headers=admin.headers).body
    assert "The last day is before the first one" in body and 'value="2020-01-01"' in body
    ends = (TODAY + 30 * DAY).isoformat()
    sent = {**data, "ends": ends, "etapes": ["BP", "CA"]}
    path = path_of(app.post(url, data=sent, headers=admin.headers, follow_redirects=False))
    shown = text(admin.get(path).body)
    assert "Région d’essai for Commune d’Exemple-sur-Meuse" in shown and "Ends soon" in shown
    assert "All the years, Budget, Administrative account" in shown or "All the years" in shown
    assert "Take over our budgets" in shown
    assert "Take over our budgets" not in text(Visitor(app, parties.agent).get(path).body)
    changed = {"starts": TODAY.isoformat(), "ends": ""}
    path_of(app.post(f"{path}/modifier", data=changed, headers=admin.headers, follow_redirects=False))
    (mandate,) = parties.act(parties.admin, "budget_mandate_list")
    assert (mandate["ends"], mandate["etapes"]) == (None, [])
    path_of(app.post(f"{path}/terminer", headers=admin.headers, follow_redirects=False))
    assert "Ended" in text(admin.get("/en/budgets/mandats").body)


def test_the_mandates_that_end_soon_are_reported_by_page_and_by_command(parties: Parties, app: Any, cli: Any) -> None:
    quiet = cli.invoke(budget, ["mandates", "--expiring", "60"])
    assert (quiet.exit_code, quiet.output.splitlines()[-1]) == (0, "no mandate ends within 60 days")
    soon = parties.mandate("suppleance", ends=(TODAY + 10 * DAY).isoformat())
    parties.mandate("depot")
    found = cli.invoke(budget, ["mandates", "--expiring", "60", "--json"])
    assert found.exit_code == 1
    assert [m["id"] for m in json.loads(found.output.splitlines()[-1])["mandates"]] == [soon["id"]]
    body = Visitor(app, parties.agent).get("/en/budgets/mandats?expirent=60").body
    assert body.count('class="budget-line ') == 1 and soon["id"] in body


def test_the_doctor_finds_the_mandate_of_an_account_that_is_gone(parties: Parties) -> None:
    mandate = parties.mandate("depot")
    assert [f for f in doctor.examine() if "mandate" in f.kind] == []
    user = model.User.get(parties.depositor)
    assert user is not None
    user.state = "deleted"
    model.Session.commit()
    assert [(f.kind, f.id) for f in doctor.examine() if "mandate" in f.kind] == [
        ("mandate_without_holder", mandate["id"])
    ]


# -- requests


def test_an_unknown_collectivite_leads_to_a_request_then_to_an_organisation(parties: Parties, app: Any) -> None:
    editor = Visitor(app, parties.editor)
    batch = path_of(editor.send((of(NEIGHBOUR), "CA.xml")))
    body = editor.get(batch).body
    assert "Ask to deposit for Voisine-sur-Meuse" in body
    link = re.findall(r'href="([^"]*budgets/demandes/nouvelle[^"]*)"', body)[0].replace("&amp;", "&")
    form = editor.get(link).body
    assert f'value="{NEIGHBOUR}"' in form and 'value="Voisine-sur-Meuse"' in form
    data = {"siren": NEIGHBOUR, "name": "Voisine-sur-Meuse", "reason": "Convention de 2025"}
    url = "/en/budgets/demandes/nouvelle"
    path = path_of(app.post(url, data=data, headers=editor.headers, follow_redirects=False))
    assert "Waits for an answer" in text(editor.get(path).body)
    assert "See your request for Voisine-sur-Meuse" in text(editor.get(batch).body)
    assert path_of(app.post(url, data=data, headers=editor.headers, follow_redirects=False)) == path  # asked once
    agent = Visitor(app, parties.agent)
    assert "Create the organisation “Voisine-sur-Meuse”" in text(agent.get(path).body)
    answer = {"outcome": "organization", "answer": "Bienvenue"}
    path_of(app.post(f"{path}/accepter", data=answer, headers=agent.headers, follow_redirects=False))
    shown = text(editor.get(path).body)
    assert "Accepted" in shown and "Bienvenue" in shown
    assert "Deposit for Voisine-sur-Meuse" in text(editor.get(batch).body)
    found = model.Session.query(model.Group).filter_by(title="Voisine-sur-Meuse", state="active").one()
    assert parties.told(parties.editor, of(NEIGHBOUR), owner_org=found.id)[0] == "published"


def test_the_collectivite_answers_the_requests_that_concern_it(parties: Parties) -> None:
    asked = parties.act(parties.stranger, "budget_request_create", siren=fixtures.SIREN, reason="Secrétaire")
    for who in (parties.stranger, parties.editor, parties.agent):
        with pytest.raises(tk.NotAuthorized):
            parties.act(who, "budget_request_accept", id=asked["id"], outcome="depot")
    with pytest.raises(tk.ValidationError):  # in no organisation's name
        parties.act(parties.admin, "budget_request_accept", id=asked["id"], outcome="suppleance")
    done = parties.act(parties.admin, "budget_request_accept", id=asked["id"], outcome="depot", ends="2099-12-31")
    assert done["state"] == "accepted"
    mandate = model.Session.get(BudgetMandate, done["mandate_id"])
    assert mandate is not None and (mandate.kind, str(mandate.ends)) == ("depot", "2099-12-31")
    assert parties.told(parties.stranger, CA)[0] == "published"
    with pytest.raises(tk.ValidationError):
        parties.act(parties.admin, "budget_request_refuse", id=asked["id"], answer="Trop tard")


def test_a_refused_request_says_why(parties: Parties, app: Any) -> None:
    asked = parties.act(parties.stranger, "budget_request_create", siren=NEIGHBOUR, name="Voisine", reason="X")
    for wrong in (
        {"siren": "1"},
        {"siren": CCAS},
        {"siren": NEIGHBOUR, "name": "V", "owner_org": parties.commune["id"]},
    ):
        with pytest.raises(tk.ValidationError):
            parties.act(parties.stranger, "budget_request_create", reason="X", **wrong)
    path = f"/en/budgets/demandes/{asked['id']}"
    agent = Visitor(app, parties.agent)
    assert "Say why" in app.post(f"{path}/refuser", data={"answer": ""}, headers=agent.headers).body
    app.post(f"{path}/refuser", data={"answer": "Pas de lien"}, headers=agent.headers, follow_redirects=False)
    assert "Pas de lien" in text(Visitor(app, parties.stranger).get(path).body)
    assert Visitor(app, parties.editor).get(path, status=403)


def test_the_desk_shows_what_waits_for_ones_word(parties: Parties, app: Any) -> None:
    parties.mandate("subsidiarite")
    batch = parties.send(parties.agent, CA)
    editor = Visitor(app, parties.editor)
    assert "waits for your word" in text(editor.get("/en/budgets/deposer").body)
    path = f"/en/budgets/depots/{batch['batch_id']}/accord"
    shown = text(editor.get(path).body)
    assert "Administrative account 2021" in shown and "You prepare this file" not in shown
    path_of(app.post(f"{path}/publier", headers=editor.headers, follow_redirects=False))
    done = helpers.call_action("budget_batch_show", {"user": parties.sysadmin}, id=batch["batch_id"])
    assert done["counts"] == {"published": 1}
