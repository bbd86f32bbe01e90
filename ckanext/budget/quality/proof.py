"""The proof that no euro was lost: sums of the source, read a second time by other means, against those of the CSV.

Lines that the conversion took from the bytes are read here by an XML parser; lines that it had from the parser are
read here as text (:mod:`~ckanext.budget.quality.second_reading`). Sections come from the chart of accounts there, from
an account's first digit here: the two rules agree on every account of every official plan. A sum is by amount column,
sense, section and kind of operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation, localcontext
from typing import BinaryIO

from ckanext.budget.quality.second_reading import as_parsed, as_written
from ckanext.budget.scdl.codes import section_by_digit
from ckanext.budget.scdl.table import EXACT, Groups
from ckanext.budget.totem.model import AMOUNTS

#: (sense R/D, section F/I or «» when no digit tells, kind «reel»/«ordre») → sums in the order of ``AMOUNTS``, in euros
Sums = dict[tuple[str, str, str], list[Decimal]]

_ZERO = ("0", "0.0", "0.00")


@dataclass
class Conservation:
    """Lines and sums of the source and of the CSV, in euros."""

    lines: int = 0
    rows: int = 0
    source: Sums = field(default_factory=dict[tuple[str, str, str], list[Decimal]])
    csv: Sums = field(default_factory=dict[tuple[str, str, str], list[Decimal]])

    @property
    def holds(self) -> bool:
        """As many rows as data lines, and every sum the same to the cent."""
        return self.lines == self.rows and all(one["source"] == one["csv"] for one in self.to_list())

    def to_list(self) -> list[dict[str, str]]:
        """Every sum but those that are zero on both sides: ``amount``, ``sense``, ``section``, ``kind``, ``source``,
        ``csv``."""
        found: list[dict[str, str]] = []
        zero = [Decimal(0)] * len(AMOUNTS)
        for key in sorted({*self.source, *self.csv}):
            pairs = zip(AMOUNTS, self.source.get(key, zero), self.csv.get(key, zero), strict=True)
            for amount, source, made in pairs:
                if source or made:
                    sense, section, kind = key
                    found.append(
                        {"amount": amount, "sense": sense, "section": section, "kind": kind,
                         "source": plain(source), "csv": plain(made)}
                    )  # fmt: skip
        return found

    def total(self, where: str, amount: str, sense: str) -> Decimal:
        """Sum of an amount column and sense, in the ``source`` or the ``csv``."""
        sums: Sums = getattr(self, where)
        index = AMOUNTS.index(amount)
        with localcontext(EXACT):
            return sum((values[index] for key, values in sums.items() if key[0] == sense), Decimal(0))


def plain(value: Decimal) -> str:
    """Decimal text that does not depend on how the sum was made (no trailing zeros beyond the cents)."""
    whole, _, cents = f"{value:f}".partition(".")
    return f"{whole}.{cents.rstrip('0'):0<2}"


def prove(source: BinaryIO, rows: int, groups: Groups, *, took_bytes: bool) -> Conservation:
    """Compare a source (seekable) with what was read back of its CSV (:func:`~ckanext.budget.scdl.table.read_back`).

    ``took_bytes``: the conversion took lines from the bytes.
    """
    proof = Conservation(rows=rows)
    with localcontext(EXACT):
        for line in as_parsed(source) if took_bytes else as_written(source):
            proof.lines += 1
            _add(proof.source, line)
    proof.csv = _summed(groups)
    return proof


def compare(lines: int, source: Groups, rows: int, groups: Groups) -> Conservation:
    """The same for a source that is a standard CSV itself."""
    return Conservation(lines, rows, _summed(source), _summed(groups))


def _summed(groups: Groups) -> Sums:
    summed: Sums = {}
    with localcontext(EXACT):
        for (section, sense, ordre, nature), sums in groups.items():
            key = sense, section if section_by_digit(nature) else "", "ordre" if ordre else "reel"
            kept = summed.setdefault(key, [Decimal(0)] * len(AMOUNTS))
            for index, amount in enumerate(sums):
                kept[index] += amount
    return summed


def _add(sums: Sums, line: Mapping[str, str]) -> None:
    get = line.get
    nature = get("Nature", "").strip() or get("ContNat", "").strip() or get("ContFon", "").strip() or "0"
    kind = "ordre" if get("OpBudg", "").strip() == "1" else "reel"
    key = get("CodRD", "?").strip(), section_by_digit(nature), kind
    kept = sums.get(key)
    if kept is None:
        kept = sums[key] = [Decimal(0)] * len(AMOUNTS)
    for index, name in enumerate(AMOUNTS):
        value = get(name)
        if value and value not in _ZERO:
            kept[index] += _number(value)


def _number(value: str) -> Decimal:
    try:
        return Decimal(value.strip() or "0")
    except InvalidOperation:
        return Decimal("NaN")  # the reader refuses it; equal to nothing, so that it can't pass
