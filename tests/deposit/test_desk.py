"""The desk as pages: forms without a script, what is said, the receipt, who sees what."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

import pytest
from ckan import model
from ckan.tests import factories, helpers

from ckanext.budget.deposit import batches, publish
from ckanext.budget.deposit.models import now
from ckanext.budget.ingest import process
from dev import fixtures
from tests.deposit.conftest import Desk, zipped

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins", "clean_queues")]

CA = fixtures.document(stage="CA", exercice=2021)
BP = fixtures.document(stage="BP", exercice=2021)


class Visitor:
    """A reader logged in, or not."""

    def __init__(self, app: Any, user: str | None) -> None:
        self.app = app
        token = helpers.call_action("api_token_create", {"ignore_auth": True}, user=user, name="t") if user else None
        self.headers = {"Authorization": token["token"]} if token else {}

    def get(self, path: str, **more: Any) -> Any:
        return self.app.get(path, headers={**self.headers, **more.pop("headers", {})}, **more)

    def send(self, *files: tuple[bytes, str], accept: str = "text/html", **form: str) -> Any:
        data = {**form, "upload": [(io.BytesIO(content), name) for content, name in files]}
        headers = {**self.headers, "Accept": accept}
        return self.app.post("/en/budgets/deposer", data=data, headers=headers, follow_redirects=False)

    def publish(self, path: str) -> Any:
        return self.app.post(f"{path}/publier", headers=self.headers, follow_redirects=False)


@pytest.fixture
def agent(desk: Desk, app: Any) -> Visitor:
    return Visitor(app, desk.user["name"])


def path_of(response: Any) -> str:
    assert response.status_code == 302, response.body
    return re.sub(r"^https?://[^/]+", "", response.headers["Location"])


def text(body: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body))


def test_several_files_of_a_plain_form_are_told_then_published(agent: Visitor) -> None:
    path = path_of(agent.send((BP, "BP.xml"), (CA, "CA.xml"), (b"%PDF-1.4 x", "rapport.pdf")))
    body = text(agent.get(path).body)
    assert "Exemple-sur-Meuse – principal budget – Administrative account 2021" in body
    assert "Makes the dataset “Exemple-sur-Meuse – budget principal”" in body
    assert body.count("Makes the dataset") == 1 and "Joins the dataset “Exemple-sur-Meuse – budget principal”" in body
    assert "2 files ready, 1 file refused." in body
    assert "This file is a PDF" in body and "Send the .xml file" in body
    assert "Publish 2 files" in body and "signator" in body
    assert re.search(r"\d+ lines, expenditure €[\d,.]+", body)
    assert path_of(agent.publish(path)) == path
    body = text(agent.get(path).body)
    assert "2 files published, 1 file refused." in body
    assert f"/budgets/{fixtures.SIRET}" in body
    assert "Publish 2 files" not in body


def test_the_receipt_is_a_table_that_no_name_turns_into_a_formula(agent: Visitor) -> None:
    path = path_of(agent.send((CA, "=CA.xml"), (b"Bonjour", "lettre.txt")))
    agent.publish(path)
    answer = agent.get(f"{path}/recu.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    heading, published, refused = csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")), delimiter=";")
    assert heading[:2] == ["File", "Outcome"]
    assert published[:2] == ["'=CA.xml", "Published"] and published[2] == fixtures.SIRET
    assert published[8].startswith("http") and len(published[9]) == 64
    assert refused[:2] == ["lettre.txt", "Refused"] and refused[7]


def test_a_name_that_holds_markup_stays_text(agent: Visitor) -> None:
    marked = fixtures.document(stage="CA", exercice=2021, name="<b>Ville</b>")
    path = path_of(agent.send((marked, "<img src=x onerror=alert(1)>.xml")))
    body = agent.get(path).body
    assert "<img src=x" not in body and "<b>Ville" not in body
    assert "&lt;b&gt;Ville" in body


def test_the_script_sends_one_file_at_a_time_into_one_deposit(agent: Visitor) -> None:
    first = agent.send((BP, "BP.xml"), accept="application/json").json
    second = agent.send((CA, "CA.xml"), accept="application/json", batch_id=first["batch_id"]).json
    assert second == first
    assert "2 files ready." in text(agent.get(first["url"]).body)
    nothing = agent.send(accept="application/json")
    assert (nothing.status_code, nothing.json) == (409, {"error": "Choose at least one file"})
    unknown = agent.send((CA, "CA.xml"), accept="application/json", batch_id="no-such-deposit")
    assert unknown.status_code == 404


def test_the_form_without_a_file_says_so(agent: Visitor) -> None:
    assert path_of(agent.send()) == "/en/budgets/deposer"


def test_the_first_page_shows_the_form_and_ones_deposits(agent: Visitor, desk: Desk, app: Any) -> None:
    path_of(agent.send((CA, "CA.xml")))
    body = agent.get("/en/budgets/deposer").body
    assert 'name="upload"' in body and "multiple" in body
    assert re.search(r"Deposit of .*, \d\d:\d\d", body) and "1 file ready." in body
    assert 'name="upload"' not in Visitor(app, None).get("/en/budgets/deposer").body
    assert 'name="upload"' not in Visitor(app, factories.User()["name"]).get("/en/budgets/deposer").body
    other = factories.Organization(users=[{"name": desk.user["name"], "capacity": "editor"}])
    assert f'value="{other["id"]}"' in agent.get("/en/budgets/deposer").body


def test_anothers_deposit_does_not_exist(agent: Visitor, app: Any) -> None:
    path = path_of(agent.send((CA, "CA.xml")))
    for visitor in (Visitor(app, None), Visitor(app, factories.User()["name"])):
        assert visitor.get(path, status=404)
        assert visitor.get(f"{path}/recu.csv", status=404)
        assert visitor.publish(path).status_code == 404
        assert visitor.send((CA, "CA.xml"), accept="application/json").status_code == 403
    assert "1 file ready." in text(agent.get(path).body)


def test_a_file_that_replaces_another_says_by_how_much(agent: Visitor) -> None:
    agent.publish(path_of(agent.send((CA, "CA.xml"))))
    later = fixtures.document(stage="CA", exercice=2021, seal_date="2023-01-01T10:00:00", change=1200)
    path = path_of(agent.send((later, "CA-corrige.xml")))
    body = text(agent.get(path).body)
    assert "Replaces the version of 18/03/2022" in body
    assert "+€1,200.00 of expenditure" in body
    agent.publish(path)
    assert "Published, in the place of the earlier version" in text(agent.get(path).body)
    again = text(agent.get(path_of(agent.send((later, "CA-corrige.xml")))).body)
    assert "1 file already published." in again and "See the document" in again


@pytest.mark.usefixtures("with_test_worker")
def test_while_a_worker_publishes_the_page_asks_again_then_stops(
    agent: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    years = {f"CA-{year}.xml": fixtures.document(stage="CA", exercice=year) for year in range(2017, 2021)}
    path = path_of(agent.send((zipped(years), "annees.zip")))
    monkeypatch.setattr(process, "worker_listens", lambda: True)
    agent.publish(path)
    body = agent.get(path).body
    assert 'hx-trigger="every 2s"' in body and "4 files being published" in text(body)
    assert agent.get(path, headers={"HX-Request": "true"}).status_code == 200
    monkeypatch.setattr(process, "worker_listens", lambda: False)
    batch_id = path.rpartition("/")[2]
    found = batches.get(batch_id)
    assert found is not None
    found.touched = now() - dt.timedelta(minutes=5)
    model.Session.commit()
    assert "Resume" in text(agent.get(path).body)  # nobody works on it any more
    publish.work(batch_id)
    done = agent.get(path, headers={"HX-Request": "true"})
    assert done.status_code == 286
    assert "hx-trigger" not in done.body.partition('id="budget-batch"')[2].partition(">")[0]
    assert "4 files published." in text(done.body)
