"""What is our fault: the CSV is withheld, the last good one stays, the page says so, the administrators are told."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from email import message_from_string
from email.header import decode_header, make_header
from typing import Any

import ckan.plugins.toolkit as tk
import pytest

from ckanext.budget import convert
from ckanext.budget.errors import Refusal
from ckanext.budget.ingest import process
from ckanext.budget.registry import core
from ckanext.budget.scdl.table import Groups
from ckanext.budget.totem import receive
from tests.ingest.conftest import Portal, upload
from tests.ingest.made import ca, csv, gzipped

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

Refused = Callable[[Callable[[], Any]], str]
ADDRESS = "administrateurs@exemple.fr"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, mail_server: Any) -> Callable[[], list[tuple[str, str, str]]]:
    """Mails sent to the administrators: address, subject, text."""
    monkeypatch.setitem(tk.config, "ckanext.budget.alert_email", ADDRESS)
    monkeypatch.setitem(tk.config, "smtp.mail_from", "portail@exemple.fr")

    def sent() -> list[tuple[str, str, str]]:
        found = []
        for _, _, to, text, *_ in mail_server.get_smtp_messages():
            mail = message_from_string(text)
            content = mail.get_payload(decode=True)
            assert isinstance(content, bytes)
            found.append((to[0], str(make_header(decode_header(mail["Subject"]))), content.decode()))
        return found

    return sent


@pytest.fixture
def a_cent_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written differs by a cent from what was read."""
    really = convert.table.write_rows

    def write_rows(batches: Any, out: Any) -> Any:
        def short() -> Any:
            lost = False
            for batch in batches:
                rows = [bytes(row) for row in batch]
                for place, row in enumerate(rows):
                    if not lost and b",392870.95," in row:
                        rows[place], lost = row.replace(b",392870.95,", b",392870.94,", 1), True
                yield rows
            assert lost

        return really(short(), out)

    monkeypatch.setattr(convert.table, "write_rows", write_rows)


@pytest.fixture
def a_cent_of_the_copy_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for a table, when its CSV is copied."""
    monkeypatch.setattr(
        convert.shutil, "copyfileobj", lambda source, out: out.write(source.read().replace(b".95,", b".94,", 1))
    )


NEWER = {
    "xml": lambda: ca("2022-06-01T10:00:00"),
    "table": csv,
}


@pytest.mark.parametrize("kind", NEWER)
def test_a_csv_that_does_not_conserve_is_withheld(
    portal: Portal, told: Callable[[], Any], kind: str, request: pytest.FixtureRequest, app: Any
) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, ca(change=100))
    good = {r["id"]: portal.stored(r) for r in portal.resources(dataset) if r["budget_role"] != "source"}
    assert len(good) == 2
    request.getfixturevalue("a_cent_is_lost" if kind == "xml" else "a_cent_of_the_copy_is_lost")
    portal.act("resource_patch", id=source["id"], upload=upload(NEWER[kind](), "ca"))

    assert portal.documents(dataset) == [("CA", 2021, "converted"), ("CA", 2021, "failed")]
    failed = core.documents_of(dataset["id"])[-1]
    assert failed.error["code"] == "not_conserved" and failed.csv_sha256 is None
    stored = {r["id"]: portal.stored(r) for r in portal.resources(dataset) if r["budget_role"] != "source"}
    assert stored == good
    (now,) = portal.resources(dataset, "source")
    assert now["budget_state"] == "failed" and portal.stored(now) != b""
    page = app.get(f"/budget/{dataset['name']}/resource/{source['id']}").body
    assert "échec" in page or "failed" in page

    ((to, subject, text),) = told()
    assert to == ADDRESS and "Exemple-sur-Meuse" in subject and "CA 2021" in subject
    assert source["id"] in text and "dernier CSV publié" in text


def test_without_a_csv_before_there_is_none_after(portal: Portal, a_cent_is_lost: None, told: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    assert portal.roles(dataset) == ["source"]
    assert portal.documents(dataset) == [("CA", 2021, "failed")]
    assert len(told()) == 1


def test_once_mended_the_next_deposit_goes_through(
    portal: Portal, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = portal.dataset()
    with monkeypatch.context() as patched:
        patched.setattr(process, "convert", lambda *_, **__: 1 / 0)
        source = portal.deposit(dataset, ca())
    assert core.documents_of(dataset["id"])[0].error["code"] == "conversion_failed"
    portal.act("resource_patch", id=source["id"], upload=upload(ca()))
    assert portal.documents(dataset)[-1] == ("CA", 2021, "converted")
    assert len(told()) == 1


def test_without_an_address_it_is_logged(
    portal: Portal, a_cent_is_lost: None, mail_server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        portal.deposit(portal.dataset(), ca())
    assert "not_conserved" in caplog.text
    assert mail_server.get_smtp_messages() == []


def test_ckan_s_own_address_serves_when_ours_is_empty(
    portal: Portal, a_cent_is_lost: None, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tk.config, "ckanext.budget.alert_email", "")
    monkeypatch.setitem(tk.config, "email_to", "ckan@exemple.fr")
    portal.deposit(portal.dataset(), ca())
    assert [to for to, *_ in told()] == ["ckan@exemple.fr"]


def refusing(*_: Any) -> Any:
    raise ConnectionRefusedError("nobody listens")


class Dropping:
    """A server that takes the call and hangs up."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def ehlo(self) -> None:
        raise smtplib.SMTPServerDisconnected("gone")

    def quit(self) -> None:
        raise smtplib.SMTPServerDisconnected("gone")


@pytest.mark.parametrize("server", [refusing, Dropping], ids=["refuses", "hangs up"])
def test_a_mail_server_that_is_down_changes_nothing(
    portal: Portal, a_cent_is_lost: None, told: Any, monkeypatch: pytest.MonkeyPatch, server: Any
) -> None:
    monkeypatch.setattr(smtplib, "SMTP", server)
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    assert portal.documents(dataset) == [("CA", 2021, "failed")]
    assert portal.roles(dataset) == ["source"]


def test_a_portal_that_can_send_no_mail_goes_on(
    portal: Portal, a_cent_is_lost: None, refused: Refused, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CKAN's mailer breaks on a missing «smtp.mail_from»."""
    monkeypatch.setitem(tk.config, "smtp.mail_from", None)
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    assert portal.documents(dataset) == [("CA", 2021, "failed")]
    monkeypatch.setattr(receive, "verify", lambda _: (_ for _ in ()).throw(Refusal("occultation_failed")))
    refused(lambda: portal.deposit(dataset, ca("2022-06-01T10:00:00")))


def test_a_name_on_several_lines_does_not_break_the_mail(
    portal: Portal, told: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(process, "convert", lambda *_, **__: 1 / 0)
    name = "Exemple-sur-Meuse&#13;&#10;Bcc: quelqu.un@exemple.fr"
    content = ca().replace(b'LibelleColl V="Exemple-sur-Meuse"', b'LibelleColl V="' + name.encode() + b'"')
    assert name.encode() in content
    portal.deposit(portal.dataset(), content)
    ((to, subject, _),) = told()
    assert to == ADDRESS and "\n" not in subject and "Exemple-sur-Meuse Bcc:" in subject
    assert all("\n" not in record.getMessage() for record in caplog.records if "our fault" in record.msg)


def test_a_fault_of_the_file_tells_nobody(portal: Portal, told: Any, refused: Refused) -> None:
    dataset = portal.dataset()
    refused(lambda: portal.deposit(dataset, ca()[:-200]))
    assert told() == []


@pytest.mark.parametrize("content", [ca(), gzipped(ca())], ids=["plain", "gzip"])
@pytest.mark.parametrize("kind", ["budget", "dataset"])
def test_a_copy_that_still_holds_a_listed_field_is_refused(
    portal: Portal, told: Any, refused: Refused, monkeypatch: pytest.MonkeyPatch, content: bytes, kind: str
) -> None:
    def verify(_: Any) -> None:
        raise Refusal("occultation_failed", element="LibOrgaBenef")

    monkeypatch.setattr(receive, "verify", verify)
    dataset = portal.dataset(type=kind)
    sentence = refused(lambda: portal.deposit(dataset, content))
    assert sentence.endswith(".") and len(sentence) > 40
    assert portal.resources(dataset) == [] and portal.documents(dataset) == []
    ((to, _, text),) = told()
    assert to == ADDRESS and "Rien de ce fichier" in text


def test_a_refused_copy_leaves_the_version_before(
    portal: Portal, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, ca())
    before = {r["id"]: portal.stored(r) for r in portal.resources(dataset)}

    def verify(_: Any) -> None:
        raise Refusal("occultation_failed", element="LibOrgaBenef")

    monkeypatch.setattr(receive, "verify", verify)
    newer = upload(ca("2022-06-01T10:00:00"))
    refused(lambda: portal.act("resource_patch", id=source["id"], upload=newer))
    assert {r["id"]: portal.stored(r) for r in portal.resources(dataset)} == before


def test_a_table_that_does_not_conserve_is_refused(
    portal: Portal, told: Any, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to keep of it: only the standard CSV would be stored."""
    really = receive.read_back

    def short(out: Any) -> tuple[int, Groups]:
        lines, groups = really(out)
        return lines - 1, groups

    monkeypatch.setattr(receive, "read_back", short)
    dataset = portal.dataset()
    sentence = refused(lambda: portal.deposit(dataset, csv(), "ca.csv"))
    assert "totals" in sentence
    assert portal.resources(dataset) == []
    assert len(told()) == 1
