"""What a document tells the documents beside it: stored with each, compared by :mod:`ckanext.budget.quality.links`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.groups import Group
from ckanext.budget.quality.controls_debt import Debt
from ckanext.budget.quality.controls_model import number, text
from ckanext.budget.totem.model import Header


@dataclass(frozen=True)
class Facts:
    """Amounts are in euros; None when the document does not tell (or was stored before the fact was kept).

    ``takes_results``: an account, or a budget voted after the results it takes up (ReprRes 3; 2 takes them up early).
    ``carried_*`` are 001 and 002, signed; ``reserve`` is 1068; ``opened`` the credits opened of an account (dépenses);
    ``voted`` what a BP, BS or DM votes with its restes à réaliser (dépenses); ``previous`` the MtBudgPrec (dépenses);
    ``remaining_*`` the restes à réaliser at 31 December, ``prior_*`` those taken up from the year before;
    ``executed`` the dépenses of the year of an account (réel); ``capital`` and ``loans`` the capital repaid and the
    loans received, from the lines; ``debt`` the capital still due at 31 December, ``debt_opening`` at 1 January, and
    ``guaranteed`` that of others' loans that the budget guarantees, from the annexe.
    """

    stage: str
    exercice: int
    dm_number: int = 0
    takes_results: bool = True
    carried_investment: Decimal | None = None
    carried_operating: Decimal | None = None
    reserve: Decimal | None = None
    closing_investment: Decimal | None = None
    closing_operating: Decimal | None = None
    opened: Decimal | None = None
    voted: Decimal | None = None
    previous: Decimal | None = None
    remaining_expenditure: Decimal | None = None
    remaining_receipts: Decimal | None = None
    prior_expenditure: Decimal | None = None
    prior_receipts: Decimal | None = None
    executed: Decimal | None = None
    capital: Decimal | None = None
    loans: Decimal | None = None
    debt: Decimal | None = None
    debt_opening: Decimal | None = None
    guaranteed: Decimal | None = None

    @property
    def account(self) -> bool:
        """A CA or CFU."""
        return self.stage in ("CA", "CFU")

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; amounts are decimal text."""
        data = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: text(value) if name in _AMOUNTS else value for name, value in data.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Facts:
        """The facts that :meth:`to_dict` described; what an older version did not keep is None."""
        known = {one.name for one in fields(cls)} & set(data)
        values: dict[str, Any] = {name: number(data[name]) if name in _AMOUNTS else data[name] for name in known}
        return cls(**values)


_AMOUNTS = {one.name for one in fields(Facts)} - {"stage", "exercice", "dm_number", "takes_results"}


def of(header: Header, groups: Iterable[Group], debt: Debt | None = None) -> Facts | None:
    """Facts of a document; None when its stage or year is unknown."""
    if header.stage is None or header.exercice is None:
        return None
    groups = list(groups)
    account = header.stage in ("CA", "CFU")
    amount = f.amount_shown(header.stage, draft=header.is_draft)
    return Facts(
        stage=header.stage,
        exercice=header.exercice,
        dm_number=header.dm_number,
        takes_results=account or header.get("ReprRes") == "3",
        **_carried(groups, amount, account=account),
        **(_executed(groups) if account else _voted(groups, draft=header.is_draft)),
        previous=f.total(groups, "mtbudgprec", lambda g: g.code_rd == "D"),
        prior_expenditure=f.prior_remaining(groups, "D"),
        prior_receipts=f.prior_remaining(groups, "R"),
        debt=debt.closing if debt and account else None,
        debt_opening=debt.opening if debt and account else None,
        guaranteed=debt.guaranteed if debt and account else None,
    )


def _carried(groups: list[Group], amount: str, *, account: bool) -> dict[str, Decimal]:
    """001, 002 and 1068. Some accounts show 001 and 002 among the credits opened only."""
    investment, operating = f.carried(groups, amount, "001"), f.carried(groups, amount, "002")
    if account and not investment and not operating:
        investment, operating = f.carried(groups, "credouv", "001"), f.carried(groups, "credouv", "002")
    return {
        "carried_investment": investment,
        "carried_operating": operating,
        "reserve": f.reserve(groups, amount),
    }


def _executed(groups: list[Group]) -> dict[str, Decimal]:
    return {
        "closing_investment": f.closing(groups, "mtreal", "I"),
        "closing_operating": f.closing(groups, "mtreal", "F"),
        "opened": f.total(groups, "credouv", lambda g: g.code_rd == "D"),
        "remaining_expenditure": f.still_to_do(groups, "D"),
        "remaining_receipts": f.still_to_do(groups, "R"),
        "executed": f.headline(groups, "mtreal", "D"),
        "capital": f.capital_repaid(groups, "mtreal"),
        "loans": f.new_loans(groups, "mtreal"),
    }


def _voted(groups: list[Group], *, draft: bool) -> dict[str, Decimal]:
    return {"voted": f.voted(groups, "D", draft=draft)}
