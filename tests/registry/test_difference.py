"""The difference in euros of two versions: before the newer is published, then on its page and in the API."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from ckan.tests import helpers

from ckanext.budget.figures import groups
from ckanext.budget.registry import core, versions
from ckanext.budget.totem.receive import Received, receive
from tests.ingest.conftest import Portal
from tests.ingest.made import ca, lines_of
from tests.views.test_pages import text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

FIRST, SECOND = "2022-05-03T10:00:00", "2022-06-01T10:00:00"


def header(content: bytes) -> Any:
    found = receive(io.BytesIO(content), io.BytesIO(), strict=True)
    assert isinstance(found, Received)
    return found.header


def two_versions(portal: Portal) -> dict[str, Any]:
    dataset = portal.dataset()
    portal.deposit(dataset, ca(FIRST, change=1200))
    portal.deposit(dataset, ca(SECOND))
    return dataset


def show(document: Any) -> dict[str, Any]:
    return helpers.call_action("budget_document_show", {"user": "", "ignore_auth": False}, id=document.id)


def test_what_a_newer_file_would_change_is_known_before(portal: Portal) -> None:
    dataset = portal.dataset()
    newer = ca(SECOND)
    assert versions.would_change(header(newer), groups.of_lines(lines_of(newer)), dataset["id"]) is None
    portal.deposit(dataset, ca(FIRST, change=1200))
    found = versions.would_change(header(newer), groups.of_lines(lines_of(newer)), dataset["id"])
    assert found is not None
    assert (found.expenditure, found.receipts) == (Decimal(-1200), 0)
    assert [(c.section, c.sense) for c in found.blocks if c.change] == [("F", "D")]
    portal.deposit(dataset, newer)
    old, new = core.documents_of(dataset["id"])
    after = versions.difference(old, new)
    assert after is not None and after.to_dict() == found.to_dict()


def test_the_api_tells_the_difference_and_the_versions(portal: Portal) -> None:
    old, new = core.documents_of(two_versions(portal)["id"])
    said = show(new)
    assert Decimal(said["difference"]["expenditure"]) == Decimal(-1200)
    assert said["difference"]["id"] == old.id and said["difference"]["seal_date"] == FIRST
    assert [(v["id"], v["status"]) for v in said["versions"]] == [(old.id, "superseded"), (new.id, "converted")]
    assert show(old)["difference"] is None
    assert "user_id" not in str(said["versions"])


def test_the_page_says_what_the_newer_version_changed(portal: Portal, app: Any) -> None:
    dataset = two_versions(portal)
    new = next(r for r in portal.resources(dataset, "csv") if r["budget_state"] == "converted")
    path = f"/budget/{dataset['name']}/resource/{new['id']}"
    said = text(app.get(path).body)
    assert "Replaces the version of" in said or "Remplace" in said
    assert "−1 200,00 €" in said
    english = text(app.get("/en" + path).body)
    assert "Replaces the version of 3 May 2022 (expenditure −€1,200.00, receipts €0.00)." in english
    for words in ("Versions of this document", "1 June 2022", "In force", "Replaced", "Expenditure, operations"):
        assert words in english
    assert portal.user["fullname"] not in english


def test_a_replaced_version_stays_downloadable_from_the_page_of_the_newer(portal: Portal, app: Any) -> None:
    dataset = two_versions(portal)
    old = next(r for r in portal.resources(dataset, "csv") if r["budget_state"] == "superseded")
    new = next(r for r in portal.resources(dataset, "csv") if r["budget_state"] == "converted")
    assert old["url"] in app.get(f"/budget/{dataset['name']}/resource/{new['id']}").body
    csv = app.get(f"/budget/{dataset['name']}/resource/{old['id']}/download/{old['url'].rsplit('/')[-1]}")
    assert csv.status_code == 200 and csv.body.startswith("BGT_NATDEC")


def test_editors_see_who_deposited_a_version(portal: Portal, app: Any) -> None:
    from ckan.tests import factories

    dataset = two_versions(portal)
    new = next(r for r in portal.resources(dataset, "csv") if r["budget_state"] == "converted")
    token = factories.APIToken(user=portal.user["id"])["token"]
    page = app.get(f"/en/budget/{dataset['name']}/resource/{new['id']}", headers={"Authorization": token}).body
    assert portal.user["fullname"] in text(page) and "/retirer" in page


def test_a_file_replaced_in_place_offers_only_the_newer(portal: Portal, app: Any) -> None:
    from tests.ingest.conftest import upload

    dataset = portal.dataset()
    source = portal.deposit(dataset, ca(FIRST, change=1200))
    portal.act("resource_update", id=source["id"], url="", upload=upload(ca(SECOND)))
    (csv,) = portal.resources(dataset, "csv")
    said = text(app.get(f"/en/budget/{dataset['name']}/resource/{csv['id']}").body)
    assert "expenditure −€1,200.00" in said
    assert said.count("CSV , deposited file") == 1
