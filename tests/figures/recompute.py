"""The figures of a budget worked out from its XML by other means: lxml and Decimal, nothing of the product.

``python tests/figures/recompute.py FILE…`` prints them. Rules: the M14, M49, M57 forms. Sections by the first digit of
the account, functions by the first digit of the code (after the two of the chapter in a vote by function).
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

COLUMNS = {"01": "MtPrev", "02": "MtPrev", "03": "MtPrev", "09": "MtReal", "10": "MtReal"}
FORECASTS = {"020", "021", "022", "023", "024"}
#: two first digits of a functional code: those of the chapter, followed by the function
ALLOCATED = {"M57": ("90", "93"), "M14": ("90", "92"), "M52": ("90", "91", "93"), "M71": ("90", "93")}


class Row(NamedTuple):
    account: str
    section: str
    sense: str
    kind: str  # real, ordre, report
    function: str
    amounts: dict[str, Decimal]


def local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def figures(path: Path) -> dict[str, Any]:
    """Everything below, by name; amounts to the cent, rates in percent."""
    root = etree.parse(str(path), etree.XMLParser(resolve_entities=False, huge_tree=True)).getroot()
    said = {}
    for element in root.iter():
        if local(element) in ("NatDec", "Nomenclature", "NatFonc") and local(element.getparent()) in (
            "BlocBudget",
            "EnTeteBudget",
        ):
            said.setdefault(local(element), element.get("V"))
    column = "MtReal" if local(root) == "CompteFinancierUnique" else COLUMNS[said["NatDec"]]
    rows = [
        row(element)
        for element in root.iter()
        if local(element) == "LigneBudget" and element.get("calculated") != "true"
    ]
    found: dict[str, Any] = {}
    blocks(found, rows, column)
    if column == "MtReal":
        account(found, rows)
        found["debt"] = debt(root)
    else:
        found["voted_expenditure"] = total(rows, column, sense="D") + total(rows, "MtRARPrec", sense="D")
        found["voted_receipts"] = total(rows, column, sense="R") + total(rows, "MtRARPrec", sense="R")
    found["functions"] = functions(rows, column, said["Nomenclature"].split("-")[0], said["NatFonc"] == "2")
    return found


def row(line: Any) -> Row:
    values = {local(child): child.get("V") for child in line}
    account = values["Nature"]
    section = "F" if account in ("002", "022", "023") or account[0] in "67" else "I"
    kind = "ordre" if values["OpBudg"] == "1" else "report" if account in ("001", "002") else "real"
    amounts = {
        name: Decimal(value)
        for name, value in values.items()
        if name in ("MtReal", "MtPrev", "CredOuv", "MtRAR3112", "MtRARPrec") and value
    }
    return Row(account, section, values["CodRD"], kind, values.get("Fonction") or "", amounts)


def total(
    rows: list[Row], column: str, section: str = "", sense: str = "", kind: str = "", starts: tuple[str, ...] = ()
) -> Decimal:
    return sum(
        (
            r.amounts.get(column, Decimal(0))
            for r in rows
            if section in ("", r.section)
            and sense in ("", r.sense)
            and kind in ("", r.kind)
            and (not starts or r.account.startswith(starts))
        ),
        Decimal(0),
    )


def blocks(found: dict[str, Any], rows: list[Row], column: str) -> None:
    operating = total(rows, column, "F", "R", "real"), total(rows, column, "F", "D", "real")
    reserve = total([r for r in rows if r.account == "1068"], column, "I", "R", "real")
    investment = total(rows, column, "I", "R", "real") - reserve, total(rows, column, "I", "D", "real")
    sales = total(rows, column, "F", "R", "real", ("775",))
    repaid = [r for r in rows if not r.account.startswith(("165", "166", "16449", "1645", "1688", "169"))]
    capital = total(repaid, column, "", "D", "real", ("16",))
    equipment = total(
        [r for r in rows if not r.account.startswith("204")], column, "", "D", "real", ("20", "21", "22", "23", "45")
    )
    found.update(
        operating_receipts=operating[0], operating_expenditure=operating[1],
        investment_receipts=investment[0], investment_expenditure=investment[1],
        receipts=operating[0] + investment[0], expenditure=operating[1] + investment[1],
        reserve=reserve, sales=sales, capital=capital,
        gross_savings=operating[0] - sales - operating[1],
        gross_savings_form=operating[0] - operating[1],
        net_savings=operating[0] - sales - operating[1] - capital,
        equipment=equipment + total(rows, column, "", "R", "ordre", ("72",)),
    )  # fmt: skip


def account(found: dict[str, Any], rows: list[Row]) -> None:
    for section, name in (("F", "operating"), ("I", "investment")):
        found[f"closing_{name}"] = total(rows, "MtReal", section, "R") - total(rows, "MtReal", section, "D")
        for sense, word in (("D", "expenditure"), ("R", "receipts")):
            counted = [r for r in rows if r.account not in FORECASTS]
            opened = total(counted, "CredOuv", section, sense, "real")
            rate = total(counted, "MtReal", section, sense, "real") / opened * 100 if opened > 0 else None
            found[f"execution_{name}_{word}"] = None if rate is None else round(rate, 2)
    found["remaining_expenditure"] = total(rows, "MtRAR3112", sense="D")
    found["remaining_receipts"] = total(rows, "MtRAR3112", sense="R")


def debt(root: Any) -> Decimal | None:
    due = None
    for loan in (element for element in root.iter() if local(element) == "EMPRUNT"):
        values = {local(child): (child.get("V") or "").strip() for child in loan}
        if values.get("CodTypEmpr") == "01" and values.get("MtCapitalRestDu_31_12"):
            due = (due or Decimal(0)) + Decimal(values["MtCapitalRestDu_31_12"])
    return due


def functions(rows: list[Row], column: str, norm: str, by_function: bool) -> dict[str, Decimal]:
    """Opérations réelles, dépenses, by official function; what has none under «none»."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for r in rows:
        if r.kind == "real" and r.sense == "D":
            code = r.function
            if by_function and code:
                code = code[2:] if code[:2] in ALLOCATED.get(norm, ()) else ""
            key = code[0] if code and norm in ALLOCATED else "none"
            sums[key] += r.amounts.get(column, Decimal(0))
    return {key: value for key, value in sorted(sums.items()) if value}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(json.dumps({name: figures(Path(name))}, indent=1, default=str, ensure_ascii=False))
