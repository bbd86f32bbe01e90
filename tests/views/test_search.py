"""The search: collectivités, accounts and words of the lines, across budgets and years."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from ckanext.budget.registry import core, line_search
from ckanext.budget.registry.line_search import Asked, Measure
from ckanext.budget.registry.models import BudgetLine
from ckanext.budget.views import sparkline
from dev import fixtures
from dev.fixtures import SIRET, SIRET_ANNEXE
from tests.ingest.conftest import Portal
from tests.views.test_pages import text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]
EVERYTHING = sa.true()


@pytest.fixture
def published(portal: Portal) -> dict[str, Any]:
    """Two accounts and a budget of the principal, an account of the annexe."""
    principal, annexe = portal.dataset(), portal.dataset()
    for stage, year in (("CA", 2021), ("BP", 2022), ("CA", 2022)):
        portal.deposit(principal, fixtures.document(stage=stage, exercice=year))
    portal.deposit(annexe, fixtures.document(stage="CA", exercice=2022, annexe=True))
    return principal


def executed(package_id: str, year: int, keep: Any) -> Decimal:
    ids = [d.id for d in core.documents_of(package_id) if (d.exercice, d.stage) == (year, "CA")]
    lines = model.Session.scalars(sa.select(BudgetLine).where(BudgetLine.document_id.in_(ids)))
    return sum(
        (line.mtreal or Decimal(0) for line in lines if not line.ordre and line.code_rd == "D" and keep(line)),
        Decimal(0),
    )


def test_amounts_are_those_of_the_lines_by_budget_and_year(published: dict[str, Any]) -> None:
    n, found = line_search.totals(Asked("nature", code="64"), Measure(), EVERYTHING)
    assert n == len(found)
    mine = next(row for row in found if row.siret == SIRET)
    for year in (2021, 2022):
        assert mine.amounts[year] == executed(published["id"], year, lambda line: line.nature.startswith("64"))
    voted = line_search.totals(Asked("nature", code="64"), Measure("vote"), EVERYTHING)[1]
    assert [list(row.amounts) for row in voted] == [[2022]]


def test_words_are_found_without_accents_in_singular_and_plural(published: dict[str, Any]) -> None:
    def codes(words: str) -> set[str]:
        return {
            c.code for kind in ("nature", "fonction") for c in line_search.codes(Asked(kind, text=words), EVERYTHING)
        }

    assert codes("école") == codes("ECOLES") == codes("ecole") != set()
    assert codes("zzzz") == codes("le de") == codes("' & | !") == set()


def test_everyday_words_find_official_ones_and_say_so(published: dict[str, Any], app: Any) -> None:
    every, exact = (app.get(f"/budgets/recherche?q=cantines{more}").body for more in ("", "&mots=exacts"))
    assert "Hébergement et restauration scolaires" in text(every)
    assert "mots officiels ont aussi été cherchés : restauration scolaire" in text(every).replace("\xa0", " ")
    assert "restauration scolaires" not in text(exact) and "Chercher aussi les mots officiels" in text(exact)


def test_the_page_leads_from_a_word_to_budgets_and_from_a_code_to_an_account(
    published: dict[str, Any], app: Any
) -> None:
    body = app.get("/budgets/recherche?q=%C3%A9coles").body
    said = text(body)
    assert "Dépenses réalisées" in said and f'href="/budgets/{SIRET}"' in body
    assert 'class="budget-spark"' not in body  # functions are in one year only
    account = app.get("/budgets/comptes/6411")
    assert account.status_code == 200 and '<svg class="budget-spark"' in account.body
    amount = executed(published["id"], 2022, lambda line: line.nature.startswith("6411"))
    assert f"{amount:,.2f}".replace(",", " ").replace(".", ",") in text(account.body).replace("\u202f", " ")
    assert "Dépenses votées" in text(account.body)
    assert "/budgets/comptes/6411" in app.get("/budgets/recherche?q=6411").body
    names = app.get("/budgets/recherche?q=assainissement").body
    assert f'href="/budgets/{SIRET_ANNEXE}"' in names


def test_what_is_not_found_is_said(published: dict[str, Any], app: Any) -> None:
    for query, words in (
        ("q=zzzzzz", "Rien n’a été trouvé"),
        ("q=a", "au moins deux caractères"),
        ("", "Une collectivité, un compte"),
        ("q=%00%25_'", "Rien n’a été trouvé"),
        ("q=6411&page=9999&mesure=rien&sens=Z&dans=rien", "6411"),
    ):
        answer = app.get(f"/budgets/recherche?{query}")
        assert answer.status_code == 200 and words in text(answer.body), query
    for code in ("999999", "zz", "64 11"):
        assert app.get(f"/budgets/comptes/{code}").status_code == 404


def test_a_trend_has_gaps_where_years_are_missing() -> None:
    values = {2016: Decimal(1), 2018: Decimal(3), 2019: Decimal(-2)}
    found = sparkline.draw(values, 2015, 2020)
    assert found and len(found.lines) == 1 and len(found.dots) == 3 and found.zero is not None
    heights = [y for _, y in found.dots]
    assert heights[1] < heights[0] < heights[2]
    assert sparkline.draw({2016: Decimal(1)}, 2016, 2016) is None
    flat = sparkline.draw({2016: Decimal(0), 2017: Decimal(0)}, 2016, 2017)
    assert flat and re.fullmatch(r"[\d., ]+", flat.lines[0])
