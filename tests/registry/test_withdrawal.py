"""A document is withdrawn, restored, purged: the registry, files, tables, views and lines follow, and pages say so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import uploader
from ckan.tests import factories, helpers

from ckanext.budget.ingest import derived, process, remains
from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument, BudgetLine, BudgetWithdrawnFile
from tests.ingest.conftest import Portal, upload
from tests.ingest.made import MARKER, ca
from tests.views.test_pages import text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

Refused = Callable[[Callable[[], Any]], str]
FIRST, SECOND = "2022-05-03T10:00:00", "2022-06-01T10:00:00"
REASON = "Le conseil a voté un autre compte"


def rows(table: Any) -> int:
    return model.Session.scalar(sa.select(sa.func.count()).select_from(table))


def files_of(resources: list[dict[str, Any]]) -> dict[str, Path]:
    """Where CKAN's classic storage puts the files of resources."""
    folder = Path(tk.config["ckan.storage_path"]) / "resources"
    return {r["id"]: folder / r["id"][:3] / r["id"][3:6] / r["id"][6:] for r in resources}


def withdraw(portal: Portal, document: BudgetDocument, **more: Any) -> dict[str, Any]:
    return portal.act("budget_document_withdraw", **{"id": document.id, "reason": REASON, **more})


def as_editor(portal: Portal) -> dict[str, str]:
    return {"Authorization": factories.APIToken(user=portal.user["id"])["token"]}


def a_pair(portal: Portal) -> tuple[dict[str, Any], BudgetDocument, BudgetDocument]:
    dataset = portal.dataset()
    portal.deposit(dataset, ca(FIRST, change=1200))
    portal.deposit(dataset, ca(SECOND))
    old, new = core.documents_of(dataset["id"])
    return dataset, old, new


@pytest.fixture
def annexes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(tk.config, "ckanext.budget.annexes", "emprunts subventions")


@pytest.mark.usefixtures("annexes")
def test_withdrawing_the_only_document_leaves_nothing_of_it_to_download(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    stored = portal.resources(dataset)
    assert {r["budget_role"] for r in stored} == {"consolidated", "csv", "source", "annexe"}
    paths = files_of(stored)
    assert all(path.is_file() for path in paths.values())
    done = withdraw(portal, row)
    assert done["status"] == "withdrawn" and done["withdrawal"]["reason"] == REASON
    assert portal.resources(dataset) == []
    assert [i for i, path in paths.items() if path.exists()] == []
    for resource in stored:
        address = f"/budget/{dataset['name']}/resource/{resource['id']}/download/x"
        assert app.get(address).status_code in (404, 410)
    assert rows(BudgetLine) == 0 and rows(BudgetWithdrawnFile) == 1
    views = sa.select(model.ResourceView).where(model.ResourceView.resource_id.in_(list(paths)))
    assert model.Session.scalars(views).all() == []
    assert portal.documents(dataset) == [("CA", 2021, "withdrawn")]
    shown = portal.show(dataset)
    assert shown["exercices"] == [] and shown["etapes"] == [] and shown["collectivite"] == "Exemple-sur-Meuse"


def test_withdrawing_the_newer_version_puts_the_older_back_in_force(portal: Portal) -> None:
    dataset, old, new = a_pair(portal)
    csv = {r["budget_document_id"]: portal.stored(r) for r in portal.resources(dataset, "csv")}
    withdraw(portal, new)
    assert portal.documents(dataset) == [("CA", 2021, "converted"), ("CA", 2021, "withdrawn")]
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    assert portal.stored(portal.resources(dataset)[0]) == csv[old.id] != csv[new.id]
    (left,) = portal.resources(dataset, "csv")
    assert left["budget_document_id"] == old.id and "remplacé" not in left["name"]


def test_withdrawing_the_older_version_leaves_the_newer_alone(portal: Portal) -> None:
    dataset, old, new = a_pair(portal)
    consolidated = portal.resources(dataset)[0]
    withdraw(portal, old)
    assert portal.documents(dataset) == [("CA", 2021, "withdrawn"), ("CA", 2021, "converted")]
    assert portal.resources(dataset)[0]["last_modified"] == consolidated["last_modified"]
    assert [r["budget_document_id"] for r in portal.resources(dataset, "csv")] == [new.id]


@pytest.mark.usefixtures("annexes")
def test_a_restored_document_is_as_it_was(portal: Portal, app: Any) -> None:
    dataset, _old, new = a_pair(portal)
    before = {r["id"]: (r["name"], r["description"], portal.stored(r)) for r in portal.resources(dataset)}
    withdraw(portal, new)
    done = portal.act("budget_document_restore", id=new.id)
    assert done["status"] == "converted"
    after = {r["id"]: (r["name"], r["description"], portal.stored(r)) for r in portal.resources(dataset)}
    assert after == before
    assert portal.documents(dataset) == [("CA", 2021, "superseded"), ("CA", 2021, "converted")]
    assert rows(BudgetWithdrawnFile) == 0
    (current,) = [r for r in portal.resources(dataset, "csv") if r["budget_state"] == "converted"]
    assert app.get(f"/budget/{dataset['name']}/resource/{current['id']}").body.count('role="img"') == 4
    said = core.document(new.id)
    assert said is not None and said.withdrawal["restored"] and said.withdrawal["reason"] == REASON


def test_a_restored_older_version_does_not_take_the_newer_one_s_place(portal: Portal) -> None:
    dataset, old, _new = a_pair(portal)
    withdraw(portal, old)
    portal.act("budget_document_restore", id=old.id)
    assert portal.documents(dataset) == [("CA", 2021, "superseded"), ("CA", 2021, "converted")]


@pytest.mark.usefixtures("annexes")
def test_personal_data_really_leave_the_portal(portal: Portal, app: Any, tmp_path: Path) -> None:
    """Even a field that the occultation would have missed, in the file and in what was read from it."""
    dataset = portal.dataset()
    source = portal.deposit(dataset, ca(name=MARKER))
    (row,) = core.documents_of(dataset["id"])
    paths = files_of(portal.resources(dataset))
    assert MARKER.encode("latin-1") in paths[source["id"]].read_bytes()
    withdraw(portal, row, personal_data=True, reason="Un nom apparaît dans le fichier")
    assert [path for path in paths.values() if path.exists()] == []
    assert rows(BudgetLine) == 0 and rows(BudgetWithdrawnFile) == 0
    assert row.report == {} and MARKER not in str(row.header)
    with pytest.raises(tk.ValidationError, match="destroyed|détruit"):
        portal.act("budget_document_restore", id=row.id)
    for resource_id in paths:
        address = f"/budget/{dataset['name']}/resource/{resource_id}/download/x.csv"
        assert app.get(address).status_code in (404, 410)


def test_the_original_kept_in_private_goes_too(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tk.config, "ckanext.budget.keep_originals_path", str(tmp_path))
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    assert len(list(tmp_path.iterdir())) == 1
    withdraw(portal, core.documents_of(dataset["id"])[0], personal_data=True)
    assert list(tmp_path.iterdir()) == []


def test_a_purge_destroys_what_a_withdrawal_kept(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    with pytest.raises(tk.ValidationError, match="not withdrawn"):
        portal.act("budget_document_purge", id=row.id)
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    withdraw(portal, row)
    portal.act("budget_document_purge", id=row.id)
    assert rows(BudgetWithdrawnFile) == 0
    (kept,) = core.documents_of(dataset["id"])
    assert kept.withdrawal["purged"] and kept.report == {}
    with pytest.raises(tk.ValidationError, match="destroyed"):
        portal.act("budget_document_restore", id=row.id)


def test_only_a_sysadmin_makes_the_registry_forget(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    withdraw(portal, row, personal_data=True)
    document_id = row.id
    with pytest.raises(tk.NotAuthorized):
        portal.act("budget_document_purge", id=document_id, forget=True)
    admin = factories.Sysadmin()
    context = {"user": admin["name"], "ignore_auth": False}
    helpers.call_action("budget_document_purge", context, id=document_id, forget=True)
    assert portal.documents(dataset) == []
    portal.deposit(dataset, ca())
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


def test_the_same_file_deposited_again_is_published_again(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    withdraw(portal, row)
    portal.deposit(dataset, ca())
    assert portal.documents(dataset) == [("CA", 2021, "withdrawn"), ("CA", 2021, "converted")]
    with pytest.raises(tk.ValidationError, match="already published"):
        portal.act("budget_document_restore", id=row.id)
    assert portal.documents(dataset) == [("CA", 2021, "withdrawn"), ("CA", 2021, "converted")]


def test_the_copy_that_showed_personal_data_does_not_come_back(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca(name=MARKER))
    (row,) = core.documents_of(dataset["id"])
    withdraw(portal, row, personal_data=True)
    other = Portal()
    theirs = other.dataset()
    assert "personal data" in refused(lambda: portal.deposit(dataset, ca(name=MARKER)))
    assert "personal data" in refused(lambda: other.deposit(theirs, ca(name=MARKER)))
    portal.deposit(dataset, ca())
    assert portal.documents(dataset) == [("CA", 2021, "withdrawn"), ("CA", 2021, "converted")]


def test_an_older_version_is_welcome_once_the_newer_is_withdrawn(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca(SECOND))
    withdraw(portal, core.documents_of(dataset["id"])[0])
    portal.deposit(dataset, ca(FIRST))
    assert sorted(status for *_, status in portal.documents(dataset)) == ["converted", "withdrawn"]


def test_a_file_replaced_in_place_is_withdrawn_with_its_history(portal: Portal) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, ca(FIRST, change=1200))
    portal.act("resource_update", id=source["id"], url="", upload=upload(ca(SECOND)))
    old, new = core.documents_of(dataset["id"])
    withdraw(portal, new)
    assert portal.resources(dataset) == []
    assert portal.documents(dataset) == [("CA", 2021, "superseded"), ("CA", 2021, "withdrawn")]
    portal.act("budget_document_restore", id=new.id)
    assert portal.documents(dataset) == [("CA", 2021, "superseded"), ("CA", 2021, "converted")]
    withdraw(portal, old)  # its file is gone already: the newer one stays
    assert portal.documents(dataset) == [("CA", 2021, "withdrawn"), ("CA", 2021, "converted")]
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    with pytest.raises(tk.ValidationError, match="destroyed"):
        portal.act("budget_document_restore", id=old.id)


def test_nothing_is_withdrawn_without_a_reason(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    for reason in ("", "  \n", None, "x" * 501):
        with pytest.raises(tk.ValidationError) as caught:
            withdraw(portal, row, reason=reason)
        assert set(caught.value.error_dict) == {"reason"}
    with pytest.raises(tk.ObjectNotFound):
        portal.act("budget_document_withdraw", id="nothing", reason=REASON)
    with pytest.raises(tk.ObjectNotFound):
        portal.act("budget_document_withdraw", id={"$ne": 1}, reason=REASON)
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


def test_a_second_withdrawal_is_refused(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    withdraw(portal, row)
    with pytest.raises(tk.ValidationError, match="already withdrawn"):
        withdraw(portal, row, reason="encore")
    assert row.withdrawal["reason"] == REASON


def test_a_fault_leaves_the_document_where_it_was(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    with monkeypatch.context() as patched:
        patched.setattr(derived, "write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            withdraw(portal, row, personal_data=True)
    model.Session.expire_all()
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert row.report and portal.stored(portal.resources(dataset, "csv")[0]).startswith(b"BGT_")
    withdraw(portal, row)
    assert portal.resources(dataset) == []


ROLES = ["anonymous", "stranger", "member", "editor", "admin", "sysadmin"]
ACTIONS = {"withdraw": {"reason": REASON}, "restore": {}, "purge": {}, "reconvert": {}}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_who_may_withdraw_restore_purge_and_convert_again(portal: Portal, role: str, private: bool) -> None:
    dataset = portal.dataset(private=private)
    portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    user = (
        ""
        if role == "anonymous"
        else factories.Sysadmin()["name"]
        if role == "sysadmin"
        else factories.User()["name"]
    )
    if role in ("member", "editor", "admin"):
        helpers.call_action("organization_member_create", id=portal.org["id"], username=user, role=role)
    context = {"user": user, "ignore_auth": False}
    for name in ("reconvert", "withdraw", "restore", "withdraw", "purge"):
        call = lambda name=name: helpers.call_action(  # noqa: E731
            f"budget_document_{name}", dict(context), id=row.id, **ACTIONS[name]
        )
        if role in ("editor", "admin", "sysadmin"):
            assert call()["id"] == row.id
        else:
            with pytest.raises(tk.NotAuthorized):
                call()
    assert row.status == ("withdrawn" if role in ("editor", "admin", "sysadmin") else "converted")


def test_the_addresses_of_a_withdrawn_document_say_when_and_why(portal: Portal, app: Any) -> None:
    dataset, old, new = a_pair(portal)
    csv = next(r for r in portal.resources(dataset, "csv") if r["budget_state"] == "converted")
    withdraw(portal, new, reason="Un autre compte <b>a été</b> voté")
    page, own = f"/budget/{dataset['name']}/resource/{csv['id']}", f"/budgets/documents/{new.id}"
    for path in (page, own, f"{page}/download/x.csv", f"/budget/{dataset['name']}/resource/{new.resource_id}"):
        answer = app.get("/en" + path)
        assert answer.status_code == 410, path
        said = text(answer.body)
        assert "Administrative account 2021: document withdrawn" in said
        assert "Un autre compte &lt;b&gt;a été" in said and "Read the version in force" in said
        assert f"/budgets/documents/{old.id}" in answer.body
        assert "Restore" not in said
    report = app.get(f"{own}/rapport.json")
    assert report.status_code == 410 and report.json["reason"].startswith("Un autre")
    assert "withdrawn on" in text(app.get(f"/en/budget/{dataset['name']}").body)
    assert app.get(f"/budgets/documents/{old.id}", follow_redirects=False).status_code == 302
    shown = helpers.call_action("budget_document_show", {"user": "", "ignore_auth": False}, id=new.id)
    assert shown["report"] is None and "by" not in shown["withdrawal"]
    assert portal.user["id"] not in str(shown)


def test_the_word_of_a_private_withdrawal_stays_private(portal: Portal, app: Any) -> None:
    dataset = portal.dataset(private=True)
    portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    withdraw(portal, row)
    page = f"/budget/{dataset['name']}/resource/{row.csv_resource_id}"
    for path in (page, f"/budgets/documents/{row.id}", f"/budgets/documents/{row.id}/rapport.json"):
        answer = app.get(path)
        assert answer.status_code in (403, 404) and REASON not in answer.body
    for act in ("retirer", "retablir", "detruire"):
        assert app.get(f"/budgets/documents/{row.id}/{act}").status_code in (403, 404)
    assert REASON in app.get(page, headers=as_editor(portal)).body


def test_an_editor_withdraws_and_restores_by_the_pages(portal: Portal, app: Any) -> None:
    dataset, _old, new = a_pair(portal)
    mine, new_id = as_editor(portal), new.id
    own = f"/budgets/documents/{new_id}"

    def now() -> BudgetDocument:
        model.Session.rollback()
        return model.Session.get(BudgetDocument, new_id)

    form = text(app.get(f"/en{own}/retirer", headers=mine).body)
    assert "The version of 3 May 2022 is in force again (expenditure +€1,200.00, receipts €0.00)." in form
    assert 'name="_csrf_token"' in app.get(f"{own}/retirer", headers=mine).body
    for incomplete in ({"reason": REASON}, {"confirm": "1", "reason": " "}):
        answer = app.post(f"/en{own}/retirer", headers=mine, data=incomplete)
        assert answer.status_code == 200 and 'role="alert"' in answer.body
        assert incomplete["reason"].strip() in answer.body
    assert now().status == "converted"
    sent = app.post(f"{own}/retirer", headers=mine, data={"reason": REASON, "confirm": "1"}, follow_redirects=False)
    assert sent.status_code == 302
    assert now().status == "withdrawn" and now().withdrawal["by"] == portal.user["id"]
    assert "/retablir" in app.get(own, headers=mine).body
    app.get(f"{own}/retablir", headers=mine)
    assert now().status == "withdrawn"  # to look is not to act
    app.post(f"{own}/retablir", headers=mine, follow_redirects=False)
    assert now().status == "converted"
    app.post(
        f"{own}/retirer",
        headers=mine,
        data={"reason": REASON, "confirm": "1", "personal_data": "1"},
        follow_redirects=False,
    )
    assert now().withdrawal["personal_data"] and rows(BudgetWithdrawnFile) == 0


def test_a_stranger_withdraws_nothing_by_the_pages(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    stranger = {"Authorization": factories.UserWithToken()["token"]}
    data = {"reason": REASON, "confirm": "1"}
    for headers in (stranger, {}):
        path = f"/budgets/documents/{row.id}/retirer"
        assert app.post(path, headers=headers, data=data).status_code == 403
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


def test_a_withdrawal_while_the_document_waits_for_its_conversion(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = portal.dataset()
    with monkeypatch.context() as patched:
        patched.setattr("ckanext.budget.config.inline_max_bytes", lambda: 0)
        patched.setattr(process, "worker_listens", lambda: True)
        portal.deposit(dataset, ca())
    (row,) = core.documents_of(dataset["id"])
    withdraw(portal, row)
    process.job(dataset["id"], [row.id])
    assert portal.documents(dataset) == [("CA", 2021, "withdrawn")]
    assert portal.resources(dataset) == []
    portal.act("budget_document_restore", id=row.id)
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


def test_a_file_that_stays_is_told_to_the_log(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, ca())

    def broken(*_: Any) -> None:
        raise OSError("the disk is read-only")

    for name in ("ResourceUpload", "FKResourceUpload"):  # the second is 2.12's
        if hasattr(uploader, name):
            monkeypatch.setattr(getattr(uploader, name), "upload", broken)
    assert not remains.remove_file(source["id"])
    assert source["id"] in caplog.text
