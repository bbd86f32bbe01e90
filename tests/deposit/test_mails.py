"""The receipt by mail: one for each batch that has ended, true, in the depositor's language, as they prefer."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.cli.cli import ckan
from ckan.tests import factories, helpers

from ckanext.budget.deposit import batches, mails, publish, row
from ckanext.budget.deposit.models import BudgetPreference, now
from ckanext.budget.ingest import process
from dev import fixtures
from tests.deposit.conftest import Desk, statuses, zipped
from tests.deposit.smtp import Mailbox

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins", "clean_queues")]

CA = fixtures.document(stage="CA", exercice=2021)
BP = fixtures.document(stage="BP", exercice=2021)
MIXED = {"CA.xml": CA, "note.pdf": b"%PDF-1.4 un rapport"}


@pytest.fixture
def mailbox(ckan_config: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with Mailbox() as server:
        monkeypatch.setitem(ckan_config, "smtp.server", server.address)
        monkeypatch.setitem(ckan_config, "smtp.mail_from", "portail@example.org")
        yield server
        server.shutdown()


def text_of(mailbox: Mailbox) -> str:
    (mail,) = mailbox.mails
    return mail.get_content()


def mail_of(batch: dict[str, Any]) -> tuple[str | None, int]:
    model.Session.expire_all()
    found = batches.get(batch["batch_id"])
    assert found is not None
    return found.mail, found.mail_attempts


def prefer(desk: Desk, receipts: str, **more: str) -> None:
    desk.act("budget_preference_update", receipts=receipts, **more)


def test_a_batch_that_has_ended_is_told_in_one_french_mail(desk: Desk, mailbox: Mailbox) -> None:
    batch = desk.send(zipped(MIXED), "lot.zip")
    text = text_of(mailbox)
    (mail,) = mailbox.mails
    assert desk.user["email"] in mail["To"]
    subject = mail["Subject"]
    assert "1 fichier refusé, 1 fichier publié" in subject and subject.startswith("Dépôt du")
    assert "Ce fichier est un PDF" in text and "note.pdf" in text
    assert "Compte administratif 2021" in text
    document = batch["documents"][0]
    dataset = desk.show({"id": document["package_id"]})
    address = f"{tk.config['ckan.site_url']}/budgets/{document['siret']}"
    assert f"{dataset['title']}\xa0: {address}\n" in text
    assert f"{address}/2021/ca" in text
    assert f"/budgets/depots/{batch['batch_id']}" in text and "/budgets/preferences" in text
    assert mail_of(batch) == ("sent", 1)


def test_looking_resuming_and_publishing_again_send_no_other_mail(desk: Desk, mailbox: Mailbox) -> None:
    batch = desk.send(zipped(MIXED), "lot.zip")
    desk.publish(batch)
    desk.batch(batch)
    mails.send_due()
    assert len(mailbox.mails) == 1


def test_nothing_is_mailed_before_the_batch_has_ended(desk: Desk, mailbox: Mailbox) -> None:
    batch = desk.send(CA, publish=False)
    mails.send_due()
    assert (mailbox.mails, mail_of(batch)) == ([], (None, 0))
    desk.publish(batch)
    assert len(mailbox.mails) == 1


def test_two_workers_that_end_a_batch_together_send_one_mail(desk: Desk, mailbox: Mailbox) -> None:
    batch = desk.send(zipped({"CA.xml": CA, "BP.xml": BP}), "lot.zip", publish=False)
    found = batches.get(batch["batch_id"])
    assert found is not None
    publish.queue(found)
    application = helpers._get_test_app().flask_app

    def work() -> None:
        with application.test_request_context():
            publish.work(batch["batch_id"])
            model.Session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    model.Session.rollback()
    assert set(statuses(desk.batch(batch))) == {"published"}
    assert (len(mailbox.mails), mail_of(batch)) == (1, ("sent", 1))


def test_a_failure_is_never_told_as_a_success(desk: Desk, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("boom")

    prefer(desk, "errors")
    with monkeypatch.context() as patched:
        patched.setattr(row, "_publish", fail)
        batch = desk.send(CA)
    text = text_of(mailbox)
    assert "1 fichier non publié par notre faute" in mailbox.mails[0]["Subject"]
    assert "publié :" not in text and "boom" not in text and "Adresses publiques" not in text
    assert statuses(desk.publish(batch)) == ["published"]
    assert len(mailbox.mails) == 1


def test_a_mail_waits_for_the_conversions_that_a_worker_has(
    desk: Desk, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.budget import config

    with monkeypatch.context() as patched:
        patched.setattr(config, "inline_max_bytes", lambda: 0)
        patched.setattr(process, "worker_listens", lambda: True)
        batch = desk.send(CA)
        publish.work(batch["batch_id"])
    assert (statuses(desk.batch(batch)), mailbox.mails) == (["queued"], [])
    document = desk.batch(batch)["documents"][0]
    process.job(document["package_id"], [document["document_id"]])
    assert "1 fichier publié" in mailbox.mails[0]["Subject"]


@pytest.mark.parametrize(
    ("receipts", "content", "expected"),
    [("never", MIXED, "unwanted"), ("errors", {"CA.xml": CA}, "unwanted"), ("errors", MIXED, "sent")],
)
def test_each_person_gets_what_they_chose(
    desk: Desk, mailbox: Mailbox, receipts: str, content: dict[str, bytes], expected: str
) -> None:
    prefer(desk, receipts)
    batch = desk.send(zipped(content), "lot.zip")
    assert mail_of(batch)[0] == expected
    assert len(mailbox.mails) == (expected == "sent")


def test_a_mail_is_in_the_language_of_the_page_or_in_the_one_that_was_chosen(
    desk: Desk, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckanext.budget.deposit import actions

    monkeypatch.setattr(actions, "has_request_context", lambda: True)
    monkeypatch.setattr(actions.tk.h, "lang", lambda: "en", raising=False)
    desk.send(zipped(MIXED), "lot.zip")
    assert "1 file refused, 1 file published" in mailbox.mails[0]["Subject"]
    assert "This file is a PDF" in text_of(mailbox)
    prefer(desk, "all", language="fr")
    desk.send(zipped(MIXED), "lot.zip")
    assert "1 fichier déjà publié" in mailbox.mails[1]["Subject"]


def test_a_server_that_is_down_stops_nothing_and_is_tried_three_times(desk: Desk, mailbox: Mailbox, cli: Any) -> None:
    mailbox.refusing = True
    batch = desk.send(CA)
    assert (batch["state"], statuses(batch), mail_of(batch)) == ("done", ["published"], ("due", 1))
    mails.send_due()
    assert mail_of(batch) == ("due", 1)  # left alone for a while
    for left in (1, 0):
        later(batch)
        told = cli.invoke(ckan, ["budget", "status", "--json"])
        assert mail_of(batch) == (("due" if left else "failed"), 3 - left), told.output
    assert (told.exit_code, '"failed": 1' in told.output, mailbox.asked) == (1, True, 3)
    later(batch)
    mails.send_due()
    assert mailbox.asked == 3
    mailbox.refusing = False
    cli.invoke(ckan, ["budget", "stuck", "--fix"])
    assert (len(mailbox.mails), mail_of(batch)[0]) == (1, "sent")


def later(batch: dict[str, Any]) -> None:
    found = batches.get(batch["batch_id"])
    assert found is not None
    found.mail_tried = now() - dt.timedelta(hours=1)
    model.Session.commit()


def test_without_a_server_nothing_is_promised(desk: Desk) -> None:
    assert mail_of(desk.send(CA)) == ("impossible", 0)


def test_preferences_are_ones_own(desk: Desk) -> None:
    model.Session.execute(sa.delete(BudgetPreference))
    model.Session.commit()
    assert desk.act("budget_preference_show") == {"receipts": "all", "language": None}
    prefer(desk, "errors", language="en")
    assert desk.act("budget_preference_show") == {"receipts": "errors", "language": "en"}
    other = factories.User()["name"]
    for user in (other, ""):
        with pytest.raises(tk.NotAuthorized):
            helpers.call_action(
                "budget_preference_update",
                {"user": user, "ignore_auth": False},
                id=desk.user["name"],
                receipts="never",
            )
    for wrong in ({"receipts": "sometimes"}, {"receipts": "all", "language": "tlh"}):
        with pytest.raises(tk.ValidationError):
            desk.act("budget_preference_update", **wrong)


def test_the_page_of_preferences(desk: Desk, app: Any) -> None:
    token = helpers.call_action("api_token_create", {"ignore_auth": True}, user=desk.user["name"], name="x")["token"]
    headers = {"Authorization": token}
    assert "Reçus par courriel" in app.get("/budgets/preferences", headers=headers).body
    chosen = {"receipts": "errors", "language": ""}
    app.post("/budgets/preferences", data=chosen, headers=headers, follow_redirects=False)
    assert desk.act("budget_preference_show")["receipts"] == "errors"
    assert "/user/login" in app.get("/budgets/preferences", follow_redirects=False).headers["Location"]
    assert "/budgets/preferences" in app.get(f"/user/{desk.user['name']}", headers=headers).body
