"""The page of a territory: who publishes there, how many of those who should, what came last."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from ckanext.budget.views import territory_map
from tests.coverage.conftest import Herault, herault  # noqa: F401  (a fixture: pytest finds it here)
from tests.coverage.made import EPCI, MONTPELLIER, SMALL, dataset, document
from tests.views.test_pages import text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]


@pytest.fixture
def published(herault: Herault) -> None:  # noqa: F811
    """Rows of the registry without lines: two communes and an EPCI of the Hérault; one of them is private."""
    package = dataset()
    document(package, MONTPELLIER, 2021, "CA")
    document(package, MONTPELLIER, 2022, "BP")
    document(dataset(), SMALL, 2020, "BP")
    document(dataset(private=True), EPCI, 2022, "BP")


@pytest.mark.parametrize("code", ["34", "R76"])
def test_who_publishes_and_how_many_of_those_who_should(published: None, app: Any, code: str) -> None:
    body = app.get(f"/budgets/territoires/{code}").body
    said = text(body)
    assert "2 collectivités publient leurs budgets ici" in said
    assert f'href="/budgets/{MONTPELLIER}"' in body and f'href="/budgets/{SMALL}"' in body
    assert f'href="/budgets/{EPCI}"' not in body  # private
    assert "2021–2022" in said and "Budget primitif 2022" in said and "ne les additionnez pas" in said
    rate = re.search(r"Sur les ([\d ]+) que la loi oblige probablement à publier, 1 le font", said)
    assert rate and int(rate[1].replace(" ", "")) > 50
    assert re.search(r"2021 [^%]*% \(0/\d+\) [^%]*% \(1/\d+\)", said)  # BP, then account
    assert 'href="/budgets/tableau-de-bord' in body
    assert f"/budgets/{MONTPELLIER}00015/2022/bp" in body  # among the latest


def test_an_epci_has_its_communes_and_nothing_is_said_of_what_is_not_there(published: None, app: Any) -> None:
    body = app.get(f"/budgets/territoires/{EPCI}").body
    assert f"/budgets/{MONTPELLIER}" in body or f"/budgets/{SMALL}" in body
    assert 'href="/budgets/territoires/34"' in body
    assert "Aucune collectivité de ce territoire" in app.get("/budgets/territoires/55").body
    assert "Meuse" in app.get("/budgets/territoires/R44").body
    for code in ("999", "R999", "000000000", "x"):
        assert app.get(f"/budgets/territoires/{code}").status_code == 404, code


def test_a_region_leads_with_its_map_and_the_table_that_says_the_same(published: None, app: Any) -> None:
    body = app.get("/budgets/territoires/R76").body
    shapes = re.findall(r'<a href="/budgets/territoires/(\w+)" aria-label="([^"]+)"><title>', body)
    rows = re.findall(r'<a href="/budgets/territoires/\w+">([^<]+) \((\w+)\)</a></th><td>([^<]+)</td>', body)
    assert len(shapes) == len(rows) == 13
    assert {code for _, code, _ in rows} == set(dict(shapes))
    said = {code: words for _, code, words in rows}
    assert re.fullmatch(r"1 sur \d+", said["34"]) and re.fullmatch(r"0 sur \d+", said["31"])
    assert said["34"] in dict(shapes)["34"] and body.index("b-map") < body.index("b-who")
    assert "b-map" not in app.get("/budgets/territoires/34").body
    overseas = app.get("/budgets/territoires/R01").body  # one département: its own page says it
    assert "b-map" not in overseas


def test_a_quarter_more_is_a_shade_more() -> None:
    shares = [None, "0", "0.01", "0.25", "0.49", "0.5", "0.75", "1"]
    found = [territory_map.shade(Decimal(share) if share else None) for share in shares]
    assert found == [0, 0, 1, 2, 2, 3, 4, 4]
