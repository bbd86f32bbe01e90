"""The figures of a document's page: headline figures, what it is spent on, what was opened, ratios."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from typing import Any

import pytest

from ckanext.budget.figures import formulas, tree
from ckanext.budget.figures.values import Inhabitants
from ckanext.budget.views import inhabitants, wording
from dev import fixtures
from dev.fixtures import SIRET, SIRET_ANNEXE
from tests.figures import made
from tests.ingest.conftest import Portal
from tests.views.test_pages import text

pytestmark = [pytest.mark.ckan, pytest.mark.usefixtures("with_plugins")]

CA = f"/budgets/{SIRET}/2022/ca"


def line(nature: str, fonction: str, **amounts: str) -> dict[str, str]:
    return {"Nature": nature, "Fonction": fonction, "CodRD": "D", **amounts, "OpBudg": "0"}


def plain(body: str) -> str:
    """What is read, blanks as one space."""
    return re.sub(r"\s+", " ", html.unescape(text(body)))


def section(app: Any, path: str, name: str) -> str:
    found = re.search(rf'<section aria-labelledby="b-{name}">.*?</section>', app.get(path).body, re.DOTALL)
    return found.group(0) if found else ""


def card(body: str, figure: str) -> str:
    found = re.search(rf'data-figure="{figure}">.*?</div>', body, re.DOTALL)
    return plain("<" + found.group(0)) if found else ""


def euros(value: Any) -> str:
    return re.sub(r"\s", " ", wording.amount(value, "fr"))


def short(value: Any) -> str:
    return re.sub(r"\s", " ", wording.headline(value, "fr"))


def link(body: str, words: str) -> str:
    """Where the link that says these words leads."""
    found = next(
        m for m in re.finditer(r'<a href="([^"]*)">(.*?)</a>', body, re.DOTALL) if words in plain(m.group(2))
    )
    return html.unescape(found.group(1)).partition("#")[0]


def test_headline_figures_say_last_year_in_words_and_the_population_or_that_it_is_unknown(
    portal: Portal, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    principal, annexe = portal.dataset(), portal.dataset()
    for year in (2021, 2022):
        portal.deposit(principal, fixtures.document(stage="CA", exercice=year))
    portal.deposit(annexe, fixtures.document(stage="CA", exercice=2022, annexe=True))
    (_, before), (_, now) = made.fictitious("CA", 2021), made.fictitious("CA", 2022)
    spent, earlier = (formulas.headline(groups, "mtreal", "D") for groups in (now, before))
    body = app.get(CA).body
    sign, words = ("▲", "en hausse de") if spent > earlier else ("▼", "en baisse de")
    percent = re.sub(r"\s", " ", wording.percent(abs(spent - earlier) / earlier, "fr"))
    assert f"{sign} {words} {percent} par rapport à 2021" in card(body, "expenditure")
    assert short(spent) in card(body, "expenditure") and "/hab" not in card(body, "expenditure")
    assert "La population n’est pas connue ici" in plain(body)
    assert re.search(r"\d,\d ans dette au 31 décembre", card(body, "repayment_years"))
    assert short(formulas.gross_savings(now, "mtreal")) in card(body, "gross_savings")
    assert "▲" not in card(app.get(CA.replace("2022", "2021")).body, "expenditure")

    monkeypatch.setattr(inhabitants, "inhabitants", lambda siren: Inhabitants(1000, 2023, "INSEE"))
    body = app.get(CA).body
    assert f"{short(spent / 1000)} /hab." in card(body, "expenditure").replace(" /hab", " /hab")
    assert "1 000 habitants, population 2023 (INSEE)" in plain(body)
    other = app.get(f"/budgets/{SIRET_ANNEXE}/2022/ca").body
    assert "/hab" not in plain(other) and "habitants, population" not in plain(other)
    assert not card(other, "gross_savings") and not card(other, "repayment_years")


def test_expenditure_opens_from_service_to_the_lines_without_scripts(portal: Portal, app: Any) -> None:
    portal.deposit(portal.dataset(), fixtures.document(stage="CA", exercice=2022))
    document, groups = made.fictitious("CA", 2022)
    root = tree.by_category(groups, document)
    top = root.children[0]
    function = top.children[0]
    account = function.children[0]
    body = section(app, CA, "purposes")
    assert euros(root.amount) in plain(body) and euros(top.amount) in plain(body)
    body = section(app, link(body, top.label), "purposes")
    assert f"Tout {top.label}" in plain(body) and euros(function.amount) in plain(body)
    body = section(app, link(body, function.label), "purposes")
    assert euros(account.amount) in plain(body)
    lines = app.get(link(body, account.label)).body
    assert f"dépenses {euros(account.amount)}" in plain(lines)
    only = tree.by_category(groups, document, section="I")
    assert euros(only.amount) in plain(section(app, f"{CA}?section=I", "purposes"))
    nature = tree.by_chapter(groups, document)
    assert euros(nature.children[0].amount) in plain(section(app, f"{CA}?vue=nature", "purposes"))
    hundred = tree.per_hundred(root)
    assert hundred and euros(hundred[0][1]) in plain(section(app, f"{CA}?vue=cent", "purposes"))
    for wrong in ("?vue=xx&section=Z", "?vue=service&chemin=<script>", "?chemin=education.99.1"):
        assert euros(root.amount) in plain(section(app, CA + wrong, "purposes"))


def test_without_functions_the_page_says_why_and_leads_to_nature(portal: Portal, app: Any) -> None:
    portal.deposit(portal.dataset(), fixtures.document(stage="CA", exercice=2022, annexe=True))
    path = f"/budgets/{SIRET_ANNEXE}/2022/ca"
    document, groups = made.fictitious("CA", 2022, annexe=True)
    assert euros(tree.by_chapter(groups, document).children[0].amount) in plain(section(app, path, "purposes"))
    body = section(app, f"{path}?vue=service", "purposes")
    assert "La nomenclature M49 développée n’a pas de fonctions" in plain(body)
    assert "vue=nature" in link(body, "Voir les dépenses par nature")


def test_negative_amounts_stay_negative_and_are_no_parts_of_a_hundred(portal: Portal, app: Any) -> None:
    lines = [
        line("6411", "20", MtReal="900"),
        line("60612", "311", MtReal="-100.50"),
        line("66111", "01", MtReal="5"),
    ]
    portal.deposit(portal.dataset(), fixtures.document(stage="CA", exercice=2022, lines=lines))
    body = section(app, CA, "purposes")
    assert "−100,50 €" in plain(body) and "Part" not in plain(body)
    assert "Un montant est négatif" in plain(body) and "budget-negative" in body
    assert "ne peuvent pas être des parts de 100 €" in plain(section(app, f"{CA}?vue=cent", "purposes"))


def test_an_amendment_that_moves_credits_says_that_the_total_does_not_change(portal: Portal, app: Any) -> None:
    lines = [
        line("6411", "20", MtPropNouv="500", MtPrev="500"),
        line("60612", "020", MtPropNouv="-500", MtPrev="-500"),
    ]
    portal.deposit(portal.dataset(), fixtures.document(stage="DM", exercice=2022, dm_number=1, lines=lines))
    path = f"/budgets/{SIRET}/2022/dm-1"
    assert "le total du budget ne change pas" in plain(app.get(path).body)
    body = plain(section(app, path, "purposes"))
    assert "+500,00 €" in body and "−500,00 €" in body and "/hab" not in body


@made.corpus
def test_montreuil_2022_is_read_to_the_cent(portal: Portal, app: Any) -> None:
    portal.deposit(portal.dataset(), (made.CORPUS / "montreuil-2022-CA-M14" / "totem.xml").read_bytes())
    path = "/budgets/21930048000015/2022/ca"
    body = app.get(path).body
    for figure, exact in (
        ("expenditure", "263396211.78"),
        ("receipts", "263273938.24"),
        ("gross_savings", "21213279.12"),
        ("closing", "11807912.05"),
    ):
        assert f'title="{wording.amount(Decimal(exact), "fr")}"' in body, figure
        assert short(Decimal(exact)) in card(body, figure)
    assert "9,7 ans" in card(body, "repayment_years") and "206,1 M€" in card(body, "repayment_years")
    school = plain(section(app, f"{path}?vue=service&chemin=education", "purposes"))
    assert "Fonction officielle 2 « Enseignement - Formation » : 35 665 972,44 €" in school
    assert "252, dans « Transports, voirie »" in school and "Les centres de loisirs n’y sont pas" in school
    assert "35 665 972,44 €" in plain(section(app, f"{path}?vue=fonction&chemin=2", "purposes"))


def test_what_was_opened_done_and_voted(portal: Portal, app: Any) -> None:
    dataset = portal.dataset()
    portal.deposit(dataset, fixtures.document(stage="BP", exercice=2021))
    bp = f"/budgets/{SIRET}/2021/bp"
    body = plain(app.get(bp).body)
    assert "en 2021 sera connu avec le compte. Il est voté au plus tard le 30 juin 2022" in body
    assert not section(app, bp, "council") and "Crédits ouverts" not in plain(section(app, bp, "chapters"))
    portal.deposit(dataset, fixtures.document(stage="CA", exercice=2021))
    account = bp.replace("bp", "ca")
    chapters = plain(section(app, account, "chapters"))
    _, groups = made.fictitious("CA", 2021)
    rate = formulas.execution_rate(groups, "I", "D")
    assert rate and re.sub(r"\s", " ", wording.percent(rate, "fr")) in chapters
    assert euros(formulas.still_to_do(groups, "D", "I")) in chapters
    council = plain(section(app, account, "council"))
    assert "il manque un vote" in council
    planned, spent = (
        sum(
            g.amounts[amount]
            for g in made.fictitious(stage, 2021)[1]
            if g.real and not g.reserve and g.code_rd == "D"
        )
        for stage, amount in (("BP", "mtprev"), ("CA", "mtreal"))
    )
    assert f"{re.sub(chr(0x202F), ' ', wording.percent(spent / planned, 'fr'))} ont été réalisés" in council
    assert f'href="{account}"' in section(app, bp, "chapters")
    portal.deposit(dataset, fixtures.document(stage="DM", exercice=2021, dm_number=1))
    council = plain(section(app, account, "council"))
    assert "expliquent tous les crédits" in council and "Décision modificative n° 1" in council
    voted = [sum((g.amounts["mtprev"] for g in made.fictitious(*which)[1] if g.chapter == "21" and g.real), Decimal(0))
             for which in (("BP", 2021), ("DM", 2021, False, 1))]  # fmt: skip
    assert euros(sum(voted)) in council


def test_a_vote_whose_others_are_not_here_names_them(portal: Portal, app: Any) -> None:
    portal.deposit(portal.dataset(), fixtures.document(stage="DM", exercice=2021, dm_number=2))
    council = plain(section(app, f"/budgets/{SIRET}/2021/dm-2", "council"))
    assert re.search(r"Non publié ici : Budget primitif, Décision modificative n° 1 ?\.", council)


def test_ratios_say_formula_source_and_what_is_declared_and_guarantees_are_no_debt(portal: Portal, app: Any) -> None:
    portal.deposit(portal.dataset(), fixtures.document(stage="CA", exercice=2022))
    portal.deposit(portal.dataset(), fixtures.document(stage="CA", exercice=2022, annexe=True))
    document, groups = made.fictitious("CA", 2022)
    body = section(app, CA, "ratios")
    said = plain(body)
    debt, guaranteed = document.fact("debt"), document.fact("guaranteed")
    assert debt and guaranteed
    told = [plain(dd) for dd in re.findall(r"<dd>.*?</dd>", body, re.DOTALL)]
    assert [text.strip() for text in told] == [euros(debt), euros(guaranteed)]
    years = wording.years(debt / formulas.gross_savings(groups, "mtreal"), "fr")
    assert re.search(rf"Formule et source.*{years.split()[0]} ans", said)
    assert "Source : Art. R. 2313-1 CGCT, 7°" in said and "Formule : " in said
    assert "Déclaré" in said and "Recalculé" in said
    assert "Capacité de désendettement" not in plain(section(app, f"/budgets/{SIRET_ANNEXE}/2022/ca", "ratios"))
