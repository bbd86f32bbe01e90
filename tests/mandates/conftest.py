"""A commune with its organisation, a région that helps or publishes, a depositor; their mandates."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories, helpers

from ckanext.budget.mandates.models import BudgetMandate, BudgetMandateFile, BudgetRequest
from dev import fixtures
from tests.deposit.conftest import Desk, desk, folder  # noqa: F401  (fixtures that ours build on)
from tests.ingest.conftest import portal as ingest_portal  # noqa: F401
from tests.ingest.conftest import upload
from tests.ingest.test_owner import NEIGHBOUR, OCCITANIE, of  # noqa: F401

TODAY = dt.date.today()  # noqa: DTZ011  (the portal's calendar)
DAY = dt.timedelta(days=1)


class Parties:
    """``commune`` (organisation, with ``admin``, ``editor``, ``depositor``), ``region`` (with ``agent``)."""

    def __init__(self) -> None:
        self.admin, self.editor, self.depositor, self.agent, self.stranger = (
            factories.User()["name"] for _ in range(5)
        )
        self.sysadmin = factories.Sysadmin()["name"]
        members = [
            {"name": self.admin, "capacity": "admin"},
            {"name": self.editor, "capacity": "editor"},
            {"name": self.depositor, "capacity": "member"},
        ]
        self.commune = self.organization("Commune d’Exemple-sur-Meuse", fixtures.SIREN, members)
        self.region = self.organization("Région d’essai", OCCITANIE, [{"name": self.agent, "capacity": "editor"}])

    def organization(self, title: str, siren: str, users: list[dict[str, str]]) -> dict[str, Any]:
        made = factories.Organization(title=title, users=users)
        site = helpers.call_action("get_site_user")["name"]
        helpers.call_action("organization_patch", {"user": site}, id=made["id"], siren=siren)
        return made

    def act(self, who: str, action: str, **data: Any) -> Any:
        return helpers.call_action(action, {"user": who, "ignore_auth": False}, **data)

    def mandate(self, kind: str, **changed: Any) -> dict[str, Any]:
        holder = {"user": self.depositor} if kind == "depot" else {"by_org": self.region["id"]}
        siren = {"siren": fixtures.SIREN}
        who = changed.pop("who", self.admin)
        return self.act(who, "budget_mandate_create", **{"kind": kind, **siren, **holder, **changed})

    def send(self, who: str, content: bytes, **options: Any) -> dict[str, Any]:
        """The batch of one file."""
        return self.act(who, "budget_deposit", upload=upload(content), **options)

    def told(self, who: str, content: bytes, **options: Any) -> tuple[str, str]:
        """Outcome of the one file, and the code of its message."""
        (document,) = self.send(who, content, **options)["documents"]
        return document["status"], document["message"].get("code", "")


@pytest.fixture
def parties(desk: Desk) -> Parties:  # noqa: F811
    for table in (BudgetMandateFile, BudgetMandate, BudgetRequest):
        model.Session.execute(sa.delete(table))
    for group in model.Session.query(model.Group).filter_by(is_organization=True, state="active"):
        group.state = "deleted"  # a SIREN has one organisation: those of other tests are not ours
    model.Session.commit()
    return Parties()
