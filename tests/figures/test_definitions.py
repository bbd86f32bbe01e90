"""Formulas as data: those that ship are checked on real towns; a portal's own are refused with a sentence."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from ckanext.budget.figures import definitions, queries
from ckanext.budget.figures.document import Document
from ckanext.budget.figures.expressions import sums_of
from ckanext.budget.figures.values import (
    Inhabitants,
    Value,
    comparable_before,
    equipment,
    headlines,
    of_document,
    with_before,
)
from ckanext.budget.jsonfile import JsonFileError
from tests.figures.made import corpus, fictitious, stored, town

D = Decimal

#: the table «expected, in euros» of the domain notes, by id of figure
EXPECTED = {
    "montreuil-2022-CA-M14": {
        "expenditure": "263396211.78", "receipts": "263273938.24", "operating_receipts": "237012877.26",
        "operating_expenditure": "211272101.98", "investment_receipts": "26261060.98",
        "investment_expenditure": "52124109.80", "sales": "4527496.16", "reserve": "15202404.20",
        "carried_operating": "5752117.64", "carried_investment": "-9024336.25", "gross_savings": "21213279.12",
        "gross_savings_form": "25740775.28", "net_savings": "4185060.72", "capital": "17028218.40",
        "debt": "206124077.90", "repayment_years": "9.72",
        "equipment": "32866394.98", "equipment_form": "34404966.36",
        "closing_operating": "15699198.91", "closing_investment": "-3891286.86",
        "remaining_expenditure": "12067774.53",
        "remaining_receipts": "6000000.00", "execution_operating_expenditure": "0.9913",
        "execution_operating_receipts": "1.0196", "execution_investment_expenditure": "0.5761",
        "execution_investment_receipts": "0.5972",
    },
    "crach-2021-CA-principal-M14": {
        "expenditure": "3217871.94", "receipts": "3449760.97", "operating_receipts": "3000508.37",
        "operating_expenditure": "2282436.65", "investment_receipts": "449252.60",
        "investment_expenditure": "935435.29", "sales": "0",
        "reserve": "691327.28", "carried_operating": "835043.06", "carried_investment": "-64118.58",
        "gross_savings": "718071.72", "gross_savings_form": "718071.72", "net_savings": "578178.56",
        "capital": "139893.16", "debt": "2079074.34", "repayment_years": "2.90", "equipment": "726318.30",
        "equipment_form": "774003.03", "closing_operating": "1511404.25", "closing_investment": "182736.54",
        "remaining_expenditure": "385503.58", "remaining_receipts": "123839.60",
        "execution_operating_expenditure": "0.9199", "execution_operating_receipts": "1.0134",
        "execution_investment_expenditure": "0.4054", "execution_investment_receipts": "0.8838",
    },
}  # fmt: skip


@corpus
@pytest.mark.parametrize("case", EXPECTED)
def test_the_figures_of_two_towns_to_the_cent(case: str) -> None:
    document, groups = town(case)
    values = of_document(document, groups)
    digits = {"share": 4, "years": 2}
    found = {
        name: round(value, digits.get(values[name].figure.unit, 2))
        for name in EXPECTED[case]
        if (value := values[name].value) is not None
    }
    assert found == {name: D(text) for name, text in EXPECTED[case].items()}


@corpus
def test_own_debt_stands_apart_from_the_loans_guaranteed() -> None:
    document, groups = town("montreuil-2022-CA-M14")
    assert of_document(document, groups, wanted=["guaranteed"])["guaranteed"].value == D("589891059.25")


@corpus
def test_declared_stands_beside_recomputed() -> None:
    values = of_document(*town("mohon-2023-CFU-M57A"))
    for name in ("ratio_expenditure", "ratio_receipts", "ratio_equipment", "ratio_debt", "ratio_dgf"):
        said = values[name]
        assert said.declared is not None and said.checked is not None
        assert round(said.checked, 2) == said.declared
        assert said.value is None  # no population was given: absent rather than wrong
    assert values["ratio_staff"].declared == D("0.3682")


def test_what_is_not_there_is_not_made() -> None:
    voted = of_document(*fictitious("BP", 2022))
    assert voted["transfer"].value and voted["voted_expenditure"].value == voted["voted_receipts"].value
    assert [voted[name].value for name in ("debt", "repayment_years", "closing", "remaining_expenditure")] == [
        None
    ] * 4
    assert voted["ratio_staff"].value and voted["ratio_expenditure"].value is None
    amended = of_document(*fictitious("DM", 2021))
    assert amended["gross_savings"].value is None and amended["expenditure"].value is not None
    annexe = of_document(*fictitious("CA", 2021, True), inhabitants=Inhabitants(3412, 2023))
    ratios = [value.value for value in annexe.values() if value.figure.family == "ratio"]
    assert ratios == [None] * len(ratios)
    assert annexe["gross_savings"].value is None and annexe["closing"].value is not None


@pytest.mark.parametrize(
    ("nomenclature", "name", "scope"),
    [
        ("M57_D", "Commune d'Exemple-sur-Meuse", True),
        ("M57_A", "C.C.A.S. d'Exemple", False),
        ("M14_CCAS_SUP3500", "Exemple", False),
        ("M14_COM_500_3500", "Lotissement des Prés", False),
        ("M49_D", "Régie des eaux", False),
        ("M57_D", "Caisse des écoles", False),
        ("M57_D", "Commune de Cassis", True),
    ],
)
def test_ratios_are_for_budgets_they_mean_something_for(nomenclature: str, name: str, scope: bool) -> None:
    assert definitions.shipped().in_scope(nomenclature, name, annexe=False) is scope
    assert not definitions.shipped().in_scope(nomenclature, name, annexe=True)


def test_headlines_tell_last_years_change() -> None:
    now, before = of_document(*fictitious("CA", 2022)), of_document(*fictitious("CA", 2021))
    told = headlines(with_before(now, before))
    assert [value.id for value in told] == [
        "expenditure",
        "receipts",
        "investment_expenditure",
        "gross_savings",
        "closing",
    ]
    spent = told[0]
    assert spent.value and spent.before == before["expenditure"].value
    assert spent.change == (spent.value - spent.before) / spent.before
    assert all(value.change is None for value in headlines(with_before(now, None)))


def test_a_change_is_told_from_a_positive_base() -> None:
    figure = definitions.shipped()["closing"]
    assert Value(figure, D(50), D(-100)).change == D("1.5")
    assert Value(figure, D(50), D(0)).change is None


def test_the_document_to_compare_with() -> None:
    def of(stage: str, year: int) -> Document:
        return Document(f"{stage}{year}", year, stage, siret="1")

    every = [of("CA", 2021), of("CFU", 2021), of("BP", 2021), of("BP", 2022), of("CA", 2022)]
    assert comparable_before(every[4], every) == every[1]
    assert comparable_before(every[3], every) == every[2]
    assert comparable_before(every[0], every) is None
    assert comparable_before(of("DM", 2022), every) is None


def test_per_inhabitant_divides_by_the_population_given() -> None:
    document, groups = fictitious("CA", 2022)
    value = of_document(document, groups, inhabitants=Inhabitants(1000, 2023))["expenditure"]
    assert value.value and value.per_inhabitant == value.value / 1000


def test_sql_selects_what_the_formulas_select() -> None:
    formulas = definitions.shipped()
    documents = [fictitious("CA", 2022), fictitious("CA", 2021), fictitious("CA", 2021, True)]
    terms = [term for term in formulas.terms(list(formulas.figures)) if not term.equipment]
    with stored(*documents) as connection:
        found = queries.terms_of(connection, [d.id for d, _ in documents], terms, "mtreal")
    for document, groups in documents:
        sums = sums_of(groups, "mtreal", equipment(document))
        for term in terms:
            mine, theirs = found[document.id][term], sums(term)
            assert (mine is None) == (theirs is None), term
            assert mine is None or round(mine, 2) == theirs


def test_the_file_that_ships_follows_its_schema() -> None:
    assert definitions.load(definitions.FILE).version == definitions.shipped().version


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r["figures"].append(r["figures"][0]), "“expenditure” is there twice"),
        (
            lambda r: r["figures"][0]["of"].append({"figure": "expenditure"}),
            "made of itself (expenditure → expenditure)",
        ),
        (lambda r: r["figures"][0]["of"].append({"figure": "autre"}), "made of “autre”, which is not there"),
        (lambda r: r["figures"].pop(0), "the pages need expenditure"),
        (lambda r: r["figures"][0]["of"].append({"section": "X"}), "$.figures[0].of[2]"),
    ],
)
def test_a_bad_file_says_where_and_why(change, said: str, tmp_path: Path) -> None:
    rules = json.loads(definitions.FILE.read_text(encoding="utf-8"))
    change(rules)
    path = tmp_path / "own.json"
    path.write_text(json.dumps(rules), encoding="utf-8")
    with pytest.raises(JsonFileError, match="own.json") as refused:
        definitions.load(path)
    assert said in str(refused.value)


def test_an_edited_formula_is_what_is_worked_out(tmp_path: Path) -> None:
    rules = json.loads(definitions.FILE.read_text(encoding="utf-8"))
    next(f for f in rules["figures"] if f["id"] == "sales")["of"][0]["nature"] = ["70"]
    path = tmp_path / "own.json"
    path.write_text(json.dumps(rules), encoding="utf-8")
    document, groups = fictitious("CA", 2022)
    own = of_document(document, groups, formulas=definitions.load(path))
    usual = of_document(document, groups)
    assert own["sales"].value != usual["sales"].value
    assert own["gross_savings"].value != usual["gross_savings"].value


def test_the_documentation_says_what_ships() -> None:
    from dev import figures

    assert figures.TARGET.read_text(encoding="utf-8") == figures.page()
