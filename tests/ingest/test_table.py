"""The table «What happens to a file» of the design, row by row."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest

from ckanext.budget.ingest import process
from ckanext.budget.registry import core
from dev import fixtures
from tests.ingest.conftest import Portal, upload

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

Refused = Callable[[Callable[[], Any]], str]
CA = {"stage": "CA", "exercice": 2021}


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("dossier/budget.xml", content)
    return out.getvalue()


BAD = {
    "cut": lambda: fixtures.document(**CA)[:-200],
    "cut in its annexes": lambda: fixtures.document(**CA)[: fixtures.document(**CA).index(b"<Annexes>") + 300],
    "doctype": lambda: fixtures.document(**CA).replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1),
    "unknown étape": lambda: fixtures.document(**CA).replace(b'<NatDec V="09"', b'<NatDec V="77"'),
    "year": lambda: fixtures.document(**CA).replace(b'<Exer V="2021"', b'<Exer V="2021 en erreur"', 1),
    "zip": lambda: zipped(fixtures.document(**CA)),
    "gzip, cut": lambda: gzip.compress(fixtures.document(**CA))[:-300],
    "gzip in a gzip": lambda: gzip.compress(gzip.compress(fixtures.document(**CA))),
    "gzip of a zip": lambda: gzip.compress(zipped(fixtures.document(**CA))),
    "gzip of a cut budget": lambda: gzip.compress(fixtures.document(**CA)[:-200]),
    "envelope of two": lambda: b"<Enveloppe>" + 2 * fixtures.document(**CA).split(b"?>", 1)[1] + b"</Enveloppe>",
    "envelope, cut": lambda: b"<Enveloppe>" + fixtures.document(**CA).split(b"?>", 1)[1],
    "envelope, encrypted": lambda: (
        b'<Envelope><EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#"><CipherData/></EncryptedData></Envelope>'
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_or_occulted_is_refused_and_stores_nothing(
    portal: Portal, refused: Refused, case: str
) -> None:
    dataset = portal.dataset()
    sentence = refused(lambda: portal.deposit(dataset, BAD[case]()))
    assert sentence.endswith(".") and len(sentence) > 30
    assert portal.resources(dataset) == []
    assert portal.documents(dataset) == []


def test_a_zip_is_refused_with_the_way_to_the_desk(portal: Portal, refused: Refused) -> None:
    sentence = refused(lambda: portal.deposit(portal.dataset(), BAD["zip"](), "budgets.zip"))
    assert "archive holds a budget" in sentence and "/budgets/deposer" in sentence


def test_a_refused_update_leaves_the_previous_output(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, fixtures.document(**CA))
    before = {r["id"]: portal.stored(r) for r in portal.resources(dataset)}
    refused(lambda: portal.act("resource_patch", id=source["id"], upload=upload(BAD["cut"]())))
    assert {r["id"]: portal.stored(r) for r in portal.resources(dataset)} == before
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


def test_the_same_file_twice_then_a_corrected_one_as_new_resources(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    first = portal.deposit(dataset, fixtures.document(**CA, seal_date="2022-05-03T10:00:00"))
    sentence = refused(lambda: portal.deposit(dataset, fixtures.document(**CA, seal_date="2022-05-03T10:00:00")))
    assert "2021" in sentence
    assert len(portal.resources(dataset)) == 3
    assert portal.documents(dataset) == [("CA", 2021, "converted")]

    portal.deposit(dataset, fixtures.document(**CA, seal_date="2022-06-01T10:00:00"))
    assert portal.roles(dataset) == ["consolidated", "csv", "source", "csv", "source"]
    assert portal.documents(dataset) == [("CA", 2021, "superseded"), ("CA", 2021, "converted")]
    old = next(r for r in portal.resources(dataset, "source") if r["id"] == first["id"])
    assert old["budget_state"] == "superseded"
    new_csv = next(r for r in portal.resources(dataset, "csv") if r["budget_state"] == "converted")
    assert portal.stored(portal.resources(dataset)[0]) == portal.stored(new_csv)


def test_the_same_file_twice_then_a_corrected_one_as_updates(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, fixtures.document(**CA, seal_date="2022-05-03T10:00:00"))
    before = portal.show(dataset)
    with monkeypatch.context() as patched:
        patched.setattr(process, "_convert_into", lambda *_: pytest.fail("converted again"))
        same = upload(fixtures.document(**CA, seal_date="2022-05-03T10:00:00"))
        portal.act("resource_update", id=source["id"], url="", upload=same, description="Note ajoutée")
    after = portal.show(dataset)
    assert len(after["resources"]) == 3
    updated = next(r for r in after["resources"] if r["id"] == source["id"])
    original = next(r for r in before["resources"] if r["id"] == source["id"])
    assert updated["description"] == "Note ajoutée"
    assert [updated[k] for k in ("url", "url_type", "size")] == [original[k] for k in ("url", "url_type", "size")]
    assert portal.documents(dataset) == [("CA", 2021, "converted")]

    corrected = upload(fixtures.document(**CA, seal_date="2022-06-01T10:00:00"))
    portal.act("resource_update", id=source["id"], url="", upload=corrected)
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    assert portal.documents(dataset) == [("CA", 2021, "superseded"), ("CA", 2021, "converted")]


def test_the_occulted_copy_of_a_published_document_is_known_too(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, fixtures.document(**CA))
    copy = portal.stored(source)
    refused(lambda: portal.deposit(portal.dataset(), copy))


def test_an_older_version_is_refused_and_names_the_newer_one(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(**CA, seal_date="2022-06-01T10:00:00"))
    sentence = refused(lambda: portal.deposit(dataset, fixtures.document(**CA, seal_date="2022-05-03T10:00:00")))
    assert "01/06/2022" in sentence


def test_another_collectivite_is_refused_with_both_names(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(**CA))
    other = fixtures.document(**CA, siret="21990000800018", name="Autreville")
    sentence = refused(lambda: portal.deposit(dataset, other))
    assert "Autreville" in sentence and "Exemple-sur-Meuse" in sentence
    assert len(portal.resources(dataset)) == 3


def test_a_refused_form_shows_what_was_typed_and_nothing_of_ours(portal: Portal) -> None:
    """CKAN's form is shown again with the very dict that the action was given."""
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(**CA))
    other = fixtures.document(**CA, siret="21990000800018", name="Autreville")
    typed = {"package_id": dataset["id"], "url": "", "description": "Voté en mars", "upload": upload(other)}
    with pytest.raises(tk.ValidationError):
        tk.get_action("resource_create")({"user": portal.user["name"]}, typed)
    assert typed["description"] == "Voté en mars"
    assert not {"id", "name", "format", "mimetype", "budget_role"} & set(typed)


def test_an_annexe_budget_of_the_same_collectivite_goes_to_a_dataset_of_its_own(
    portal: Portal, refused: Refused
) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(**CA))
    annexe = fixtures.document(**CA, annexe=True)
    assert "annexe" in refused(lambda: portal.deposit(dataset, annexe))
    own = portal.dataset(title="Assainissement")
    portal.deposit(own, annexe)
    again = fixtures.document(stage="CA", exercice=2020, annexe=True)
    assert own["name"] in refused(lambda: portal.deposit(dataset, again))


def test_a_file_that_is_no_budget_is_stored_as_it_is(portal: Portal) -> None:
    dataset = portal.dataset()
    note = portal.deposit(dataset, b"%PDF-1.4 a note", "note.pdf")
    assert portal.stored(note) == b"%PDF-1.4 a note"
    assert portal.roles(dataset) == [None]


def test_a_budget_replaced_by_a_pdf_takes_its_csv_with_it(portal: Portal) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, fixtures.document(**CA))
    portal.act("resource_patch", id=source["id"], upload=upload(b"%PDF-1.4 a note", "note.pdf"))
    assert [r["id"] for r in portal.resources(dataset)] == [source["id"]]
    assert portal.documents(dataset) == []


def test_without_siret_the_dataset_is_the_identity(portal: Portal) -> None:
    dataset = portal.dataset()
    faulty = fixtures.document(**CA, siret="1234567890123")
    portal.deposit(dataset, faulty)
    (document,) = core.documents_of(dataset["id"])
    assert document.siret is None
    assert "siret" in " ".join(f["code"] for f in document.report["findings"])


def test_deleting_the_source_takes_what_derives_with_it(portal: Portal) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, fixtures.document(**CA))
    other = portal.deposit(dataset, fixtures.document(stage="BP", exercice=2021))
    portal.act("resource_delete", id=source["id"])
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    assert portal.documents(dataset) == [("BP", 2021, "converted")]
    portal.act("resource_delete", id=other["id"])
    assert portal.resources(dataset) == []


def test_a_derived_file_cannot_be_deleted_alone(portal: Portal) -> None:
    from ckan.plugins.toolkit import ValidationError

    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(**CA))
    with pytest.raises(ValidationError):
        portal.act("resource_delete", id=portal.resources(dataset, "csv")[0]["id"])


def test_deleting_the_newer_version_brings_the_older_one_back(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(**CA, seal_date="2022-05-03T10:00:00"))
    newer = portal.deposit(dataset, fixtures.document(**CA, seal_date="2022-06-01T10:00:00"))
    portal.act("resource_delete", id=newer["id"])
    assert portal.documents(dataset) == [("CA", 2021, "converted")]
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]


def test_a_cfu_prevails_over_the_ca_of_its_year_in_the_consolidated_csv(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2023))
    portal.deposit(dataset, fixtures.document(exercice=2023, cfu=True))
    cfu = next(r for r in portal.resources(dataset, "csv") if "financier" in r["name"])
    assert portal.stored(portal.resources(dataset)[0]) == portal.stored(cfu)


def test_a_failed_conversion_is_said_and_keeps_the_last_good_output(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, fixtures.document(**CA, seal_date="2022-05-03T10:00:00"))
    (csv,) = portal.resources(dataset, "csv")
    good = portal.stored(csv)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the converter broke")

    monkeypatch.setattr(process, "convert", broken)
    newer = upload(fixtures.document(**CA, seal_date="2022-06-01T10:00:00"))
    portal.act("resource_update", id=source["id"], url="", upload=newer)
    assert portal.documents(dataset) == [("CA", 2021, "converted"), ("CA", 2021, "failed")]
    assert portal.stored(portal.resources(dataset, "csv")[0]) == good
    assert portal.resources(dataset, "source")[0]["budget_state"] == "failed"
