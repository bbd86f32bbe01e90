"""Controls of a budget: facts in a finance officer’s words.

A control is no finding: what is here is shown beside the findings, never twice (:data:`MESSAGES` stays empty).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ckanext.budget.messages.model import N_, Message

MESSAGES: dict[str, Message] = {}

Unit = str  # euros, euros_per_inhabitant, percent, count


@dataclass(frozen=True)
class ControlMessage:
    """Words of a control. ``ok`` is said when green, ``off`` when it does not hold, ``info`` instead of ``off`` when
    that is only information; ``left`` and ``right`` name the two numbers (empty: none), in ``unit``."""

    name: str
    ok: str
    off: str
    remedy: str
    left: str = ""
    right: str = ""
    info: str = ""
    info_remedy: str = ""
    unit: Unit = "euros"


@dataclass(frozen=True)
class ControlWords:
    """A control in words: ``remedy`` is empty when it is green."""

    name: str
    sentence: str
    left_name: str
    right_name: str
    remedy: str
    unit: Unit


_REMADE = N_("Check these totals in your finance software, then export the file again")
_NOTHING = N_("Nothing to do")
_RATIO = {
    "ok": N_("The ratio stated in the file is the one that its lines give"),
    "off": N_(
        "The ratio stated in the file is not the one that its lines give: definitions vary from one form to another"
    ),
    "remedy": N_(
        "Check the ratio and the population entered in your finance software; if your definition differs, nothing to do"
    ),
    "left": N_("Stated in the file"),
    "right": N_("Recomputed from the lines"),
}
_DATE = N_("Check this date in your finance software; it changes nothing in the figures")

WORDS: Mapping[str, ControlMessage] = {
    # -- within a document: equilibrium
    "balance_operating": ControlMessage(
        name=N_("Balance of the operating section"),
        ok=N_("In the operating section, expenditure and receipts are equal"),
        off=N_("In the operating section, expenditure is higher than receipts: the section is not balanced"),
        remedy=_REMADE,
        left=N_("Expenditure of the operating section"),
        right=N_("Receipts of the operating section"),
        info=N_("In the operating section, receipts are higher than expenditure: a section may be voted in surplus"),
        info_remedy=N_("Nothing to do if the council voted a surplus"),
    ),
    "balance_investment": ControlMessage(
        name=N_("Balance of the investment section"),
        ok=N_("In the investment section, expenditure and receipts are equal"),
        off=N_("In the investment section, expenditure is higher than receipts: the section is not balanced"),
        remedy=_REMADE,
        left=N_("Expenditure of the investment section"),
        right=N_("Receipts of the investment section"),
        info=N_("In the investment section, receipts are higher than expenditure: a section may be voted in surplus"),
        info_remedy=N_("Nothing to do if the council voted a surplus"),
    ),
    "ordre": ControlMessage(
        name=N_("Internal entries (ordre)"),
        ok=N_("Internal entries (ordre) balance: each expenditure has its receipt"),
        off=N_("Internal entries (ordre) do not balance: an expenditure or a receipt lacks its counterpart"),
        remedy=N_("Look for the entry without counterpart in chapters 040, 041, 042 and 043, then export the file again"),
        left=N_("Internal entries (ordre): expenditure"),
        right=N_("Internal entries (ordre): receipts"),
    ),
    "transfer": ControlMessage(
        name=N_("Transfer from operations to investment"),
        ok=N_("The transfer to investment (023) is the one received there (021)"),
        off=N_("The transfer to investment (023) is not the one received there (021)"),
        remedy=N_("Correct account 021 or 023 in your finance software, then export the file again"),
        left=N_("Transfer to the investment section (023)"),
        right=N_("Transfer from the operating section (021)"),
    ),
    # -- within a document: debt
    "debt_capital": ControlMessage(
        name=N_("Capital of the debt repaid"),
        ok=N_("The capital repaid in the debt annexe is the one of the budget lines"),
        off=N_("The capital repaid in the debt annexe is not the one of the budget lines"),
        remedy=N_("Compare the debt annexe with the lines of chapter 16 in your finance software: a loan may be missing"),
        left=N_("Capital repaid, debt annexe"),
        right=N_("Capital repaid, budget lines"),
    ),
    "debt_equation": ControlMessage(
        name=N_("Debt from 1 January to 31 December"),
        ok=N_("The debt at 31 December follows from the debt at 1 January, the capital repaid and the loans received"),
        off=N_("The debt at 31 December does not follow from the debt at 1 January, the capital repaid and the loans received"),
        remedy=N_("Check both columns of the debt annexe (capital due at 1 January and at 31 December) in your finance software"),
        left=N_("Debt at 31 December, debt annexe"),
        right=N_("Debt at 1 January − capital repaid + loans received"),
    ),
    "debt_columns": ControlMessage(
        name=N_("Columns of the debt annexe"),
        ok=N_("Capital due at 1 January and at 31 December differ, as capital was repaid"),
        off=N_("The debt annexe states the same capital at 1 January and at 31 December, although capital was repaid"),
        remedy=N_("Check in your finance software which date each column of the debt annexe is taken from"),
        left=N_("Debt at 1 January, debt annexe"),
        right=N_("Debt at 31 December, debt annexe"),
    ),
    # -- within a document: ratios that the file states
    "ratio_expenditure": ControlMessage(name=N_("Operating expenditure per inhabitant"), unit="euros_per_inhabitant", **_RATIO),
    "ratio_receipts": ControlMessage(name=N_("Operating receipts per inhabitant"), unit="euros_per_inhabitant", **_RATIO),
    "ratio_equipment": ControlMessage(name=N_("Equipment expenditure per inhabitant"), unit="euros_per_inhabitant", **_RATIO),
    "ratio_debt": ControlMessage(name=N_("Debt per inhabitant"), unit="euros_per_inhabitant", **_RATIO),
    "ratio_debt_receipts": ControlMessage(name=N_("Debt against operating receipts"), unit="percent", **_RATIO),
    "ratio_staff": ControlMessage(name=N_("Staff costs against operating expenditure"), unit="percent", **_RATIO),
    "ratio_margin": ControlMessage(
        name=N_("Operating expenditure and capital repaid against operating receipts"), unit="percent", **_RATIO
    ),
    "ratio_effort": ControlMessage(name=N_("Equipment expenditure against operating receipts"), unit="percent", **_RATIO),
    "ratio_savings": ControlMessage(name=N_("Gross savings against operating receipts"), unit="percent", **_RATIO),
    # -- within a document: identity and dates
    "draft_account": ControlMessage(
        name=N_("Draft mark"),
        ok=N_("This account is not marked as a draft"),
        off=N_("This account is marked as a draft: some software leaves the mark on adopted accounts, so it is read as adopted"),
        remedy=N_("If the account is adopted, remove the draft mark in your finance software; nothing else to do"),
    ),
    "identity_siren": ControlMessage(
        name=N_("SIREN of the budget"),
        ok=N_("The budget and its collectivité have the same SIREN ({etab})"),
        off=N_("The budget has SIREN {etab} and its collectivité {coll}"),
        remedy=N_("Check both identifiers in your finance software; a body with its own legal personality (CCAS, régie) may have its own SIREN"),
    ),
    "date_document": ControlMessage(
        name=N_("Date of the document"),
        ok=N_("The date of the document ({date}) suits the year {exercice}"),
        off=N_("The date of the document ({date}) does not suit the year {exercice}"),
        remedy=_DATE,
    ),
    "date_decision": ControlMessage(
        name=N_("Date of the vote"),
        ok=N_("The date of the vote ({date}) suits the year {exercice}"),
        off=N_("The date of the vote ({date}) does not suit the year {exercice}"),
        remedy=_DATE,
    ),
    "date_seal": ControlMessage(
        name=N_("Date of the seal"),
        ok=N_("The date of the seal ({date}) suits the year {exercice}"),
        off=N_("The date of the seal ({date}) does not suit the year {exercice}"),
        remedy=_DATE,
    ),
    # -- within a CFU: its subtotals
    "subtotals": ControlMessage(
        name=N_("Subtotals of the single financial account"),
        ok=N_("All the subtotals that could be recomputed agree ({agreed} of {checked}; the file states {stated}, of which {without_amount} hold no amount and {unknown} are not recomputed here)"),
        off=N_("Some subtotals do not agree with the lines ({agreed} of {checked} agree; the file states {stated}, of which {without_amount} hold no amount and {unknown} are not recomputed here)"),
        remedy=N_("Look at the subtotals listed below, then make the account again in your finance software"),
        left=N_("Subtotals that agree"),
        right=N_("Subtotals recomputed"),
        info=N_("The subtotals could not all be confirmed ({agreed} of {checked} agree; the file states {stated}, of which {without_amount} hold no amount and {unknown} are not recomputed here)"),
        info_remedy=_NOTHING,
        unit="count",
    ),
    "subtotal": ControlMessage(
        name=N_("Subtotal {code}"),
        ok=N_("The subtotal {code} (line {line}, {column}) is the sum of its lines"),
        off=N_("The subtotal {code} (line {line}, {column}) is not the sum of its lines"),
        remedy=N_("Make the account again in your finance software; the CSV holds the lines, not the subtotals"),
        left=N_("Stated in the file"),
        right=N_("Recomputed from the lines"),
    ),
    # -- between documents: results and restes à réaliser taken up
    "carried_investment": ControlMessage(
        name=N_("Investment result taken up (001)"),
        ok=N_("The investment result taken up (001) is the closing result of the year before ({other})"),
        off=N_("The investment result taken up (001) is not the closing result of the year before ({other})"),
        remedy=N_("Compare account 001 with the closing result of the year before; a budget closed or transferred in between explains a difference"),
        left=N_("Result taken up (001), {exercice}"),
        right=N_("Closing result, investment, {other_exercice}"),
    ),
    "carried_operating": ControlMessage(
        name=N_("Operating result taken up (002 and 1068)"),
        ok=N_("The operating result taken up (002 and 1068) is the closing result of the year before ({other})"),
        off=N_("The operating result taken up (002 and 1068) is not the closing result of the year before ({other})"),
        remedy=N_("Nothing to do if the decision allocating the result explains the difference (a budget closed, a result transferred)"),
        left=N_("Result taken up (002 + 1068), {exercice}"),
        right=N_("Closing result, operations, {other_exercice}"),
    ),
    "remaining_expenditure": ControlMessage(
        name=N_("Restes à réaliser taken up, expenditure"),
        ok=N_("The restes à réaliser taken up are those at the end of the year before ({other})"),
        off=N_("The restes à réaliser taken up are not those at the end of the year before ({other})"),
        remedy=N_("Compare both statements of restes à réaliser in your finance software, then correct the one that is wrong"),
        left=N_("Restes à réaliser taken up, {exercice}"),
        right=N_("Restes à réaliser at 31 December {other_exercice}"),
    ),
    "remaining_receipts": ControlMessage(
        name=N_("Restes à réaliser taken up, receipts"),
        ok=N_("The restes à réaliser taken up are those at the end of the year before ({other})"),
        off=N_("The restes à réaliser taken up are not those at the end of the year before ({other})"),
        remedy=N_("Compare both statements of restes à réaliser in your finance software, then correct the one that is wrong"),
        left=N_("Restes à réaliser taken up, {exercice}"),
        right=N_("Restes à réaliser at 31 December {other_exercice}"),
    ),
    "debt_years": ControlMessage(
        name=N_("Debt from one year to the next"),
        ok=N_("The debt follows from that of the year before ({other}), the capital repaid and the loans received"),
        off=N_("The debt does not follow from that of the year before ({other}), the capital repaid and the loans received"),
        remedy=N_("Compare both debt annexes in your finance software: a loan may be missing, or have been transferred"),
        left=N_("Debt at 31 December {exercice}, debt annexe"),
        right=N_("Debt at 31 December {other_exercice} − capital repaid + loans received"),
    ),
    # -- between documents: credits
    "opened_next": ControlMessage(
        name=N_("Credits of the year before"),
        ok=N_("The credits of the year before are those opened in its account ({other})"),
        off=N_("The credits of the year before are not those opened in its account ({other}): some software takes the initial budget’s"),
        remedy=_NOTHING,
        left=N_("Expenditure of the previous budget, as stated in {exercice}"),
        right=N_("Credits opened, expenditure, {other_exercice}"),
    ),
    "opened_amended": ControlMessage(
        name=N_("Credits opened and last amendment"),
        ok=N_("The credits opened are those left by the last amendment here ({other})"),
        off=N_("The credits opened are not those left by the last amendment here ({other}): a later decision or transfer may be missing"),
        remedy=N_("Deposit the missing decision, if there is one"),
        left=N_("Credits opened, expenditure"),
        right=N_("Expenditure after the last amendment"),
    ),
    "amended": ControlMessage(
        name=N_("Credits before the amendment"),
        ok=N_("This amendment starts from the total voted before it ({other})"),
        off=N_("This amendment does not start from the total voted before it ({other}): a decision or transfer in between may be missing"),
        remedy=N_("Deposit the missing decision, if there is one"),
        left=N_("Expenditure before this amendment"),
        right=N_("Expenditure voted until then"),
    ),
    "duplicate_account": ControlMessage(
        name=N_("Two accounts for one year"),
        ok=N_("One account only was deposited for this year"),
        off=N_("This year has an administrative account and a single financial account: the figures shown are those of the single financial account"),
        remedy=N_("Keep the account that the council adopted, and delete the other one"),
        left=N_("Expenditure of this account"),
        right=N_("Expenditure of the other account"),
    ),
}  # fmt: skip

#: stage → its name, as pages give it
STAGES: Mapping[str, str] = {
    "BP": N_("Initial budget"),
    "BS": N_("Supplementary budget"),
    "DM": N_("Budget amendment"),
    "CA": N_("Administrative account"),
    "CFU": N_("Single financial account"),
}
_AMENDMENT = N_("Budget amendment no. {number}")


def words(code: str, outcome: str, params: Mapping[str, str], translate: Callable[[str], str]) -> ControlWords:
    """Words of a control in the language of ``translate``; KeyError for an unknown code.

    ``{other}`` stands for the other document, which ``params`` give by stage, exercice and number.
    """
    message = WORDS[code]
    values = {**params, "other": _other(params, translate)}

    def say(msgid: str) -> str:
        return translate(msgid).format_map(values) if msgid else ""

    green, information = outcome == "vert", outcome == "information"
    sentence = message.ok if green else (information and message.info) or message.off
    remedy = "" if green else (information and message.info_remedy) or message.remedy
    names = (say(message.left), say(message.right))
    return ControlWords(say(message.name), say(sentence), *names, say(remedy), message.unit)


def _other(params: Mapping[str, str], translate: Callable[[str], str]) -> str:
    stage, number = params.get("other_stage", ""), params.get("other_dm", "0")
    if stage not in STAGES:
        return ""
    name = (
        translate(_AMENDMENT).format(number=number) if stage == "DM" and number != "0" else translate(STAGES[stage])
    )
    return f"{name} {params.get('other_exercice', '')}".strip()
