"""Who is reminded of what: once, only of what is missing, only those who asked and still may."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.cli.cli import ckan
from ckan.tests import factories, helpers

from ckanext.budget.ingest import mending
from ckanext.budget.registry import doctor
from ckanext.budget.reminders import sending, store
from tests.coverage.conftest import Herault, herault  # noqa: F401
from tests.coverage.made import MONTPELLIER, dataset, document
from tests.deposit.smtp import Mailbox

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins", "with_request_context")]
#: three weeks before 15 April 2027 · after 30 April
BEFORE, AFTER = dt.date(2027, 4, 1), dt.date(2027, 5, 10)


@pytest.fixture
def mailbox(ckan_config: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with Mailbox() as box:
        for name, value in {"smtp.server": box.address, "smtp.mail_from": "portail@example.org"}.items():
            monkeypatch.setitem(ckan_config, name, value)
        monkeypatch.setitem(ckan_config, "ckanext.budget.coverage_last", 0)
        yield box


class Agent:
    """A member of the organisation of a large commune."""

    def __init__(self) -> None:
        self.user = factories.User()
        self.org = factories.Organization(
            users=[{"name": self.user["name"], "capacity": "member"}],
            extras=[{"key": "siren", "value": MONTPELLIER}],
        )

    def act(self, action: str, **data: Any) -> Any:
        return helpers.call_action(action, {"user": self.user["name"], "ignore_auth": False}, **data)


@pytest.fixture
def agent(herault: Herault) -> Agent:  # noqa: F811
    return Agent()


def outcomes(day: dt.date, *, dry_run: bool = False) -> list[str]:
    return [entry["outcome"] for entry in sending.remind(day, dry_run=dry_run)]


def test_a_missing_document_is_recalled_once_at_each_moment(agent: Agent, mailbox: Mailbox) -> None:
    agent.act("budget_reminder_subscribe", siren=MONTPELLIER, language="fr")
    assert outcomes(BEFORE, dry_run=True) == ["would_send"]
    assert mailbox.mails == []
    assert outcomes(BEFORE) == ["sent"]
    assert outcomes(BEFORE + dt.timedelta(days=5)) == []
    assert outcomes(AFTER) == ["sent"]
    first, _ = mailbox.mails
    body = first.get_content()
    assert "Budget primitif 2027" in first["Subject"]
    assert f"/budgets/deposer?siren={MONTPELLIER}&exercice=2027&etape=BP" in body
    assert "15 avril 2027" in body
    assert "Bonjour" in body
    assert re.search(r"<http[^>]+/budgets/rappels/arreter\?jeton=", first["List-Unsubscribe"])


def test_what_is_there_is_not_recalled(agent: Agent, mailbox: Mailbox) -> None:
    agent.act("budget_reminder_subscribe", siren=MONTPELLIER, language="en")
    document(dataset(), MONTPELLIER, 2027, "BP")
    assert outcomes(BEFORE) == []
    document(
        dataset(title="Budget annexe de l’eau"), MONTPELLIER, 2026, "BP", siret=f"{MONTPELLIER}00099", is_annexe=True
    )
    assert outcomes(BEFORE) == ["sent"]  # the annexe had one the year before
    assert "Budget annexe de l’eau" in mailbox.mails[0].get_content()
    assert "Hello" in mailbox.mails[0].get_content()


def test_a_mail_server_that_is_away_is_tried_again(agent: Agent, mailbox: Mailbox, cli: Any) -> None:
    agent.act("budget_reminder_subscribe", siren=MONTPELLIER)
    mailbox.refusing = True
    assert outcomes(BEFORE) == ["failed"]
    mailbox.refusing = False
    assert outcomes(BEFORE) == ["sent"]
    done = cli.invoke(ckan, ["budget", "remind", "--dry-run", "--date", AFTER.isoformat(), "--json"])
    assert done.exit_code == 0, done.output
    assert '"would_send"' in done.output


def test_only_those_who_may_are_reminded(agent: Agent, mailbox: Mailbox) -> None:
    stranger = {"user": factories.User()["name"], "ignore_auth": False}
    for context in (stranger, {"user": "", "ignore_auth": False}):
        with pytest.raises(tk.NotAuthorized):
            helpers.call_action("budget_reminder_subscribe", context, siren=MONTPELLIER)
    agent.act("budget_reminder_subscribe", siren=MONTPELLIER)
    assert [one["siren"] for one in agent.act("budget_reminder_list")] == [MONTPELLIER]
    admin = {"user": factories.Sysadmin()["name"], "ignore_auth": False}
    helpers.call_action("organization_member_delete", admin, id=agent.org["id"], username=agent.user["name"])
    assert outcomes(BEFORE) == []
    assert store.everyone() == []


def test_the_link_of_a_mail_stops_them_after_a_question(agent: Agent, app: Any) -> None:
    agent.act("budget_reminder_subscribe", siren=MONTPELLIER)
    path = f"/en/budgets/rappels/arreter?jeton={store.token(agent.user['id'])}"
    assert "Stop the reminders" in app.get(path).body
    assert len(store.everyone()) == 1  # programs that read mails follow links
    app.post("/en/budgets/rappels/arreter", data={"jeton": "x"}, status=403)
    app.post("/en/budgets/rappels/arreter", data={"jeton": store.token(agent.user["id"])}, status=200)
    assert store.everyone() == []


def test_the_reminders_of_a_removed_account_are_found_and_mended(agent: Agent) -> None:
    agent.act("budget_reminder_subscribe", siren=MONTPELLIER)
    helpers.call_action("user_delete", id=agent.user["id"])
    faults = [fault for fault in doctor.examine() if fault.kind == "reminder_without_account"]
    assert len(faults) == 1
    mending.mend(faults)
    model.Session.expire_all()
    assert store.everyone() == []
