"""A commune pins sentences to its budget: who may, what is shown, what stays when a corrected file arrives."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.tests import factories, helpers
from lxml import html

from ckanext.budget.ingest import mending
from ckanext.budget.notes.actions import shown
from ckanext.budget.notes.models import BudgetNote, BudgetNoteRevision
from ckanext.budget.registry import doctor
from tests.ingest.conftest import Portal
from tests.ingest.made import ca
from tests.registry.test_withdrawal import FIRST, SECOND, as_editor, rows
from tests.views.test_pages import csv_page, text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

CA_2021 = {"exercice": 2021, "stage": "CA"}


def pin(portal: Portal, dataset: dict[str, Any], words: str, **place: Any) -> dict[str, Any]:
    return portal.act("budget_note_update", package_id=dataset["id"], text=words, **place)


def as_anyone(action: str, user: str = "", **data: Any) -> Any:
    return helpers.call_action(action, {"user": user, "ignore_auth": False}, **data)


def test_texts_stand_where_they_belong_and_stay_when_a_corrected_file_arrives(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca(FIRST, change=1200))
    pin(portal, dataset, "L’école **Jean-Macé** est en travaux.", **CA_2021, item="headline")
    pin(portal, dataset, "Les prix de l’énergie ont doublé.", **CA_2021, item="chapter:011")
    pin(portal, dataset, "Une année de chantiers.", exercice=2021)
    pin(portal, dataset, "Un autre an.", exercice=2020)
    portal.deposit(dataset, ca(SECOND))
    page = next(r for r in portal.resources(dataset, "csv") if r["budget_state"] == "converted")
    body = app.get(f"/budget/{dataset['name']}/resource/{page['id']}").body
    assert "L’école <strong>Jean-Macé</strong> est en travaux." in body
    assert "Une année de chantiers." in body and "Un autre an." not in body
    assert text(body).index("Chapitre 011 Les prix de l’énergie") > text(body).index("Ce qui était ouvert")
    assert "/budgets/textes/" not in body
    editor = app.get(csv_page(portal, dataset), headers=as_editor(portal)).body
    assert f"/budgets/textes/{dataset['id']}" in editor


def test_who_may_edit_the_dataset_may_pin_and_read_the_history(portal: Portal) -> None:
    dataset = portal.dataset(private=True)
    place = {"package_id": dataset["id"], "exercice": 2021}
    pin(portal, dataset, "Premier.", exercice=2021)
    stranger = factories.User()["name"]
    for user in ("", stranger):
        for action in ("budget_note_list", "budget_note_update", "budget_note_delete", "budget_note_history"):
            with pytest.raises(tk.NotAuthorized):
                as_anyone(action, user, **place, text="Non")
    with pytest.raises(tk.NotAuthorized):
        portal.act("budget_note_delete", **place, forget=True)
    assert [n["text"] for n in portal.act("budget_note_list", package_id=dataset["name"])] == ["Premier."]


def test_earlier_texts_stay_in_the_history_until_they_are_forgotten(portal: Portal) -> None:
    dataset = portal.dataset()
    place = {"package_id": dataset["id"], **CA_2021}
    first = pin(portal, dataset, "Premier.", **CA_2021)
    pin(portal, dataset, "Second.", **CA_2021, revision=first["revision"])
    with pytest.raises(tk.ValidationError) as caught:
        pin(portal, dataset, "Trop tard.", **CA_2021, revision=first["revision"])
    assert set(caught.value.error_dict) == {"revision"}
    portal.act("budget_note_delete", **place)
    assert portal.act("budget_note_list", package_id=dataset["id"]) == []
    history = portal.act("budget_note_history", **place)
    assert [row["text"] for row in history] == ["", "Second.", "Premier."]
    assert {row["user"] for row in history} == {portal.user["display_name"]}
    helpers.call_action("budget_note_delete", {"user": factories.Sysadmin()["name"]}, **place, forget=True)
    assert rows(BudgetNote) == rows(BudgetNoteRevision) == 0


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "[clic](javascript:alert(1))",
        "[clic](data:text/html;base64,PHNjcmlwdD4=)",
        "[clic](JaVaScRiPt:alert(1))",
        "![mouchard](https://exemple.fr/m.png)",
        "# Un titre",
        "[clic][x]\n\n[x]: vbscript:msgbox",
        "é" * 100_000,
    ],
)
def test_an_attack_is_refused_in_a_sentence_and_nothing_is_written(portal: Portal, attack: str) -> None:
    dataset = portal.dataset()
    with pytest.raises(tk.ValidationError) as caught:
        pin(portal, dataset, attack)
    assert set(caught.value.error_dict) == {"text"} and len(caught.value.error_dict["text"][0]) > 20
    model.Session.rollback()
    assert rows(BudgetNote) == 0


def test_a_quote_in_an_address_gives_no_attribute() -> None:
    made = shown('[clic](https://exemple.fr" onmouseover="alert(1)) et [ici](https://exemple.fr)')
    found = html.fragment_fromstring(made, create_parent="div")
    attributes = {name for element in found.iter() for name in element.attrib}
    assert attributes <= {"href", "title", "rel"}


def test_a_stored_text_that_would_no_longer_be_accepted_is_shown_as_its_characters() -> None:
    assert shown("# Un <b>titre</b>") == "<p># Un &lt;b&gt;titre&lt;/b&gt;</p>"


def test_the_form_shows_then_publishes_and_keeps_what_was_refused(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    headers = as_editor(portal)
    listed = app.get(f"/budgets/textes/{dataset['name']}", headers=headers).body
    assert '<option value="chapter:011">011 ' in listed and '<option value="60611">' in listed
    address = f"/budgets/textes/{dataset['name']}/texte?quand=2021-ca&kind=chapter:011&code="
    seen = app.post(
        address, headers=headers, data={"act": "preview", "text": "Des **travaux**.", "revision": "0"}
    ).body
    assert "Des <strong>travaux</strong>." in seen and rows(BudgetNote) == 0
    refused = app.post(address, headers=headers, data={"act": "publish", "text": "<b>gras</b>", "revision": "0"}).body
    assert "&lt;b&gt;gras&lt;/b&gt;</textarea>" in refused and 'role="alert"' in refused
    done = app.post(address, headers=headers, data={"act": "publish", "text": "Des travaux.", "revision": "0"})
    assert "Compte administratif 2021, Chapitre 011" in text(done.body).replace("\xa0", " ")
    assert app.get(address).status_code == 403
    assert app.get("/budgets/textes/inconnu", headers=headers).status_code == 404


def test_purging_the_dataset_takes_its_texts_and_the_doctor_finds_lost_ones(portal: Portal) -> None:
    dataset = portal.dataset()
    pin(portal, dataset, "Un mot.")
    helpers.call_action("dataset_purge", id=dataset["id"])
    assert rows(BudgetNote) == rows(BudgetNoteRevision) == 0
    model.Session.add(BudgetNote(owner="x", package_id="nulle-part", text="Perdu"))
    model.Session.commit()
    lost = [fault for fault in doctor.examine() if fault.kind == "note_without_dataset"]
    assert [fault.package_id for fault in lost] == ["nulle-part"]
    mending.mend(lost)
    assert rows(BudgetNote) == 0
