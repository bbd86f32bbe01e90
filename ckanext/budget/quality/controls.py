"""Business controls within one document: facts for a finance officer, green or amber, never a gate.

Rules and how often they hold on real budgets: domain notes, §5b. Controls between documents:
:mod:`ckanext.budget.quality.links`; the subtotals of a CFU: :mod:`ckanext.budget.quality.subtotals`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.groups import Group
from ckanext.budget.quality.controls_debt import Debt, debt_controls, debt_of
from ckanext.budget.quality.controls_identity import identity_controls
from ckanext.budget.quality.controls_model import Control, Outcome, compared, same
from ckanext.budget.quality.controls_ratios import ratio_controls
from ckanext.budget.totem.model import Header

__all__ = ["Control", "Debt", "Outcome", "check", "debt_of"]

SECTIONS = {"F": "balance_operating", "I": "balance_investment"}


def check(header: Header, groups: Iterable[Group], *, debt: Debt | None = None) -> list[Control]:
    """Controls of a document, from its header, its lines summed, and its debt annexe when it has one.

    A control that does not apply (an amount the file does not hold, another stage) is left out.
    """
    groups = list(groups)
    account = header.stage in ("CA", "CFU")
    controls = [*_balance(header, groups, account=account), *_ordre(header, groups, account=account)]
    controls += _transfer(header, groups, account=account)
    if debt is not None and account:
        controls += debt_controls(groups, debt)
    return [*controls, *ratio_controls(header, groups, debt), *identity_controls(header)]


def _amounts(header: Header, *, account: bool) -> Sequence[str]:
    """Columns whose sum balances: credits opened in an account; voted and restes à réaliser otherwise."""
    if account:
        return ("credouv",)
    return (f.amount_shown(header.stage or "BP", draft=header.is_draft), "mtrarprec")


def _pair(groups: Sequence[Group], amounts: Sequence[str]) -> tuple[Decimal, Decimal] | None:
    """Dépenses and recettes; None when no line holds any of these amounts."""
    if not any(g.amounts[amount] for g in groups for amount in amounts):
        return None
    spent, received = (
        sum((f.total(groups, amount, lambda g, s=sense: g.code_rd == s) for amount in amounts), Decimal(0))
        for sense in "DR"
    )
    return spent, received


def _balance(header: Header, groups: Sequence[Group], *, account: bool) -> Iterator[Control]:
    """Equilibrium by section (L. 1612-4 CGCT); more recettes than dépenses is allowed (L. 1612-6 and L. 1612-7)."""
    for section, code in SECTIONS.items():
        pair = _pair([g for g in groups if g.section == section], _amounts(header, account=account))
        if pair:
            yield compared(code, *pair, "information" if pair[1] > pair[0] else "a_verifier")


def _ordre(header: Header, groups: Sequence[Group], *, account: bool) -> Iterator[Control]:
    """Opérations d'ordre: each dépense has its recette, executed in an account, voted otherwise."""
    amounts = ("mtreal",) if account else _amounts(header, account=account)
    pair = _pair([g for g in groups if g.ordre], amounts)
    if pair:
        yield compared("ordre", *pair, "a_verifier")


def _transfer(header: Header, groups: Sequence[Group], *, account: bool) -> Iterator[Control]:
    """023 of fonctionnement = 021 of investissement, voted (credits opened in an account: never executed)."""
    amounts = _amounts(header, account=account)
    from_operating, to_investment = (
        sum((f.total(groups, amount, lambda g, c=code: g.nature == c) for amount in amounts), Decimal(0))
        for code in ("023", "021")
    )
    if not (same(from_operating, Decimal(0)) and same(to_investment, Decimal(0))):
        yield compared("transfer", from_operating, to_investment, "a_verifier")
