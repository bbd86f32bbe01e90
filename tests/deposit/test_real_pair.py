"""A real pair: two étapes of one budget, then a corrected copy of one, sealed later, with other amounts.

The history, the difference in euros, what is left after a withdrawal for personal data and after a purge."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from lxml import etree

from ckanext.budget.registry import core, doctor
from ckanext.budget.registry.models import BudgetDocument, BudgetLine, BudgetWithdrawnFile
from tests.conftest import CORPUS, needs_corpus
from tests.deposit.conftest import Desk, zipped

pytestmark = [pytest.mark.ckan, needs_corpus, pytest.mark.usefixtures("with_plugins")]

ACCOUNT, AMENDMENT = "crach-2021-CA-principal-M14", "crach-2021-DM2-principal-M14"
LATER = b'date="2022-09-30T09:00:00.000+02:00"'
MORE, LESS = Decimal("1234.56"), Decimal("-78.90")


def real(name: str) -> bytes:
    return (CORPUS / "xml" / name / "totem.xml").read_bytes()


def corrected(document: bytes) -> bytes:
    """A later seal; one more expenditure and one less receipt of real operations, in euros and cents."""
    sealed, once = re.subn(rb'(?<=<Scellement )([^>]*)date="[^"]*"', lambda m: m[1] + LATER, document)
    assert once == 1
    for sense, change in ((b"D", MORE), (b"R", LESS)):
        sealed = _changed(sealed, sense, change)
    return sealed


def _changed(document: bytes, sense: bytes, change: Decimal) -> bytes:
    """The first real operation of a class 6 or 7 account of this sense takes another amount."""
    for line in re.finditer(rb"<LigneBudget>.*?</LigneBudget>", document, re.DOTALL):
        found = line.group()
        real_one = b'<OpBudg V="0"/>' in found and b'<CodRD V="%s"/>' % sense in found
        amount = re.search(rb'<MtReal V="([\d.]+)"', found)
        if real_one and amount and re.search(rb'<Nature V="[67]', found) and Decimal(amount[1].decode()) > 100:
            other = b'<MtReal V="%s"' % str(Decimal(amount[1].decode()) + change).encode()
            return document[: line.start()] + found.replace(amount.group(), other) + document[line.end() :]
    raise AssertionError("no such line")


def executed(document: bytes, sense: str) -> Decimal:
    """All that is executed of a sense, read by another parser."""
    lines = etree.fromstring(document).iterfind(".//{*}LigneBudget")
    own = [line for line in lines if line.find("{*}CodRD").get("V") == sense]  # type: ignore[union-attr]
    return sum((Decimal(line.find("{*}MtReal").get("V")) for line in own if line.find("{*}MtReal") is not None),
               Decimal(0))  # fmt: skip


def paths_of(desk: Desk, package_id: str) -> dict[str, Path]:
    folder = Path(tk.config["ckan.storage_path"]) / "resources"
    resources = desk.resources({"id": package_id})
    return {r["id"]: folder / r["id"][:3] / r["id"][3:6] / r["id"][6:] for r in resources}


def rows(table: Any, document_id: str) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(table.document_id == document_id)
    return model.Session.scalar(query) or 0


def test_a_real_pair_corrected_then_withdrawn(desk: Desk, app: Any) -> None:
    account, again = real(ACCOUNT), corrected(real(ACCOUNT))
    assert executed(again, "D") - executed(account, "D") == MORE
    assert executed(again, "R") - executed(account, "R") == LESS

    first = desk.send(zipped({"CA.xml": account, "DM2.xml": real(AMENDMENT)}), "2021.zip")["documents"]
    assert [(d["status"], d["etape"]) for d in first] == [("published", "CA"), ("published", "DM")]
    (package_id,) = {d["package_id"] for d in first}
    name = desk.show({"id": package_id})["name"]

    seen = desk.send(again, publish=False)
    plan = seen["documents"][0]["plan"]
    assert (plan["will"], Decimal(plan["difference"])) == ("replace", MORE)
    (new,) = desk.publish(seen)["documents"]
    assert (new["status"], new["package_id"]) == ("superseded", package_id)

    said = desk.act("budget_document_show", id=new["document_id"])
    old_id = first[0]["document_id"]
    assert [(v["id"], v["status"]) for v in said["versions"]] == [
        (old_id, "superseded"),
        (new["document_id"], "converted"),
    ]
    difference = said["difference"]
    assert (Decimal(difference["expenditure"]), Decimal(difference["receipts"])) == (MORE, LESS)
    assert (difference["id"], difference["accounts"]) == (old_id, 2)
    replaced = app.get(f"/budget/{name}/resource/{first[0]['resource_id']}/download/x.xml")
    assert replaced.status_code == 200  # the history can be downloaded

    before = paths_of(desk, package_id)
    desk.act("budget_document_withdraw", id=new["document_id"], reason="Un nom y figure", personal_data=True)
    after = paths_of(desk, package_id)
    gone = before.keys() - after.keys()
    assert gone == {new["resource_id"], said["csv_resource_id"]}
    assert [i for i in gone if before[i].exists()] == [] and all(path.is_file() for path in after.values())
    for resource_id in gone:
        assert app.get(f"/budget/{name}/resource/{resource_id}/download/x").status_code in (404, 410)
    assert (rows(BudgetLine, new["document_id"]), rows(BudgetWithdrawnFile, new["document_id"])) == (0, 0)
    states = {d.id: d.status for d in core.documents_of(package_id)}
    assert states == {old_id: "converted", first[1]["document_id"]: "converted", new["document_id"]: "withdrawn"}
    refused = desk.send(again)["documents"][0]
    assert (refused["status"], refused["message"]["code"]) == ("refused", "withdrawn_personal_data")

    desk.act("budget_document_withdraw", id=old_id, reason="Déposé par erreur")
    assert rows(BudgetWithdrawnFile, old_id) == 1
    desk.act("budget_document_purge", id=old_id)
    assert rows(BudgetWithdrawnFile, old_id) == 0 == rows(BudgetLine, old_id)
    assert [i for i, path in before.items() if path.exists() and i not in paths_of(desk, package_id)] == []
    assert app.get(f"/budget/{name}/resource/{first[0]['resource_id']}/download/x").status_code in (404, 410)
    assert desk.roles({"id": package_id}) == ["consolidated", "csv", "source"]  # the other étape stays
    assert [fault for fault in doctor.examine() if fault.package_id == package_id] == []
    assert model.Session.get(BudgetDocument, old_id) is not None  # who withdrew what, and when, stays known
