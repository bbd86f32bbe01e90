"""A token that can only deposit: it deposits, reads its own deposits, and nothing else, over every route."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from ckan import model
from ckan.lib import api_token
from ckan.tests import factories, helpers
from werkzeug.routing import AnyConverter, Rule

from ckanext.budget.deposit.tokens import ALLOWED
from dev import fixtures
from tests.deposit.conftest import Desk, statuses

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

CA = fixtures.document(stage="CA", exercice=2021)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def make(user: str, **more: str) -> str:
    made = helpers.call_action("api_token_create", {"ignore_auth": True}, user=user, name="télétransmission", **more)
    return made["token"]


@pytest.fixture
def limited(desk: Desk) -> dict[str, str]:
    """The header of a deposit token of the editor."""
    return {"Authorization": make(desk.user["name"], budget_scope="deposit")}


def addresses(app: Any) -> Iterator[tuple[str, str]]:
    """A method and an address for each route of the portal."""
    kinds = {"IntegerConverter": 3, "FloatConverter": 1.5, "UUIDConverter": uuid.uuid4()}
    for rule in app.flask_app.url_map.iter_rules():
        assert isinstance(rule, Rule)
        values = {
            name: min(found.items) if isinstance(found, AnyConverter) else kinds.get(type(found).__name__, "x")
            for name, found in rule._converters.items()
        }
        built = rule.build({**values, **(rule.defaults or {})}, append_unknown=False)
        assert built is not None, rule
        for method in METHODS:
            if method in (rule.methods or ()):
                yield method, built[1]


def test_every_route_is_closed_to_it(app: Any, limited: dict[str, str]) -> None:
    asked = list(addresses(app))
    assert len(asked) > 200
    client = app.flask_app.test_client()
    answers = {
        (method, url): client.open(url, method=method, headers=limited).status_code for method, url in set(asked)
    }
    assert {key: status for key, status in answers.items() if status != 403} == {}
    for url in ("/nulle/part", "/en/budget", "/base/images/ckan-logo-footer.png", "/"):
        assert client.get(url, headers=limited).status_code == 403


def test_every_action_is_closed_to_it_but_the_deposit(app: Any, limited: dict[str, str]) -> None:
    from ckan.logic import _actions

    client = app.flask_app.test_client()
    names = set(_actions) - ALLOWED
    assert {"package_show", "package_create", "user_show", "api_token_create", "budget_batch_publish"} <= names
    for rank, name in enumerate(sorted(names)):  # each by GET or by POST: the route is the same
        send = client.post if rank % 2 else client.get
        answer = send(f"/api/3/action/{name}", headers=limited)
        assert (name, answer.status_code) == (name, 403)
    assert "ne peut que déposer" in answer.get_json()["error"]["message"]


def test_it_deposits_and_reads_its_own_deposits(desk: Desk, app: Any, limited: dict[str, str]) -> None:
    files = {"upload": (io.BytesIO(CA), "CA.xml")}
    body = app.post("/api/3/action/budget_deposit", data=files, headers=limited, status=200).json["result"]
    assert statuses(body) == ["published"]
    url = f"/api/3/action/budget_batch_show?id={body['batch_id']}"
    assert app.get(url, headers=limited, status=200).json["result"]["documents"] == body["documents"]
    listed = app.get("/api/3/action/budget_batch_list", headers=limited, status=200).json["result"]
    assert [one["batch_id"] for one in listed] == [body["batch_id"]]


def test_a_private_file_is_closed_to_it_and_open_to_a_whole_token(
    desk: Desk, app: Any, limited: dict[str, str]
) -> None:
    dataset = desk.dataset(private=True, siret=fixtures.SIRET)
    resource = desk.deposit(dataset, CA)
    url = f"/budget/{dataset['name']}/resource/{resource['id']}/download/budget.xml"
    assert app.get(url, headers=limited, status=403)
    whole = {"Authorization": make(desk.user["name"])}
    assert app.get(url, headers=whole).status_code == 200


def test_that_of_a_sysadmin_reads_no_one_elses_deposit(desk: Desk, app: Any) -> None:
    batch = desk.send(CA, publish=False)
    root = factories.Sysadmin()["name"]
    url = f"/api/3/action/budget_batch_show?id={batch['batch_id']}"
    assert app.get(url, headers={"Authorization": make(root)}, status=200)
    narrow = {"Authorization": make(root, budget_scope="deposit")}
    assert app.get(url, headers=narrow, status=403)
    files = {"upload": (io.BytesIO(CA), "CA.xml"), "batch_id": batch["batch_id"]}
    assert app.post("/api/3/action/budget_deposit", data=files, headers=narrow, status=403)


def test_it_is_worth_nothing_to_a_portal_without_the_extension(
    desk: Desk, limited: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api_token.get_user_from_token(limited["Authorization"]).name == desk.user["name"]
    monkeypatch.setattr(api_token, "_get_plugins", list)
    assert api_token.get_user_from_token(limited["Authorization"]) is None
    whole = make(desk.user["name"])
    assert api_token.get_user_from_token(whole).name == desk.user["name"]


def test_it_is_made_on_the_accounts_page_and_told_in_the_list(desk: Desk, app: Any) -> None:
    headers = {"Authorization": make(desk.user["name"])}
    page = f"/user/{desk.user['name']}/api-tokens"
    assert "Dépôt seulement" in app.get(page, headers=headers).body
    app.post(page, data={"name": "tdt", "budget_scope": "deposit"}, headers=headers, follow_redirects=False)
    listed = helpers.call_action("api_token_list", {"ignore_auth": True}, user=desk.user["name"])
    assert {token["name"]: token["budget_scope"] for token in listed}["tdt"] == "deposit"
    assert app.get(page, headers=headers).body.count("Dépôt seulement") == 2
    with pytest.raises(Exception, match="budget_scope"):
        make(desk.user["name"], budget_scope="everything")


def test_a_revoked_one_is_nobodys(desk: Desk, app: Any, limited: dict[str, str]) -> None:
    (token,) = model.Session.query(model.ApiToken).filter_by(user_id=desk.user["id"])
    model.ApiToken.revoke(token.id)
    assert app.post("/api/3/action/budget_deposit", data={}, headers=limited, status=403)
