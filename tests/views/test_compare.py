"""Budgets side by side: per inhabitant only, one year and étape; what is missing or differs is said."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from stdnum import luhn

from ckanext.budget.figures.values import Inhabitants
from ckanext.budget.territory.model import Place, Territory
from ckanext.budget.views import compare_bars, compare_documents, compare_page
from dev import fixtures
from dev.fixtures import SIREN, SIRET
from tests.ingest.conftest import Portal
from tests.views.test_evolution import euros
from tests.views.test_pages import text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]


def number(digits: str) -> str:
    return digits + luhn.calc_check_digit(digits)


#: two more communes that do not exist
SIRETS = [number(number(f"2155090{n}") + "0001") for n in (2, 3)]
A, B, C = SIREN, SIRETS[0][:9], SIRETS[1][:9]
PATH = f"/budgets/comparer?siren={A}&siren={B}&siren={C}"


@pytest.fixture
def town(portal: Portal) -> list[dict[str, Any]]:
    """A: BP and CA of 2022 and CA of 2021; B: CA of 2022, 50,000 euros more; C: CA of 2021 only, and an annexe of A."""
    datasets = [portal.dataset() for _ in range(4)]
    for stage, year in (("CA", 2021), ("BP", 2022), ("CA", 2022)):
        portal.deposit(datasets[0], fixtures.document(stage, year))
    portal.deposit(datasets[1], fixtures.document("CA", 2022, siret=SIRETS[0], name="Modèle-les-Bois", change=50_000))
    portal.deposit(datasets[2], fixtures.document("CA", 2021, siret=SIRETS[1], name="Patron-le-Haut"))
    portal.deposit(datasets[3], fixtures.document("CA", 2022, annexe=True))
    return datasets


@pytest.fixture
def peopled(monkeypatch: pytest.MonkeyPatch) -> None:
    people = {A: 1000, B: 500}
    known = lambda siren: Inhabitants(people[siren], 2022, "fictive") if siren in people else None  # noqa: E731
    monkeypatch.setattr(compare_page, "inhabitants", known)
    monkeypatch.setattr(compare_bars, "inhabitants", known)


def row(body: str, table: str, name: str) -> list[str]:
    (found,) = re.findall(rf'<caption id="b-table-{table}">.*?</table>', body, re.DOTALL)
    (cells,) = re.findall(rf'<tr><th scope="row">{name}</th>(.*?)</tr>', found, re.DOTALL)
    return [text(cell).strip() for cell in re.findall(r"<td>(.*?)</td>", cells, re.DOTALL)]


def test_amounts_are_per_inhabitant_and_what_is_missing_is_said(town: Any, peopled: None, app: Any) -> None:
    body = app.get(f"{PATH}&exercice=2022").body
    assert "Comparer des budgets" in body and "réalisé en 2022" in body
    before = body.index("Semblable")
    assert before < body.index("budget-compare")  # defined before the first bar
    mine, theirs = row(body, "figures", "Dépenses de fonctionnement")
    others = row(body, "figures", "Investissement hors dette")
    blocks = app.get(f"/budgets/{SIRETS[0]}/2022/ca.json").json["blocks"]
    total = next(Decimal(b["total"]) for b in blocks if (b["section"], b["sense"]) == ("F", "D"))
    assert theirs == euros(total / 500)
    assert mine == euros((total - 50_000) / 1000)
    assert others[0] and others[0] != others[1]
    assert "Pas de document publié pour cette année et cette étape : Patron-le-Haut" in text(body)
    assert len(row(body, "parts", "Culture")) == 2
    assert f'href="/budgets/{SIRET}/2022/ca"' in body


def test_year_and_stage_are_in_the_address(town: Any, peopled: None, app: Any) -> None:
    body = app.get(f"{PATH}&exercice=2021").body
    assert "Nombre d’habitants inconnu, donc rien par habitant : Patron-le-Haut" in text(body)
    assert "rien à comparer" in text(body)
    asked = app.get(f"{PATH}&exercice=2022&etape=bp").body
    assert "prévu pour 2022" in asked and "Modèle-les-Bois, Patron-le-Haut" in text(asked)
    absent = app.get(f"{PATH}&exercice=1999").body
    assert "voici ce qui s’en approche le plus" in text(absent)
    nobody = app.get("/budgets/comparer?siren=abc&exercice=x&etape=y&groupe=z&siren=%00").body
    assert "Choisissez au moins deux collectivités" in text(nobody)


def test_a_collectivite_is_added_by_its_name_and_removed(town: Any, peopled: None, app: Any) -> None:
    body = app.get(f"/budgets/comparer?siren={A}&q=modele").body
    assert f'href="/budgets/comparer?siren={A}&amp;siren={B}"' in body
    assert f'href="/budgets/comparer?siren={C}"' in app.get(f"/budgets/comparer?siren={A}&siren={C}").body
    assert f'href="/budgets/comparer?siren={A}"' in app.get(f"/budgets/{SIRET}").body
    seven = "&".join(f"siren=00000000{n}" for n in range(7))
    full = app.get(f"/budgets/comparer?{seven}").body
    assert "On compare 6 collectivités au plus" in text(full) and "b-q" not in full


class Directory:
    """Three communes of one département; only A and B are of one EPCI."""

    def by_siren(self, siren: str) -> Territory | None:
        if siren not in (A, B, C):
            return None
        epci = Place("200000000", "CC fictive") if siren != C else None
        return Territory(siren, "", f"Commune {siren}", "commune", Place("55", "Meuse"), None, epci, 700, 2022)


def test_a_group_has_a_median_from_three_budgets_on(
    portal: Portal, town: Any, peopled: None, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.deposit(town[2], fixtures.document("CA", 2022, siret=SIRETS[1], name="Patron-le-Haut"))
    for module in (compare_page, compare_documents):
        monkeypatch.setattr(module, "directory", Directory)
    monkeypatch.setattr(compare_bars, "inhabitants", lambda siren: Inhabitants(700, 2022, "fictive"))
    body = app.get(f"/budgets/comparer?siren={A}&groupe=departement&exercice=2022").body
    assert "Le groupe compte 3 budgets" in text(body) and "Médiane du groupe" in body
    blocks = app.get(f"/budgets/{SIRET}/2022/ca.json").json["blocks"]
    total = next(Decimal(b["total"]) for b in blocks if (b["section"], b["sense"]) == ("F", "D"))
    assert row(body, "figures", "Dépenses de fonctionnement") == [euros(total / 1000), euros(total / 700)]
    monkeypatch.setattr(compare_documents, "MOST_MEMBERS", 2)
    capped = text(app.get(f"/budgets/comparer?siren={A}&groupe=departement&exercice=2022").body)
    assert (
        "3 collectivités de ce groupe" in capped
        and "celle des 2 dont le nombre d’habitants est le plus proche" in capped
    )
    few = app.get(f"/budgets/comparer?siren={A}&groupe=epci&exercice=2022").body
    assert "Moins de 3 budgets" in text(few) and "Médiane du groupe" not in few
