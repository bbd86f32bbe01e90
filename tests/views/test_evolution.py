"""A budget over its years: what the page says is what its documents hold; its state is its address."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from ckanext.budget.figures import prices
from ckanext.budget.figures.values import Inhabitants
from ckanext.budget.registry import core, headlines
from ckanext.budget.views import evolution, wording, year_chart
from ckanext.budget.views.year_chart import Stack
from dev import fixtures
from dev.fixtures import SIRET
from tests.ingest.conftest import Portal
from tests.views.test_pages import text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]


@pytest.fixture
def sums(portal: Portal) -> dict[tuple[int, str], headlines.Headline]:
    """CA of 2019, nothing in 2020, BP and CA of 2021 (M14) and 2022 (M57); their headlines."""
    dataset = portal.dataset()
    for stage, year in (("CA", 2019), ("BP", 2021), ("CA", 2021), ("BP", 2022), ("CA", 2022)):
        portal.deposit(dataset, fixtures.document(stage, year))
    rows = core.documents_of(dataset["id"])
    found = headlines.of_documents([d.id for d in rows])
    return {(d.exercice, d.stage): found[d.id] for d in rows}


def table(body: str, name: str) -> dict[str, list[str]]:
    """Cells of a table by the heading of their row."""
    (found,) = re.findall(rf'<table[^>]*>\s*<caption id="b-table-{name}">.*?</table>', body, re.DOTALL)
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', found, re.DOTALL)
    return {
        text(head).strip(): [text(cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", cells, re.DOTALL)]
        for head, cells in rows
    }


def euros(value: Decimal) -> str:
    return re.sub(r"\s+", " ", wording.amount(value, "fr"))


def test_each_year_is_told_as_its_documents_say_it(portal: Portal, app: Any, sums: Any) -> None:
    body = app.get(f"/budgets/{SIRET}").body
    rows = table(body, "sums")
    assert list(rows) == ["2019", "2020", "2021", "2022"]
    for year in (2019, 2021, 2022):
        cells = rows[str(year)]
        assert (cells[2], cells[6]) == (euros(sums[year, "CA"].receipts), euros(sums[year, "CA"].expenditure))
        voted = sums.get((year, "BP"))
        assert cells[7] == (euros(voted.expenditure) if voted else "– non connu")
    assert set(rows["2020"]) == {"– non connu"}  # a gap is no zero
    assert body.count('class="budget-gap"') >= 1 and "gris : rien de publié" in body
    assert "M14 → M57" in body and "En 2022, ce budget change de nomenclature" in text(body).replace(" , ", ", ")
    assert f'href="/budgets/{SIRET}/2022/ca"' in body


def test_euros_and_parts_are_in_the_address(
    portal: Portal, app: Any, sums: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/budgets/{SIRET}"
    index = prices.shipped()
    constant = app.get(f"{path}?euros=constants").body
    told = index.constant(sums[2019, "CA"].expenditure, 2019, 2022)
    assert told and table(constant, "sums")["2019"][6] == euros(told)
    assert index.source in constant and "habitant" not in table(constant, "sums")
    assert "euros=habitant" not in constant  # nobody knows how many live there
    monkeypatch.setattr(evolution, "inhabitants", lambda siren: Inhabitants(1000, 2022, "source fictive"))
    per = app.get(f"{path}?euros=habitant&par=chapitre&bloc=df").body
    assert table(per, "sums")["2022"][6] == euros(sums[2022, "CA"].expenditure / 1000)
    assert "1 000 habitants en 2022" in text(per) and "source fictive" in per
    assert "euros=constants&amp;par=chapitre&amp;bloc=df" in per
    joined = [name for name in table(per, "parts") if name.startswith("65 + 67")]
    assert len(joined) == 1
    functions = table(app.get(path).body, "parts")
    assert "Sans fonction (les fichiers de 2019, 2021 n’en donnent pas)" in functions
    assert "−100" not in str(functions)
    both = [table(app.get(f"{path}?bloc={block}").body, "parts")["Total"] for block in ("df", "di")]
    year = sum(Decimal(re.sub(r"[^\d,]", "", row[5]).replace(",", ".")) for row in both)
    assert euros(year) == euros(sums[2022, "CA"].expenditure)
    assert "dépenses d’investissement (remboursement de la dette compris) sont passées" in text(app.get(path).body)
    assert functions["Culture"][2:5] == ["– non connu"] * 3 and functions["Culture"][5] != "– non connu"


def test_one_year_has_no_evolution(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document("CA", 2022))
    portal.deposit(dataset, fixtures.document("BP", 2022))
    body = app.get(f"/budgets/{SIRET}").body
    assert "Une seule année est publiée" in text(body) and "budget-chart" not in body


def test_amounts_below_zero_go_below_the_axis() -> None:
    stack = Stack("r", [("", False, Decimal(300)), ("", True, Decimal(-100))], Decimal(250))
    chart = year_chart.draw([2020, 2021], {2020: [stack]})
    assert chart and [place.empty for place in chart.places] == [False, True]
    (column,) = chart.places[0].columns
    up, down = column.pieces
    assert up.y + up.height == pytest.approx(chart.zero) and down.y == chart.zero
    assert up.height == pytest.approx(3 * down.height, abs=0.2)
    assert column.mark is not None and up.y < column.mark < chart.zero
    assert year_chart.draw([2020], {2020: [Stack("r", [])]}) is None
