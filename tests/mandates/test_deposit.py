"""Who deposits for whom: by a mandate, at the desk and by API, and what is then said to everyone."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import helpers

from ckanext.budget.deposit import batches, publish
from ckanext.budget.registry import core
from dev import fixtures
from tests.mandates.conftest import DAY, NEIGHBOUR, TODAY, Parties, of

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

CA = fixtures.document(stage="CA", exercice=2021)
BP = fixtures.document(stage="BP", exercice=2021)
BY, FOR = "Région d’essai", "Commune d’Exemple-sur-Meuse"


def shown(batch: dict[str, Any]) -> dict[str, Any]:
    (document,) = batch["documents"]
    return helpers.call_action("package_show", id=document["package_id"])


def mention(dataset: dict[str, Any]) -> tuple[str, str]:
    return dataset.get("published_by") or "", dataset.get("published_for") or ""


def test_a_depositor_deposits_for_the_organisation_and_does_nothing_else(parties: Parties) -> None:
    with pytest.raises(tk.NotAuthorized):
        parties.send(parties.depositor, CA)
    parties.mandate("depot")
    dataset = shown(parties.send(parties.depositor, CA))
    assert dataset["owner_org"] == parties.commune["id"]
    assert mention(dataset) == ("", "")
    assert parties.told(parties.depositor, BP)[0] == "published"
    for action, data in (
        ("package_patch", {"id": dataset["id"], "title": "Autre"}),
        ("package_create", {"type": "budget", "title": "x", "name": "x-y", "owner_org": parties.commune["id"]}),
        ("resource_create", {"package_id": dataset["id"], "url": "http://example.org"}),
        ("budget_document_withdraw", {"id": core.documents_of(dataset["id"])[0].id, "reason": "x"}),
    ):
        with pytest.raises(tk.NotAuthorized):
            parties.act(parties.depositor, action, **data)


def test_a_depositor_who_leaves_the_organisation_deposits_no_more(parties: Parties) -> None:
    parties.mandate("depot")
    helpers.call_action("member_delete", id=parties.commune["id"], object=parties.depositor, object_type="user")
    with pytest.raises(tk.NotAuthorized):
        parties.send(parties.depositor, CA)


def test_an_account_that_gets_a_mandate_becomes_a_member(parties: Parties) -> None:
    parties.mandate("depot", user=parties.stranger)
    assert parties.told(parties.stranger, CA)[0] == "published"


def test_by_suppleance_the_region_publishes_and_it_is_said(parties: Parties) -> None:
    mandate = parties.mandate("suppleance")
    dataset = shown(parties.send(parties.agent, CA))
    assert dataset["owner_org"] == parties.region["id"]
    assert mention(dataset) == (BY, FOR)
    (document,) = parties.act(parties.stranger, "budget_document_list", package_id=dataset["id"])
    assert document["on_behalf"] == {"kind": "suppleance", "by": BY, "for": FOR, "mandate_id": mandate["id"]}


def test_by_suppleance_the_region_adds_to_the_dataset_of_the_commune(parties: Parties) -> None:
    own = shown(parties.send(parties.editor, CA))
    assert parties.told(parties.agent, BP) == ("refused", "budget_elsewhere")
    parties.mandate("suppleance")
    dataset = shown(parties.send(parties.agent, BP))
    assert dataset["id"] == own["id"] and dataset["owner_org"] == parties.commune["id"]
    said = {
        d["stage"]: d["on_behalf"] for d in parties.act(parties.editor, "budget_document_list", package_id=own["id"])
    }
    assert said["CA"] is None and said["BP"]["by"] == BY
    with pytest.raises(tk.NotAuthorized):  # it deposits, it does not edit
        parties.act(parties.agent, "package_patch", id=own["id"], title="Autre")


def test_what_the_collectivite_takes_over_is_its_own(parties: Parties) -> None:
    mandate = parties.mandate("suppleance")
    dataset = shown(parties.send(parties.agent, CA))
    for who in (parties.agent, parties.editor):
        with pytest.raises(tk.NotAuthorized):
            parties.act(who, "budget_mandate_take_over", id=mandate["id"])
    done = parties.act(parties.admin, "budget_mandate_take_over", id=mandate["id"])
    assert (done["state"], done["datasets"]) == ("ended", [dataset["id"]])
    after = helpers.call_action("package_show", id=dataset["id"])
    assert after["owner_org"] == parties.commune["id"] and mention(after) == ("", "")
    assert parties.told(parties.agent, BP) == ("refused", "mandate_ended")
    assert parties.told(parties.editor, BP)[0] == "published"
    assert parties.act(parties.admin, "budget_mandate_take_over", id=mandate["id"])["datasets"] == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"exercice_to": 2020}, "mandate_scope"),
        ({"etapes": ["BP", "DM"]}, "mandate_scope"),
        ({"starts": (TODAY + DAY).isoformat()}, "mandate_future"),
        ({"starts": "2020-01-01", "ends": (TODAY - DAY).isoformat()}, "mandate_expired"),
    ],
)
def test_beyond_its_terms_a_mandate_allows_nothing_at_the_desk_or_by_ckans_form(
    parties: Parties, changed: dict[str, Any], code: str
) -> None:
    parties.mandate("suppleance", **changed)
    assert parties.told(parties.agent, CA, publish=False) == ("refused", code)
    made = {"type": "budget", "title": "Essai", "name": f"essai-{code}", "owner_org": parties.region["id"]}
    dataset = parties.act(parties.agent, "package_create", **made)
    from tests.ingest.conftest import upload

    with pytest.raises(tk.ValidationError) as caught:
        parties.act(parties.agent, "resource_create", package_id=dataset["id"], upload=upload(CA))
    assert "Exemple-sur-Meuse" in str(caught.value.error_dict["upload"])
    assert core.documents_of(dataset["id"]) == []


def test_a_mandate_ended_between_deposit_and_publication_publishes_nothing(parties: Parties) -> None:
    mandate = parties.mandate("suppleance")
    batch = parties.send(parties.agent, CA, publish=False)
    assert batch["documents"][0]["status"] == "ready"
    parties.act(parties.admin, "budget_mandate_end", id=mandate["id"])
    (document,) = parties.act(parties.agent, "budget_batch_publish", id=batch["batch_id"])["documents"]
    assert (document["status"], document["message"]["code"]) == ("refused", "mandate_ended")
    assert core.live_versions(core.Key(fixtures.SIRET, None, 2021, "CA", 0)) == []


def test_without_a_mandate_the_region_publishes_in_its_own_datasets_as_before_and_it_is_said(
    parties: Parties,
) -> None:
    dataset = shown(parties.send(parties.agent, of(NEIGHBOUR)))
    assert dataset["owner_org"] == parties.region["id"]
    assert mention(dataset) == (BY, "Voisine-sur-Meuse")


def test_another_collectivites_file_is_refused_before_anything_is_published(parties: Parties) -> None:
    assert parties.told(parties.editor, of(NEIGHBOUR), publish=False) == ("refused", "other_organization")
    parties.mandate("depot")
    assert parties.told(parties.depositor, of(NEIGHBOUR)) == ("refused", "deposit_not_allowed")


# -- subsidiarité: the helper prepares, the collectivité publishes


def test_a_helper_prepares_and_an_editor_of_the_collectivite_publishes(parties: Parties) -> None:
    parties.mandate("subsidiarite")
    batch = parties.send(parties.agent, CA)
    assert (batch["state"], batch["documents"][0]["status"]) == ("open", "waiting")
    again = parties.act(parties.agent, "budget_batch_publish", id=batch["batch_id"])
    assert again["documents"][0]["status"] == "waiting"
    assert core.live_versions(core.Key(fixtures.SIRET, None, 2021, "CA", 0)) == []
    assert parties.act(parties.stranger, "budget_batch_waiting") == []
    (entry,) = parties.act(parties.editor, "budget_batch_waiting")
    assert (entry["batch_id"], entry["by"], entry["for"]) == (batch["batch_id"], BY, ["Exemple-sur-Meuse"])
    for who in (parties.agent, parties.stranger, parties.depositor):
        with pytest.raises(tk.NotAuthorized):
            parties.act(who, "budget_batch_approve", id=batch["batch_id"])
    (document,) = parties.act(parties.editor, "budget_batch_approve", id=batch["batch_id"])
    assert document["status"] == "published"
    dataset = helpers.call_action("package_show", id=document["package_id"])
    assert dataset["owner_org"] == parties.commune["id"] and mention(dataset) == ("", "")
    (row,) = core.documents_of(dataset["id"])
    assert row.on_behalf["kind"] == "subsidiarite" and row.on_behalf["by"] == BY
    done = parties.act(parties.agent, "budget_batch_show", id=batch["batch_id"])
    assert (done["state"], done["counts"]) == ("done", {"published": 1})
    assert parties.act(parties.editor, "budget_batch_waiting") == []


def test_what_the_collectivite_does_not_want_is_refused_with_its_reason(parties: Parties) -> None:
    parties.mandate("subsidiarite")
    batch = parties.send(parties.agent, CA)
    with pytest.raises(tk.ValidationError):
        parties.act(parties.editor, "budget_batch_refuse", id=batch["batch_id"], reason=" ")
    (document,) = parties.act(
        parties.editor, "budget_batch_refuse", id=batch["batch_id"], reason="Ce n’est pas le bon."
    )
    assert document["message"]["code"] == "refused_by_collectivite"
    assert "Ce n’est pas le bon." in document["message"]["what"]
    assert parties.act(parties.agent, "budget_batch_show", id=batch["batch_id"])["state"] == "done"


def test_a_mandate_that_becomes_a_help_before_publication_waits(parties: Parties) -> None:
    mandate = parties.mandate("suppleance")
    batch = parties.send(parties.agent, CA, publish=False)
    parties.act(parties.admin, "budget_mandate_end", id=mandate["id"])
    parties.mandate("subsidiarite")
    found = batches.get(batch["batch_id"])
    assert found is not None
    publish.queue(found)
    publish.work(found.id)
    (document,) = parties.act(parties.agent, "budget_batch_show", id=batch["batch_id"])["documents"]
    assert document["status"] == "waiting"
