"""The product's figures are those that a script sharing no code with it works out from the XML."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ckanext.budget.figures import tree
from ckanext.budget.figures.values import of_document
from tests.figures import recompute
from tests.figures.made import CORPUS, corpus, town

CASES = [
    "montpellier-2022-CA-M57D-fonction",
    "m3m-2021-CA-assainissement-M49D",
    "mohon-2023-CFU-M57A",
    "crach-2022-BP-principal-M14",
    "crach-2021-DM2-principal-M14",
    "montreuil-2020-CA-M14",
    "montpellier-2025-BP-M57D-fonction",
]
#: not made for an annexe nor for a change (savings), whatever the lines
NOT_MADE = {"gross_savings", "gross_savings_form", "net_savings"}


@corpus
@pytest.mark.parametrize("case", CASES)
def test_figures_are_recomputed(case: str) -> None:
    document, groups = town(case)
    wanted = recompute.figures(CORPUS / case / "totem.xml")
    functions = wanted.pop("functions")
    values = of_document(document, groups)
    made = {name: value.value for name, value in values.items() if name in wanted}
    left_out = NOT_MADE if document.is_annexe or document.stage == "DM" else set()
    assert {name for name in wanted if made[name] is None and wanted[name] is not None} == left_out
    for name in wanted.keys() - left_out:
        value = made[name]
        if value is not None and values[name].figure.unit == "share":
            value = round(value * 100, 2)
        assert value == wanted[name], name
    found = {node.code: node.amount for node in tree.by_function(groups, document).children}
    assert {code: amount for code, amount in found.items() if amount} == functions
    assert sum(functions.values(), Decimal(0)) == wanted["expenditure"]
