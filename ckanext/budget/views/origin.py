"""Where the figures of a document come from: the proof that no euro was lost, labels, columns that were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk

from ckanext.budget.figures import bridge
from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.totem.model import AMOUNTS
from ckanext.budget.views import wording

if TYPE_CHECKING:
    from ckanext.budget.views.document_page import Shown

ZERO = Decimal(0)
Page = dict[str, Any]


def is_table(document: BudgetDocument) -> bool:
    """Whether it came as a table (an SCDL CSV or a spreadsheet), not as TotEM."""
    return ((document.report or {}).get("document") or {}).get("kind") == "scdl"


def build(shown: Shown) -> Page:
    """What the section «Where do these figures come from?» says."""
    document = shown.document
    report = document.report or {}
    table = is_table(document)
    column = _column(document)
    sums = {where: _both(report, where, column) for where in ("source", "csv")}
    return {
        "table": table,
        "received": wording.date(document.received.date(), tk.h.lang()),
        "lines": wording.count(int(report.get("lines", 0)), tk.h.lang()),
        "rows": wording.count(int(report.get("rows", 0)), tk.h.lang()),
        "calculated": int(report.get("calculated_lines", 0)),
        "conserved": bool(report.get("conserved")) and sums["source"] == sums["csv"],
        "source_sum": sums["source"],
        "csv_sum": sums["csv"],
        "column": f"{wording.amount_column(column)} ({_tag(column, table=table)})",
        "bridges": [
            {"name": wording.sense_name(one.sense), "parts": one}
            for one in bridge.of_groups(shown.groups, shown.known.amount)
        ],
        "sums": _table_of_sums(report.get("conservation") or [], document.nomenclature, table=table),
        "labels": None if table else _labels(report.get("labels") or {}),
        "mapping": [(str(written), str(column or "")) for written, column in report.get("mapping") or []],
        "nomenclature": wording.nomenclature(document.nomenclature),
    }


def _column(document: BudgetDocument) -> str:
    """The amount that the stage states (domain §5b)."""
    if document.stage in ("CA", "CFU"):
        return "MtReal"
    return "MtPropNouv" if document.is_draft else "MtPrev"


def _tag(column: str, *, table: bool) -> str:
    """Technical name of an amount, as the deposited file writes it."""
    return f"BGT_{column.upper()}" if table else column


def _both(report: Mapping[str, Any], where: str, column: str) -> Decimal:
    sums = report.get("sums", {}).get(where, {})
    return sum((Decimal(sums.get(sense, {}).get(column, "0")) for sense in "RD"), ZERO)


def _table_of_sums(stored: Iterable[Mapping[str, str]], norm: str, *, table: bool) -> list[Page]:
    """Sums by amount column: ``name``, ``tag`` and ``rows`` of (sense, section, kind; in the file; in the CSV)."""
    by_amount: dict[str, list[Mapping[str, str]]] = {}
    for one in stored:
        by_amount.setdefault(one["amount"], []).append(one)
    order = sorted(by_amount, key=lambda name: AMOUNTS.index(name) if name in AMOUNTS else len(AMOUNTS))
    return [
        {
            "name": wording.amount_column(name),
            "tag": _tag(name, table=table),
            "rows": [_sum(one, norm) for one in by_amount[name]],
        }
        for name in order
    ]


def _sum(one: Mapping[str, str], norm: str) -> Page:
    section = wording.section_name(one["section"], norm) if one["section"] else tk._("section not told")
    kind = (
        tk._("internal entries (ordre)")
        if one["kind"] == "ordre"
        else tk._("the rest, results carried over included")
    )
    source, made = Decimal(one["source"]), Decimal(one["csv"])
    return {
        "name": ", ".join((wording.sense_name(one["sense"]), section.lower(), kind)),
        "source": source,
        "csv": made,
        "same": source == made,
    }


def _labels(stored: Mapping[str, Any]) -> Page | None:
    """Coverage of labels: ``sentence``, then ``others`` (phrases for rows whose label is not of the year's plan)."""
    rows = int(stored.get("rows") or 0)
    if not rows:
        return None
    lang = tk.h.lang()
    own = int(stored["own_plan"])
    sentence = tk.ungettext(
        "{own} line out of {rows} bears the official label of its year.",
        "{own} lines out of {rows} bear the official label of their year.",
        own,
    ).format(own=wording.count(own, lang), rows=wording.count(rows, lang))
    phrases = {
        "other_year": lambda n: tk.ungettext(
            "{n} line bears the label of a neighbouring year", "{n} lines bear the label of a neighbouring year", n
        ),
        "parent": lambda n: tk.ungettext(
            "{n} line bears the label of the account above", "{n} lines bear the label of the account above", n
        ),
        "absent": lambda n: tk.ungettext(
            "{n} line has no official label: its code is in no plan",
            "{n} lines have no official label: their codes are in no plan",
            n,
        ),
    }
    counted = {name: int(stored.get(name) or 0) for name in phrases}
    others = [say(n).format(n=wording.count(n, lang)) for name, say in phrases.items() if (n := counted[name])]
    return {"sentence": sentence, "others": others}
