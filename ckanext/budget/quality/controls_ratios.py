"""Ratios that a file declares (InformationsGenerales) against the same, recomputed from its lines.

Definitions vary between forms and towns (M14: net of travaux en régie; sales of assets kept or not; encours of 1
January or 31 December), so each ratio has several, all seen on real files: the nearest is shown, and none agreeing is
information, never a fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.declared import declared
from ckanext.budget.figures.groups import Group
from ckanext.budget.nomenclature.plans import plan
from ckanext.budget.quality.controls_debt import Debt
from ckanext.budget.quality.controls_model import Control, compared
from ckanext.budget.totem.model import Header

CENT = Decimal("0.01")
ABSURD = Decimal(10) ** 20
_Values = list[Decimal]


def ratio_controls(header: Header, groups: Sequence[Group], debt: Debt | None) -> Iterator[Control]:
    """For a principal budget's BP, CA or CFU: ratios mean nothing in an annexe, nor in a variation."""
    if header.is_annexe or header.stage not in ("BP", "CA", "CFU"):
        return
    sums = _Sums.of(header, groups, debt)
    for information, code, values in _ratios(sums, declared(header.information.get("PopTot", ""))):
        stated = declared(header.information.get(information, ""))
        nearest = _nearest(values, stated) if stated and values else None
        if stated and nearest:  # nothing stated, or nothing to recompute it from: no control
            yield compared(code, stated, _rounded(nearest), "information", tolerance=_tolerance(stated))


def _rounded(value: Decimal) -> Decimal:
    """To the cent; an absurd number (which has more digits than a Decimal keeps) as it is."""
    return value.quantize(CENT) if abs(value) < ABSURD else value


def _nearest(values: _Values, stated: Decimal) -> Decimal:
    return min(values, key=lambda value: abs(value - stated))


def _tolerance(stated: Decimal) -> Decimal:
    """Half of the last digit written, a cent at least."""
    exponent = stated.as_tuple().exponent
    return max(CENT, Decimal(5).scaleb(int(exponent) - 1))


@dataclass(frozen=True)
class _Sums:
    """What the ratios are made of, in euros; several values where definitions differ."""

    expenditure: _Values
    receipts: _Values
    equipment: _Values
    debt: _Values
    staff: _Values
    capital: _Values
    savings: _Values

    @classmethod
    def of(cls, header: Header, groups: Sequence[Group], debt: Debt | None) -> _Sums:
        amount = f.amount_shown(header.stage or "CA", draft=header.is_draft)
        works = f.total(groups, amount, lambda g: g.ordre and g.code_rd == "R" and g.nature.startswith("72"))
        spent, received = f.real(groups, amount, "F", "D"), f.real(groups, amount, "F", "R")
        staff = [g for g in groups if g.real and g.code_rd == "D" and g.chapter == "012"]
        account = header.stage in ("CA", "CFU")
        due = [] if debt is None else [debt.closing, debt.opening] if account else [debt.opening, debt.closing]
        return cls(
            expenditure=_distinct(spent, spent - works),
            receipts=_distinct(received, received - f.sales(groups, amount)),
            equipment=_equipment(header, groups, amount, works),
            debt=[value for value in due if value],
            staff=[f.total(staff, amount, lambda _: True)] if staff else [],
            capital=_capital(groups, amount),
            savings=_distinct(
                f.gross_savings(groups, amount, with_sales=True),
                f.gross_savings(groups, amount),
            ),
        )


def _equipment(header: Header, groups: Sequence[Group], amount: str, works: Decimal) -> _Values:
    """Équipement brut, and as the form counts it (with travaux en régie; with restes à réaliser in a voted budget)."""
    chart = plan(header.norm, header.declination, header.exercice or 0)

    def counted(nature: str) -> bool:
        found = chart.find_or_parent("A", nature) if chart else None
        return found is not None and "D" in found.entry.flags

    form, gross = f.equipment_of_form(groups, amount, counted), f.equipment(groups, amount)
    values = [gross, form, form + works]
    if header.stage == "BP":
        prior = f.equipment_of_form(groups, "mtrarprec", counted)
        values += [form + prior, form + works + prior]
    return _distinct(*values)


def _capital(groups: Sequence[Group], amount: str) -> _Values:
    """Capital repaid: without deposits and refinancing; the whole chapter but refinancing; ordinary loans only."""

    def repaid(prefix: str) -> Decimal:
        mine = [g for g in groups if g.real and g.code_rd == "D" and g.nature.startswith(prefix)]
        return f.total(mine, amount, lambda g: not g.nature.startswith(("166", "16449")))

    return _distinct(f.capital_repaid(groups, amount), repaid("16"), repaid("1641"))


def _ratios(sums: _Sums, population: Decimal | None) -> Iterator[tuple[str, str, _Values]]:
    """(code of the file, code of the control, values): euros per inhabitant, then percents."""
    inhabitants = [population] if population else []
    yield "ValDepRFonc", "ratio_expenditure", _each(sums.expenditure, inhabitants)
    yield "ValRecRFonc", "ratio_receipts", _each(sums.receipts, inhabitants)
    yield "ValDepEq", "ratio_equipment", _each(sums.equipment, inhabitants)
    yield "ValEncDettePop", "ratio_debt", _each(sums.debt, inhabitants)
    yield "ValEncDetteRecFonc", "ratio_debt_receipts", _percents(sums.debt, sums.receipts)
    yield "ValDepPers", "ratio_staff", _percents(sums.staff, sums.expenditure)
    burden = [spent + repaid for spent in sums.expenditure for repaid in sums.capital]
    yield "ValDepFoncRemDette", "ratio_margin", _percents(burden, sums.receipts)
    yield "ValDepEqB", "ratio_effort", _percents(sums.equipment, sums.receipts)
    yield "ValEparRFonc", "ratio_savings", _percents(sums.savings, sums.receipts)


def _each(values: Iterable[Decimal], by: Sequence[Decimal]) -> _Values:
    return [value / divisor for value in values for divisor in by if divisor > 0]


def _percents(values: Iterable[Decimal], by: Sequence[Decimal]) -> _Values:
    return [value * 100 for value in _each(values, by)]


def _distinct(*values: Decimal) -> _Values:
    return list(dict.fromkeys(values))
