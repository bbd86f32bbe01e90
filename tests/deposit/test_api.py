"""``budget_deposit``: what each file becomes, in one truth; over HTTP with a token, as a tiers de télétransmission."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories, helpers

from ckanext.budget.registry import core
from dev import fixtures
from tests.deposit.conftest import Desk, statuses, zipped

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

CA = fixtures.document(stage="CA", exercice=2021)
BP = fixtures.document(stage="BP", exercice=2021)
LATER = fixtures.document(stage="CA", exercice=2021, seal_date="2023-01-01T10:00:00", change=1200)


def test_a_file_makes_its_dataset_its_csv_and_its_answer(desk: Desk, folder: Path) -> None:
    answer = desk.send(CA, "export.xml")
    (document,) = answer["documents"]
    assert (document["status"], document["siret"], document["exercice"], document["etape"]) == (
        "published",
        fixtures.SIRET,
        2021,
        "CA",
    )
    dataset = desk.show({"id": document["package_id"]})
    assert dataset["title"] == "Exemple-sur-Meuse – budget principal"
    assert dataset["owner_org"] == desk.org["id"]
    assert dataset["siret"] == fixtures.SIRET
    assert dataset["notes"].startswith("Documents budgétaires du budget principal")
    assert [r.get("budget_role") for r in dataset["resources"]] == ["consolidated", "csv", "source"]
    (row,) = core.documents_of(dataset["id"])
    assert (row.id, row.resource_id, row.status) == (document["document_id"], document["resource_id"], "converted")
    assert list(folder.iterdir()) == []


def test_the_hash_and_the_counts_are_those_of_the_file_that_was_sent(desk: Desk) -> None:
    document = desk.send(CA)["documents"][0]
    row = core.document(document["document_id"])
    assert row is not None
    assert row.source_sha256 == hashlib.sha256(CA).hexdigest() != row.occulted_sha256
    assert row.occultation and row.occultation == document["occultation"]


def test_what_waits_holds_no_personal_data(desk: Desk, folder: Path) -> None:
    marked = fixtures.document(stage="CA", exercice=2021, marker="Zéphyrine-Marqueur")
    desk.send(marked, publish=False)
    (copy,) = folder.iterdir()
    assert copy.stat().st_mode & 0o077 == 0
    kept = copy.read_bytes()
    assert b"DocumentBudgetaire" in kept
    assert "Zéphyrine-Marqueur".encode("latin-1") not in kept
    assert b"phyrine" not in kept


def test_nothing_is_published_before_the_word_is_given(desk: Desk) -> None:
    answer = desk.send(CA, publish=False)
    (document,) = answer["documents"]
    assert (answer["state"], document["status"], document["plan"]["will"]) == ("open", "ready", "create")
    assert document["preview"]["lines"] > 20 and document["preview"]["level"]
    assert core.published_twin(hashlib.sha256(CA).hexdigest()) is None
    done = desk.publish(answer)
    assert (done["state"], statuses(done)) == ("done", ["published"])


def test_a_zip_is_opened_each_file_is_told_and_nothing_is_doubled(desk: Desk) -> None:
    content = zipped(
        {
            "2021/BP.xml": BP,
            "2021/CA.xml": CA,
            "2021/copie/CA.xml": CA,
            "note.pdf": b"%PDF-1.4 un rapport",
            "2021/coupe.xml": CA[: len(CA) // 2],
            "annexe.xml": fixtures.document(stage="BP", exercice=2021, annexe=True),
            "annees.zip": zipped({"BP-2020.xml": fixtures.document(stage="BP", exercice=2020)}),
        }
    )
    answer = desk.send(content, "budgets.zip")
    told = {d["filename"]: d for d in answer["documents"]}
    assert {name: d["status"] for name, d in told.items()} == {
        "2021/BP.xml": "published",
        "2021/CA.xml": "published",
        "2021/copie/CA.xml": "already",
        "note.pdf": "refused",
        "2021/coupe.xml": "refused",
        "annexe.xml": "published",
        "annees.zip/BP-2020.xml": "published",
    }
    assert told["2021/copie/CA.xml"]["document_id"] == told["2021/CA.xml"]["document_id"]
    assert told["note.pdf"]["message"]["code"] == "kind_pdf" and told["note.pdf"]["message"]["remedy"]
    assert told["2021/BP.xml"]["package_id"] == told["annees.zip/BP-2020.xml"]["package_id"]
    assert told["annexe.xml"]["package_id"] != told["2021/BP.xml"]["package_id"]
    title = desk.show({"id": told["annexe.xml"]["package_id"]})["title"]
    assert title == "Exemple-sur-Meuse – budget annexe Assainissement"


def test_the_same_batch_again_is_already_published_with_its_ids(desk: Desk) -> None:
    content = zipped({"BP.xml": BP, "CA.xml": CA})
    first, again = desk.send(content, "b.zip"), desk.send(content, "b.zip")
    assert statuses(again) == ["already", "already"]
    ids = [[d[name] for name in ("document_id", "package_id", "resource_id")] for d in first["documents"]]
    assert [[d[name] for name in ("document_id", "package_id", "resource_id")] for d in again["documents"]] == ids
    assert again["state"] == "done"


def test_a_later_version_supersedes_and_an_earlier_one_is_refused(desk: Desk) -> None:
    first = desk.send(CA)["documents"][0]
    seen = desk.send(LATER, publish=False)
    assert seen["documents"][0]["plan"] | {"before": None, "date": None} == {
        "will": "replace",
        "title": "Exemple-sur-Meuse – budget principal",
        "difference": "1200.00",
        "before": None,
        "date": None,
    }
    second = desk.publish(seen)["documents"][0]
    assert second["status"] == "superseded"
    assert second["package_id"] == first["package_id"]
    older = desk.send(fixtures.document(stage="CA", exercice=2021, seal_date="2021-12-01T10:00:00", change=5))
    assert older["documents"][0]["status"] == "refused"
    assert older["documents"][0]["message"]["code"] == "older_version"


def test_two_versions_in_one_batch_keep_the_history_whatever_their_order(desk: Desk) -> None:
    answer = desk.send(zipped({"a-nouveau.xml": LATER, "b-ancien.xml": CA}), "deux.zip")
    assert statuses(answer) == ["superseded", "published"]
    states = {d["filename"]: core.document(d["document_id"]).status for d in answer["documents"]}
    assert states == {"a-nouveau.xml": "converted", "b-ancien.xml": "superseded"}


def test_a_table_becomes_the_standard_csv_as_in_a_dataset(desk: Desk) -> None:
    from tests.ingest import made

    content = made.csv(2021)
    document = desk.send(content, "tableau.csv")["documents"][0]
    assert document["status"] == "published", document
    row = core.document(document["document_id"])
    assert row is not None and row.source_sha256 == hashlib.sha256(content).hexdigest()
    assert row.header["mapping"] and row.header["kind"] == "scdl"
    assert made.MARKER.encode() not in desk.stored({"id": document["resource_id"]})


def test_a_file_without_siret_finds_its_dataset_again(desk: Desk) -> None:
    documents = [
        desk.send(fixtures.document(stage=stage, exercice=2021, siret=None))["documents"][0] for stage in ("BP", "CA")
    ]
    assert [d["status"] for d in documents] == ["published", "published"]
    assert documents[0]["package_id"] == documents[1]["package_id"]


def test_a_dataset_made_by_hand_is_used(desk: Desk) -> None:
    dataset = desk.dataset(siret=fixtures.SIRET)
    assert desk.send(CA)["documents"][0]["package_id"] == dataset["id"]


def test_who_belongs_to_several_organisations_says_which(desk: Desk) -> None:
    other = factories.Organization(users=[{"name": desk.user["name"], "capacity": "editor"}])
    document = desk.send(CA)["documents"][0]
    assert (document["status"], document["message"]["code"]) == ("refused", "deposit_organisation")
    document = desk.send(CA, owner_org=other["name"])["documents"][0]
    assert desk.show({"id": document["package_id"]})["owner_org"] == other["id"]


def test_anothers_budget_is_refused_and_its_name_is_not_told(desk: Desk) -> None:
    desk.send(CA)
    stranger = Desk()
    document = stranger.send(BP)["documents"][0]
    assert (document["status"], document["message"]["code"]) == ("refused", "budget_elsewhere")
    assert [d.stage for d in core.live_versions(core.Key(fixtures.SIRET, None, 2021, "BP", 0))] == []


def test_a_refused_file_leaves_no_empty_dataset(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from ckanext.budget.errors import Refusal
    from ckanext.budget.ingest import identity

    def refuse(*_: Any) -> None:
        raise Refusal("older_version", document="x", date="y")

    monkeypatch.setattr(identity, "check", refuse)
    before = model.Session.query(model.Package).count()
    document = desk.send(CA)["documents"][0]
    assert (document["status"], document["message"]["code"]) == ("refused", "older_version")
    assert model.Session.query(model.Package).count() == before


@pytest.mark.parametrize("role", ["anonymous", "stranger", "member"])
def test_who_may_not_create_budgets_may_not_deposit(desk: Desk, role: str) -> None:
    user = "" if role == "anonymous" else factories.User()["name"]
    if role == "member":
        helpers.call_action("organization_member_create", id=desk.org["id"], username=user, role="member")
    with pytest.raises(tk.NotAuthorized):
        helpers.call_action("budget_deposit", {"user": user, "ignore_auth": False}, upload=None)


def test_a_deposit_is_seen_by_its_owner_and_sysadmins_alone(desk: Desk) -> None:
    batch = desk.send(CA, publish=False)
    other, root = factories.User()["name"], factories.Sysadmin()["name"]
    for action in ("budget_batch_show", "budget_batch_publish"):
        for user in (other, ""):
            with pytest.raises(tk.NotAuthorized):
                helpers.call_action(action, {"user": user, "ignore_auth": False}, id=batch["batch_id"])
    shown = helpers.call_action("budget_batch_show", {"user": root, "ignore_auth": False}, id=batch["batch_id"])
    assert shown["documents"] == batch["documents"]
    editor = factories.User()["name"]
    helpers.call_action("organization_member_create", id=desk.org["id"], username=editor, role="editor")
    with pytest.raises(tk.NotAuthorized):
        helpers.call_action(
            "budget_deposit", {"user": editor, "ignore_auth": False}, upload=None, batch_id=batch["batch_id"]
        )


def test_over_http_with_a_token(desk: Desk, app: Any) -> None:
    token = helpers.call_action("api_token_create", {"ignore_auth": True}, user=desk.user["name"], name="dépôt")
    headers = {"Authorization": token["token"]}
    files = {"upload": (io.BytesIO(zipped({"CA.xml": CA, "lettre.txt": b"Bonjour"})), "budgets.zip")}
    body = app.post("/api/3/action/budget_deposit", data=files, headers=headers, status=200).json["result"]
    assert statuses(body) == ["published", "refused"]
    shown = app.get(f"/api/3/action/budget_batch_show?id={body['batch_id']}", headers=headers).json["result"]
    assert shown["documents"] == body["documents"]
    assert app.get(f"/api/3/action/budget_batch_show?id={body['batch_id']}", status=403).json["success"] is False
    assert app.post("/api/3/action/budget_deposit", data={}, status=403).json["success"] is False
    error = app.post("/api/3/action/budget_deposit", data={}, headers=headers, status=409).json["error"]
    assert "upload" in error
