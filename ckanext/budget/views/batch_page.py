"""A deposit in words: one row a file, what it is, what will happen or has happened; and the receipt."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.budget import config, organizations
from ckanext.budget.deposit import rights
from ckanext.budget.mandates import store
from ckanext.budget.registry import core
from ckanext.budget.views import addresses, hidden, job_page, quality, wording

#: state → its sign (never told by colour alone)
SIGNS = {
    "ready": "✔",
    "waiting": "…",
    "queued": "…",
    "published": "✔",
    "superseded": "✔",
    "already": "=",
    "refused": "✖",
    "failed": "!",
    "expired": "✖",
}
#: what a spreadsheet would take for a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def state_name(state: str) -> str:
    """State of a row, in words."""
    return {
        "ready": tk._("Ready"),
        "waiting": tk._("Waits for the local government"),
        "queued": tk._("Being published"),
        "published": tk._("Published"),
        "superseded": tk._("Published, in the place of the earlier version"),
        "already": tk._("Already published"),
        "refused": tk._("Refused"),
        "failed": tk._("Not published, by a fault of the portal"),
        "expired": tk._("Expired"),
    }.get(state, state)


def page(batch: dict[str, Any]) -> dict[str, Any]:
    """What ``budget/batch.html`` shows: ``rows``, counts, what was hidden, which buttons make sense."""
    rows = [{**row(document), "ask": ask(document, batch)} for document in _joined(batch["documents"])]
    counts = Counter(row["state"] for row in rows)
    working = batch["state"] == "publishing" or bool(counts["queued"])
    created = dt.datetime.fromisoformat(batch["created"])
    occulted: Counter[str] = Counter()
    for document in batch["documents"]:
        occulted.update(document["occultation"])
    return {
        "id": batch["batch_id"],
        "rows": rows,
        "ready": counts["ready"],
        "failed": counts["failed"],
        "working": working,
        "stalled": batch["stalled"],
        "open": batch["state"] == "open" and bool(counts["ready"]),
        "created": wording.date(created.date(), tk.h.lang()),
        "until": wording.date((created + config.deposit_keep()).date(), tk.h.lang()),
        "summary": _summary(counts, working=working),
        "hidden": hidden.words(occulted),
        "datasets": _datasets(batch["documents"]),
        "steps": job_page.steps(batch.get("steps", [])),
    }


def _joined(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The documents; the first one of a new dataset makes it, the next ones join it."""
    made: set[str] = set()
    for document in documents:
        plan = document["plan"]
        if plan.get("will") != "create" or document["status"] not in ("ready", "waiting", "queued"):
            yield document
            continue
        yield {**document, "plan": {**plan, "will": "add" if plan["title"] in made else "create"}}
        made.add(plan["title"])


def listed(batches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The reader's deposits, for the first page of the desk."""
    out: list[dict[str, Any]] = []
    for batch in batches:
        counts = Counter(batch["counts"])
        if counts:
            created = dt.datetime.fromisoformat(batch["created"])
            working = batch["state"] == "publishing"
            out.append(
                {
                    "id": batch["batch_id"],
                    "created": wording.date(created.date(), tk.h.lang()),
                    "hour": f"{created.astimezone():%H:%M}",
                    "summary": _summary(counts, working=working),
                    "ready": counts["ready"],
                }
            )
    return out


def _summary(counts: Counter[str], *, working: bool) -> str:
    """«2 published, 1 refused.»"""
    words: list[tuple[str, Callable[[int], str]]] = [
        ("ready", lambda n: tk.ungettext("{n} file ready", "{n} files ready", n)),
        (
            "waiting",
            lambda n: tk.ungettext(
                "{n} file waits for the local government", "{n} files wait for the local government", n
            ),
        ),
        ("queued", lambda n: tk.ungettext("{n} file being published", "{n} files being published", n)),
        ("published", lambda n: tk.ungettext("{n} file published", "{n} files published", n)),
        ("already", lambda n: tk.ungettext("{n} file already published", "{n} files already published", n)),
        ("refused", lambda n: tk.ungettext("{n} file refused", "{n} files refused", n)),
        (
            "failed",
            lambda n: tk.ungettext("{n} file not published by our fault", "{n} files not published by our fault", n),
        ),
        ("expired", lambda n: tk.ungettext("{n} file expired", "{n} files expired", n)),
    ]
    counts = counts + Counter(published=counts["superseded"])
    told = [
        text(counts[state]).format(n=wording.count(counts[state], tk.h.lang()))
        for state, text in words
        if counts[state]
    ]
    sentence = ", ".join(told) + "."
    if not working:
        return sentence
    under_way = tk._("Publication is under way: you may close this page.")
    return f"{sentence} {under_way}"


def row(document: dict[str, Any]) -> dict[str, Any]:
    """A file in words."""
    state = document["status"]
    level = document["preview"].get("level")
    return {
        "file": document["filename"],
        "state": state,
        "sign": SIGNS.get(state, ""),
        "state_name": state_name(state),
        "whose": _whose(document),
        "title": _title(document),
        "meaning": _meaning(document),
        "figures": _figures(document["preview"]),
        "level": {
            "code": level,
            "name": wording.quality_name(level),
            "mark": quality.MARKS["vert" if level == "complet" else "a_verifier"],
        }
        if level
        else None,
        "points": document["preview"].get("to_check", 0),
        "will": _will(document["plan"]) if state in ("ready", "waiting", "queued") else "",
        "waits": _waits(document) if state in ("ready", "waiting") else "",
        "said": {name: document["message"].get(name, "") for name in ("what", "where", "remedy")},
        "findings": [f for f in document["findings"] if f.get("what")],
        "url": _url(document),
    }


def _waits(document: dict[str, Any]) -> str:
    """By a help (subsidiarité), who publishes."""
    if not document["plan"].get("waits"):
        return ""
    return tk._("You prepare this file: {name} will look at it and publish it").format(name=document["name"])


#: refusals that a right to deposit would lift
_LIFTED_BY_A_RIGHT = (
    "other_organization",
    "other_organization_known",
    "deposit_not_allowed",
    "budget_elsewhere",
    "mandate_scope",
    "mandate_expired",
    "mandate_ended",
)


def ask(document: dict[str, Any], batch: dict[str, Any]) -> dict[str, str] | None:
    """The way out of a file that the depositor has no right to deposit: ``url`` and ``label``; None otherwise."""
    if document["status"] != "refused" or document["message"].get("code") not in _LIFTED_BY_A_RIGHT:
        return None
    siren, name = document["siren"], document["name"]
    if not siren:
        return None
    theirs = organizations.in_charge_of(siren)
    user = tk.current_user.name
    if theirs is not None and any(mine["id"] == theirs.id for mine in rights.organisations(user)):
        url = tk.url_for("budget_pages.deposit", organisation=theirs.id)
        return {"url": url, "label": tk._("Deposit for {name}").format(name=name)}
    account = model.User.get(user)
    pending = [r for r in store.requests_of(account.id) if r.siren == siren and r.state == "open"] if account else []
    if pending:
        url = tk.url_for("budget_requests.show", request_id=pending[0].id)
        return {"url": url, "label": tk._("See your request for {name}").format(name=name)}
    url = tk.url_for("budget_requests.ask", siren=siren, nom=name, organisation=batch["owner_org"] or None)
    return {"url": url, "label": tk._("Ask to deposit for {name}").format(name=name)}


def _whose(document: dict[str, Any]) -> str:
    if not document["exercice"]:
        return ""
    if document["kind"] == "scdl":
        return document["name"]
    of = tk._("annexe budget") if document["annexe"] else tk._("principal budget")
    return f"{document['name']} – {of}"


def _title(document: dict[str, Any]) -> str:
    if not document["exercice"]:
        return ""
    return f"{wording.stage_name(document['etape'] or '', document['dm_number'])} {document['exercice']}"


def _meaning(document: dict[str, Any]) -> str:
    return wording.stage_meaning(document["etape"], document["exercice"]) if document["exercice"] else ""


def _figures(preview: dict[str, Any]) -> str:
    """«201 lines, expenditure 5 213 400,00 €, receipts …»: the headline figures of the document's page."""
    lang = tk.h.lang()
    told: list[str] = []
    if preview.get("lines") is not None:
        n = int(preview["lines"])
        told.append(tk.ungettext("{n} line", "{n} lines", n).format(n=wording.count(n, lang)))
    if preview.get("D") is not None:
        told.append(tk._("expenditure {amount}").format(amount=wording.amount(Decimal(preview["D"]), lang)))
    if preview.get("R") is not None:
        told.append(tk._("receipts {amount}").format(amount=wording.amount(Decimal(preview["R"]), lang)))
    return ", ".join(told)


def _will(plan: dict[str, Any]) -> str:
    """What publication will do."""
    will, title = plan.get("will"), plan.get("title", "")
    if will == "create":
        return tk._("Makes the dataset “{title}”").format(title=title)
    if will == "add":
        return tk._("Joins the dataset “{title}”").format(title=title)
    if will != "replace":
        return ""
    text = tk._("Replaces the version of {date} in “{title}”").format(date=plan.get("date", ""), title=title)
    if not plan.get("difference"):
        return text
    amount = wording.amount(Decimal(plan["difference"]), tk.h.lang(), signed=True)
    difference = tk._("{amount} of expenditure").format(amount=amount)
    return f"{text} ({difference})"


def _url(document: dict[str, Any]) -> str:
    """Where the document is read, for whoever may see it; empty otherwise."""
    found = core.document(document["document_id"]) if document["document_id"] else None
    package = model.Package.get(found.package_id) if found is not None else None
    if found is None or package is None or package.state != "active":
        return ""
    return (
        addresses.of_document(found, _external=True) if tk.h.check_access("package_show", {"id": package.id}) else ""
    )


def _datasets(documents: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Public addresses to paste in a mail: the datasets where something was published."""
    found: dict[str, dict[str, str]] = {}
    for document in documents:
        package = model.Package.get(document["package_id"]) if document["document_id"] else None
        if package is not None and package.state == "active" and document["status"] in ("published", "superseded"):
            url = (
                addresses.of_budget(document["siret"], _external=True)
                if document["siret"]
                else tk.url_for(f"{package.type}.read", id=package.name, _external=True)
            )
            found[package.id] = {"title": package.title or package.name, "url": url}
    return list(found.values())


def receipt(batch: dict[str, Any]) -> bytes:
    """The receipt as spreadsheets of this country open it: semicolons, a mark of UTF-8, no text taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow([
        tk._("File"), tk._("Outcome"), tk._("SIRET"), tk._("Local government"), tk._("Year"), tk._("Stage"),
        tk._("Lines"), tk._("Reason and remedy"), tk._("Address"), "SHA-256",
    ])  # fmt: skip
    for document in batch["documents"]:
        told = row(document)
        said = ". ".join(part for part in (told["said"]["what"], told["said"]["remedy"]) if part)
        lines = document["preview"].get("lines")
        cells = [
            told["file"], told["state_name"], document["siret"], document["name"], document["exercice"], told["title"],
            lines, said, told["url"], document["source_sha256"],
        ]  # fmt: skip
        writer.writerow([_harmless("" if cell is None else str(cell)) for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
