"""Two collectivités with an organisation each, a région, and one account for each role; what each row is asked about.

«Own» is what belongs to the organisation of the role (the commune A; for the regional agent, the commune for which the
région holds a mandate), «other» what belongs to another commune (B).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.tests import factories, helpers

from ckanext.budget.deposit.models import BudgetBatch, BudgetBatchFile
from ckanext.budget.mandates import store
from ckanext.budget.mandates.models import BudgetMandate, BudgetMandateFile, BudgetRequest
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument, BudgetLine, BudgetWithdrawnFile
from dev import fixtures
from tests.ingest.conftest import upload
from tests.ingest.test_owner import CCAS, NEIGHBOUR, OCCITANIE, of

#: the order of the columns of both tables; depositor: a member with a mandate; member: without one
ROLES = ("sysadmin", "regional", "admin", "editor", "depositor", "member", "stranger", "anonymous")
#: the order of the letters of each cell
TARGETS = ("own public", "own private", "other public", "other private")
TABLES = (BudgetLine, BudgetWithdrawnFile, BudgetDocument, BudgetBatchFile, BudgetBatch)
#: a collectivité that has no organisation on the portal
NOWHERE = "213401722"


def site() -> dict[str, Any]:
    return {"user": helpers.call_action("get_site_user")["name"], "ignore_auth": True}


class World:
    def __init__(self) -> None:
        self._empty()
        self.users = {role: factories.User()["name"] for role in ROLES[1:-1]}
        self.users["sysadmin"] = factories.Sysadmin()["name"]
        self.holder_b = factories.User()["name"]
        self.headers = {role: self._token(name) for role, name in self.users.items()} | {"anonymous": {}}
        members = [
            {"name": self.users[role], "capacity": capacity}
            for role, capacity in (
                ("admin", "admin"),
                ("editor", "editor"),
                ("depositor", "member"),
                ("member", "member"),
            )
        ]
        self.a = self._organization("Commune A", members, siren=fixtures.SIREN)
        self.b = self._organization("Commune B", [], siren=NEIGHBOUR, sirens_rattaches=CCAS)
        agents = [{"name": self.users["regional"], "capacity": "editor"}]
        self.region = self._organization("Région", agents, siren=OCCITANIE)
        self.epci = self._organization("EPCI", [])
        self._datasets()
        self._mandates()
        self._batches()
        self._requests()

    def _empty(self) -> None:
        for table in (*TABLES, BudgetMandateFile, BudgetMandate, BudgetRequest):
            model.Session.execute(sa.delete(table))
        for package in model.Session.query(model.Package).filter_by(type="budget", state="active"):
            package.state = "deleted"
        for group in model.Session.query(model.Group).filter_by(is_organization=True, state="active"):
            group.state = "deleted"
        model.Session.commit()

    def _token(self, name: str) -> dict[str, str]:
        made = helpers.call_action("api_token_create", {"ignore_auth": True}, user=name, name="t")
        return {"Authorization": made["token"]}

    def _organization(self, title: str, users: list[dict[str, str]], **numbers: str) -> dict[str, Any]:
        made = factories.Organization(title=title, users=users)
        if numbers:
            helpers.call_action("organization_patch", site(), id=made["id"], **numbers)
        return made

    # -- by target (ids: CKAN closes its session after each request)

    def _datasets(self) -> None:
        files = {
            "own public": (self.a, fixtures.document(stage="CA", exercice=2021)),
            "own private": (self.a, fixtures.document(stage="CA", exercice=2021, annexe=True)),
            "other public": (self.b, of(NEIGHBOUR)),
            "other private": (self.b, of(CCAS)),
        }
        self.datasets: dict[str, str] = {}
        self.documents: dict[str, str] = {}
        self.facts: dict[str, dict[str, Any]] = {}
        self.sirets: dict[str, str | None] = {}
        for target, (organization, content) in files.items():
            fields = {"title": target, "owner_org": organization["id"], "private": "private" in target}
            made = helpers.call_action("package_create", site(), type="budget", **fields)
            helpers.call_action("resource_create", site(), package_id=made["id"], upload=upload(content))
            (d,) = core.documents_of(made["id"])
            self.datasets[target], self.documents[target] = made["id"], d.id
            self.sirets[target] = d.siret
            self.facts[target] = {"siren": d.siren, "exercice": d.exercice, "etape": d.stage}

    def _mandates(self) -> None:
        def give(**data: Any) -> str:
            return helpers.call_action("budget_mandate_create", site(), **data)["id"]

        self.held = give(siren=fixtures.SIREN, kind="depot", user=self.users["depositor"])
        self.live = {
            "own": give(siren=fixtures.SIREN, kind="suppleance", by_org=self.region["id"]),
            "other": give(siren=NEIGHBOUR, kind="suppleance", by_org=self.epci["id"]),
        }
        self.ended = {
            "own": give(siren=fixtures.SIREN, kind="subsidiarite", by_org=self.epci["id"]),
            "other": give(siren=NEIGHBOUR, kind="subsidiarite", by_org=self.region["id"]),
        }
        for mandate_id in self.ended.values():
            helpers.call_action("budget_mandate_end", site(), id=mandate_id)
        for mandate_id in self.live.values():
            store.attach(mandate_id, "acte.pdf", b"%PDF-1.4")
        model.Session.commit()

    def _batches(self) -> None:
        owners = {role: model.User.get(name).id for role, name in self.users.items()}
        owners["other"] = model.User.get(self.holder_b).id
        made = {owner: BudgetBatch(user_id=user_id, state="done") for owner, user_id in owners.items()}
        prepared = {whose: BudgetBatch(user_id=owners["other"]) for whose in ("own", "other")}
        model.Session.add_all([*made.values(), *prepared.values()])
        model.Session.flush()
        self.batches = {owner: batch.id for owner, batch in made.items()}
        self.prepared = {whose: batch.id for whose, batch in prepared.items()}
        self.refusals: dict[str, str] = {}
        for owner, batch in made.items():
            said = {"code": "kind_pdf", "level": "bloquant", "params": {}}
            row = BudgetBatchFile(batch_id=batch.id, rank=1, filename="x.pdf", state="refused", message=said)
            model.Session.add(row)
            model.Session.flush()
            self.refusals[owner] = row.id
        self.waiting()

    def waiting(self) -> None:
        """A file waits for the word of each commune."""
        prepared = BudgetBatchFile.batch_id.in_(self.prepared.values())
        model.Session.execute(sa.delete(BudgetBatchFile).where(prepared))
        model.Session.execute(
            sa.update(BudgetBatch).where(BudgetBatch.id.in_(self.prepared.values())).values(state="open")
        )
        for whose, siren in (("own", fixtures.SIREN), ("other", NEIGHBOUR)):
            waits = {"state": "waiting", "siren": siren, "name": "X"}
            model.Session.add(BudgetBatchFile(batch_id=self.prepared[whose], rank=1, filename="x.xml", **waits))
        model.Session.commit()

    def _requests(self) -> None:
        asker = model.User.get(self.users["stranger"]).id
        sirens = {"own": fixtures.SIREN, "other": NEIGHBOUR, "nowhere": NOWHERE}
        answered = {"reason": "Y", "state": "refused", "answer": "Z"}
        made = {w: BudgetRequest(user_id=asker, siren=siren, name="X", **answered) for w, siren in sirens.items()}
        model.Session.add_all(made.values())
        model.Session.commit()
        self.requests = {w: request.id for w, request in made.items()}

    def batch_of(self, role: str, target: str) -> str:
        """One's own deposit, or another's."""
        return self.batches[self._owner(role, target)]

    def refusal_of(self, role: str, target: str) -> str:
        """A refused file of that deposit."""
        return self.refusals[self._owner(role, target)]

    def _owner(self, role: str, target: str) -> str:
        return role if target.startswith("own") and role in self.batches else "other"


def whose(target: str) -> str:
    return target.split(maxsplit=1)[0]


#: what is sent for a cell: role, target → data
Sent = Callable[[World, str, str], dict[str, Any]]
