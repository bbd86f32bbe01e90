"""Budgets that are not as one expects: each page stays true, and says what is missing."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.model.types import make_uuid
from sqlalchemy import event

from ckanext.budget.registry import core
from ckanext.budget.registry.models import BudgetDocument
from dev import fixtures
from dev.fixtures import SIREN, SIRET, identity
from tests.ingest.conftest import Portal
from tests.tables import made
from tests.views.test_document_figures import line, plain

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

NONSENSE = re.compile(r"\b(nan|inf|infinity|none|null|undefined)\b|−0,00", re.IGNORECASE)


def pages(app: Any, year: int, stage: str = "ca") -> dict[str, str]:
    """What is read on each page of the fictitious commune's budget; no number is made of nothing."""
    document = f"/budgets/{SIRET}/{year}/{stage}"
    (row,) = [d for d in core.documents_of(_package()) if (d.exercice, d.stage) == (year, stage.upper())]
    addresses = {
        "budget": f"/budgets/{SIRET}",
        "chapters": f"/budgets/{SIRET}?par=chapitre",
        "document": document,
        "nature": f"{document}?vue=nature",
        "hundred": f"{document}?vue=cent",
        "lines": f"{document}/lignes?grouper=chapitre",
        "sheet": f"/budgets/documents/{row.id}/a4",
        "compare": f"/budgets/comparer?siren={SIREN}",
    }
    found: dict[str, str] = {}
    for name, address in addresses.items():
        body = app.get(address).body
        assert "<script>alert" not in body and "<img src=x" not in body, name
        found[name] = plain(re.sub(r"(?s)<script.*?</script>|<style.*?</style>", "", body))
        assert not NONSENSE.search(found[name]), (name, NONSENSE.findall(found[name]))
    return found


def _package() -> str:
    return model.Session.scalars(sa.select(BudgetDocument.package_id).where(BudgetDocument.siret == SIRET)).first()


def test_amounts_that_are_all_zero_divide_nothing(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    zero = [
        line("6411", "20", MtReal="0", CredOuv="0"),
        {**line("7311", "01", MtReal="0.00", CredOuv="0"), "CodRD": "R"},
        line("2313", "20", MtReal="0", CredOuv="0"),
    ]
    for year in (2021, 2022):
        portal.deposit(dataset, fixtures.document("CA", year, lines=zero))
    found = pages(app, 2022)
    assert "Dépenses 0,00 €" in found["sheet"] and "Aucun montant" in found["document"]
    assert "0,00 €" in found["lines"] and "les dépenses sont passées de 0 € à 0 €." in found["budget"]
    assert not re.search(r"\d %", found["document"].replace("100 %", ""))  # (a definition says «100 %»)
    assert "Aucune dépense ici" in found["hundred"]
    assert "ne couvrent pas" not in found["document"] + found["sheet"]


def test_totals_below_zero_stay_below_zero(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    below = [line("6411", "20", MtReal="-900.10"), {**line("7311", "01", MtReal="-100"), "CodRD": "R"}]
    portal.deposit(dataset, fixtures.document("CA", 2021))
    portal.deposit(dataset, fixtures.document("CA", 2022, lines=below))
    found = pages(app, 2022)
    assert "−900,10 €" in found["document"] and "−100,00 €" in found["document"]
    assert "−900,10 €" in found["budget"] and "−900,10 €" in found["sheet"] and "−900,10 €" in found["lines"]
    assert "à −900 € ." in found["budget"] or "à −900 €." in found["budget"]  # no percentage to an amount below zero


def test_a_table_of_thirteen_columns_whose_labels_hold_markup(portal: Portal, app: Any) -> None:
    bad = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    assert len(made.LINE) == 13
    table = made.table(
        made.line(NATURE_LABEL=bad, CONTNAT_LABEL=bad),
        made.line(NATURE="7588", CONTNAT="75", CODRD="recette", MTREAL="2000.10", CONTNAT_LABEL="Autres produits"),
    )
    portal.deposit(portal.dataset(), made.csv_of(table), "publie-ailleurs.csv")
    found = pages(app, 2021)
    assert bad in html.unescape(found["lines"]) or "alert(1)" in found["lines"]
    assert "1 234,50 €" in found["document"] and "2 000,10 €" in found["document"]
    assert "fonction" in found["document"]  # says that its lines have none
    assert "par habitant" not in found["document"].replace("La population n’est pas connue", "")


def test_an_account_that_no_plan_has_is_shown_under_its_code(portal: Portal, app: Any) -> None:
    lines = [line("6411", "20", MtReal="10", CredOuv="10"), line("69999", "20", MtReal="7.25", CredOuv="8")]
    portal.deposit(portal.dataset(), fixtures.document("CA", 2022, lines=lines))
    found = pages(app, 2022)
    assert "69999" in found["lines"] and "7,25 €" in found["lines"]
    assert "17,25 €" in found["document"] and "Compte administratif 2022 : 17 €" in found["budget"]


def test_two_hundred_annexe_budgets_cost_no_more_queries_than_ten(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document("CA", 2022))
    (first,) = core.documents_of(dataset["id"])
    counted: list[int] = []
    for more in (range(100, 110), range(110, 300)):
        for n in more:
            _annexe(portal, first, n)
        model.Session.commit()
        queries: list[str] = []
        listen = lambda _c, _cursor, statement, *_: queries.append(statement)  # noqa: B023, E731
        event.listen(model.Session.get_bind(), "before_cursor_execute", listen)
        try:
            body = app.get(f"/budgets/{SIREN}").body
        finally:
            event.remove(model.Session.get_bind(), "before_cursor_execute", listen)
        counted.append(len(queries))
    assert body.count("Lotissement n°") >= 200 and "Compte administratif" in body
    assert counted[1] <= counted[0] + 5


def _annexe(portal: Portal, like: BudgetDocument, n: int) -> None:
    """An annexe budget in force, in a dataset of its own."""
    package = model.Package(
        id=make_uuid(), name=f"annexe-{make_uuid()}", title=f"Annexe {n}", type="budget", owner_org=portal.org["id"]
    )
    model.Session.add(package)
    values = {**like.as_dict(), "id": make_uuid(), "package_id": package.id, "resource_id": make_uuid()}
    values |= {"siret": identity.siret(n), "name": f"Lotissement n° {n}", "is_annexe": True, "csv_resource_id": None}
    model.Session.add(BudgetDocument(**values))
