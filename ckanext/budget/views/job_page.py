"""What was done to a document or a deposit, in words: each step with its hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.budget.registry.models import BudgetDocument
from ckanext.budget.views import history, state, wording

Page = dict[str, Any]


def page(document: BudgetDocument, log: Mapping[str, Any]) -> Page:
    """What ``budget/job.html`` shows, from ``budget_document_log``."""
    package = model.Package.get(document.package_id)
    done = document.status in ("converted", "superseded")
    return {
        "id": document.id,
        "name": document.name,
        "title": state.title(document),
        "dataset": {
            "title": (package.title or package.name) if package else "",
            "url": tk.h.url_for(f"{package.type}.read", id=package.name)
            if package
            else tk.h.url_for("budget.search"),
        },
        "url": tk.h.url_for("budget_withdrawals.document", document_id=document.id),
        "said": _said(document.status, interrupted=log["interrupted"]),
        "error": state.render(document.error) if document.error and document.status != "withdrawn" else None,
        "working": log["working"],
        "done": done,
        "may_run": document.status != "withdrawn" and history.may_withdraw(document),
        "steps": steps(log["steps"]),
    }


def _said(status: str, *, interrupted: bool) -> str:
    if interrupted:
        return tk._("The conversion was interrupted. Nothing is lost: have it converted again.")
    return {
        "received": tk._("The conversion is under way: you may close this page."),
        "converted": tk._("The document is converted and published."),
        "superseded": tk._("The document is converted; a newer version of it is in force."),
        "failed": tk._("The conversion failed."),
        "withdrawn": tk._("This document was withdrawn."),
    }.get(status, status)


def steps(told: Sequence[Mapping[str, Any]]) -> list[Page]:
    """Steps as the template shows them: ``at``, ``day`` and ``hour`` (of the portal's time zone), ``text``, ``bad``."""
    zone = tk.h.get_display_timezone()
    out: list[Page] = []
    for step in told:
        at = dt.datetime.fromisoformat(step["at"]).astimezone(zone)
        text = _text(step["step"], step["detail"])
        if text:
            out.append(
                {
                    "at": at.isoformat(timespec="seconds"),
                    "day": wording.date(at.date(), tk.h.lang()),
                    "hour": f"{at:%H:%M:%S}",
                    "text": text,
                    "bad": step["step"] in ("failed", "again", "not_mailed"),
                }
            )
    return out


def _text(step: str, detail: Mapping[str, Any]) -> str:
    simple = {
        "received": tk._("The file is received"),
        "waiting": tk._("Waits for a worker of the portal"),
        "taken_up": tk._("The work had stopped: it is taken up again"),
        "writing": tk._("Writing of the tables"),
        "published": tk._("Published"),
        "mailed": tk._("The receipt was mailed"),
    }
    if step in simple:
        return simple[step]
    if step == "reading":
        attempt = int(detail.get("attempt", 1))
        return (
            tk._("Reading of the file") if attempt < 2 else tk._("Reading of the file, try no. {n}").format(n=attempt)
        )
    if step == "again":
        return _again(detail)
    if step == "failed":
        return _failed(detail)
    return _of_batch(step, detail)


def _again(detail: Mapping[str, Any]) -> str:
    fault = {
        "database": tk._("The database did not answer: it is tried again"),
        "search": tk._("The search engine did not answer: it is tried again"),
        "queue": tk._("The queue of jobs did not answer: it is tried again"),
        "storage": tk._("The storage of files did not answer: it is tried again"),
    }.get(detail.get("fault", ""), tk._("A passing fault: it is tried again"))
    return f"{detail['file']}{tk._(': ')}{fault}" if detail.get("file") else fault


def _failed(detail: Mapping[str, Any]) -> str:
    said = state.render(detail["finding"]) if detail.get("finding") else {}
    return tk._("Not published") + (tk._(": ") + said["what"] if said.get("what") else "")


def _of_batch(step: str, detail: Mapping[str, Any]) -> str:
    if step == "publishing":
        n = int(detail.get("files", 0))
        return tk.ungettext("Publication of {n} file begins", "Publication of {n} files begins", n).format(n=n)
    if step == "ended":
        return tk._("Ended")
    if step == "not_mailed":
        return (
            tk._("The mail server did not take the receipt: it will be tried again")
            if detail.get("left")
            else tk._("The mail server did not take the receipt, three times: it is given up")
        )
    return ""
