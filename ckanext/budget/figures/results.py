"""What a finance officer looks at first in an account: results, restes à réaliser, affectation; and what the council
voted in the year, étape by étape, beside the credits that the account says were opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ckanext.budget.figures import formulas as f
from ckanext.budget.figures.document import Document, order
from ckanext.budget.figures.groups import ZERO, Group


@dataclass(frozen=True)
class Affectation:
    """The result of an account and what becomes of it (art. L. 2311-5, R. 2311-11 and R. 2311-12 CGCT), in euros.

    ``balance`` is the closing result of investissement after restes à réaliser; ``need`` what it lacks (0 otherwise);
    ``to_reserve`` the least that must go from the operating surplus to 1068; ``to_carry`` what may then be carried over
    (002; a deficit is negative). ``remaining_*`` are restes à réaliser of investissement.
    """

    closing_operating: Decimal
    closing_investment: Decimal
    remaining_expenditure: Decimal
    remaining_receipts: Decimal

    @property
    def balance(self) -> Decimal:
        """Closing result of investissement, once what is committed is paid and received."""
        return self.closing_investment + self.remaining_receipts - self.remaining_expenditure

    @property
    def need(self) -> Decimal:
        """Besoin de financement of investissement."""
        return max(-self.balance, ZERO)

    @property
    def to_reserve(self) -> Decimal:
        """The least put in reserve (1068)."""
        return min(self.need, max(self.closing_operating, ZERO))

    @property
    def to_carry(self) -> Decimal:
        """The most carried over in fonctionnement (002)."""
        return self.closing_operating - self.to_reserve


def affectation(groups: Sequence[Group]) -> Affectation:
    """The affectation that an account (CA, CFU) leads to."""
    return Affectation(
        f.closing(groups, "mtreal", "F"),
        f.closing(groups, "mtreal", "I"),
        f.still_to_do(groups, "D", "I"),
        f.still_to_do(groups, "R", "I"),
    )


@dataclass(frozen=True)
class Voted:
    """What the council voted for a chapter: ``by_stage`` in the order of :attr:`Council.documents`, in euros,
    opérations réelles; ``opened`` the credits that the account says were opened (None without account)."""

    section: str
    sense: str
    code: str
    label: str
    by_stage: Sequence[Decimal]
    opened: Decimal | None

    @property
    def total(self) -> Decimal:
        """BP + BS + DM."""
        return sum(self.by_stage, ZERO)


@dataclass(frozen=True)
class Done:
    """Of the initial budget alone, what the account carried out in a section (None: both), dépenses, opérations
    réelles, in euros."""

    section: str | None
    planned: Decimal
    done: Decimal

    @property
    def share(self) -> Decimal:
        """A fraction."""
        return self.done / self.planned


@dataclass(frozen=True)
class Council:
    """What the council voted in an exercice. ``missing`` names étapes that are known to be missing (``BP``, ``DM 2``:
    a number below one that is there). ``unexplained`` is the credits opened of the account (dépenses, everything) less
    what the documents here vote with their restes à réaliser: transfers between chapters leave it at zero, so that
    another amount tells that an étape is not here. None without account."""

    documents: Sequence[Document]
    missing: Sequence[str]
    chapters: Sequence[Voted]
    unexplained: Decimal | None

    @property
    def complete(self) -> bool:
        """Whether the étapes here explain the credits opened."""
        return not self.missing and self.unexplained == 0


def council(voted: Iterable[tuple[Document, Sequence[Group]]], account: Sequence[Group] | None = None) -> Council:
    """What was voted, from the documents of one budget and exercice with their groups (BP, BS, DM; drafts and accounts
    are left out), and the groups of its account."""
    kept = sorted(
        ((d, g) for d, g in voted if d.stage in ("BP", "BS", "DM") and not d.is_draft),
        key=lambda pair: order(pair[0]),
    )
    documents = [document for document, _ in kept]
    opened = None
    if account is not None:
        known = sum((f.voted(groups, "D") for _, groups in kept), ZERO)
        opened = f.total(account, "credouv", lambda g: g.code_rd == "D") - known
    return Council(documents, _missing(documents), _chapters([g for _, g in kept], account), opened)


def done(initial: Sequence[Group], account: Sequence[Group]) -> list[Done]:
    """Both sections, then each: expenditure of the initial budget (BP) that the account of its year carried out. Empty
    when nothing, or less than nothing, was planned or done."""

    def spent(groups: Sequence[Group], amount: str, section: str | None) -> Decimal:
        return f.total(
            groups, amount, lambda g: g.real and not g.reserve and g.code_rd == "D" and section in (None, g.section)
        )

    found = [Done(s, spent(initial, "mtprev", s), spent(account, "mtreal", s)) for s in (None, "F", "I")]
    return found if all(one.planned > 0 <= one.done for one in found) else []


def _missing(documents: Sequence[Document]) -> list[str]:
    numbers = {d.dm_number for d in documents if d.stage == "DM" and d.dm_number}
    absent = [f"DM {n}" for n in range(1, max(numbers, default=0)) if n not in numbers]
    return absent if any(d.stage == "BP" for d in documents) else ["BP", *absent]


def _chapters(voted: Sequence[Sequence[Group]], account: Sequence[Group] | None) -> list[Voted]:
    labels: dict[tuple[str, str, str], str] = {}
    for g in (g for groups in (*voted, account or ()) for g in groups if g.real and not g.reserve):
        labels.setdefault((g.section, g.code_rd, g.chapter), g.chapter_label)
    found: list[Voted] = []
    for (section, sense, code), label in labels.items():

        def mine(g: Group, key: tuple[str, str, str] = (section, sense, code)) -> bool:
            return g.real and not g.reserve and (g.section, g.code_rd, g.chapter) == key

        by_stage = [f.total(groups, "mtprev", mine) for groups in voted]
        opened = f.total(account, "credouv", mine) if account is not None else None
        if any(by_stage) or opened:
            found.append(Voted(section, sense, code, label, by_stage, opened))
    return sorted(found, key=lambda v: (v.section, v.sense, -(v.opened if v.opened is not None else v.total), v.code))
