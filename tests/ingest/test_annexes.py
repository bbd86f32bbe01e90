"""Tables of the annexes: published where the administrator asks for them, and they go with what they were made from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.exceptions import CkanConfigurationException

from ckanext.budget import config
from ckanext.budget.annexes.specs import SPECS
from ckanext.budget.ingest import annexes, process
from ckanext.budget.registry import core
from tests.annexes.made import document, grant, record, rows
from tests.ingest.conftest import Portal, upload
from tests.ingest.made import ca, csv

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

Refused = Callable[[Callable[[], Any]], str]
SETTING = "ckanext.budget.annexes"
LOAN = record("EMPRUNT", CodTypEmpr="01", LibOrgaPreteur="Caisse fictive", MtCapitalRestDu_31_12="900.50")


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda names: monkeypatch.setitem(tk.config, SETTING, names)


@pytest.fixture
def on(setting: Callable[[str], None]) -> None:
    setting("emprunts subventions apcp")


def budget(*records: str, **more: Any) -> bytes:
    return document(*(records or (grant(), LOAN)), **more)


def tables(portal: Portal, dataset: dict[str, Any]) -> list[str]:
    return [r["budget_table"] for r in portal.resources(dataset, "annexe")]


def test_none_by_default(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, ca())
    assert config.annexes() == [] and tables(portal, dataset) == []


@pytest.mark.usefixtures("on")
def test_the_tables_asked_for_that_have_rows_are_published(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, budget())
    assert portal.roles(dataset) == ["consolidated", "csv", "source", "annexe", "annexe"]
    assert tables(portal, dataset) == ["emprunts", "subventions"]
    (row,) = core.documents_of(dataset["id"])
    loans, grants = portal.resources(dataset, "annexe")
    assert grants["name"] == "Compte administratif 2021 – annexe : " + grants["name"].rpartition(" : ")[2]
    assert grants["description"] and grants["description"] != loans["description"] and loans["name"] != grants["name"]
    assert {grants["budget_document_id"], loans["budget_document_id"]} == {row.id}
    assert (grants["format"], grants["mimetype"], grants["url_type"]) == ("CSV", "text/csv", "upload")
    assert grants["url"].endswith("-2021-CA-subventions.csv".lower())
    (line,) = rows(portal.stored(grants))
    assert (line["nomBeneficiaire"], line["montant"]) == ("Union sportive d'Exemple", "1500.00")
    assert rows(portal.stored(loans))[0]["preteur"] == "Caisse fictive"


@pytest.mark.usefixtures("on")
def test_a_natural_person_is_told_as_a_count_only(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, budget(grant(), grant(CodNatJurBenefCA="P3", LibOrgaBenef="Quelqu'un")))
    (row,) = core.documents_of(dataset["id"])
    told = {finding["code"]: finding["params"] for finding in row.report["findings"]}
    assert told["annexe_natural_persons"] == {"count": "1", "table": "subventions"}
    (grants,) = portal.resources(dataset, "annexe")
    assert len(rows(portal.stored(grants))) == 1


def test_all_of_it_is_one_revision(
    portal: Portal, setting: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    setting(" ".join(SPECS))
    dataset = portal.dataset()
    calls: list[str] = []
    really = tk.get_action

    def get_action(name: str) -> Any:
        calls.append(name)
        return really(name)

    monkeypatch.setattr("ckanext.budget.ingest.derived.tk.get_action", get_action)
    portal.deposit(dataset, ca())
    assert len(tables(portal, dataset)) > 3
    assert calls.count("package_revise") == 1


def test_the_csv_are_the_same_with_them_or_without(portal: Portal, setting: Callable[[str], None]) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, budget())
    without = [portal.stored(r) for r in portal.resources(dataset)]
    portal.act("resource_delete", id=source["id"])
    setting("emprunts subventions")
    portal.deposit(dataset, budget())
    assert [portal.stored(r) for r in portal.resources(dataset)][:3] == without
    assert len(portal.resources(dataset)) == 5


def test_switched_on_later_they_come_with_the_next_save_and_off_again_they_go(
    portal: Portal, setting: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, budget())
    setting("emprunts")
    portal.act("package_patch", id=dataset["id"], notes="Une note")
    assert tables(portal, dataset) == ["emprunts"]
    setting("emprunts subventions")
    portal.act("package_patch", id=dataset["id"], notes="Deux notes")
    assert tables(portal, dataset) == ["emprunts", "subventions"]
    with monkeypatch.context() as patched:
        patched.setattr(process, "_convert_into", lambda *_: pytest.fail("converted again"))
        portal.act("package_patch", id=dataset["id"], notes="Trois notes")
    setting("")
    portal.act("package_patch", id=dataset["id"], notes="Plus rien")
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


@pytest.mark.usefixtures("on")
def test_they_follow_the_document(portal: Portal) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, budget(seal_date="2022-05-03T10:00:00"))
    before = {r["budget_table"]: r["id"] for r in portal.resources(dataset, "annexe")}
    newer = budget(grant(MtSubv="99.00"), seal_date="2022-06-01T10:00:00")
    portal.act("resource_patch", id=source["id"], upload=upload(newer))
    (grants,) = portal.resources(dataset, "annexe")
    assert grants["id"] == before["subventions"]
    assert rows(portal.stored(grants))[0]["montant"] == "99.00"
    assert grants["budget_document_id"] == core.documents_of(dataset["id"])[-1].id

    portal.act("resource_patch", id=source["id"], upload=upload(csv(), "ca.csv"))
    assert portal.roles(dataset) == ["consolidated", "csv", "source"]


@pytest.mark.usefixtures("on")
def test_those_of_a_replaced_version_say_so(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, budget(grant(), seal_date="2022-05-03T10:00:00"))
    portal.deposit(dataset, budget(grant(MtSubv="9.00"), seal_date="2022-06-01T10:00:00"))
    names = [r["name"] for r in portal.resources(dataset, "annexe")]
    assert [", remplacé (version du 03/05/2022) – annexe" in name for name in names] == [False, True]


@pytest.mark.usefixtures("on")
def test_they_go_with_their_source(portal: Portal) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, budget())
    portal.act("resource_delete", id=source["id"])
    assert portal.resources(dataset) == []


@pytest.mark.usefixtures("on")
def test_one_of_them_is_neither_deleted_nor_replaced_alone(portal: Portal, refused: Refused) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, budget())
    made = portal.resources(dataset, "annexe")[0]
    before = portal.stored(made)
    with pytest.raises(tk.ValidationError, match="made by the portal"):
        portal.act("resource_delete", id=made["id"])
    for content in (b"a,b\n1,2\n", ca("2023-01-01T10:00:00"), csv(2020)):
        sentence = refused(lambda c=content: portal.act("resource_patch", id=made["id"], upload=upload(c)))
        assert "made by the portal" in sentence
    assert portal.stored(portal.resources(dataset, "annexe")[0]) == before


def as_link(portal: Portal, dataset: dict[str, Any], made: dict[str, Any]) -> None:
    portal.act("resource_patch", id=made["id"], url="https://example.org/other.csv", url_type="")


def left_out(portal: Portal, dataset: dict[str, Any], made: dict[str, Any]) -> None:
    shown = portal.show(dataset)
    others = [r for r in shown["resources"] if r["id"] != made["id"]]
    portal.act("package_update", **{**shown, "resources": others})


@pytest.mark.usefixtures("on")
@pytest.mark.parametrize("way", [as_link, left_out], ids=lambda way: way.__name__)
def test_one_that_is_taken_away_is_made_again(portal: Portal, way: Callable[..., None]) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, budget())
    made = portal.resources(dataset, "annexe")[0]
    content = portal.stored(made)
    way(portal, dataset, made)
    again = portal.resources(dataset, "annexe")[0]
    assert (again["id"], again["url_type"]) == (made["id"], "upload") and "example.org" not in again["url"]
    assert portal.stored(again) == content
    assert portal.documents(dataset) == [("CA", 2021, "converted")]


@pytest.mark.usefixtures("on")
def test_a_failed_version_keeps_the_tables_of_the_last_good_one(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = portal.dataset()
    source = portal.deposit(dataset, budget(seal_date="2022-05-03T10:00:00"))
    before = [portal.stored(r) for r in portal.resources(dataset, "annexe")]

    def broken(*_: Any) -> None:
        raise RuntimeError("the tables broke")

    monkeypatch.setattr(annexes, "make", broken)
    newer = budget(grant(MtSubv="99.00"), seal_date="2022-06-01T10:00:00")
    portal.act("resource_patch", id=source["id"], upload=upload(newer))
    assert portal.documents(dataset)[-1] == ("CA", 2021, "failed")
    assert [portal.stored(r) for r in portal.resources(dataset, "annexe")] == before


def test_an_unknown_table_stops_the_portal_with_a_sentence(setting: Callable[[str], None]) -> None:
    setting("emprunts salaires")
    with pytest.raises(CkanConfigurationException) as caught:
        config.check_annexes()
    sentence = str(caught.value)
    assert "salaires" in sentence and SETTING in sentence and all(name in sentence for name in SPECS)


def test_the_plugin_looks_at_the_setting_when_it_starts(setting: Callable[[str], None]) -> None:
    import ckan.plugins as p

    from ckanext.budget import startup

    setting("salaires")
    with pytest.raises(CkanConfigurationException):
        startup.check(p.get_plugin("budget"))


@pytest.mark.usefixtures("on")
def test_a_client_that_drops_our_fields_doubles_nothing(portal: Portal) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, budget())
    before = portal.show(dataset)["resources"]
    bare = [{name: r[name] for name in ("id", "url", "url_type", "name")} for r in before]
    portal.act("package_update", **{**portal.show(dataset), "resources": bare})
    portal.act("package_patch", id=dataset["id"], notes="Une note")
    after = portal.resources(dataset)
    assert [r["id"] for r in after] == [r["id"] for r in before]
    assert portal.roles(dataset) == ["consolidated", "csv", "source", "annexe", "annexe"]
