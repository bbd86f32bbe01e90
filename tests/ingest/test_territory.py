"""Where a budget is from: the fields and facets of its dataset, the head of its pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ckan.tests import helpers
from stdnum import luhn

from dev import fixtures
from tests.ingest.conftest import Portal

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

#: a real commune (it has few inhabitants) and the EPCI of another; the amounts are fictitious
ABERGEMENT, FAUCIGNY = "210100012", "200000172"


def siret(siren: str) -> str:
    return f"{siren}0099" + luhn.calc_check_digit(f"{siren}0099")


def budget(siren: str) -> bytes:
    return fixtures.document(stage="CA", exercice=2021, siret=siret(siren), name="Collectivité d’essai")


@pytest.mark.usefixtures("clean_index")
def test_departement_and_epci_fill_the_dataset_and_its_facets(portal: Portal) -> None:
    commune, group = portal.dataset(), portal.dataset()
    portal.deposit(commune, budget(ABERGEMENT))
    portal.deposit(group, budget(FAUCIGNY))
    shown = portal.show(commune)
    assert (shown["departement"], shown["epci"]) == ("Ain", "CC de la Dombes")
    shown = portal.show(group)
    assert (shown["departement"], shown["epci"]) == ("Haute-Savoie", "CC Faucigny - Glières")
    found = helpers.call_action(
        "package_search",
        fq="dataset_type:budget",
        **{"facet.field": ["vocab_budget_departement", "vocab_budget_epci"]},
    )
    assert found["facets"]["vocab_budget_departement"] == {"Ain": 1, "Haute-Savoie": 1}
    assert found["facets"]["vocab_budget_epci"] == {"CC de la Dombes": 1, "CC Faucigny - Glières": 1}


def test_a_correction_is_kept(portal: Portal) -> None:
    dataset = portal.dataset(epci="Dombes Saône Vallée")
    portal.deposit(dataset, budget(ABERGEMENT))
    assert portal.show(dataset)["epci"] == "Dombes Saône Vallée"


def test_the_head_of_a_page_says_how_many_inhabitants(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, budget(ABERGEMENT))
    for role in ("csv", "consolidated"):
        (resource,) = portal.resources(dataset, role)
        body = app.get(f"/en/budget/{dataset['name']}/resource/{resource['id']}").body
        assert "860 inhabitants in 2023 · Ain" in re.sub(r"<[^>]*>|\s+", " ", body)


def test_of_a_collectivite_that_is_not_known_the_file_alone_is_believed(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2021))
    shown = portal.show(dataset)
    assert shown["departement"] == "Meuse"
    assert not shown.get("epci")
    (csv,) = portal.resources(dataset, "csv")
    assert "inhabitants" not in app.get(f"/en/budget/{dataset['name']}/resource/{csv['id']}").body
