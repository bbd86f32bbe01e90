"""The formulas of a budget, over groups of lines; amounts in euros (``Decimal``), rates as fractions.

Those that have a name are worked out from the formulas that ship as data (:mod:`~.definitions`), which say their
sources; the controls of quality always use these, whatever file a portal's pages use. ``amount`` is the column that a
stage shows (:func:`amount_shown`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from ckanext.budget.figures.definitions import shipped
from ckanext.budget.figures.expressions import sums_of
from ckanext.budget.figures.groups import ZERO, Group

Groups = Iterable[Group]

#: forecasts never executed, and results carried over: left out of execution rates
NOT_EXECUTED = ("001", "002", "020", "021", "022", "023", "024")


def amount_shown(stage: str, *, draft: bool = False) -> str:
    """Column of the amount a document states: executed for accounts, voted otherwise, proposed in a draft."""
    if stage in ("CA", "CFU"):
        return "mtreal"
    return "mtpropnouv" if draft else "mtprev"


def total(groups: Groups, amount: str, keep: Callable[[Group], bool]) -> Decimal:
    """Sum of an amount over the groups to keep."""
    return sum((g.amounts[amount] for g in groups if keep(g)), ZERO)


def real(groups: Groups, amount: str, section: str, sense: str) -> Decimal:
    """Opérations réelles of a section (F/I) and sense (R/D), without 001 and 002."""
    return total(groups, amount, lambda g: g.real and (g.section, g.code_rd) == (section, sense))


def ordre(groups: Groups, amount: str, section: str, sense: str) -> Decimal:
    """Opérations d'ordre of a section and sense."""
    return total(groups, amount, lambda g: g.ordre and (g.section, g.code_rd) == (section, sense))


def named(groups: Groups, amount: str, figure: str, equipment: Callable[[str], bool] | None = None) -> Decimal:
    """A figure of the formulas that ship, by its id; one that needs lines alone, and divides by nothing."""
    value = shipped().evaluator(sums_of(list(groups), amount, equipment)).figure(figure)
    assert value is not None, figure
    return value


def carried(groups: Groups, amount: str, nature: str) -> Decimal:
    """001 or 002, signed: a deficit is a dépense, so negative."""
    return named(groups, amount, "carried_operating" if nature == "002" else "carried_investment")


def reserve(groups: Groups, amount: str) -> Decimal:
    """1068: surplus of the year before put in reserve."""
    return named(groups, amount, "reserve")


def block(groups: Groups, amount: str, section: str, sense: str) -> Decimal:
    """One of the four blocks: réel, 1068 apart, so that F + I is the headline."""
    return total(groups, amount, lambda g: in_block(g, section, sense))


def in_block(group: Group, section: str, sense: str) -> bool:
    """Whether a group counts in a block."""
    return group.real and not group.reserve and (group.section, group.code_rd) == (section, sense)


def headline(groups: Groups, amount: str, sense: str) -> Decimal:
    """Dépenses or recettes of the document: both blocks of a sense."""
    groups = list(groups)
    return block(groups, amount, "F", sense) + block(groups, amount, "I", sense)


def sales(groups: Groups, amount: str) -> Decimal:
    """775*: proceeds of sales, exceptional by nature."""
    return named(groups, amount, "sales")


def gross_savings(groups: Groups, amount: str, *, with_sales: bool = False) -> Decimal:
    """Épargne brute: réel receipts less réel expenditure of fonctionnement; ``with_sales`` is the form's variant,
    which keeps 775."""
    return named(groups, amount, "gross_savings_form" if with_sales else "gross_savings")


def capital_repaid(groups: Groups, amount: str) -> Decimal:
    """Capital of the debt repaid: réel D of 16, deposits and revolving accounts left out."""
    return named(groups, amount, "capital")


def new_loans(groups: Groups, amount: str) -> Decimal:
    """Loans received: réel R of 16, deposits and refinancing left out as for the capital repaid."""
    return named(groups, amount, "loans")


def net_savings(groups: Groups, amount: str) -> Decimal:
    """Épargne nette: épargne brute less capital repaid."""
    return named(groups, amount, "net_savings")


def equipment(groups: Groups, amount: str) -> Decimal:
    """Équipement brut: réel D of 20 (not 204), 21, 22, 23, 45, and travaux en régie (ordre R of 72)."""
    return named(groups, amount, "equipment")


def equipment_of_form(groups: Groups, amount: str, is_equipment: Callable[[str], bool]) -> Decimal:
    """Dépenses d'équipement as the form counts them: réel D of the accounts that the plan marks (``DEquip``)."""
    return named(groups, amount, "equipment_form", is_equipment)


def result(groups: Groups, amount: str, section: str) -> Decimal:
    """Résultat de l'exercice of a section: R − D, réel and ordre, without what was carried over."""
    return _signed(groups, amount, lambda g: g.section == section and not g.carried)


def closing(groups: Groups, amount: str, section: str) -> Decimal:
    """Résultat de clôture of a section: of the year, and carried over."""
    return _signed(groups, amount, lambda g: g.section == section)


def still_to_do(groups: Groups, sense: str, section: str | None = None) -> Decimal:
    """Restes à réaliser at 31 December (of both sections unless one is named)."""
    return total(groups, "mtrar3112", lambda g: g.code_rd == sense and section in (None, g.section))


def execution_rate(groups: Groups, section: str, sense: str) -> Decimal | None:
    """Executed over credits opened, réel, forecasts left out; None when no credits were opened."""
    groups = [g for g in groups if executable(g) and (g.section, g.code_rd) == (section, sense)]
    opened = total(groups, "credouv", lambda _: True)
    return total(groups, "mtreal", lambda _: True) / opened if opened > 0 else None


def executable(group: Group) -> bool:
    """Whether a group counts in an execution rate."""
    return group.real and group.nature not in NOT_EXECUTED


def prior_remaining(groups: Groups, sense: str) -> Decimal:
    """Restes à réaliser of the year before, as a BP, BS or DM takes them up."""
    return total(groups, "mtrarprec", lambda g: g.code_rd == sense)


def voted(groups: Groups, sense: str, *, draft: bool = False) -> Decimal:
    """The total that balances in a BP, BS or DM: voted and restes à réaliser, everything included."""
    amount = amount_shown("BP", draft=draft)
    return total(groups, amount, lambda g: g.code_rd == sense) + prior_remaining(groups, sense)


def repayment_capacity(debt: Decimal | None, savings: Decimal) -> Decimal | None:
    """Capacité de désendettement in years; None without a debt annexe, or when nothing is saved."""
    return debt / savings if debt is not None and savings > 0 else None


def _signed(groups: Groups, amount: str, keep: Callable[[Group], bool]) -> Decimal:
    return sum((g.amounts[amount] if g.code_rd == "R" else -g.amounts[amount] for g in groups if keep(g)), ZERO)
